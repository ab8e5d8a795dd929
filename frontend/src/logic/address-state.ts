// The page's address holds the whole view: what is looked at, and what is left out. It can be shared, and going back
// and forward restores it. Defaults are left out of it; what makes no sense in one is passed over.

import { isSymbol } from './symbols';
import type { Sorting } from './table';
import { DIRECTIONS, DIRECTION_WORDS, type Direction } from './words';

export const TABS = ['patterns', 'alerts', 'symbol', 'universe', 'health'] as const;
export type Tab = (typeof TABS)[number];

export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const CROSSINGS = ['up', 'down'] as const;
export type Crossing = (typeof CROSSINGS)[number];

export const UNIVERSE_VIEWS = ['table', 'heat', 'sectors'] as const;
export type UniverseView = (typeof UNIVERSE_VIEWS)[number];

/** What the colours of a heat map mean. */
export const HEAT_METRICS = ['change', 'rsi', 'patterns'] as const;
export type HeatMetric = (typeof HEAT_METRICS)[number];

/** All that the reader can choose of what is seen. */
export interface View {
  symbol: string | null;
  /** The panel that a phone shows; `null` is the symbol where one is open, else the patterns. */
  tab: Tab | null;
  patternText: string;
  /** The least confidence of a pattern, 0 to 1. */
  minimum: number;
  hiddenDirections: readonly Direction[];
  hiddenFamilies: readonly string[];
  alertText: string;
  hiddenSeverities: readonly Severity[];
  /** Of alerts: crossings upward, or downward. */
  hiddenCrossings: readonly Crossing[];
  hiddenAlertTypes: readonly string[];
  /** Symbols of the current watchlist only, in both streams. */
  watchedOnly: boolean;
  universeText: string;
  universeView: UniverseView;
  heatMetric: HeatMetric;
  sorting: Sorting;
  /** Symbols of the current watchlist only, in the universe. */
  universeWatchedOnly: boolean;
}

export const WHOLE_VIEW: View = {
  symbol: null,
  tab: null,
  patternText: '',
  minimum: 0,
  hiddenDirections: [],
  hiddenFamilies: [],
  alertText: '',
  hiddenSeverities: [],
  hiddenCrossings: [],
  hiddenAlertTypes: [],
  watchedOnly: false,
  universeText: '',
  universeView: 'table',
  heatMetric: 'change',
  sorting: { by: 'symbol', descending: false },
  universeWatchedOnly: false,
};

const MAX_TEXT = 60;
const MAX_NAMES = 60;
const NONE = 'none';

/** How a part of the view stands in an address. */
interface Parameter<T> {
  readonly name: string;
  /** What the address says of it; `undefined` where that makes no sense. */
  read(values: string[]): T | undefined;
  write(value: T): string[];
}

const text = (name: string): Parameter<string> => ({
  name,
  read: ([value = '']) => value.slice(0, MAX_TEXT),
  write: (value) => [value.slice(0, MAX_TEXT)],
});

/** One of a few words. */
const word = <T extends string>(name: string, words: readonly T[]): Parameter<T> => ({
  name,
  read: ([value]) => words.find((known) => known === value),
  write: (value) => [value],
});

/** Names that are free, one parameter each. */
const names = (name: string): Parameter<readonly string[]> => ({
  name,
  read: (values) =>
    [...new Set(values.filter(Boolean).map((value) => value.slice(0, MAX_TEXT)))].slice(0, MAX_NAMES),
  write: (value) => value.slice(0, MAX_NAMES),
});

/** What is hidden of a few kinds; the address names those that are shown. */
const shown = <T extends string>(
  name: string,
  kinds: readonly T[],
  wordOf: (kind: T) => string = String,
): Parameter<readonly T[]> => ({
  name,
  read: (values) => {
    const named = kinds.filter((kind) => values.includes(wordOf(kind)));
    if (named.length === 0 && !values.includes(NONE)) return undefined;
    return kinds.filter((kind) => !named.includes(kind));
  },
  write: (hidden) => {
    const named = kinds.filter((kind) => !hidden.includes(kind)).map(wordOf);
    return named.length === 0 ? [NONE] : named;
  },
});

