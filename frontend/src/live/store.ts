import type {
  Acknowledgement,
  Content,
  CriticalAlert,
  Detection,
  Frame,
  Gap,
  Health,
  IndicatorAlert,
  Outputs,
  Repaired,
  Session,
  SessionSummary,
  Status,
  SymbolPatch,
} from './protocol';
import { alertRank, patternRank, weightiestLast } from '../logic/simultaneous';
import { Ring } from './ring';

/** An event with the number under which this page received it: unique, rising. */
export interface Numbered<T> {
  readonly n: number;
  readonly item: T;
}

/** All that is known of one symbol. Changed in place: the page copies what it shows. */
export interface SymbolState {
  readonly symbol: string;
  /** The newest sealed bar: open, high, low, close, volume. */
  bar: SymbolPatch['bar'] | null;
  /** How the bar stands that is not over; `null` where none is known. */
  forming: SymbolPatch['bar'] | null;
  formingMinute: string | null;
  /** The last price: of the bar that forms, else of the newest sealed one. */
  close: number | null;
  minute: string | null;
  firstOpen: number | null;
  indicators: Map<string, Outputs>;
  /** How often the price has changed, and which way it went last. */
  changes: number;
  direction: -1 | 0 | 1;
}

/** What a frame changed: each part of the page follows its own. */
export type Part = 'session' | 'status' | 'health' | 'patterns' | 'alerts' | 'critical' | 'symbols' | 'gaps';

const STREAM_CAPACITY = 2_000;
const CRITICAL_CAPACITY = 200;
const HEALTH_CAPACITY = 60;
const STATUS_CAPACITY = 60;

/** The whole live state as plain maps and rings; applying a frame costs what the frame holds. */
export class LiveStore {
  session: Session | null = null;
  summary: SessionSummary | null = null;
  status: Status | null = null;
  health: Health | null = null;
  readonly healthHistory = new Ring<Health>(HEALTH_CAPACITY);
  readonly statusHistory = new Ring<Status>(STATUS_CAPACITY);
  readonly patterns = new Ring<Numbered<Detection>>(STREAM_CAPACITY);
  readonly alerts = new Ring<Numbered<IndicatorAlert>>(STREAM_CAPACITY);
  readonly critical = new Ring<Numbered<CriticalAlert>>(CRITICAL_CAPACITY);
  /** Who has seen which critical alert. */
  acknowledgements: readonly Acknowledgement[] = [];
  /** What did not arrive, by the gap's id, oldest first. */
  readonly gaps = new Map<number, Gap>();
  readonly symbols = new Map<string, SymbolState>();
  /** Every indicator instance that has arrived. */
  readonly instances = new Set<string>();
  /** The newest bar's minute over all symbols: what staleness is measured against. */
  newestMinute: string | null = null;
  private n = 0;

  /** Merge a frame; returns the parts that it changed. */
  apply(frame: Frame): Set<Part> {
    const changed = new Set<Part>();
    if (frame.type === 'snapshot') {
      this.forgetEvents();
      this.forgetSymbols();
      this.gaps.clear();
      for (const part of ['patterns', 'alerts', 'critical', 'symbols', 'health', 'gaps'] as const)
        changed.add(part);
    } else if (frame.new_session) {
      this.forgetSymbols();
      this.patterns.clear();
      this.alerts.clear();
      this.statusHistory.clear();
      for (const part of ['patterns', 'alerts', 'symbols', 'status'] as const) changed.add(part);
    }
    this.merge(frame, changed);
    if (frame.type === 'delta' && frame.repaired) this.repair(frame.repaired, changed);
    return changed;
  }

  private merge(frame: Partial<Content>, changed: Set<Part>): void {
    if (frame.session !== undefined) {
      this.session = frame.session;
      changed.add('session');
    }
    if (frame.summary !== undefined) {
      this.summary = frame.summary;
      changed.add('session');
    }
    if (frame.status) {
      this.status = frame.status;
      this.statusHistory.push(frame.status);
      changed.add('status');
    }
    for (const health of frame.health_history ?? []) this.healthHistory.push(health);
    if (frame.health !== undefined) this.health = frame.health;
    if (frame.health !== undefined || frame.health_history) changed.add('health');
    this.append(this.patterns, weightiestLast(frame.patterns ?? [], patternRank), 'patterns', changed);
    this.append(this.alerts, weightiestLast(frame.alerts ?? [], alertRank), 'alerts', changed);
    this.append(this.critical, frame.critical ?? [], 'critical', changed);
    if (frame.acknowledgements) {
      this.acknowledgements = frame.acknowledgements;
      changed.add('critical');
    }
    for (const gap of frame.gaps ?? []) this.gaps.set(gap.id, gap);
    if (frame.gaps) changed.add('gaps');
    if (frame.symbols) {
      for (const [symbol, patch] of Object.entries(frame.symbols)) this.mergeSymbol(symbol, patch);
      changed.add('symbols');
    }
  }

