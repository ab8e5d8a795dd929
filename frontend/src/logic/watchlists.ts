// Lists of symbols that the reader watches. One of them is the current one: what a star adds to.

import { isSymbol } from './symbols';

export interface Watchlist {
  readonly name: string;
  /** In the order in which they were added. */
  readonly symbols: readonly string[];
}

/** All lists, never none, and the name of the current one. */
export interface Watchlists {
  readonly lists: readonly Watchlist[];
  readonly current: string;
}

export const FIRST_NAME = 'Watchlist';
export const NO_WATCHLISTS: Watchlists = {
  lists: [{ name: FIRST_NAME, symbols: [] }],
  current: FIRST_NAME,
};

export const MAX_LISTS = 20;
export const MAX_SYMBOLS = 1_000;
export const MAX_NAME = 30;

/** The list of a name, in any letter case; the current one where no name is given. */
export function listOf(state: Watchlists, name: string | null = null): Watchlist | undefined {
  const wanted = (name ?? state.current).toLowerCase();
  return state.lists.find((list) => list.name.toLowerCase() === wanted);
}

/** A symbol goes into the current list, or out of it. A full list takes no more. */
export function toggled(state: Watchlists, symbol: string): Watchlists {
  return changed(state, (symbols) =>
    symbols.includes(symbol) ? symbols.filter((other) => other !== symbol) : [...symbols, symbol],
  );
}

/** The current list with all symbols of a text, in capitals: `aapl, brk.b NVDA`. */
export function withSymbolsOf(state: Watchlists, text: string): Watchlists {
  return changed(state, (symbols) => [...new Set([...symbols, ...symbolsIn(text)])]);
}

/** The symbols that a text names, each once; words that cannot be symbols are passed over. */
export function symbolsIn(text: string): string[] {
  const words = text.toUpperCase().split(/[\s,;]+/);
  return [...new Set(words.filter(isSymbol))];
}

function changed(state: Watchlists, by: (symbols: readonly string[]) => string[]): Watchlists {
  const current = listOf(state);
  const lists = state.lists.map((list) =>
    list === current ? { ...list, symbols: by(list.symbols).slice(0, MAX_SYMBOLS) } : list,
  );
  return { ...state, lists };
}

/**
 * Why a list cannot be called so, in a sentence; `null` where it can.
 *
 * @param except the list's present name, where it is to be renamed
 */
export function problemWith(state: Watchlists, name: string, except: string | null = null): string | null {
  const wanted = name.trim();
  if (wanted === '') return 'Give the list a name.';
  if (wanted.length > MAX_NAME)
    return `Names have at most ${MAX_NAME} letters; this one has ${wanted.length}.`;
  if (except === null && state.lists.length >= MAX_LISTS)
    return `There are ${MAX_LISTS} lists, and no more can be made; delete one first.`;
  const taken = listOf(state, wanted);
  if (taken !== undefined && taken.name !== except)
    return `There is a list “${taken.name}” already; choose another name.`;
  return null;
}

/** With a new, empty list, which becomes the current one; the same where the name will not do. */
export function created(state: Watchlists, name: string): Watchlists {
  if (problemWith(state, name) !== null) return state;
  return { lists: [...state.lists, { name: name.trim(), symbols: [] }], current: name.trim() };
}

/** With another name for a list; the same where the name will not do. */
export function renamed(state: Watchlists, from: string, to: string): Watchlists {
  if (problemWith(state, to, from) !== null) return state;
  const name = to.trim();
  return {
    lists: state.lists.map((list) => (list.name === from ? { ...list, name } : list)),
    current: state.current === from ? name : state.current,
  };
}

/** Without a list. The last one leaves an empty one behind. */
export function deleted(state: Watchlists, name: string): Watchlists {
  const lists = state.lists.filter((list) => list.name !== name);
  const [first] = lists;
  if (first === undefined) return NO_WATCHLISTS;
  return { lists, current: state.current === name ? first.name : state.current };
}

/** With another current list; the same where there is none of the name. */
export function chosen(state: Watchlists, name: string): Watchlists {
  const list = listOf(state, name);
  return list === undefined ? state : { ...state, current: list.name };
}

/** Read back what was stored as JSON; `null` where it is of no use. What is wrong in it is left out. */
export function readWatchlists(text: string): Watchlists | null {
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof stored !== 'object' || stored === null) return null;
  const { lists, current } = stored as { lists?: unknown; current?: unknown };
  if (!Array.isArray(lists)) return null;
  let state: Watchlists = { lists: [], current: '' };
  for (const list of lists as unknown[]) {
    if (typeof list !== 'object' || list === null) continue;
    const { name, symbols } = list as { name?: unknown; symbols?: unknown };
    if (typeof name !== 'string' || !Array.isArray(symbols) || problemWith(state, name) !== null) continue;
    const usable = symbols.filter((symbol): symbol is string => typeof symbol === 'string');
    state = withSymbolsOf(created(state, name), usable.join(' '));
  }
  const [first] = state.lists;
  if (first === undefined) return null;
  return chosen({ ...state, current: first.name }, typeof current === 'string' ? current : '');
}
