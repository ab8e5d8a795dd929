// Patterns and alerts of one symbol: as a list, and as markers on its chart.

import type { Catalog } from '../live/catalog';
import type { Detection, IndicatorAlert } from '../live/protocol';
import { MINUTE_MS } from './bars';
import { alertInWords, directionOf, titleOf } from './catalog';
import { fixed, percent } from './format';
import type { Direction } from './words';

/** Something that happened on a bar of the symbol. */
export interface Occurrence {
  readonly key: string;
  readonly kind: 'pattern' | 'alert';
  /** When its bar closed. */
  readonly timestamp: string;
  /** The start of that bar. */
  readonly minute: string;
  /** How many bars it names, the last of them that one. */
  readonly bars: number;
  readonly title: string;
  readonly sentence: string;
  readonly direction: Direction;
  /** A pattern's confidence in percent, or an alert's value. */
  readonly figure: string;
  readonly pattern: Detection | null;
}

/** The bars that a pattern or alert names: what a chart outlines. */
export type Outline = Pick<Occurrence, 'key' | 'minute' | 'bars'>;

/** The start of the bar that closed at `timestamp`. */
export function barOf(timestamp: string): string {
  const closed = Date.parse(timestamp);
  return Number.isNaN(closed) ? timestamp : new Date(closed - MINUTE_MS).toISOString();
}

export function patternKey(pattern: Detection): string {
  return pattern.metadata.pattern_id;
}

export function alertKey({ symbol, alert_type, timestamp, data }: IndicatorAlert): string {
  return `${symbol} ${alert_type} ${timestamp} ${data.value}`;
}

export function patternOutline(catalog: Catalog, pattern: Detection): Outline {
  return {
    key: patternKey(pattern),
    minute: barOf(pattern.timestamp),
    bars: catalog.patterns.get(pattern.pattern_type)?.bars ?? 1,
  };
}

export function alertOutline(alert: IndicatorAlert): Outline {
  return { key: alertKey(alert), minute: barOf(alert.timestamp), bars: 1 };
}

function patternOccurrence(catalog: Catalog, pattern: Detection): Occurrence {
  const title = titleOf(catalog, pattern.pattern_type);
  return {
    ...patternOutline(catalog, pattern),
    kind: 'pattern',
    timestamp: pattern.timestamp,
    title,
    sentence: pattern.metadata.explanation ?? title,
    direction: directionOf(catalog, pattern.pattern_type),
    figure: percent(pattern.confidence),
    pattern,
  };
}

function alertOccurrence(catalog: Catalog, alert: IndicatorAlert): Occurrence {
  const { text, sentence, direction, decimals } = alertInWords(catalog, alert);
  return {
    ...alertOutline(alert),
    kind: 'alert',
    timestamp: alert.timestamp,
    title: text,
    sentence,
    direction,
    figure: fixed(alert.data.value, decimals),
    pattern: null,
  };
}

/** All that happened, each once, newest first; of one minute the patterns before the alerts. */
export function occurrencesOf(
  catalog: Catalog,
  patterns: Iterable<Detection>,
  alerts: Iterable<IndicatorAlert>,
): Occurrence[] {
  const byKey = new Map<string, Occurrence>();
  for (const pattern of patterns) byKey.set(patternKey(pattern), patternOccurrence(catalog, pattern));
  for (const alert of alerts) byKey.set(alertKey(alert), alertOccurrence(catalog, alert));
  return [...byKey.values()].sort((a, b) => {
    if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp ? 1 : -1;
    return a.kind === b.kind ? 0 : a.kind === 'pattern' ? -1 : 1;
  });
}

/** A sign on the chart. */
export interface Marker {
  readonly minute: string;
  readonly kind: Occurrence['kind'];
  readonly direction: Direction;
}

/**
 * One marker for each bar, kind and direction, oldest first, of those that fell on bars that are there: a chart would
 * move the others to the nearest bar.
 */
export function markersOf(occurrences: readonly Occurrence[], hasBar: (minute: string) => boolean): Marker[] {
  const markers = new Map<string, Marker>();
  for (const { minute, kind, direction } of occurrences)
    if (hasBar(minute)) markers.set(`${minute} ${kind} ${direction}`, { minute, kind, direction });
  return [...markers.values()].sort((a, b) => (a.minute === b.minute ? 0 : a.minute < b.minute ? -1 : 1));
}
