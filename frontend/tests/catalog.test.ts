import { describe, expect, it } from 'vitest';
import { catalogAddress } from '../src/live/address';
import { NO_CATALOG, readCatalog } from '../src/live/catalog';
import { alertInWords, directionOf, familiesOf, reasonsOf, titleOf } from '../src/logic/catalog';
import { readKnown, readNames, readShare, readWord, toggledIn } from '../src/logic/remembered';
import { alert, catalogOf, entry } from './samples';

describe('an answer', () => {
  it.each([null, 'text', [], {}, { patterns: [] }, { error: 'the database is away' }])(
    '%j is no catalog',
    (answer) => expect(readCatalog(answer)).toBeNull(),
  );

  it('is asked for beside the page, by source', () => {
    const page = 'http://host/under/a/proxy/';
    expect(catalogAddress(page, null).href).toBe('http://host/under/a/proxy/api/streaming/catalog');
    expect(catalogAddress(page, 'replay:a&b').search).toBe('?source=replay%3Aa%26b');
  });
});

describe('a pattern', () => {
  const catalog = catalogOf([entry('Hammer', { direction: 'bullish' })]);

  it('is called and read as its catalog says', () => {
    expect(titleOf(catalog, 'Hammer')).toBe('The Hammer');
    expect(directionOf(catalog, 'Hammer')).toBe('up');
  });

  it.each([NO_CATALOG, catalog])(
    'that is not in the catalog is called and read as its name says',
    (known) => {
      expect(titleOf(known, 'BearishHarami')).toBe('Bearish harami');
      expect(directionOf(known, 'BearishHarami')).toBe('down');
      expect(directionOf(known, 'constructor')).toBe('neutral');
    },
  );

  it('has reasons in words, those of its context apart', () => {
    const conditions = ['trend', 'body', 'novel_one'].map((name, margin) => ({ name, margin }));
    expect(reasonsOf(catalog, 'Hammer', conditions)).toEqual({
      decisive: [
        { meaning: 'the body covers the body before it', margin: 1 },
        { meaning: 'novel one', margin: 2 },
      ],
      context: [{ meaning: 'prices fell before it', margin: 0 }],
    });
  });

  it('has plainer reasons without a catalog', () => {
    expect(reasonsOf(NO_CATALOG, 'Hammer', [{ name: 'trend', margin: -1 }])).toEqual({
      decisive: [{ meaning: 'trend', margin: -1 }],
      context: [],
    });
  });
});

describe('families', () => {
  it('are those of what is looked for, by name', () => {
    const catalog = catalogOf([
      entry('A', { family: 'Stars' }),
      entry('B', { family: 'Doji' }),
      entry('C', { family: 'Stars' }),
      entry('D', { family: 'Gaps', enabled: false }),
    ]);
    expect(familiesOf(catalog)).toEqual([
      { name: 'Doji', titles: ['The B'] },
      { name: 'Stars', titles: ['The A', 'The C'] },
    ]);
  });

  it('are none without a catalog', () => expect(familiesOf(NO_CATALOG)).toEqual([]));
});

describe('an alert', () => {
  const meaning = 'It may be due for a rest.';
  const catalog = catalogOf(
    [],
    [
      { alert_type: 'RSI_OVERBOUGHT', direction: 'above', meaning },
      { alert_type: 'NEW_KIND', direction: 'above', meaning },
    ],
  );

  it('keeps the words that name its threshold, with the meaning behind them', () => {
    expect(alertInWords(catalog, alert())).toMatchObject({
      text: 'RSI over 70',
      sentence: `RSI rose above 70. ${meaning}`,
    });
  });

  it('of a kind that the page does not know is explained by its meaning', () => {
    const novel = alert({ alert_type: 'NEW_KIND' });
    expect(alertInWords(catalog, novel)).toMatchObject({ text: 'new kind', sentence: meaning });
  });

  it('has the page’s own words without a catalog', () => {
    expect(alertInWords(NO_CATALOG, alert()).sentence).toBe('RSI rose above 70');
  });
});

describe('a preference', () => {
  it.each([
    ['0.6', 0.6],
    ['0', 0],
    ['', null],
    ['1.5', null],
    ['much', null],
  ])('of a share: %s', (text, share) => expect(readShare(text)).toBe(share));

  it.each(['', '{}', '[1]', 'null', '["a"'])('of names: %s is of no use', (text) => {
    expect(readNames(text)).toBeNull();
  });

  it('of names comes back', () => expect(readNames('["Doji","Gaps"]')).toEqual(['Doji', 'Gaps']));

  it('of known words leaves out the others', () => {
    expect(readKnown(['up', 'down'])('["down","sideways","up"]')).toEqual(['up', 'down']);
    expect(readKnown(['up', 'down'])('nonsense')).toBeNull();
    expect(readWord(['table', 'heat'])('heat')).toBe('heat');
    expect(readWord(['table', 'heat'])('cube')).toBeNull();
  });

  it('of names changes by one at a time', () => {
    expect(toggledIn(['a', 'b'], 'a')).toEqual(['b']);
    expect(toggledIn(['b'], 'a')).toEqual(['b', 'a']);
  });
});
