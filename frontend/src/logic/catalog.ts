// What the catalog says of an event, and the best guess where it says nothing.

import type { Catalog, CatalogPattern } from '../live/catalog';
import type { Condition, IndicatorAlert } from '../live/protocol';
import { alertWords, patternDirection, patternName, words, type AlertWords, type Direction } from './words';

const DIRECTIONS: Record<CatalogPattern['direction'], Direction> = {
  bullish: 'up',
  bearish: 'down',
  neutral: 'neutral',
};

/** A pattern type's name as people write it. */
export function titleOf(catalog: Catalog, type: string): string {
  return catalog.patterns.get(type)?.title ?? patternName(type);
}

/** What a pattern type is read as. */
export function directionOf(catalog: Catalog, type: string): Direction {
  const entry = catalog.patterns.get(type);
  return entry === undefined ? patternDirection(type) : DIRECTIONS[entry.direction];
}

/** All that a text filter may find a pattern type by, in lower case. */
export function searchTextOf(catalog: Catalog, type: string): string {
  const entry = catalog.patterns.get(type);
  const known = entry === undefined ? '' : `${entry.title} ${entry.family} ${entry.direction}`;
  return `${type} ${patternName(type)} ${known}`.toLowerCase();
}

/** Patterns of one kind, to be shown or hidden together. */
export interface Family {
  name: string;
  /** The titles of those that the producer looks for. */
  titles: string[];
}

/** The families of what the producer looks for, by name. */
export function familiesOf(catalog: Catalog): Family[] {
  const families = new Map<string, Family>();
  for (const { family, title, enabled } of catalog.patterns.values()) {
    if (!enabled) continue;
    const found = families.get(family);
    if (found === undefined) families.set(family, { name: family, titles: [title] });
    else found.titles.push(title);
  }
  return [...families.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** A condition as it is read: what must hold, and how clearly it did. */
export interface Reason {
  meaning: string;
  margin: number;
}

/** A detection's conditions in words: those that had to hold, and those that only grade it. */
export function reasonsOf(
  catalog: Catalog,
  type: string,
  conditions: readonly Condition[],
): { decisive: Reason[]; context: Reason[] } {
  const entries = new Map(catalog.patterns.get(type)?.conditions.map((entry) => [entry.name, entry]));
  const reasons: { decisive: Reason[]; context: Reason[] } = { decisive: [], context: [] };
  for (const { name, margin } of conditions) {
    const entry = entries.get(name);
    const reason = { meaning: entry?.meaning ?? words(name), margin };
    (entry?.context ? reasons.context : reasons.decisive).push(reason);
  }
  return reasons;
}

/** An alert in the page's own words, which name the threshold, with what the catalog makes of it. */
export function alertInWords(catalog: Catalog, alert: IndicatorAlert): AlertWords {
  const plain = alertWords(alert.alert_type, alert.data.threshold, alert.data.direction);
  const meaning = catalog.alerts.get(alert.alert_type)?.meaning;
  if (meaning === undefined) return plain;
  const hasOwnSentence = plain.sentence !== plain.text;
  return { ...plain, sentence: hasOwnSentence ? `${plain.sentence}. ${meaning}` : meaning };
}
