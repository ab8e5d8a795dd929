import type { Catalog } from '../live/catalog';
import type { Detection, IndicatorAlert } from '../live/protocol';
import type { Numbered } from '../live/store';
import type { Ring } from '../live/ring';
import { alertInWords, directionOf, searchTextOf } from './catalog';

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
  // Repaired events are newer than their place tells.
  const lastSeen = held?.reduce((newest, { n }) => Math.max(newest, n), -1) ?? -1;
  const waiting = held === null ? 0 : kept.filter(({ n, item }) => n > lastSeen && shows(item)).length;
  return { rows, hidden, waiting };
}

/** Words of a filter: all must occur, in any order and letter case. */
function terms(filter: string): string[] {
  return filter.toLowerCase().split(/\s+/).filter(Boolean);
}

/** Whether events of a symbol are wanted. */
export type SymbolWish = (symbol: string) => boolean;

/** Which patterns are wanted. */
export interface PatternWishes {
  text: string;
  /** The least confidence, 0 to 1. */
  minimum: number;
  hiddenDirections: readonly string[];
  hiddenFamilies: readonly string[];
}

/** Which indicator alerts are wanted. */
export interface AlertWishes {
  text: string;
  hiddenSeverities: readonly string[];
  hiddenCrossings: readonly string[];
  hiddenTypes: readonly string[];
}

/**
 * Patterns as clear as wanted, of the wanted symbols, directions and families, whose symbol, title or family holds every
 * word of the text. A pattern that the catalog does not know has no family that could be hidden.
 */
export function patternFilter(
  wishes: PatternWishes,
  catalog: Catalog,
  symbolWanted: SymbolWish | null = null,
): (item: Detection) => boolean {
  // Read once: the wishes may be reactive, and the events are thousands.
  const { minimum, hiddenDirections, hiddenFamilies } = wishes;
  const wanted = terms(wishes.text);
  const isHidden = (type: string) => {
    const family = catalog.patterns.get(type)?.family;
    return (
      hiddenDirections.includes(directionOf(catalog, type)) ||
      (family !== undefined && hiddenFamilies.includes(family))
    );
  };
  const ofType = remembering((type: string) => ({
    hidden: isHidden(type),
    text: searchTextOf(catalog, type),
  }));
  return (item) => {
    if (item.confidence < minimum || symbolWanted?.(item.symbol) === false) return false;
    const type = ofType(item.pattern_type);
    if (type.hidden) return false;
    if (wanted.length === 0) return true;
    const symbol = item.symbol.toLowerCase();
    return wanted.every((term) => symbol.includes(term) || type.text.includes(term));
  };
}

/** The same function, which works out each argument once. */
function remembering<T>(work: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = work(key)));
    return value;
  };
}

/**
 * Alerts of the wanted symbols, types, severities and directions, whose symbol, type, severity or words hold every word
 * of the text.
 */
export function alertFilter(
  wishes: AlertWishes,
  catalog: Catalog,
  symbolWanted: SymbolWish | null = null,
): (item: IndicatorAlert) => boolean {
  const wanted = terms(wishes.text);
  const [types, severities, crossings] = [
    new Set(wishes.hiddenTypes),
    new Set(wishes.hiddenSeverities),
    new Set(wishes.hiddenCrossings),
  ];
  return (item) => {
    if (symbolWanted?.(item.symbol) === false) return false;
    if (types.has(item.alert_type) || severities.has(item.severity)) return false;
    if (wanted.length === 0 && crossings.size === 0) return true;
    const plain = alertInWords(catalog, item);
    if (crossings.has(plain.direction)) return false;
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
