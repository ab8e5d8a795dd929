// What a heat map shows of each symbol, and how strongly.

import type { Detection } from '../live/protocol';
import type { SymbolState } from '../live/store';
import type { HeatMetric } from './address-state';
import { CHANGE } from './columns';
import { count, counted, fixed, NOTHING, signed } from './format';
import type { Group } from './treemap';

export { HEAT_METRICS, type HeatMetric } from './address-state';

export const METRIC_TITLES: Record<HeatMetric, string> = {
  change: 'Change',
  rsi: 'RSI',
  patterns: 'Patterns',
};

/** What a universe says of a symbol. */
export interface Named {
  readonly name: string | null;
  readonly sector: string | null;
}

export const OTHER = 'Other';

/** Patterns are counted over this much market time. */
export const DENSITY_MINUTES = 30;

/** The symbols by sector, the largest sector first; in each by name. What has no sector comes last, as "Other". */
export function sectorsOf(symbols: Iterable<string>, names: ReadonlyMap<string, Named>): Group[] {
  const sectors = new Map<string, string[]>();
  for (const symbol of symbols) {
    const sector = names.get(symbol)?.sector || OTHER;
    const members = sectors.get(sector);
    if (members === undefined) sectors.set(sector, [symbol]);
    else members.push(symbol);
  }
  return [...sectors]
    .map(([name, members]) => ({ name, symbols: members.sort() }))
    .sort(
      (a, b) =>
        Number(a.name === OTHER) - Number(b.name === OTHER) ||
        b.symbols.length - a.symbols.length ||
        a.name.localeCompare(b.name, 'en'),
    );
}

/**
 * How many patterns each symbol has had lately.
 *
 * @param patterns oldest first
 * @param until market time of now, as the contract writes times
 * @param whole whether these are all there were; else only what lies after the oldest of them is known
 * @returns the counts, and over how many minutes they go
 */
export function patternDensity(
  patterns: readonly Detection[],
  until: string | null,
  whole: boolean,
): { counts: Map<string, number>; minutes: number } {
  const counts = new Map<string, number>();
  const end = Date.parse(until ?? patterns.at(-1)?.timestamp ?? '');
  if (Number.isNaN(end)) return { counts, minutes: DENSITY_MINUTES };
  // Contract timestamps have one form, so that text order is time order.
  const start = new Date(end - DENSITY_MINUTES * 60_000).toISOString();
  for (const { symbol, timestamp } of patterns)
    if (timestamp > start) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  const known = (end - Date.parse(patterns[0]?.timestamp ?? '')) / 60_000;
  return {
    counts,
    minutes: whole || !(known < DENSITY_MINUTES) ? DENSITY_MINUTES : Math.max(1, Math.round(known)),
  };
}

/** The RSI instance among those that have arrived; `null` where there is none. */
export function rsiInstance(instances: Iterable<string>): string | null {
  const found = [...instances].filter((instance) => /^RSI(_|$)/.test(instance));
  return found.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))[0] ?? null;
}

/** Reads the number that a symbol's tile shows; `null` where there is none yet. */
export function heatReader(
  metric: HeatMetric,
  rsi: string | null,
  density: ReadonlyMap<string, number>,
): (state: SymbolState) => number | null {
  if (metric === 'change') return CHANGE.value;
  if (metric === 'patterns') return ({ symbol }) => density.get(symbol) ?? 0;
  return ({ indicators }) => {
    const value = rsi === null ? null : indicators.get(rsi)?.['value'];
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  };
}

/** What each tile shows; `null` where there is nothing yet. */
export function heatValues(
  tiles: Iterable<{ readonly symbol: string }>,
  symbols: ReadonlyMap<string, SymbolState>,
  read: (state: SymbolState) => number | null,
): Map<string, number | null> {
  const values = new Map<string, number | null>();
  for (const { symbol } of tiles) {
    const state = symbols.get(symbol);
    values.set(symbol, state === undefined ? null : read(state));
  }
  return values;
}

/** A tile's number; a change carries its sign. */
export function heatText(metric: HeatMetric, value: number | null): string {
  if (value === null) return NOTHING;
  if (metric === 'change') return `${signed(value, 2)}%`;
  return metric === 'rsi' ? fixed(value, 0) : count(value);
}

