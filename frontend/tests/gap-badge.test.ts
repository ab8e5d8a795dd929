import { describe, expect, it } from 'vitest';
import type { Gap } from '../src/live/protocol';
import { gapBadge } from '../src/logic/gap-badge';
import { at } from './samples';

function gap(id: number, state: Gap['state'], missed: Gap['missed'] = { patterns: 3, bars: 0 }): Gap {
  return { id, noticed_at: at(46), since: at(45), until: at(46), missed, found: {}, state };
}

describe('the badge of what did not arrive', () => {
  it('says that nothing is missing', () => {
    expect(gapBadge([], { missed: 0 })).toMatchObject({ label: 'no gaps', isOpen: false });
  });

  it.each([
    [['repairing'], '3 missed, repairing', true],
    [['repaired'], '3 missed, repaired', false],
    [['repaired', 'repairing'], '3 missed, repairing', true],
    [['lost', 'repaired'], '3 missed, not all repaired', true],
  ] as const)('of gaps that are %j is %j', (states, label, isOpen) => {
    const gaps = states.map((state, id) => gap(id, state));
    expect(gapBadge(gaps, { missed: 3 })).toMatchObject({ label, isOpen });
  });

  it('does not count what nobody has counted', () => {
    const badge = gapBadge([gap(1, 'repaired', null)], { missed: 0 });
    expect(badge.label).toBe('1 gap, repaired');
    expect(badge.tip).toContain('10:15 to 10:16: unknown how many; every event of it was found');
  });

  it('tells the newest gaps, and how many more there were', () => {
    const gaps = Array.from({ length: 7 }, (_, id) => gap(id, 'repaired', { patterns: id + 1 }));
    const lines = gapBadge(gaps, { missed: 28 }).tip.split('\n');
    expect(lines[1]).toBe('10:15 to 10:16: 7 patterns; every event of it was found');
    expect(lines.at(-1)).toBe('and 2 earlier gaps');
    expect(gapBadge([{ ...gap(1, 'lost'), since: null }], { missed: 3 }).tip).toContain(
      'until 10:16: 3 patterns',
    );
  });
});