  private repair({ patterns, alerts, critical }: Repaired, changed: Set<Part>): void {
    this.insert(this.patterns, patterns ?? [], 'patterns', changed);
    this.insert(this.alerts, alerts ?? [], 'alerts', changed);
    this.insert(this.critical, critical ?? [], 'critical', changed);
  }

  private insert<T extends { timestamp: string }>(
    ring: Ring<Numbered<T>>,
    items: readonly T[],
    part: Part,
    changed: Set<Part>,
  ): void {
    if (items.length === 0) return;
    const numbered = items.map((item) => ({ n: this.n++, item }));
    // Contract timestamps have one form, so that text order is time order; among equals the order stays.
    ring.place(numbered, (a, b) =>
      a.item.timestamp < b.item.timestamp ? -1 : Number(a.item.timestamp > b.item.timestamp),
    );
    changed.add(part);
  }

  private append<T>(ring: Ring<Numbered<T>>, items: readonly T[], part: Part, changed: Set<Part>): void {
    if (items.length === 0) return;
    for (const item of items) ring.push({ n: this.n++, item });
    changed.add(part);
  }

  private mergeSymbol(symbol: string, patch: SymbolPatch): void {
    let state = this.symbols.get(symbol);
    if (state === undefined) {
      state = blankSymbol(symbol);
      this.symbols.set(symbol, state);
    }
    if (patch.bar) state.bar = patch.bar;
    if (patch.forming !== undefined) {
      state.forming = patch.forming;
      state.formingMinute = patch.forming_minute ?? null;
    }
    if (patch.first_open !== undefined) state.firstOpen = patch.first_open;
    if (patch.minute !== undefined) {
      state.minute = patch.minute;
      // Contract timestamps have one form, so that text order is time order.
      if (this.newestMinute === null || patch.minute > this.newestMinute) this.newestMinute = patch.minute;
    }
    if (state.formingMinute !== null && state.minute !== null && state.formingMinute <= state.minute) {
      state.forming = null;
      state.formingMinute = null;
    }
    movePrice(state);
    for (const [instance, outputs] of Object.entries(patch.indicators ?? {})) {
      state.indicators.set(instance, outputs);
      this.instances.add(instance);
    }
  }

  private forgetEvents(): void {
    this.patterns.clear();
    this.alerts.clear();
    this.critical.clear();
    this.healthHistory.clear();
  }

  private forgetSymbols(): void {
    this.symbols.clear();
    this.instances.clear();
    this.newestMinute = null;
  }
}

function movePrice(state: SymbolState): void {
  const close = (state.forming ?? state.bar)?.[3] ?? null;
  if (close === null || close === state.close) return;
  if (state.close !== null) {
    state.direction = close > state.close ? 1 : -1;
    state.changes += 1;
  }
  state.close = close;
}

/** What is known of a symbol as the frame that would say it; `null` where there is no bar. */
export function patchOf(state: SymbolState | undefined): SymbolPatch | null {
  if (!state) return null;
  const patch: SymbolPatch = {};
  if (state.bar && state.minute !== null) {
    patch.bar = state.bar;
    patch.minute = state.minute;
    patch.indicators = Object.fromEntries(state.indicators);
  }
  if (state.forming && state.formingMinute !== null) {
    patch.forming = state.forming;
    patch.forming_minute = state.formingMinute;
  }
  return patch.bar || patch.forming ? patch : null;
}

export function blankSymbol(symbol: string): SymbolState {
  return {
    symbol,
    bar: null,
    forming: null,
    formingMinute: null,
    close: null,
    minute: null,
    firstOpen: null,
    indicators: new Map(),
    changes: 0,
    direction: 0,
  };
}
