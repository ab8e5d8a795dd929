import { describe, expect, it } from 'vitest';
import { NO_CATALOG } from '../src/live/catalog';
import { Ring } from '../src/live/ring';
import type { Numbered } from '../src/live/store';
import {
  alertFilter,
  marginShare,
  patternFilter,
  viewOf,
  type AlertWishes,
  type PatternWishes,
} from '../src/logic/streams';
import { alert, catalogOf, entry, pattern } from './samples';

function ringOf(...items: number[]): Ring<Numbered<number>> {
  const ring = new Ring<Numbered<number>>(5);
  items.forEach((item, n) => ring.push({ n, item }));
  return ring;
}

const all = () => true;
const even = (item: number) => item % 2 === 0;

describe('the view of a stream', () => {
  it('is newest first and says how many the filter hides', () => {
    const view = viewOf(ringOf(1, 2, 3, 4, 5), even, null);
    expect(view.rows.map(({ item }) => item)).toEqual([4, 2]);
    expect(view.hidden).toBe(3);
    expect(view.waiting).toBe(0);
  });

  it('stands still while held, and counts what would be shown of the new', () => {
    const ring = ringOf(1, 2);
    const held = ring.toNewestFirst();
    for (let n = 2; n < 6; n++) ring.push({ n, item: n + 1 });
    const view = viewOf(ring, even, held);
    expect(view.rows.map(({ item }) => item)).toEqual([2]);
    expect(view.hidden).toBe(1);
    expect(view.waiting).toBe(2);
  });

  it('held counts nothing as new that it has, wherever it stands', () => {
    const held = [1, 7, 0].map((n) => ({ n, item: n }));
    expect(viewOf({ toNewestFirst: () => held }, all, held).waiting).toBe(0);
  });

  it('held while it was empty counts everything as new', () => {
    expect(viewOf(ringOf(1, 2), all, [])).toMatchObject({ rows: [], waiting: 2 });
  });

  it('held keeps its rows even when the ring has forgotten them', () => {
    const ring = ringOf(1, 2);
    const held = ring.toNewestFirst();
    for (let n = 2; n < 100; n++) ring.push({ n, item: n });
    expect(viewOf(ring, all, held).rows.map(({ item }) => item)).toEqual([2, 1]);
  });
});

const anything: PatternWishes = { text: '', minimum: 0, hiddenDirections: [], hiddenFamilies: [] };

describe('the filter of patterns', () => {
  const catalog = catalogOf([
    entry('BullishEngulfing', { direction: 'bullish', title: 'Engulfing line', family: 'Engulfing' }),
    entry('Doji', { family: 'Doji' }),
  ]);
  const engulfing = pattern('a');
  const doji = pattern('b', { pattern_type: 'Doji' });
  const unknown = pattern('c', { pattern_type: 'BearishNovelty' });
  const shown = (wishes: Partial<PatternWishes>, from = catalog) =>
    [engulfing, doji, unknown]
      .filter(patternFilter({ ...anything, ...wishes }, from))
      .map(({ metadata }) => metadata.pattern_id)
      .join('');

  it('hides whole families, but never what the catalog does not know', () => {
    expect(shown({ hiddenFamilies: ['Engulfing'] })).toBe('bc');
    expect(shown({ hiddenFamilies: ['Engulfing', 'Doji', 'undefined', ''] })).toBe('c');
    expect(shown({ hiddenFamilies: ['Engulfing'] }, NO_CATALOG)).toBe('abc');
  });

  it('hides directions: as the catalog reads a pattern, else as its name does', () => {
    expect(shown({ hiddenDirections: ['up'] })).toBe('bc');
    expect(shown({ hiddenDirections: ['down'] })).toBe('ab');
    expect(shown({ hiddenDirections: ['neutral'] })).toBe('ac');
    expect(shown({ hiddenDirections: ['neutral'] }, NO_CATALOG)).toBe('ac');
  });

  it.each([
    ['line', true],
    ['nvda line', true],
    ['engulfing line bullish', true],
    ['reversal', false],
  ])('finds title, family and direction: %s: %s', (filter, found) => {
    expect(patternFilter({ ...anything, text: filter }, catalog)(engulfing)).toBe(found);
  });

  it('lets the threshold itself through', () => {
    const clear = patternFilter({ ...anything, minimum: 0.85 }, NO_CATALOG);
    expect(clear(pattern('a', { confidence: 0.85 }))).toBe(true);
    expect(clear(pattern('a', { confidence: 0.8499 }))).toBe(false);
  });

  it.each([
    ['nvda', true],
    ['engulf', true],
    ['bullish engulfing', true],
    ['BullishEngulfing', true],
    ['nvda bullish', true],
    ['bullish nvda', true],
    ['aapl', false],
    ['nvda hammer', false],
    ['  ', true],
  ])('%s: %s', (filter, shown) =>
    expect(patternFilter({ ...anything, text: filter }, NO_CATALOG)(pattern('a'))).toBe(shown),
  );
});

