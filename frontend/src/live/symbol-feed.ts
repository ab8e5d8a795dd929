import { BarSeries, MINUTE_MS, type Bar, type BarsChange } from '../logic/bars';
import { alertKey, patternKey } from '../logic/occurrences';
import { NoAnswerError } from './ask';
import { backoffMs } from './backoff';
import type { BarsPage, History } from './history';
import type { Detection, Frame, IndicatorAlert, Session, SymbolPatch } from './protocol';

export interface FeedSurroundings {
  history: History;
  later: (action: () => void, ms: number) => number;
  cancel: (timer: number) => void;
  random: () => number;
}

/** How far the history has come, and what happened on the bars: each event once, in any order. */
export interface FeedState {
  readonly phase: 'loading' | 'ready' | 'failed';
  /** Why there is no history, where there is none. */
  readonly reason: string;
  readonly patterns: readonly Detection[];
  readonly alerts: readonly IndicatorAlert[];
}

/** What the live stream has said so far, of all symbols. */
export interface Known {
  source: string | null;
  patch: SymbolPatch | null;
  patterns: readonly Detection[];
  alerts: readonly IndicatorAlert[];
  session: Session | null;
  marketTime: string | null;
}

/** The most patterns, and the most alerts, that are kept. */
const MOST_EVENTS = 500;

/** Bars that a chart begins with: a trading day of them. */
export const FIRST_BARS = 390;
const EARLIER_BARS = 780;
/** The most that the dashboard answers at once. */
const MOST_ASKED = 2_000;
/** The most bars that are kept, and how many are left when there are more. */
const MOST_KEPT = 12_000;
const LEFT = 8_000;
/** A minute is published before it is stored: so much later it can be asked for. */
const STORED_AFTER_MS = 3_000;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 30_000;
const EARLIER_RETRY_MS = 5_000;

/**
 * One symbol's bars, as they were and as they come: the history from the tables, the live frames on top, and what was
 * missed between them asked for again.
 */
export class SymbolFeed {
  state: FeedState = { phase: 'loading', reason: '', patterns: [], alerts: [] };
  private readonly series = new BarSeries();
  private readonly listeners = new Set<(change: BarsChange) => void>();
  /** Where the bars came from; `undefined` before the first answer. */
  private source: string | null | undefined;
  private earlier: string | null = null;
  private earlierBusy = false;
  private timer: number | null = null;
  private turn = 0;
  private failures = 0;

  /** @param onState the state has changed */
  constructor(
    readonly symbol: string,
    private readonly around: FeedSurroundings,
    private readonly onState: () => void,
  ) {}

  /** Oldest first; the last one may be forming. */
  get bars(): readonly Bar[] {
    const { bars, forming } = this.series;
    return forming === null ? bars : [...bars, forming];
  }

  private get sealed(): readonly Bar[] {
    return this.series.bars;
  }

