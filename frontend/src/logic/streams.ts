import type { Detection, IndicatorAlert } from '../live/protocol';
import type { Numbered } from '../live/store';
import type { Ring } from '../live/ring';
import { alertWords, patternName } from './words';

/** From this confidence on a pattern is marked; the contract's threshold of `patterns:detected`. */
export const HIGH_CONFIDENCE = 0.8;

/** What a stream shows, newest first, and what it leaves out. */
export interface StreamView<T> {
  rows: Numbered<T>[];
  /** Of the events kept, how many the filter hides. */
  hidden: number;
  /** Events that arrived since the stream was paused and would be shown. */
  waiting: number;
}

/**
 * The events that pass `shows`, newest first.
 *
 * @param held what was there when the reader stopped the stream, newest first; `null` while it runs
 */
export function viewOf<T>(
  ring: Pick<Ring<Numbered<T>>, 'toNewestFirst'>,
  shows: (item: T) => boolean,
  held: readonly Numbered<T>[] | null,
): StreamView<T> {
  const kept = ring.toNewestFirst();
  const rows = (held ?? kept).filter(({ item }) => shows(item));
  const hidden = (held ?? kept).length - rows.length;
  const lastSeen = held?.[0]?.n ?? -1;
  const waiting = held === null ? 0 : kept.filter(({ n, item }) => n > lastSeen && shows(item)).length;
  return { rows, hidden, waiting };
}

/** Words of a filter: all must occur, in any order and letter case. */
function terms(filter: string): string[] {
  return filter.toLowerCase().split(/\s+/).filter(Boolean);
}

/** Patterns at or above a confidence whose symbol or type holds every word of the filter. */
export function patternFilter(filter: string, minimum: number): (item: Detection) => boolean {
  const wanted = terms(filter);
  return (item) => {
    if (item.confidence < minimum) return false;
    if (wanted.length === 0) return true;
    const text = `${item.symbol} ${item.pattern_type} ${patternName(item.pattern_type)}`.toLowerCase();
    return wanted.every((term) => text.includes(term));
  };
}

/** Alerts whose symbol, type, severity or words hold every word of the filter. */
export function alertFilter(filter: string): (item: IndicatorAlert) => boolean {
  const wanted = terms(filter);
  if (wanted.length === 0) return () => true;
  return (item) => {
    const plain = alertWords(item.alert_type, item.data.threshold, item.data.direction);
    const text =
      `${item.symbol} ${item.alert_type} ${plain.text} ${plain.sentence} ${item.severity}`.toLowerCase();
    return wanted.every((term) => text.includes(term));
  };
}

/** How wide a condition's margin is drawn, 0 to 1: margins have no upper bound, so they are bent towards 1. */
export function marginShare(margin: number): number {
  const size = Math.abs(margin);
  return Number.isFinite(size) ? size / (1 + size) : 1;
}
