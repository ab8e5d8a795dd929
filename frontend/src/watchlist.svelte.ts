import { follow, recall, remember } from './logic/preferences';
import {
  chosen,
  created,
  deleted,
  listOf,
  NO_WATCHLISTS,
  problemWith,
  readWatchlists,
  renamed,
  toggled,
  withSymbolsOf,
  type Watchlist,
  type Watchlists,
} from './logic/watchlists';

const NAME = 'watchlists';

/** The reader's watchlists. Remembered for the next visit, and the same in all tabs of the page. */
class WatchlistStore {
  private state = $state.raw(recall(NAME, readWatchlists, NO_WATCHLISTS));
  private readonly watched = $derived(new Set(listOf(this.state)?.symbols));

  constructor() {
    follow(NAME, (text) => {
      this.state = (text === null ? null : readWatchlists(text)) ?? NO_WATCHLISTS;
    });
  }

  /** Whether a symbol is in the current list. */
  has(symbol: string): boolean {
    return this.watched.has(symbol);
  }

  /** Into the current list, or out of it. */
  toggle(symbol: string): void {
    this.change((state) => toggled(state, symbol));
  }

  /** The current list's symbols, in the order in which they were added. */
  get symbols(): readonly string[] {
    return listOf(this.state)?.symbols ?? [];
  }

  /** All of it, for pure functions. */
  get all(): Watchlists {
    return this.state;
  }

  get lists(): readonly Watchlist[] {
    return this.state.lists;
  }

  /** The name of the current list; setting one that there is none of changes nothing. */
  get current(): string {
    return this.state.current;
  }

  set current(name: string) {
    this.change((state) => chosen(state, name));
  }

  /** The symbols of a list by its name; none where there is no such list. */
  symbolsOf(name: string): readonly string[] {
    return listOf(this.state, name)?.symbols ?? [];
  }

  /** Add all symbols of a text to the current list: `AAPL, NVDA`. */
  add(text: string): void {
    this.change((state) => withSymbolsOf(state, text));
  }

  /** Why a list cannot be called so; `null` where it can. `except` is its present name where it is renamed. */
  problemWith(name: string, except: string | null = null): string | null {
    return problemWith(this.state, name, except);
  }

  create(name: string): void {
    this.change((state) => created(state, name));
  }

  rename(from: string, to: string): void {
    this.change((state) => renamed(state, from, to));
  }

  delete(name: string): void {
    this.change((state) => deleted(state, name));
  }

  private change(by: (state: Watchlists) => Watchlists): void {
    this.state = by(this.state);
    remember(NAME, JSON.stringify(this.state));
  }
}

export const watchlist = new WatchlistStore();
