import { describe, expect, it } from 'vitest';
import { columnsFor } from '../src/logic/columns';
import { cellText, csvOf, fileName } from '../src/logic/csv';
import { alertsFile, patternsFile, universeFile } from '../src/logic/exports';
import { alert, catalogOf, entry, pattern, SESSION, symbolState } from './samples';

const lines = (text: string) => text.replace('\uFEFF', '').split('\r\n');

describe('comma-separated values', () => {
  it('begin with the mark by which spreadsheets know UTF-8, and end each line as RFC 4180 says', () => {
    expect(csvOf(['a', 'b'], [[1, 'x']])).toBe('\uFEFFa,b\r\n1,x\r\n');
    expect(csvOf(['a'], [])).toBe('\uFEFFa\r\n');
  });

  it.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['two\r\nlines', '"two\r\nlines"'],
    [' spaced ', ' spaced '],
    [1.5, '1.5'],
    [-0.25, '-0.25'],
    [1e21, '1e+21'],
    [NaN, ''],
    [Infinity, ''],
    [null, ''],
    [undefined, ''],
  ])('%j is %j', (cell, text) => expect(cellText(cell)).toBe(text));

  it.each([
    '=1+1',
    '+1+1',
    '-1+1',
    '@SUM(A1)',
    '\tx',
    '\rx',
    '\nx',
    '＝1+1',
    '＋1',
    '－1',
    '＠x',
    '=cmd|"/c calc"!A1',
    '-2e3+cmd',
  ])('%j is no formula any more', (cell) => {
    const text = cellText(cell);
    expect(text.replace(/^"/, '').startsWith("'")).toBe(true);
  });

  it.each(['-1', '-0.25', '-1e-7', '-12'])('%s stays a number', (cell) => expect(cellText(cell)).toBe(cell));

  it('an escaped cell is quoted as any other', () => {
    expect(cellText('=HYPERLINK("http://x","y")')).toBe('"\'=HYPERLINK(""http://x"",""y"")"');
  });
});

describe('a file’s name', () => {
  it('says universe, day and what', () => {
    expect(fileName('market_leaders:top_500', '2025-10-06', 'patterns')).toBe(
      'market_leaders-top_500_2025-10-06_patterns.csv',
    );
    expect(fileName(null, null, 'alerts')).toBe('tickstock_alerts.csv');
  });

  it('is one that any system takes', () => {
    expect(fileName('../<b>:x', '2025-10-06', 'a')).toBe('b-x_2025-10-06_a.csv');
  });
});

describe('the rows', () => {
  const origin = { session: SESSION };

  it('of patterns: as listed, in raw numbers and both clocks', () => {
    const catalog = catalogOf([
      entry('BullishEngulfing', { direction: 'bullish', title: 'Bullish engulfing' }),
    ]);
    const file = patternsFile(catalog, [pattern('a'), pattern('b', { symbol: 'AAPL' })], origin);
    expect(file.name).toBe('market_leaders-top_500_2025-10-06_patterns.csv');
    expect(file.rows).toBe(2);
    const [head, first, second] = lines(file.text);
    expect(head).toBe(
      'time_utc,date_new_york,time_new_york,symbol,pattern_type,title,family,direction,confidence,' +
        'open,high,low,close,volume,explanation,pattern_id',
    );
    expect(first).toBe(
      '2025-10-06T14:15:00.000Z,2025-10-06,10:15:00,NVDA,BullishEngulfing,Bullish engulfing,Engulfing,bullish,0.85,' +
        '125.5,125.75,125.45,125.52,250000,,a',
    );
    expect(second).toContain(',AAPL,');
  });

  it('of alerts', () => {
    const { text, name } = alertsFile(catalogOf([]), [alert()], { session: null });
    expect(name).toBe('tickstock_2025-10-06_alerts.csv');
    expect(lines(text)[1]).toBe(
      '2025-10-06T14:15:00.000Z,2025-10-06,10:15:00,AAPL,RSI_OVERBOUGHT,RSI over 70,above,warning,RSI,75.2,70',
    );
  });

  it('of the universe: what its columns count with, not what they write', () => {
    const nvda = symbolState('NVDA', {
      close: 11,
      firstOpen: 10,
      minute: '2025-10-06T14:15:00.000Z',
      indicators: new Map([['RSI_14', { value: 61.234 }]]),
    });
    const file = universeFile(columnsFor(['RSI_14']), [nvda, symbolState('AAPL')], { session: null });
    expect(file.name).toBe('tickstock_2025-10-06_universe.csv');
    const [head, first, second] = lines(file.text);
    expect(head).toBe('symbol,minute_utc,price,change_percent,RSI_14');
    expect(first).toBe('NVDA,2025-10-06T14:15:00.000Z,11,10,61.234');
    expect(second).toBe('AAPL,,,,');
  });
});
