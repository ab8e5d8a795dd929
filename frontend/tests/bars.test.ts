import { describe, expect, it } from 'vitest';
import { BarSeries } from '../src/logic/bars';
import { at, storedBar, livePatch } from './samples';

function minutesOf(series: BarSeries): string[] {
  return series.bars.map(({ minute }) => minute.slice(11, 16));
}

describe('a series of bars', () => {
  it('puts what arrives behind what was stored, each minute once', () => {
    const series = new BarSeries();
    series.takeLive(livePatch(3));
    series.mergeStored([storedBar(0), storedBar(1), storedBar(2), storedBar(3)]);
    expect(series.takeLive(livePatch(3))).toBe('newest');
    expect(series.takeLive(livePatch(4))).toBe('newest');
    expect(minutesOf(series)).toEqual(['13:30', '13:31', '13:32', '13:33', '13:34']);
    expect(series.gapAfter).toBeNull();
  });

  it('joins pages in any order', () => {
    const series = new BarSeries();
    series.mergeStored([storedBar(4), storedBar(5)]);
    series.mergeStored([storedBar(0), storedBar(2)]);
    series.mergeStored([storedBar(2), storedBar(4)]);
    expect(minutesOf(series)).toEqual(['13:30', '13:32', '13:34', '13:35']);
  });

  it('takes what the tables say of a minute, and what they do not say from the stream', () => {
    const series = new BarSeries();
    series.takeLive(livePatch(0, { close: 9, indicators: { RSI_14: { value: 1 }, SMA_20: { value: 2 } } }));
    series.mergeStored([storedBar(0, { close: 10, indicators: { RSI_14: { value: 50 } } })]);
    expect(series.newest).toMatchObject({
      close: 10,
      indicators: { RSI_14: { value: 50 }, SMA_20: { value: 2 } },
    });
  });

  it('adds indicators that come after their bar to that bar', () => {
    const series = new BarSeries();
    series.mergeStored([storedBar(0)]);
    series.takeLive(livePatch(1));
    expect(series.takeLive({ indicators: { RSI_14: { value: 61 } } })).toBe('newest');
    expect(series.bars.map(({ indicators }) => indicators)).toEqual([{}, { RSI_14: { value: 61 } }]);
  });

  it('gives indicators of no known bar to none', () => {
    const series = new BarSeries();
    series.mergeStored([storedBar(0)]);
    expect(series.takeLive({ indicators: { RSI_14: { value: 61 } } })).toBe('none');
    expect(series.takeLive({ first_open: 3 })).toBe('none');
    expect(series.newest?.indicators).toEqual({});
  });

  it('finds where a minute may have been missed', () => {
    const series = new BarSeries();
    series.mergeStored([storedBar(0)]);
    series.takeLive(livePatch(1));
    expect(series.gapAfter).toBeNull();
    series.takeLive(livePatch(3));
    series.takeLive(livePatch(4));
    series.takeLive(livePatch(6));
    expect(series.gapAfter).toBe(at(1));
  });

  it('knows that a minute without a trade is no gap once the tables have answered a later one', () => {
    const series = new BarSeries();
    series.mergeStored([storedBar(0), storedBar(5)]);
    series.takeLive(livePatch(6));
    expect(series.gapAfter).toBeNull();
    series.takeLive(livePatch(9));
    expect(series.gapAfter).toBe(at(6));
    series.mergeStored([storedBar(6), storedBar(9)]);
    expect(series.gapAfter).toBeNull();
  });

  it('puts a bar that comes late in its place', () => {
    const series = new BarSeries();
    series.mergeStored([storedBar(0), storedBar(4)]);
    expect(series.takeLive(livePatch(2))).toBe('all');
    expect(series.takeLive(livePatch(2, { close: 7 }))).toBe('all');
    expect(minutesOf(series)).toEqual(['13:30', '13:32', '13:34']);
    expect(series.bars[1]?.close).toBe(7);
  });

  it('never changes a bar that it has given out', () => {
    const series = new BarSeries();
    series.takeLive(livePatch(0));
    const before = series.newest;
    series.takeLive({ indicators: { RSI_14: { value: 61 } } });
    expect(before?.indicators).toEqual({});
    expect(series.newest).not.toBe(before);
  });
});

describe('a bar that is not over', () => {
  const at = (minute: number) => `2025-10-06T14:${minute}:00.000Z`;
  const ohlc = (close: number): [number, number, number, number, number] => [10, 12, 9, close, 100];

  it('stands behind the sealed ones until it is sealed itself', () => {
    const series = new BarSeries();
    series.takeLive({ minute: at(15), bar: ohlc(11), indicators: { RSI_14: { value: 50 } } });
    expect(series.takeLive({ forming: ohlc(10), forming_minute: at(16) })).toBe('newest');
    expect(series.takeLive({ forming: ohlc(9), forming_minute: at(16) })).toBe('newest');
    expect(series.forming).toMatchObject({ minute: at(16), close: 9, forming: true });
    expect(series.bars).toHaveLength(1);
    expect(series.takeLive({ minute: at(16), bar: ohlc(12) })).toBe('newest');
    expect(series.forming).toBeNull();
    expect(series.newest).toMatchObject({ minute: at(16), close: 12 });
  });

  it('is no bar when it comes late', () => {
    const series = new BarSeries();
    series.takeLive({ minute: at(16), bar: ohlc(11) });
    expect(series.takeLive({ forming: ohlc(9), forming_minute: at(16) })).toBe('none');
    expect(series.forming).toBeNull();
  });

  it('has everything drawn anew where a bar before it changes', () => {
    const series = new BarSeries();
    series.takeLive({ forming: ohlc(9), forming_minute: at(17) });
    expect(series.takeLive({ minute: at(16), bar: ohlc(11) })).toBe('all');
  });
});
