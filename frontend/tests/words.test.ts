import { describe, expect, it } from 'vitest';
import {
  compact,
  count,
  duration,
  fixed,
  megabytes,
  milliseconds,
  percent,
  price,
  significant,
  signed,
} from '../src/logic/format';
import { marketDay, marketMinute, marketNow, marketSecond, moment, utc } from '../src/logic/time';
import {
  alertWords,
  confidenceMeaning,
  patternDirection,
  patternName,
  sourceWords,
  words,
} from '../src/logic/words';

describe('numbers', () => {
  it.each([
    [fixed(-1.5, 2), '−1.50'],
    [fixed(-0.001, 2), '0.00'],
    [signed(1.5, 1), '+1.5'],
    [signed(0.01, 1), '0.0'],
    [signed(-1.5, 1), '−1.5'],
    [count(1234567), '1,234,567'],
    [price(125.5), '125.50'],
    [price(0.1234), '0.1234'],
    [significant(123456), '123456'],
    [significant(-0.00001234), '−0.000012'],
    [significant(0), '0'],
    [percent(0.799999), '79'],
    [percent(0.57), '57'],
    [percent(1), '100'],
    [milliseconds(38.4), '38 ms'],
    [milliseconds(1234), '1.2 s'],
    [megabytes(512), '512 MB'],
    [megabytes(1536), '1.5 GB'],
    [compact(62_033), '62K'],
    [duration(12), '12 s'],
    [duration(125), '2 min 5 s'],
    [duration(23_400), '6 h 30 min'],
    [duration(3600), '1 h'],
  ])('%s', (was, expected) => expect(was).toBe(expected));

  it.each([null, undefined, NaN, Infinity])('%s is a dash', (nothing) => {
    for (const format of [count, price, significant, percent, milliseconds, megabytes, compact])
      expect(format(nothing)).toBe('–');
  });
});

describe('times', () => {
  const summer = Date.parse('2025-10-06T14:15:07.000Z');
  it("are New York's, daylight saving included", () => {
    expect(marketMinute('2025-10-06T14:15:00.000Z')).toBe('10:15');
    expect(marketMinute('2025-12-01T14:30:00.000Z')).toBe('09:30');
    expect(marketSecond(summer)).toBe('10:15:07');
    expect(marketDay(summer)).toBe('Mon, Oct 6');
    expect(marketDay(Date.parse('2025-10-07T02:00:00Z'))).toBe('Mon, Oct 6');
  });

  it('tell UTC on demand', () => {
    expect(utc(summer)).toBe('2025-10-06 14:15:07 UTC');
    expect(moment('2025-10-06T14:15:07.000Z')).toContain('14:15:07 UTC');
  });

  it.each([null, undefined, '', 'yesterday', '<img>'])('%s is no time', (text) => {
    expect(marketMinute(text)).toBe('–');
    expect(moment(text ?? '')).toBe('unknown time');
  });

  it("run on at the market's speed, but not without news", () => {
    expect(marketNow(0, 500, 60)).toBe(30_000);
    expect(marketNow(0, 60_000, 1)).toBe(1_500);
    expect(marketNow(0, 500, null)).toBe(0);
    expect(marketNow(1_000, -5, 1)).toBe(1_000);
  });
});

describe('names', () => {
  it.each([
    ['BearishEngulfing', 'Bearish engulfing', 'down'],
    ['WhiteMarubozu', 'White marubozu', 'up'],
    ['BlackMarubozu', 'Black marubozu', 'down'],
    ['Hammer', 'Hammer', 'neutral'],
    ['Doji', 'Doji', 'neutral'],
    ['BullishThreeInside', 'Bullish three inside', 'up'],
    ['Something', 'Something', 'neutral'],
  ])('%s', (type, name, direction) => {
    expect(patternName(type)).toBe(name);
    expect(patternDirection(type)).toBe(direction);
  });

  it('of confidences say what they rank', () => {
    expect(confidenceMeaning(0.857)).toMatch(/of 100 occurrences .* 85 are less clear-cut/i);
  });

  it('of conditions are words', () => {
    expect(words('body_is_almost_nothing')).toBe('body is almost nothing');
  });

  it.each([
    ['RSI_OVERBOUGHT', 'RSI over 70', 'up'],
    ['RSI_OVERSOLD', 'RSI under 70', 'down'],
    ['MACD_BULLISH_CROSS', 'MACD crossed up', 'up'],
    ['MACD_BEARISH_CROSS', 'MACD crossed down', 'down'],
    ['BB_UPPER_BREAK', 'Above upper band', 'up'],
    ['BB_LOWER_BREAK', 'Below lower band', 'down'],
    ['NEW_KIND', 'new kind', 'up'],
  ])('of alert %s', (type, text, direction) => {
    expect(alertWords(type, 70, 'above')).toMatchObject({ text, direction });
  });
});

describe('the source', () => {
  it('of a simulated market never looks live', () => {
    expect(sourceWords('simulator:7', 60)).toMatchObject({
      badge: 'SIMULATED',
      detail: 'at 60×',
      real: false,
    });
    expect(sourceWords('simulator:7', 1)).toMatchObject({
      badge: 'SIMULATED',
      detail: 'in real time',
      real: false,
    });
  });

  it('of a replay names the file and the speed', () => {
    expect(sourceWords('replay:march.csv', null)).toMatchObject({
      badge: 'REPLAY',
      detail: 'of march.csv as fast as possible',
    });
    expect(sourceWords('replay:march.csv', 1)).toMatchObject({ detail: 'of march.csv in real time' });
  });

  it('of a live feed says which', () => {
    expect(sourceWords('massive', 1)).toMatchObject({ badge: 'LIVE', detail: 'from massive', real: true });
  });

  it('is not claimed before a producer was heard', () => {
    expect(sourceWords(null, null)).toMatchObject({ badge: 'NO FEED', real: false });
  });
});
