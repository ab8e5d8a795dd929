import type { SymbolState } from '../live/store';
import { CHANGE, type Column } from './columns';

export interface Sorting {
  /** `symbol`, `price`, `change` or an indicator instance. */
  by: string;
  descending: boolean;
}

/** Minutes behind the newest bar from which on a symbol's values are stale. */
export const STALE_MINUTES = 3;

/** How many minutes a symbol's bar is behind the newest one; 0 where either is unknown. */
export function minutesBehind(minute: string | null, newest: string | null): number {
  if (minute === null || newest === null) return 0;
  const behind = (Date.parse(newest) - Date.parse(minute)) / 60_000;
  return Number.isFinite(behind) ? Math.max(0, Math.round(behind)) : 0;
}

/** The minute before which a symbol's newest bar is stale, to be compared as text; `null` where that is not known. */
export function staleBefore(newest: string | null): string | null {
  const moment = Date.parse(newest ?? '');
  return Number.isNaN(moment) ? null : new Date(moment - (STALE_MINUTES - 1) * 60_000).toISOString();
}

/** The symbols that begin with or contain `filter`, in the order of `sorting`; unknown values always last. */
export function arrange(
  symbols: ReadonlyMap<string, SymbolState>,
  columns: readonly Column[],
  filter: string,
  sorting: Sorting,
): string[] {
  const wanted = filter.trim().toUpperCase();
  const shown = [...symbols.values()].filter((state) => state.symbol.includes(wanted));
  const value = sortValue(columns, sorting.by);
  const sign = sorting.descending ? -1 : 1;
  const byName = (a: SymbolState, b: SymbolState) => (a.symbol < b.symbol ? -1 : 1);
  if (value === null) return shown.sort((a, b) => sign * byName(a, b)).map((state) => state.symbol);
  const keyed = shown.map((state) => ({ state, key: value(state) }));
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null)
      return a.key === b.key ? byName(a.state, b.state) : a.key === null ? 1 : -1;
    return sign * (a.key - b.key) || byName(a.state, b.state);
  });
  return keyed.map(({ state }) => state.symbol);
}

function sortValue(columns: readonly Column[], by: string): ((state: SymbolState) => number | null) | null {
  if (by === 'price') return (state) => state.close;
  if (by === CHANGE.id) return CHANGE.value;
  const column = columns.find(({ id }) => id === by);
  return column ? column.value : null;
}

/** A click on a column's head: the other direction, or this column with its natural direction first. */
export function nextSorting(current: Sorting, by: string): Sorting {
  if (current.by === by) return { by, descending: !current.descending };
  return { by, descending: by !== 'symbol' };
}