/** From where to where colours go; what lies beyond has the last colour. */
export interface HeatScale {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

const CHANGE_LIMITS = [0.5, 1, 2, 3, 5, 10, 20];
const PATTERN_LIMITS = [2, 4, 8, 16, 32, 64];
/** A change of 10 % comes out as a little more. */
const SLACK = 1 + 1e-9;
/** How far the values must have come back before the scale follows: colours should not jump to and fro. */
const COME_BACK = 0.7;

/**
 * The scale for a metric's values: a round number that nearly all of them (19 of 20) stay within.
 *
 * @param before the scale so far, which is kept while it fits
 */
export function heatScale(
  metric: HeatMetric,
  values: readonly (number | null)[],
  before: HeatScale | null,
): HeatScale {
  if (metric === 'rsi') return { low: 20, middle: 50, high: 80 };
  const limits = metric === 'change' ? CHANGE_LIMITS : PATTERN_LIMITS;
  const sizes = values.flatMap((value) => (value === null ? [] : [Math.abs(value)])).sort((a, b) => a - b);
  const size = metric === 'change' ? (sizes[Math.floor(sizes.length * 0.95)] ?? 0) : (sizes.at(-1) ?? 0);
  const limitFor = (wanted: number) => limits.find((limit) => wanted <= limit * SLACK) ?? limits.at(-1) ?? 1;
  const fits = before !== null && size <= before.high * SLACK && limitFor(size / COME_BACK) >= before.high;
  const high = fits ? before.high : limitFor(size);
  return { low: metric === 'change' ? -high : 0, middle: 0, high };
}

/** Where a value lies on a scale: −1 its low end, 0 its middle, 1 its high end. */
export function heatShare(value: number, { low, middle, high }: HeatScale): number {
  const span = value < middle ? middle - low : high - middle;
  return span <= 0 ? 0 : Math.max(-1, Math.min(1, (value - middle) / span));
}

/** Which way a value points: up, down, or neither as far as its text shows. */
export function heatSign(metric: HeatMetric, value: number | null): -1 | 0 | 1 {
  if (value === null || metric === 'patterns') return 0;
  const [from, least] = metric === 'change' ? [0, 0.005] : [50, 0.5];
  if (Math.abs(value - from) < least) return 0;
  return value > from ? 1 : -1;
}

/** One sector in figures. Means are over the symbols that have a value; `null` where none has. */
export interface SectorFigures {
  readonly name: string;
  readonly symbols: number;
  readonly up: number;
  readonly down: number;
  readonly change: number | null;
  readonly rsi: number | null;
  readonly patterns: number;
}

/** What the tiles show, as figures for each sector. */
export function sectorFigures(
  groups: readonly Group[],
  symbols: ReadonlyMap<string, SymbolState>,
  rsi: string | null,
  density: ReadonlyMap<string, number>,
): SectorFigures[] {
  const readRsi = heatReader('rsi', rsi, density);
  return groups.map(({ name, symbols: members }) => {
    const states = members.flatMap((symbol) => symbols.get(symbol) ?? []);
    const changes = states.map(CHANGE.value);
    const signs = changes.map((change) => heatSign('change', change));
    return {
      name,
      symbols: members.length,
      up: signs.filter((sign) => sign > 0).length,
      down: signs.filter((sign) => sign < 0).length,
      change: mean(changes),
      rsi: mean(states.map(readRsi)),
      patterns: members.reduce((sum, symbol) => sum + (density.get(symbol) ?? 0), 0),
    };
  });
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** A tile in a sentence, for who cannot see it. */
export function tileSentence(
  state: SymbolState,
  named: Named | undefined,
  rsi: string | null,
  patterns: number,
): string {
  const parts = [
    named?.name ? `${state.symbol}, ${named.name}` : state.symbol,
    `change ${heatText('change', CHANGE.value(state))}`,
  ];
  if (rsi !== null) parts.push(`RSI ${heatText('rsi', heatReader('rsi', rsi, new Map())(state))}`);
  parts.push(counted(patterns, 'pattern'));
  return parts.join(', ');
}

/** The whole map in a sentence. */
export function heatSentence(figures: readonly SectorFigures[]): string {
  const sum = (of: (each: SectorFigures) => number) => figures.reduce((total, each) => total + of(each), 0);
  return `${counted(
    sum((each) => each.symbols),
    'symbol',
  )} in ${counted(figures.length, 'sector')}: ${count(
    sum((each) => each.up),
  )} up, ${count(sum((each) => each.down))} down since the open.`;
}
