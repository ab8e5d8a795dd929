import type { Outputs, SymbolPatch } from '../live/protocol';

/** A 1-minute bar with what the indicators came to on it, by instance. */
export interface Bar {
  /** Its start, as the contract writes times: text order is time order. */
  readonly minute: string;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly indicators: Readonly<Record<string, Outputs>>;
  /** Whether it is not over. */
  readonly forming?: true;
}

/** What a merge changed: nothing, the newest bar only (which may be a new one), or more than that. */
export type BarsChange = 'none' | 'newest' | 'all';

export const MINUTE_MS = 60_000;

/**
 * One symbol's bars, oldest first, each minute once: what the tables had, and what has arrived since. The tables are
 * whole up to the newest bar that they answered; behind it, a minute that is missing may have been missed.
 */
export class BarSeries {
  private list: Bar[] = [];
  private storedUpTo = '';
  private standing: Bar | null = null;
  /** The minute that live indicator values belong to. */
  private liveMinute: string | null = null;

  /** The bar that is not over, where it is known. */
  get forming(): Bar | null {
    const { standing, newest } = this;
    return standing !== null && (newest === undefined || standing.minute > newest.minute) ? standing : null;
  }

  /** Sealed bars; they are replaced, never changed. */
  get bars(): readonly Bar[] {
    return this.list;
  }

  get newest(): Bar | undefined {
    return this.list.at(-1);
  }

  /** The newest minute up to which the tables have told all; `null` where they have told nothing. */
  get wholeUpTo(): string | null {
    return this.storedUpTo === '' ? null : this.storedUpTo;
  }

  /**
   * Where a bar may be missing: the minute of the last bar before the first doubtful hole, else `null`. A minute
   * without a trade looks the same, until the tables have answered a later one.
   */
  get gapAfter(): string | null {
    let gap: string | null = null;
    for (let at = this.list.length - 1; at > 0; at--) {
      const [before, bar] = [this.list[at - 1], this.list[at]] as [Bar, Bar];
      if (bar.minute <= this.storedUpTo) break;
      if (Date.parse(bar.minute) - Date.parse(before.minute) > MINUTE_MS) gap = before.minute;
    }
    return gap;
  }

  /** Take in bars of the tables, oldest first; where both know a minute, theirs count. */
  mergeStored(stored: readonly Bar[]): void {
    const last = stored.at(-1);
    if (last === undefined) return;
    if (last.minute > this.storedUpTo) this.storedUpTo = last.minute;
    const byMinute = new Map(this.list.map((bar) => [bar.minute, bar]));
    for (const bar of stored) {
      const known = byMinute.get(bar.minute);
      byMinute.set(
        bar.minute,
        known === undefined ? bar : { ...bar, indicators: { ...known.indicators, ...bar.indicators } },
      );
    }
    this.list = [...byMinute.values()].sort((a, b) => (a.minute < b.minute ? -1 : 1));
  }

  /** Take in what a frame says of the symbol: a bar, values of indicators, how the next bar stands, or all of it. */
  takeLive(patch: SymbolPatch): BarsChange {
    const change = this.takeSealed(patch);
    if (patch.forming && patch.forming_minute) {
      const [open, high, low, close, volume] = patch.forming;
      const minute = patch.forming_minute;
      this.standing = { minute, open, high, low, close, volume, indicators: {}, forming: true };
    } else if (change === 'none') return 'none';
    // With a sealed bar and a forming one at once, more than the newest has changed.
    if (change !== 'none' && this.forming !== null) return 'all';
    return change === 'none' ? (this.forming === null ? 'none' : 'newest') : change;
  }

  private takeSealed(patch: SymbolPatch): BarsChange {
    if (patch.bar && patch.minute !== undefined) {
      this.liveMinute = patch.minute;
      const [open, high, low, close, volume] = patch.bar;
      const known = this.list[this.find(patch.minute)];
      return this.put({
        minute: patch.minute,
        open,
        high,
        low,
        close,
        volume,
        indicators: { ...known?.indicators, ...patch.indicators },
      });
    }
    const known = this.liveMinute === null ? undefined : this.list[this.find(this.liveMinute)];
    if (known === undefined || Object.keys(patch.indicators ?? {}).length === 0) return 'none';
    return this.put({ ...known, indicators: { ...known.indicators, ...patch.indicators } });
  }

  /** Forget the oldest bars, so that `most` are left. */
  trim(most: number): void {
    this.list = this.list.slice(-most);
  }

  /** Forget all. */
  clear(): void {
    this.list = [];
    this.storedUpTo = '';
    this.liveMinute = null;
    this.standing = null;
  }

  private put(bar: Bar): BarsChange {
    const { newest } = this;
    if (newest === undefined || bar.minute > newest.minute) {
      this.list.push(bar);
      return 'newest';
    }
    if (bar.minute === newest.minute) {
      this.list[this.list.length - 1] = bar;
      return 'newest';
    }
    const at = this.list.findIndex(({ minute }) => minute >= bar.minute);
    this.list.splice(at, this.list[at]?.minute === bar.minute ? 1 : 0, bar);
    return 'all';
  }

  private find(minute: string): number {
    return this.list.findLastIndex((bar) => bar.minute === minute);
  }
}
