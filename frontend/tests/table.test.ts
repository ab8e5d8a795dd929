import { describe, expect, it } from 'vitest';
import { CHANGE, columnsFor } from '../src/logic/columns';
import { arrange, minutesBehind, nextSorting, STALE_MINUTES, staleBefore } from '../src/logic/table';
import { symbolState } from './samples';

const DEFAULT = ['BB_20_2', 'SMA_200', 'MACD_12_26_9', 'SMA_20', 'RSI_14', 'SMA_50'];

function column(instance: string) {
  const [found] = columnsFor([instance]);
  if (!found) throw new Error(instance);
  return found;
}

describe('the columns', () => {
  it('come from the instances that arrive, in one order whatever order they arrive in', () => {
    const expected = ['RSI_14', 'SMA_20', 'SMA_50', 'SMA_200', 'MACD_12_26_9', 'BB_20_2'];
    expect(columnsFor(DEFAULT).map(({ id }) => id)).toEqual(expected);
    expect(columnsFor([...DEFAULT].reverse()).map(({ id }) => id)).toEqual(expected);
  });

  it('of an indicator nobody has heard of shows its value', () => {
    const unknown = column('ULTOSC_7_14_28');
    expect([unknown.title, unknown.parameters]).toEqual(['ULTOSC', '7 14 28']);
    const state = symbolState('A', { indicators: new Map([['ULTOSC_7_14_28', { value: 0.012345 }]]) });
    expect(unknown.text(unknown.value(state))).toBe('0.01235');
  });

  it.each(['RSI_14', 'SMA_20', 'MACD_12_26_9', 'BB_20_2', 'X', '', '_'])(
    '%j say nothing of a symbol without values',
    (instance) => {
      const blank = column(instance);
      expect(blank.value(symbolState('A'))).toBeNull();
      expect(blank.text(null)).toBe('–');
      expect(blank.tone(null)).toBe('plain');
    },
  );

  it('mark RSI beyond 70 and 30, not at them', () => {
    expect([70, 70.1, 30, 29.9].map(column('RSI_14').tone)).toEqual(['plain', 'high', 'plain', 'low']);
  });

  it('show an average as the distance of the price from it', () => {
    const state = symbolState('A', { close: 102, indicators: new Map([['SMA_20', { value: 100 }]]) });
    const average = column('SMA_20');
    expect(average.text(average.value(state))).toBe('+2.00%');
    expect(average.tone(average.value(state))).toBe('above');
  });

  it('show %B as sent, or compute it from the bands', () => {
    const bands = column('BB_20_2');
    const sent = symbolState('A', { indicators: new Map([['BB_20_2', { value: 10, percent_b: 0.25 }]]) });
    const computed = symbolState('A', {
      close: 11,
      indicators: new Map([['BB_20_2', { value: 10, upper: 12, lower: 8 }]]),
    });
    const flat = symbolState('A', {
      close: 10,
      indicators: new Map([['BB_20_2', { value: 10, upper: 10, lower: 10 }]]),
    });
    expect([sent, computed, flat].map(bands.value)).toEqual([0.25, 0.75, null]);
  });

  it('colour what is shown: a change that rounds to nothing has no side', () => {
    expect(column('MACD_12_26_9').tone(0.0004)).toBe('plain');
    expect(CHANGE.tone(-0.004)).toBe('plain');
    expect(CHANGE.tone(-0.006)).toBe('down');
  });
});

describe('the order of the table', () => {
  const symbols = new Map(
    [
      symbolState('MSFT', { close: 3, firstOpen: 4 }),
      symbolState('AAPL', { close: 2, firstOpen: 1 }),
      symbolState('NEW'),
      symbolState('AMD', { close: 3, firstOpen: 1 }),
    ].map((state) => [state.symbol, state]),
  );

  it('is by name, both ways', () => {
    expect(arrange(symbols, [], '', { by: 'symbol', descending: false })).toEqual([
      'AAPL',
      'AMD',
      'MSFT',
      'NEW',
    ]);
    expect(arrange(symbols, [], '', { by: 'symbol', descending: true })).toEqual([
      'NEW',
      'MSFT',
      'AMD',
      'AAPL',
    ]);
  });

  it('puts unknown values last either way, and breaks ties by name', () => {
    expect(arrange(symbols, [], '', { by: 'price', descending: false })).toEqual([
      'AAPL',
      'AMD',
      'MSFT',
      'NEW',
    ]);
    expect(arrange(symbols, [], '', { by: 'price', descending: true })).toEqual([
      'AMD',
      'MSFT',
      'AAPL',
      'NEW',
    ]);
    expect(arrange(symbols, [], '', { by: 'change', descending: true })).toEqual([
      'AMD',
      'AAPL',
      'MSFT',
      'NEW',
    ]);
  });

  it('falls back to the name when its column is gone', () => {
    expect(arrange(symbols, [], '', { by: 'RSI_9', descending: false })[0]).toBe('AAPL');
  });

  it('finds symbols in any letter case', () => {
    expect(arrange(symbols, [], ' am', { by: 'symbol', descending: false })).toEqual(['AMD']);
  });

  it('turns with a second click, and begins with the largest', () => {
    const first = nextSorting({ by: 'symbol', descending: false }, 'RSI_14');
    expect(first).toEqual({ by: 'RSI_14', descending: true });
    expect(nextSorting(first, 'RSI_14').descending).toBe(false);
    expect(nextSorting(first, 'symbol').descending).toBe(false);
  });
});

it('measures staleness against the newest bar', () => {
  const at = (minute: number) => `2025-10-06T14:${minute}:00.000Z`;
  expect(minutesBehind(at(11), at(15))).toBe(4);
  expect(minutesBehind(at(15), at(15))).toBe(0);
  expect(minutesBehind(at(16), at(15))).toBe(0);
  expect(minutesBehind(null, at(15))).toBe(0);
});

it('knows which minutes are stale without reckoning with each', () => {
  const at = (minute: number) => `2025-10-06T14:${minute}:00.000Z`;
  const limit = staleBefore(at(15)) ?? '';
  for (const minute of [10, 11, 12, 13, 14, 15])
    expect(at(minute) < limit).toBe(minutesBehind(at(minute), at(15)) >= STALE_MINUTES);
  expect(staleBefore(null)).toBeNull();
});
