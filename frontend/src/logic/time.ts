// Times as the exchange's clock shows them; UTC is a hover away.

const NEW_YORK = 'America/New_York';

const newYorkSeconds = clock(NEW_YORK, true);
const newYorkMinutes = clock(NEW_YORK, false);
const utcSeconds = clock('UTC', true);
const newYorkDay = new Intl.DateTimeFormat('en-US', {
  timeZone: NEW_YORK,
  weekday: 'short',
  month: 'short',
  day: 'numeric',
});
const localSeconds = clock(undefined, true);

function clock(timeZone: string | undefined, seconds: boolean): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', {
    ...(timeZone ? { timeZone } : {}),
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds ? { second: '2-digit' } : {}),
    hourCycle: 'h23',
  });
}

// Formatting a date is slow, and whole bursts share one timestamp.
const minuteCache = new Map<string, string>();
const MINUTE_CACHE_SIZE = 1_000;

/** `10:15` in New York of a contract timestamp; `–` where it is none. */
export function marketMinute(timestamp: string | null | undefined): string {
  if (!timestamp) return '–';
  let text = minuteCache.get(timestamp);
  if (text === undefined) {
    const moment = Date.parse(timestamp);
    text = Number.isNaN(moment) ? '–' : newYorkMinutes.format(moment);
    if (minuteCache.size >= MINUTE_CACHE_SIZE) minuteCache.clear();
    minuteCache.set(timestamp, text);
  }
  return text;
}

/** `10:15:07` in New York. */
export function marketSecond(moment: number): string {
  return newYorkSeconds.format(moment);
}

/** `Mon, Oct 5` in New York. */
export function marketDay(moment: number): string {
  return newYorkDay.format(moment);
}

const newYorkWeekday = new Intl.DateTimeFormat('en-US', { timeZone: NEW_YORK, weekday: 'short' });

/** `Mon` in New York. */
export function marketWeekday(moment: number): string {
  return newYorkWeekday.format(moment);
}

const HOUR_MS = 3_600_000;
const offsets = new Map<number, number>();
const OFFSET_CACHE_SIZE = 5_000;
const newYorkParts = new Intl.DateTimeFormat('en-US', {
  timeZone: NEW_YORK,
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
});

/** How far New York's clock is from UTC, milliseconds; it changes on the hour only. */
function newYorkOffset(moment: number): number {
  const hour = Math.floor(moment / HOUR_MS);
  let offset = offsets.get(hour);
  if (offset === undefined) {
    const part = Object.fromEntries(
      newYorkParts.formatToParts(hour * HOUR_MS).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 1, day = 1, hour: hours = 0, minute = 0 } = part;
    offset = Date.UTC(year, month - 1, day, hours, minute) - hour * HOUR_MS;
    if (offsets.size >= OFFSET_CACHE_SIZE) offsets.clear();
    offsets.set(hour, offset);
  }
  return offset;
}

/** A moment on New York's clock, written as if that were UTC: for charts, which know no zones. Milliseconds. */
export function asNewYork(moment: number): number {
  return moment + newYorkOffset(moment);
}

/** `2025-10-06`, the day in New York. */
export function marketDate(moment: number): string {
  return new Date(asNewYork(moment)).toISOString().slice(0, 10);
}

const wallMinute = new Intl.DateTimeFormat('en-US', {
  timeZone: 'UTC',
  weekday: 'short',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** `Mon, Oct 6, 10:15` of what `asNewYork` gave. */
export function wallText(wall: number): string {
  return wallMinute.format(wall);
}

/** `14:15:07 UTC`, for a hover; with the date in front. */
export function utc(moment: number): string {
  return Number.isNaN(moment)
    ? 'unknown time'
    : `${new Date(moment).toISOString().slice(0, 10)} ${utcSeconds.format(moment)} UTC`;
}

/** A contract timestamp for a hover: its day in New York, and UTC. */
export function moment(timestamp: string): string {
  const at = Date.parse(timestamp);
  return Number.isNaN(at) ? 'unknown time' : `${marketDay(at)} in New York\n${utc(at)}`;
}

/** `10:15:07` on the reader's own clock: for the state of the reader's own connection. */
export function localSecond(moment: number): string {
  return localSeconds.format(moment);
}

/** From this speed on the seconds of the market clock are noise. */
export const FAST = 10;

/** The longest that the clock runs on without news from the producer, in wall milliseconds. */
const RUN_ON_MS = 1_500;

/**
 * The market's time now: the newest checkpoint's, carried on at the market's speed for the time that passed on the
 * wall since; not further than 1.5 s, so that the clock stands when the producer is silent.
 */
export function marketNow(marketTime: number, elapsedMs: number, speed: number | null): number {
  return marketTime + Math.min(Math.max(0, elapsedMs), RUN_ON_MS) * (speed ?? 0);
}
