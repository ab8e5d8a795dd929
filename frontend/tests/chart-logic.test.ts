import { describe, expect, it } from 'vitest';
import { NO_CATALOG } from '../src/live/catalog';
import { markersOf, occurrencesOf, patternOutline } from '../src/logic/occurrences';
import { instancesIn, plotsFor } from '../src/logic/plots';
import { asNewYork, wallText } from '../src/logic/time';
import { alert, at, catalogOf, entry, pattern, storedBar } from './samples';

describe('plots', () => {
  const DEFAULT = ['BB_20_2', 'MACD_12_26_9', 'RSI_14', 'SMA_20', 'SMA_200', 'SMA_50'];

  it('are averages by length, then bands, RSI and MACD', () => {
    const plots = plotsFor(DEFAULT);
    expect(plots.map(({ label }) => label)).toEqual([
      'SMA 20',
      'SMA 50',
      'SMA 200',
      'BB 20 2 upper',
      'lower',
      'RSI 14',
      'MACD 12 26 9',
      'signal',
      'hist',
    ]);
    expect(plots.map(({ pane }) => pane)).toEqual([
      ...Array(5).fill('price'),
      'RSI',
      ...Array(3).fill('MACD'),
    ]);
    expect(new Set(plots.map(({ id }) => id)).size).toBe(plots.length);
  });

  it('are not made of what no chart can draw', () => {
    expect(plotsFor(['OBV', 'ATR_14'])).toEqual([]);
  });

  it('give each average a look of its own', () => {
    const looks = plotsFor(['SMA_5', 'EMA_9', 'SMA_20', 'SMA_50']).map(({ look }) => look);
    expect(new Set(looks).size).toBe(4);
  });

  it('read the MACD line as the sum of its parts, which the tables do not round', () => {
    const bar = storedBar(0, {
      indicators: { MACD_12_26_9: { value: 0.0012, signal: 0.0005, histogram: 0.00073 } },
    });
    expect(plotsFor(['MACD_12_26_9'])[0]?.value(bar)).toBeCloseTo(0.00123, 9);
    const bare = storedBar(0, { indicators: { MACD_12_26_9: { value: 0.5 } } });
    expect(plotsFor(['MACD_12_26_9'])[0]?.value(bare)).toBe(0.5);
  });

  it('have no value where there is none', () => {
    const bar = storedBar(0, { indicators: { BB_20_2: { value: 1, upper: null } } });
    expect(plotsFor(['BB_20_2']).map((plot) => plot.value(bar))).toEqual([null, null]);
  });

  it('follow from the instances on the bars', () => {
    const bars = [storedBar(0, { indicators: { RSI_14: { value: 1 } } }), storedBar(1)];
    expect([...instancesIn(bars)]).toEqual(['RSI_14']);
  });
});

describe('occurrences', () => {
  const catalog = catalogOf([entry('BearishEngulfing', { title: 'Bearish engulfing', bars: 2 })]);

  it('name the bar that closed when they happened, and those before it', () => {
    const found = pattern('a', { pattern_type: 'BearishEngulfing', timestamp: at(46) });
    expect(patternOutline(catalog, found)).toEqual({ key: 'a', minute: at(45), bars: 2 });
    expect(patternOutline(NO_CATALOG, found).bars).toBe(1);
  });

  it('stand in the list once, newest first, patterns before alerts', () => {
    const doji = pattern('a', { timestamp: at(2) });
    const list = occurrencesOf(
      NO_CATALOG,
      [doji, pattern('b', { timestamp: at(5) }), doji],
      [alert({ timestamp: at(5) }), alert({ timestamp: at(3) }), alert({ timestamp: at(5) })],
    );
    expect(list.map(({ kind, timestamp }) => [kind, timestamp])).toEqual([
      ['pattern', at(5)],
      ['alert', at(5)],
      ['alert', at(3)],
      ['pattern', at(2)],
    ]);
  });

  it('are one marker for a bar, kind and direction, on bars that are there, oldest first', () => {
    const list = occurrencesOf(
      NO_CATALOG,
      [
        pattern('a', { pattern_type: 'BullishHarami', timestamp: at(5) }),
        pattern('b', { pattern_type: 'BullishEngulfing', timestamp: at(5) }),
        pattern('c', { pattern_type: 'BearishHarami', timestamp: at(3) }),
        pattern('d', { timestamp: at(99) }),
      ],
      [alert({ timestamp: at(5) })],
    );
    expect(markersOf(list, (minute) => minute < at(50))).toEqual([
      { minute: at(2), kind: 'pattern', direction: 'down' },
      { minute: at(4), kind: 'pattern', direction: 'up' },
      { minute: at(4), kind: 'alert', direction: 'up' },
    ]);
  });
});

describe('time on a chart', () => {
  it('is the clock of New York, in summer and in winter', () => {
    expect(wallText(asNewYork(Date.parse('2025-10-06T13:30:00.000Z')))).toBe('Mon, Oct 6, 09:30');
    expect(wallText(asNewYork(Date.parse('2025-11-03T14:30:00.000Z')))).toBe('Mon, Nov 3, 09:30');
    expect(wallText(asNewYork(Date.parse('2025-11-04T00:59:00.000Z')))).toBe('Mon, Nov 3, 19:59');
  });
});
