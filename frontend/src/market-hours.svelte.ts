import { untrack } from 'svelte';
import { Asked, BROWSER } from './live/asked';
import type { Live } from './live/live.svelte';
import type { Hours } from './live/rest';
import { halfHour, hoursWords, isMarketTime, type HoursWords } from './logic/market-hours';
import { marketNow } from './logic/time';
import { rest } from './rest';
import { ticker } from './ticker.svelte';

/** The market's time, and what the exchange is at then. */
export class MarketHours {
  private hours = $state.raw<Hours | null>(null);
  /** How far the dashboard's clock is ahead of this browser's, milliseconds. */
  private ahead = $state(0);
  private readonly asked = new Asked<number | null, Hours>(
    BROWSER,
    (moment) => rest.hours(moment),
    (hours, moment) => {
      this.hours = hours;
      if (moment === null) this.ahead = Date.parse(hours.at) - Date.now();
    },
  );

  constructor(private readonly live: Live) {}

  /** The market's time of the newest checkpoint, carried on; `null` while no producer has been heard. */
  readonly marketTime = $derived.by(() => {
    const { status } = this.live.on('status');
    const at = Date.parse(status?.market_time ?? '');
    if (!isMarketTime(at)) return null;
    return marketNow(at, ticker.steady - this.live.statusAt, status?.speed ?? null);
  });

  /** That, or what time it is now. */
  readonly now = $derived(this.marketTime ?? ticker.now + this.ahead);

  readonly words: HoursWords | null = $derived.by(() => {
    // An answer about another day would be worse than none.
    if (this.hours === null || Math.abs(halfHour(Date.parse(this.hours.at)) - halfHour(this.now)) > 2)
      return null;
    return hoursWords(this.hours, this.now);
  });

  private readonly turn = $derived(halfHour(this.now));
  private readonly hasProducer = $derived(this.marketTime !== null);

  /** Ask whenever the answer may be another; call it in an effect. */
  follow(): void {
    const { hasProducer } = this;
    void this.turn;
    if (this.live.link.phase === 'open') untrack(() => this.asked.want(hasProducer ? this.now : null));
  }

  stop(): void {
    this.asked.stop();
  }
}