const symbol: Parameter<string | null> = {
  name: 'symbol',
  read: ([value = '']) => {
    const named = value.trim().toUpperCase();
    return isSymbol(named) ? named : undefined;
  },
  write: (value) => [value ?? ''],
};

/** In percent. */
const confidence: Parameter<number> = {
  name: 'confidence',
  read: ([value = '']) => (/^\d{1,3}$/.test(value) && Number(value) <= 100 ? Number(value) / 100 : undefined),
  write: (value) => [String(Math.round(value * 100))],
};

const yes = (name: string): Parameter<boolean> => ({
  name,
  read: ([value]) => (value === '1' ? true : undefined),
  write: () => ['1'],
});

/** `change`, or `-change` for a descending order. */
const sorting: Parameter<Sorting> = {
  name: 'sort',
  read: ([value = '']) => {
    const [, minus, by] = /^(-?)([A-Za-z0-9][A-Za-z0-9_.]{0,59})$/.exec(value) ?? [];
    return by === undefined ? undefined : { by, descending: minus === '-' };
  },
  write: ({ by, descending }) => [`${descending ? '-' : ''}${by}`],
};

const PARAMETERS: { readonly [K in keyof View]: Parameter<View[K]> } = {
  symbol,
  tab: word('tab', TABS) as Parameter<Tab | null>,
  patternText: text('patterns'),
  minimum: confidence,
  hiddenDirections: shown('direction', DIRECTIONS, (direction) => DIRECTION_WORDS[direction]),
  hiddenFamilies: names('without'),
  alertText: text('alerts'),
  hiddenSeverities: shown('severity', SEVERITIES),
  hiddenCrossings: shown('crossing', CROSSINGS),
  hiddenAlertTypes: names('hide'),
  watchedOnly: yes('watched'),
  universeText: text('universe'),
  universeView: word('view', UNIVERSE_VIEWS),
  heatMetric: word('heat', HEAT_METRICS),
  sorting,
  universeWatchedOnly: yes('universe-watched'),
};

const KEYS = Object.keys(PARAMETERS) as (keyof View)[];
/** These say where the reader is, not what is left out. */
const PLACES: readonly (keyof View)[] = ['symbol', 'tab'];

/** Whether an address says what is to be left out; one that does is the whole view, and what is remembered waits. */
export function choosesView(address: string): boolean {
  const { searchParams } = new URL(address);
  return KEYS.some((key) => !PLACES.includes(key) && searchParams.has(PARAMETERS[key].name));
}

/** The view that an address names; `otherwise` where it says nothing, or nothing that makes sense. */
export function readView(address: string, otherwise: View = WHOLE_VIEW): View {
  const { searchParams } = new URL(address);
  const view = { ...otherwise };
  for (const key of KEYS) readPart(view, key, searchParams);
  return view;
}

function readPart<K extends keyof View>(view: View, key: K, parameters: URLSearchParams): void {
  const { name, read } = PARAMETERS[key];
  if (!parameters.has(name)) return;
  const value = read(parameters.getAll(name));
  if (value !== undefined) view[key] = value;
}

/** An address with this view; what it says beside it stays. */
export function writeView(address: string, view: View): string {
  const url = new URL(address);
  for (const key of KEYS) writePart(url.searchParams, key, view);
  return url.href;
}

function writePart<K extends keyof View>(parameters: URLSearchParams, key: K, view: View): void {
  const { name, write } = PARAMETERS[key];
  parameters.delete(name);
  if (same(view[key], WHOLE_VIEW[key])) return;
  for (const value of write(view[key])) parameters.append(name, value);
}

/** The address to hand on. It says something of the view in any case, so that whoever opens it sees the same. */
export function linkTo(address: string, view: View): string {
  const link = writeView(address, view);
  if (choosesView(link)) return link;
  const url = new URL(link);
  for (const value of confidence.write(view.minimum)) url.searchParams.append(confidence.name, value);
  return url.href;
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** The panel that a phone shows. */
export function tabOf({ tab, symbol }: Pick<View, 'tab' | 'symbol'>): Tab {
  return tab ?? (symbol === null ? 'patterns' : 'symbol');
}
