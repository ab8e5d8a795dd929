import { describe, expect, it } from 'vitest';
import {
  choosesView,
  linkTo,
  readView,
  tabOf,
  WHOLE_VIEW,
  writeView,
  type View,
} from '../src/logic/address-state';

const PAGE = 'http://127.0.0.1:8450/';

const CHOSEN: View = {
  symbol: 'BRK.B',
  tab: 'alerts',
  patternText: 'nv hammer',
  minimum: 0.85,
  hiddenDirections: ['up', 'neutral'],
  hiddenFamilies: ['Doji', 'Stars, three'],
  alertText: 'rsi',
  hiddenSeverities: ['info'],
  hiddenCrossings: ['up'],
  hiddenAlertTypes: ['BB_UPPER_BREAK'],
  watchedOnly: true,
  universeText: 'aap',
  universeView: 'sectors',
  heatMetric: 'rsi',
  sorting: { by: 'RSI_14', descending: true },
  universeWatchedOnly: true,
};

describe('a view in the address', () => {
  it('leaves out what is not chosen', () => {
    expect(writeView(PAGE, WHOLE_VIEW)).toBe(PAGE);
  });

  it('is short and can be read', () => {
    expect(
      writeView(PAGE, { ...WHOLE_VIEW, symbol: 'NVDA', minimum: 0.8, hiddenDirections: ['down', 'neutral'] }),
    ).toBe(`${PAGE}?symbol=NVDA&confidence=80&direction=bullish`);
    expect(writeView(PAGE, { ...WHOLE_VIEW, sorting: { by: 'change', descending: true } })).toBe(
      `${PAGE}?sort=-change`,
    );
  });

  it('comes back as it was', () => {
    expect(readView(writeView(PAGE, CHOSEN))).toEqual(CHOSEN);
    const nothing: View = {
      ...WHOLE_VIEW,
      hiddenDirections: ['up', 'down', 'neutral'],
      hiddenSeverities: ['info', 'warning', 'critical'],
    };
    expect(readView(writeView(PAGE, nothing))).toEqual(nothing);
  });

  it('replaces the view that was there, and nothing else', () => {
    const address = writeView(`${PAGE}?other=1#part`, CHOSEN);
    expect(writeView(address, WHOLE_VIEW)).toBe(`${PAGE}?other=1#part`);
  });

  it('what makes no sense is passed over, and the rest holds', () => {
    const bad = [
      'symbol=<b>&tab=nowhere&confidence=-1&direction=sideways&severity=&crossing=left&watched=yes&view=cube&sort=a b&heat=9&universe-watched=0',
      'confidence=101&sort=--x&tab=&symbol=',
      'confidence=NaN&without=&hide=',
    ];
    for (const query of bad) expect(readView(`${PAGE}?${query}`)).toEqual(WHOLE_VIEW);
    expect(readView(`${PAGE}?confidence=x&symbol=nvda`)).toEqual({ ...WHOLE_VIEW, symbol: 'NVDA' });
  });

  it.each(['symbol=', 'symbol=%3Cb%3E', 'symbol=ABCDEFGHIJK', 'symbol=../x', 'symbol=.A'])(
    'names no symbol in %s',
    (query) => expect(readView(`${PAGE}?${query}`).symbol).toBeNull(),
  );

  it('has bounds', () => {
    const long = readView(`${PAGE}?patterns=${'x'.repeat(5_000)}${'&without=y'.repeat(3)}`);
    expect(long.patternText).toHaveLength(60);
    expect(long.hiddenFamilies).toEqual(['y']);
    const many = Array.from({ length: 500 }, (_, n) => `without=f${n}`).join('&');
    expect(readView(`${PAGE}?${many}`).hiddenFamilies).toHaveLength(60);
  });

  it('falls back on what is remembered only where it says nothing', () => {
    const remembered = { ...WHOLE_VIEW, minimum: 0.5 };
    expect(readView(`${PAGE}?symbol=NVDA`, remembered)).toEqual({ ...remembered, symbol: 'NVDA' });
    expect(choosesView(`${PAGE}?symbol=NVDA&tab=symbol&other=1`)).toBe(false);
    expect(choosesView(`${PAGE}?confidence=0`)).toBe(true);
  });

  it('as a link always chooses, so that whoever opens it sees the same', () => {
    expect(linkTo(PAGE, WHOLE_VIEW)).toBe(`${PAGE}?confidence=0`);
    expect(linkTo(PAGE, CHOSEN)).toBe(writeView(PAGE, CHOSEN));
  });
});

describe("a phone's panel", () => {
  it('is the symbol where one is open, unless another was chosen', () => {
    expect(tabOf({ tab: null, symbol: null })).toBe('patterns');
    expect(tabOf({ tab: null, symbol: 'NVDA' })).toBe('symbol');
    expect(tabOf({ tab: 'alerts', symbol: 'NVDA' })).toBe('alerts');
  });
});