  /** Hear of every change of the bars; returns what ends it. */
  listen(listener: (change: BarsChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Begin, with what the stream knows; without a source it is the one that runs or ran last. */
  start(known: Known): void {
    if (known.patch !== null) this.tell(this.series.takeLive(known.patch));
    this.hearKept(known);
    void this.load(known.source);
  }

  /** End: no question is asked and no answer taken any more. */
  stop(): void {
    this.turn += 1;
    this.clearTimer();
    this.listeners.clear();
  }

  /** Take in what a frame says of the symbol, and of where all bars come from. */
  follow(frame: Frame): void {
    const source = frame.status?.source ?? null;
    if (source !== null && this.source !== undefined && source !== this.source) {
      this.series.clear();
      this.earlier = null;
      this.change({ phase: 'loading', reason: '', patterns: [], alerts: [] });
      this.tell('all');
      void this.load(source);
    } else if (frame.type === 'snapshot') void this.load(source ?? this.source ?? null);
    if (frame.type === 'snapshot') this.hearKept({ ...frame, marketTime: frame.status.market_time });
    else {
      this.hear(frame.patterns ?? [], frame.alerts ?? []);
      this.hear(frame.repaired?.patterns ?? [], frame.repaired?.alerts ?? []);
    }
    const patch = frame.symbols?.[this.symbol];
    if (patch === undefined) return;
    const change = this.series.takeLive(patch);
    this.tell(this.trim() ? 'all' : change);
    if (this.state.phase === 'ready' && this.timer === null && this.series.gapAfter !== null)
      this.askLater(STORED_AFTER_MS);
  }

  /** Ask for the bars before the first one. */
  async loadEarlier(): Promise<void> {
    const { earlier, source, turn } = this;
    if (earlier === null || source === undefined || this.earlierBusy || this.sealed.length >= LEFT) return;
    this.earlierBusy = true;
    const page = await this.around.history.bars(this.symbol, source, EARLIER_BARS, earlier).catch(() => null);
    if (turn !== this.turn) return;
    if (page === null) {
      this.around.later(() => (this.earlierBusy = false), EARLIER_RETRY_MS);
      return;
    }
    this.earlierBusy = false;
    this.earlier = page.earlier;
    this.series.mergeStored(page.bars);
    this.tell('all');
  }

  private hear(patterns: readonly Detection[], alerts: readonly IndicatorAlert[]): void {
    const isOwn = ({ symbol }: { symbol: string }) => symbol === this.symbol;
    const [ownPatterns, ownAlerts] = [patterns.filter(isOwn), alerts.filter(isOwn)];
    if (ownPatterns.length === 0 && ownAlerts.length === 0) return;
    this.change({
      ...this.state,
      patterns: joined(this.state.patterns, ownPatterns, patternKey),
      alerts: joined(this.state.alerts, ownAlerts, alertKey),
    });
  }

  /** What the page has kept may be of other sessions, and of other sources: only the running one's is taken. */
  private hearKept({ patterns, alerts, session, marketTime }: Omit<Known, 'source' | 'patch'>): void {
    if (session === null) return;
    const from = Date.parse(session.started_at);
    const to = marketTime === null ? Infinity : Date.parse(marketTime) + MINUTE_MS;
    this.hear(
      patterns.filter(({ metadata }) => metadata.session_id === session.session_id),
      alerts.filter(({ timestamp }) => Date.parse(timestamp) >= from && Date.parse(timestamp) <= to),
    );
  }

  private async load(source: string | null): Promise<void> {
    this.clearTimer();
    this.earlierBusy = false;
    const turn = ++this.turn;
    const { history } = this.around;
    try {
      const [page, patterns, alerts] = await Promise.all([
        history.bars(this.symbol, source, FIRST_BARS, null),
        history.patterns(this.symbol, source),
        history.alerts(this.symbol, source),
      ]);
      if (turn !== this.turn) return;
      this.take(page);
      this.hear(patterns, alerts);
      this.change({ ...this.state, phase: 'ready', reason: '' });
    } catch (error) {
      if (turn !== this.turn) return;
      const reason = error instanceof NoAnswerError ? error.message : 'the answer cannot be read';
      this.change({ ...this.state, phase: 'failed', reason });
      const wait = backoffMs(this.failures++, this.around.random(), FIRST_RETRY_MS, LONGEST_RETRY_MS);
      this.timer = this.around.later(() => void this.load(source), wait);
    }
  }

  private take(page: BarsPage): void {
    this.failures = 0;
    this.source = page.source;
    const first = page.bars[0];
    const oldest = this.sealed[0];
    // Bars that lie before the answer and do not join it would make a hole that nothing fills.
    const joins =
      first === undefined || page.earlier === null || this.sealed.some((bar) => bar.minute === first.minute);
    if (!joins && oldest !== undefined && oldest.minute < first.minute) {
      const later = this.sealed.filter((bar) => bar.minute > first.minute);
      this.series.clear();
      for (const { minute, open, high, low, close, volume, indicators } of later)
        this.series.takeLive({ minute, bar: [open, high, low, close, volume], indicators });
      this.earlier = page.earlier;
    } else if (oldest === undefined || first === undefined || first.minute <= oldest.minute) {
      this.earlier = page.earlier;
    }
    this.series.mergeStored(page.bars);
    this.tell('all');
    if (this.series.gapAfter !== null) this.askLater(STORED_AFTER_MS);
  }

  /** Ask for what may have been missed, once it has been stored. */
  private askLater(ms: number): void {
    this.clearTimer();
    this.timer = this.around.later(() => void this.fill(), ms);
  }

  private async fill(): Promise<void> {
    this.timer = null;
    const { turn } = this;
    const { gapAfter, newest } = this.series;
    if (gapAfter === null || newest === undefined) return;
    // From the last bar that the tables have told: where frames skip minutes, they mix up values too.
    const since = this.series.wholeUpTo ?? gapAfter;
    const minutes = Math.round((Date.parse(newest.minute) - Date.parse(since)) / MINUTE_MS) + 1;
    try {
      const page = await this.around.history.bars(
        this.symbol,
        this.source ?? null,
        Math.min(MOST_ASKED, minutes),
        null,
      );
      if (turn === this.turn) this.take(page);
    } catch {
      if (turn !== this.turn) return;
      this.askLater(backoffMs(++this.failures, this.around.random(), FIRST_RETRY_MS, LONGEST_RETRY_MS));
    }
  }

  private trim(): boolean {
    if (this.sealed.length <= MOST_KEPT) return false;
    this.series.trim(LEFT);
    this.earlier = this.sealed[0]?.minute ?? null;
    return true;
  }

  private tell(change: BarsChange): void {
    if (change !== 'none') for (const listener of this.listeners) listener(change);
  }

  private change(state: FeedState): void {
    this.state = state;
    this.onState();
  }

  private clearTimer(): void {
    if (this.timer !== null) this.around.cancel(this.timer);
    this.timer = null;
  }
}

/** Both, each once, the newest at most. */
function joined<T extends { timestamp: string }>(
  known: readonly T[],
  more: readonly T[],
  key: (event: T) => string,
): readonly T[] {
  if (more.length === 0) return known;
  const events = [...new Map([...known, ...more].map((event) => [key(event), event])).values()];
  if (events.length <= MOST_EVENTS) return events;
  return events.sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1)).slice(-MOST_EVENTS);
}
