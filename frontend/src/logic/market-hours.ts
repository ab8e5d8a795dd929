// What the exchange is at, in words. The calendar itself is the server's.

import type { Hours } from '../live/rest';
import { marketDay, marketMinute, marketWeekday } from './time';

export interface HoursWords {
  readonly isOpen: boolean;
  /** `open, closes in 5:44`. */
  readonly label: string;
  /** The same as a sentence, with what is special about the day. */
  readonly sentence: string;
}

const MINUTE_MS = 60_000;
const HALF_HOUR_MS = 30 * MINUTE_MS;

/**
 * Which half hour a moment lies in. Exchanges open and close on the half hour: while this number is the same, so is what
 * the calendar has said.
 */
export function halfHour(moment: number): number {
  return Math.floor(moment / HALF_HOUR_MS);
}

const FIRST_KNOWN = Date.UTC(1990, 0, 1);

/** Whether a producer's clock has been set: before its first session it may stand at the beginning of all time. */
export function isMarketTime(moment: number): boolean {
  return moment >= FIRST_KNOWN;
}

/** `5:44` of hours and minutes that are left. */
export function timeLeft(ms: number): string {
  const minutes = Math.floor(ms / MINUTE_MS);
  if (minutes < 1) return 'under a minute';
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}

/** `09:30 in 2:10` on the same day, else `Mon 09:30`; beyond a week with the date. */
function whenOpens(nextOpen: string, now: number): string {
  const at = Date.parse(nextOpen);
  if (marketDay(at) === marketDay(now)) return `${marketMinute(nextOpen)} in ${timeLeft(at - now)}`;
  const isNear = at - now < 6 * 24 * 60 * MINUTE_MS;
  return `${isNear ? marketWeekday(at) : marketDay(at)} ${marketMinute(nextOpen)}`;
}

const PLAIN_REASONS = ['weekend', 'overnight', 'holiday', 'early close'];

/** What the exchange is at, and until when; `now` is the market's time. */
export function hoursWords({ state, closes_at, next_open, reason }: Hours, now: number): HoursWords {
  const opens = whenOpens(next_open, now);
  switch (state) {
    case 'open': {
      const isEarly = reason === 'early close';
      const left = closes_at === null ? null : timeLeft(Date.parse(closes_at) - now);
      return {
        isOpen: true,
        label: left === null ? 'open' : `open, closes ${isEarly ? 'early ' : ''}in ${left}`,
        sentence: `The exchange is open${closes_at === null ? '' : ` until ${marketMinute(closes_at)}`}${
          isEarly ? ', an early close' : ''
        }.`,
      };
    }
    case 'pre':
      return { isOpen: false, label: `pre-market, opens ${opens}`, sentence: `Pre-market; opens ${opens}.` };
    case 'post':
      return {
        isOpen: false,
        label: `after hours, opens ${opens}`,
        sentence: `After hours; opens ${opens}.`,
      };
    default: {
      const holiday = reason !== null && !PLAIN_REASONS.includes(reason) ? ` for ${reason}` : '';
      const why = holiday || (reason === 'weekend' || reason === 'holiday' ? `: ${reason}` : '');
      return {
        isOpen: false,
        label: `closed${holiday}, opens ${opens}`,
        sentence: `The exchange is closed${why}; opens ${opens}.`,
      };
    }
  }
}
