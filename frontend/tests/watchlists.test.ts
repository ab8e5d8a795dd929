import { describe, expect, it } from 'vitest';
import {
  chosen,
  created,
  deleted,
  listOf,
  MAX_LISTS,
  MAX_NAME,
  MAX_SYMBOLS,
  NO_WATCHLISTS,
  problemWith,
  readWatchlists,
  renamed,
  symbolsIn,
  toggled,
  withSymbolsOf,
} from '../src/logic/watchlists';

const tech = toggled(created(NO_WATCHLISTS, 'Tech'), 'NVDA');

describe('watchlists', () => {
  it('begin with one that is empty', () => {
    expect(NO_WATCHLISTS.lists).toEqual([{ name: 'Watchlist', symbols: [] }]);
    expect(listOf(NO_WATCHLISTS)?.symbols).toEqual([]);
  });

  it('a symbol goes into the current list and out of it; the others stay', () => {
    expect(tech.lists.map(({ symbols }) => symbols)).toEqual([[], ['NVDA']]);
    expect(listOf(toggled(tech, 'AAPL'))?.symbols).toEqual(['NVDA', 'AAPL']);
    expect(listOf(toggled(tech, 'NVDA'))?.symbols).toEqual([]);
    expect(toggled(chosen(tech, 'Watchlist'), 'AAPL').lists.map(({ symbols }) => symbols)).toEqual([
      ['AAPL'],
      ['NVDA'],
    ]);
  });

  it('a full list takes no more', () => {
    const full = withSymbolsOf(
      NO_WATCHLISTS,
      Array.from({ length: MAX_SYMBOLS }, (_, n) => `S${n}`).join(' '),
    );
    expect(listOf(full)?.symbols).toHaveLength(MAX_SYMBOLS);
    expect(listOf(toggled(full, 'ZZZ'))?.symbols).toEqual(listOf(full)?.symbols);
  });

  it('symbols are read from text: in capitals, each once, nothing that cannot be one', () => {
    expect(symbolsIn('aapl, BRK.B;\nnvda NVDA <b> TOOLONGASYMBOL')).toEqual(['AAPL', 'BRK.B', 'NVDA']);
    expect(listOf(withSymbolsOf(tech, 'aapl nvda'))?.symbols).toEqual(['NVDA', 'AAPL']);
  });

  it('a new list is the current one', () => {
    expect(created(tech, '  Banks ')).toMatchObject({ current: 'Banks' });
    expect(listOf(created(tech, 'Banks'))?.symbols).toEqual([]);
  });

  it('a name that will not do changes nothing and is told why', () => {
    expect(problemWith(tech, ' ')).toBe('Give the list a name.');
    expect(problemWith(tech, 'x'.repeat(MAX_NAME + 1))).toContain(`at most ${MAX_NAME} letters`);
    expect(problemWith(tech, 'tech')).toBe('There is a list “Tech” already; choose another name.');
    expect(created(tech, 'TECH')).toBe(tech);
    const many = Array.from({ length: MAX_LISTS }).reduce<typeof tech>(
      (lists, _, n) => created(lists, `L${n}`),
      tech,
    );
    expect(many.lists).toHaveLength(MAX_LISTS);
    expect(problemWith(many, 'One more')).toContain('delete one first');
    expect(problemWith(many, 'One more', 'Tech')).toBeNull();
  });

  it('a list is renamed, also in letter case only', () => {
    expect(renamed(tech, 'Tech', 'TECH')).toMatchObject({ current: 'TECH' });
    expect(renamed(tech, 'Watchlist', 'Old').current).toBe('Tech');
    expect(renamed(tech, 'Tech', 'watchlist')).toBe(tech);
  });

  it('another list takes the place of a deleted one, and an empty one that of the last', () => {
    expect(deleted(tech, 'Tech')).toEqual(NO_WATCHLISTS);
    expect(deleted(tech, 'Watchlist')).toMatchObject({ lists: [{ name: 'Tech' }], current: 'Tech' });
    expect(deleted(deleted(tech, 'Tech'), 'Watchlist')).toBe(NO_WATCHLISTS);
  });

  it('one that is not there cannot be chosen', () => {
    expect(chosen(tech, 'Banks')).toBe(tech);
    expect(chosen(tech, 'watchlist').current).toBe('Watchlist');
  });
});

describe('stored watchlists', () => {
  it('are read as they were', () => {
    expect(readWatchlists(JSON.stringify(tech))).toEqual(tech);
    const other = chosen(tech, 'Watchlist');
    expect(readWatchlists(JSON.stringify(other))).toEqual(other);
  });

  it('are of no use where they are not lists', () => {
    for (const text of [
      '',
      'x',
      '1',
      'null',
      '[]',
      '{}',
      '{"lists":{}}',
      '{"lists":[]}',
      '{"lists":[{"name":1}]}',
    ])
      expect(readWatchlists(text)).toBeNull();
  });

  it('lose what is wrong in them, and keep the rest', () => {
    const stored = {
      lists: [
        null,
        { name: 'A', symbols: ['NVDA', 'NVDA', 7, '=1+1', 'aapl'] },
        { name: 'B', symbols: [] },
        { name: 'a', symbols: ['MSFT'] },
        { name: 'C', symbols: 'NVDA' },
      ],
      current: 'gone',
    };
    expect(readWatchlists(JSON.stringify(stored))).toEqual({
      lists: [
        { name: 'A', symbols: ['NVDA', 'AAPL'] },
        { name: 'B', symbols: [] },
      ],
      current: 'A',
    });
  });
});
