import { readCatalog, type Catalog, type CatalogAlert, type CatalogPattern } from '../src/live/catalog';
import type {
  Content,
  Delta,
  Detection,
  Health,
  IndicatorAlert,
  Snapshot,
  Status,
  SymbolPatch,
} from '../src/live/protocol';
import type { SymbolState } from '../src/live/store';
import type { Bar } from '../src/logic/bars';

export const SESSION = {
  session_id: '550e8400-e29b-41d4-a716-446655440000',
  universe: 'market_leaders:top_500',
  started_at: '2025-10-06T13:30:00.000Z',
  symbol_count: 500,
  status: 'active',
};

export const STATUS: Status = {
  source: 'simulator:7',
  speed: 60,
  market_time: '2025-10-06T14:15:00.000Z',
  redis: 'connected',
  producer_age_ms: 100,
  events_per_second: 3000,
  latency_ms: { p50: 3, p95: 9, p99: 20 },
  missed: 0,
  invalid: 0,
  last_invalid: null,
  totals: { patterns: 1, indicators: 2, alerts: 3, bars: 4 },
  clients: 1,
};

export const HEALTH: Health = {
  status: 'healthy',
  timestamp: '2025-10-06T14:15:00.000Z',
  active_symbols: 485,
  connection_status: 'connected',
  data_flow: { ticks_per_second: 125.3, bars_per_minute: 480, processing_lag_ms: 45 },
  resource_usage: { cpu_percent: 35.2, memory_mb: 512, threads_active: 8 },
  issues: [],
};

export function snapshot(content: Partial<Content> = {}, seq = 0, epoch = 'a'): Snapshot {
  return {
    type: 'snapshot',
    epoch,
    seq,
    session: SESSION,
    summary: null,
    status: STATUS,
    health: null,
    health_history: [],
    patterns: [],
    alerts: [],
    critical: [],
    acknowledgements: [],
    gaps: [],
    symbols: {},
    ...content,
  };
}

export function delta(content: Partial<Omit<Delta, 'type' | 'epoch' | 'seq'>>, seq = 1, epoch = 'a'): Delta {
  return { type: 'delta', epoch, since: seq - 1, seq, ...content };
}

export function pattern(id: string, changes: Partial<Detection> = {}): Detection {
  return {
    symbol: 'NVDA',
    pattern_type: 'BullishEngulfing',
    confidence: 0.85,
    timestamp: '2025-10-06T14:15:00.000Z',
    bar_data: { open: 125.5, high: 125.75, low: 125.45, close: 125.52, volume: 250_000 },
    metadata: { pattern_id: id },
    ...changes,
  };
}

/** An entry of the catalog for a pattern; its conditions are `body` and, for context only, `trend`. */
export function entry(name: string, changes: Partial<CatalogPattern> = {}): CatalogPattern {
  return {
    name,
    title: `The ${name}`,
    family: 'Engulfing',
    direction: 'neutral',
    bars: 2,
    meaning: 'Buyers have taken back more than was lost.',
    source: "TA-Lib's CDLENGULFING",
    enabled: true,
    conditions: [
      { name: 'body', meaning: 'the body covers the body before it', context: false },
      { name: 'trend', meaning: 'prices fell before it', context: true },
    ],
    ...changes,
  };
}

export function catalogOf(patterns: CatalogPattern[], alerts: CatalogAlert[] = []): Catalog {
  const catalog = readCatalog({ patterns, alerts });
  if (catalog === null) throw new Error('no catalog');
  return catalog;
}

export function alert(changes: Partial<IndicatorAlert> = {}): IndicatorAlert {
  return {
    symbol: 'AAPL',
    alert_type: 'RSI_OVERBOUGHT',
    timestamp: '2025-10-06T14:15:00.000Z',
    data: { indicator: 'RSI', value: 75.2, threshold: 70, direction: 'above' },
    severity: 'warning',
    ...changes,
  };
}

export function symbolState(symbol: string, changes: Partial<SymbolState> = {}): SymbolState {
  return {
    symbol,
    forming: null,
    formingMinute: null,
    bar: null,
    close: null,
    minute: null,
    firstOpen: null,
    indicators: new Map(),
    changes: 0,
    direction: 0,
    ...changes,
  };
}

/** So many minutes after the open of 2025-10-06. */
export function at(minute: number): string {
  return new Date(Date.UTC(2025, 9, 6, 13, 30) + minute * 60_000).toISOString();
}

export function storedBar(minute: number, changes: Partial<Bar> = {}): Bar {
  return {
    minute: at(minute),
    open: 10,
    high: 12,
    low: 9,
    close: 11,
    volume: 100,
    indicators: {},
    ...changes,
  };
}

/** What a frame says of a symbol whose bar has been sealed. */
export function livePatch(minute: number, changes: Partial<Bar> = {}): SymbolPatch {
  const { open, high, low, close, volume, indicators } = storedBar(minute, changes);
  return { bar: [open, high, low, close, volume], minute: at(minute), indicators };
}