const anyAlert: AlertWishes = { text: '', hiddenSeverities: [], hiddenCrossings: [], hiddenTypes: [] };

describe('the filter of alerts', () => {
  it.each([
    ['aapl', true],
    ['rsi', true],
    ['over 70', true],
    ['RSI_OVERBOUGHT', true],
    ['warning', true],
    ['macd', false],
    ['rest', false],
  ])('%s: %s', (filter, shown) =>
    expect(alertFilter({ ...anyAlert, text: filter }, NO_CATALOG)(alert())).toBe(shown),
  );

  const shown = (wishes: Partial<AlertWishes>, item = alert()) =>
    alertFilter({ ...anyAlert, ...wishes }, NO_CATALOG)(item);

  it('hides severities, but never one that it does not know', () => {
    expect(shown({ hiddenSeverities: ['warning'] })).toBe(false);
    expect(shown({ hiddenSeverities: ['info', 'critical'] })).toBe(true);
    expect(shown({ hiddenSeverities: ['info', 'warning', 'critical'] }, alert({ severity: 'novel' }))).toBe(
      true,
    );
  });

  it('hides types, and crossings of one direction', () => {
    expect(shown({ hiddenTypes: ['RSI_OVERBOUGHT'] })).toBe(false);
    expect(shown({ hiddenTypes: ['RSI_OVERSOLD'] })).toBe(true);
    expect(shown({ hiddenCrossings: ['up'] })).toBe(false);
    expect(shown({ hiddenCrossings: ['down'] })).toBe(true);
    expect(shown({ hiddenCrossings: ['down'], text: 'macd' })).toBe(false);
  });

  it('finds what the catalog makes of them', () => {
    const meaning = 'Due for a rest.';
    const catalog = catalogOf([], [{ alert_type: 'RSI_OVERBOUGHT', direction: 'above', meaning }]);
    expect(alertFilter({ ...anyAlert, text: 'rest' }, catalog)(alert())).toBe(true);
  });
});

describe('both filters', () => {
  it('leave out the symbols that are not wanted', () => {
    const watched = (symbol: string) => symbol === 'NVDA';
    expect(patternFilter(anything, NO_CATALOG, watched)(pattern('a'))).toBe(true);
    expect(patternFilter(anything, NO_CATALOG, watched)(pattern('a', { symbol: 'AAPL' }))).toBe(false);
    expect(alertFilter(anyAlert, NO_CATALOG, watched)(alert())).toBe(false);
    expect(alertFilter(anyAlert, NO_CATALOG, watched)(alert({ symbol: 'NVDA' }))).toBe(true);
  });
});

it('draws any margin within its bar, larger ones longer', () => {
  const shares = [0, 0.1, 1, 10, 1e9, Infinity].map(marginShare);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect(Math.max(...shares)).toBeLessThanOrEqual(1);
  expect(marginShare(-1)).toBe(marginShare(1));
});
