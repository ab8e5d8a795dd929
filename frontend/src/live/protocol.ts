// The frames of `/ws/live` as docs/live-protocol.md describes them. Names inside come from the contract.

export interface Session {
  session_id: string;
  universe: string;
  started_at: string;
  symbol_count: number;
  status: string;
}

export interface SessionSummary {
  session_id: string;
  stopped_at: string;
  duration_seconds: number;
  total_patterns: number;
  total_indicators: number;
  final_status: string;
}

export interface Condition {
  name: string;
  margin: number;
}

export interface Detection {
  symbol: string;
  pattern_type: string;
  confidence: number;
  timestamp: string;
  bar_data: { open: number; high: number; low: number; close: number; volume: number };
  metadata: { pattern_id: string; session_id?: string; conditions?: Condition[]; explanation?: string };
}

export interface IndicatorAlert {
  symbol: string;
  alert_type: string;
  timestamp: string;
  data: { indicator: string; value: number; threshold: number; direction: string };
  severity: string;
}

export interface CriticalAlert {
  severity: string;
  message: string;
  timestamp: string;
  component: string;
  action_required: string | null;
  recovery: string | null;
}

export interface Health {
  status: string;
  timestamp: string;
  active_symbols: number;
  connection_status: string;
  data_flow: { ticks_per_second: number; bars_per_minute: number; processing_lag_ms: number };
  resource_usage: { cpu_percent: number; memory_mb: number; threads_active: number };
  issues: string[];
}

/** A stretch of the stream of which something did not arrive. */
export interface Gap {
  /** Rises by one with each gap since the dashboard started. */
  id: number;
  noticed_at: string;
  /** The market's time before which nothing was missed; `null` where it is not known. */
  since: string | null;
  until: string;
  /** Messages by kind; `null` where nobody could count. */
  missed: Record<string, number> | null;
  /** How many events of each kind the tables had. */
  found: Record<string, number>;
  state: 'repairing' | 'repaired' | 'lost';
}

/** Somebody has seen a critical alert. */
export interface Acknowledgement {
  component: string;
  timestamp: string;
  acknowledged_by: string;
  acknowledged_at: string;
}

/** Events that come late: they belong where their time says. */
export interface Repaired {
  patterns?: Detection[];
  alerts?: IndicatorAlert[];
  critical?: CriticalAlert[];
}

export interface Latency {
  p50: number;
  p95: number;
  p99: number;
}

export interface Status {
  source: string | null;
  speed: number | null;
  market_time: string | null;
  redis: string;
  producer_age_ms: number | null;
  events_per_second: number;
  latency_ms: Latency | null;
  missed: number;
  invalid: number;
  last_invalid: string | null;
  totals: { patterns: number; indicators: number; alerts: number; bars: number };
  clients: number;
}

/** An indicator's outputs by name: `value`, and what else it has (`signal`, `upper` ...). */
export type Outputs = Record<string, number | null>;

export interface SymbolPatch {
  bar?: [open: number, high: number, low: number, close: number, volume: number];
  minute?: string;
  /** How the bar stands that is not over, as `bar`; `null` once it is. */
  forming?: SymbolPatch['bar'] | null;
  forming_minute?: string | null;
  first_open?: number;
  indicators?: Record<string, Outputs>;
}

export interface Content {
  session: Session | null;
  summary: SessionSummary | null;
  status: Status;
  health: Health | null;
  health_history: Health[];
  patterns: Detection[];
  alerts: IndicatorAlert[];
  critical: CriticalAlert[];
  acknowledgements: Acknowledgement[];
  gaps: Gap[];
  symbols: Record<string, SymbolPatch>;
}

interface Envelope {
  epoch: string | number;
  seq: number;
}

export type Snapshot = Envelope & { type: 'snapshot' } & Content;
export type Delta = Envelope & {
  type: 'delta';
  /** The frame that it follows. */
  since: number;
  /** Forget symbols, patterns and alerts first. */
  new_session?: boolean;
  repaired?: Repaired;
  /** Lists of which older events than these are kept no more. */
  skipped?: string[];
} & Partial<Content>;
export type Frame = Snapshot | Delta;

/** Read a text frame; `null` where it is not one, which the caller treats as a broken stream. */
export function parseFrame(text: string): Frame | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { type, epoch, seq, since } = value as Partial<Delta>;
  if ((type as string) !== 'snapshot' && type !== 'delta') return null;
  if (type === 'delta' && typeof since !== 'number') return null;
  if ((typeof epoch !== 'string' && typeof epoch !== 'number') || typeof seq !== 'number') return null;
  return value as Frame;
}
