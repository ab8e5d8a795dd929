// Sessions as they stand in the tables, in words and as tables.

import type { SessionRecord, SessionSummaryAnswer } from '../live/rest';
import { marketDay, marketMinute } from './time';
import { finalStatus } from './words';

/** `Mon, Oct 6`, in New York. */
export function sessionDay({ started_at }: SessionRecord): string {
  return marketDay(Date.parse(started_at));
}

/** `09:30–16:00`; open where it has not ended. */
export function sessionHours({ started_at, stopped_at }: SessionRecord): string {
  return `${marketMinute(started_at)}–${stopped_at === null ? '' : marketMinute(stopped_at)}`;
}

/** How long it was, in seconds; `null` where it has not ended. */
export function sessionSeconds({ started_at, stopped_at }: SessionRecord): number | null {
  return stopped_at === null ? null : (Date.parse(stopped_at) - Date.parse(started_at)) / 1000;
}

/**
 * How it ended, in a word or two.
 *
 * @param running the id of the session that runs
 */
export function sessionStatus(
  { session_id, final_status, stopped_at }: SessionRecord,
  running: string | null,
): string {
  if (session_id === running) return 'running';
  if (final_status !== null) return finalStatus(final_status);
  return stopped_at === null ? 'not ended' : 'ended';
}

export interface HourRow {
  readonly type: string;
  readonly total: number;
  /** For each hour. */
  readonly counts: readonly number[];
}

/** Counts by pattern and hour. */
export interface HourTable {
  /** Each hour's begin in New York: `09:00`. */
  readonly hours: readonly string[];
  /** The most frequent pattern first. */
  readonly patterns: readonly HourRow[];
  readonly alerts: readonly number[];
  /** The largest count of a pattern in an hour: what shades are measured against. */
  readonly most: number;
}

/** A session's counts by pattern and hour. */
export function hourTable({ patterns, hours }: SessionSummaryAnswer): HourTable {
  const rows = patterns.map(({ pattern_type, count }) => ({
    type: pattern_type,
    total: count,
    counts: hours.map((hour) => hour.patterns[pattern_type] ?? 0),
  }));
  return {
    hours: hours.map(({ hour }) => marketMinute(hour)),
    patterns: rows,
    alerts: hours.map(({ alerts }) => alerts),
    most: Math.max(0, ...rows.flatMap(({ counts }) => counts)),
  };
}

/** `value` as a share of `most`, 0 to 1. */
export function shareOf(value: number, most: number): number {
  return most > 0 ? Math.min(1, Math.max(0, value / most)) : 0;
}

/** A universe without its group, where room is scarce: `market_leaders:top_500` is `top_500`. */
export function universeName(key: string): string {
  return key.slice(key.indexOf(':') + 1) || key;
}

/** `RSI_OVERBOUGHT` is `RSI overbought`: an alert's type where there is no threshold to name. */
export function alertTitle(type: string): string {
  const text = type.replace(/_/g, ' ').toLowerCase();
  return text.replace(/^[a-z]+/, (first) => {
    if (first === 'bb') return 'Bollinger';
    return ['rsi', 'macd', 'sma', 'ema'].includes(first) ? first.toUpperCase() : first;
  });
}
