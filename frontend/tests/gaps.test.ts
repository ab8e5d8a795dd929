import { describe, expect, it } from 'vitest';
import type { Gap } from '../src/live/protocol';
import { gapHint, gapInWords, gapLines, isGap, withGaps } from '../src/logic/gaps';
import { at, pattern } from './samples';

function gap(changes: Partial<Gap> = {}): Gap {
  return {
    id: 1,
    noticed_at: at(46),
    since: at(44),
    until: at(45),
    missed: { patterns: 3, alerts: 0, bars: 2 },
    found: {},
    state: 'repairing',
    ...changes,
  };
}

describe('the gaps of a stream', () => {
  it('are those that concern it, newest first', () => {
    const gaps = [gap(), gap({ id: 2, until: at(50) }), gap({ id: 3, missed: { alerts: 1 } })];
    expect(gapLines(gaps, 'patterns', null).map(({ n }) => n)).toEqual([-3, -2]);
    expect(gapLines(gaps, 'alerts', null).map(({ n }) => n)).toEqual([-4]);
    expect(gapLines([gap({ missed: null })], 'alerts', null)).toHaveLength(1);
  });

  it('are of this session', () => {
    expect(gapLines([gap()], 'patterns', at(46))).toEqual([]);
    expect(gapLines([gap()], 'patterns', at(45))).toHaveLength(1);
  });

  it('stand where their time says', () => {
    const rows = [50, 45, 44, 40].map((minute, n) => ({ n, item: pattern('a', { timestamp: at(minute) }) }));
    const lines = (...gaps: Gap[]) => withGaps(rows, gapLines(gaps, 'patterns', null)).map(({ n }) => n);
    expect(lines()).toEqual([0, 1, 2, 3]);
    expect(lines(gap())).toEqual([0, -2, 1, 2, 3]);
    expect(lines(gap({ until: at(55) }), gap({ id: 2, until: at(30) }))).toEqual([-2, 0, 1, 2, 3, -3]);
    expect(lines(gap(), gap({ id: 2 }))).toEqual([0, -3, -2, 1, 2, 3]);
  });

  it('can be told from events', () => {
    expect(isGap({ n: -2, gap: gap() })).toBe(true);
    expect(isGap({ n: 1, item: pattern('a') })).toBe(false);
  });
});

describe('a gap in words', () => {
  it.each([
    [gap(), '3 patterns missed, looking for them …'],
    [gap({ missed: { patterns: 1 } }), '1 pattern missed, looking for it …'],
    [gap({ found: { patterns: 3 } }), '3 patterns missed, repaired'],
    [gap({ found: { patterns: 3 }, state: 'repaired' }), '3 patterns missed, repaired'],
    [gap({ found: { patterns: 1 }, state: 'lost' }), '3 patterns missed, 1 repaired, 2 lost'],
    [gap({ state: 'lost' }), '3 patterns missed, lost'],
    [gap({ missed: null }), 'Not connected for a while, looking for its patterns …'],
    [gap({ missed: null, state: 'repaired' }), 'Not connected for a while, no patterns missed'],
    [
      gap({ missed: null, state: 'repaired', found: { patterns: 2 } }),
      'Not connected for a while, 2 patterns repaired',
    ],
    [
      gap({ missed: null, state: 'lost', found: { patterns: 2 } }),
      'Not connected for a while, 2 patterns found, others may be lost',
    ],
  ])('%#: %s', (missed, words) => expect(gapInWords(missed, 'patterns')).toBe(words));

  it('says from when to when on a hover', () => {
    expect(gapHint(gap())).toContain("Between 10:14 and 10:15 of the market's time");
    expect(gapHint(gap({ since: null }))).toContain('Before 10:15');
    expect(gapHint(gap({ state: 'lost' }))).toContain('do not have all');
  });
});
