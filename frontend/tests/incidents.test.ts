import { describe, expect, it } from 'vitest';
import type { Acknowledgement, CriticalAlert } from '../src/live/protocol';
import { acknowledgedBy, becameOf, incidentStories, openIncidents } from '../src/logic/incidents';
import { at } from './samples';

function told(n: number, component: string, changes: Partial<CriticalAlert> = {}) {
  const item: CriticalAlert = {
    severity: 'critical',
    message: `${component} lost`,
    timestamp: at(n),
    component,
    action_required: 'look',
    recovery: null,
    ...changes,
  };
  return { n, item };
}

function recovered(n: number, component: string) {
  return told(n, component, {
    severity: 'info',
    message: `${component} is back`,
    action_required: null,
    recovery: 'after 2 minutes',
  });
}

function seen(n: number, component: string): Acknowledgement {
  return { component, timestamp: at(n), acknowledged_by: 'pager', acknowledged_at: at(n + 1) };
}

describe('incidents', () => {
  it('want attention until somebody has said that they have seen them', () => {
    const alerts = [told(1, 'feed'), told(2, 'redis')];
    const open = openIncidents(alerts, new Set(), acknowledgedBy([seen(1, 'feed')]));
    expect(open.map(({ item }) => item.component)).toEqual(['redis']);
    const again = openIncidents([...alerts, told(3, 'feed')], new Set(), acknowledgedBy([seen(1, 'feed')]));
    expect(again.map(({ n }) => n)).toEqual([3, 2]);
  });

  it('stand by their gravity, then the newest first', () => {
    const alerts = [told(1, 'feed'), told(2, 'disk', { severity: 'warning' }), told(3, 'redis')];
    expect(openIncidents(alerts, new Set()).map(({ n }) => n)).toEqual([3, 1, 2]);
  });

  it('are told newest first, each with what became of it', () => {
    const alerts = [told(1, 'feed'), told(2, 'redis'), recovered(4, 'feed'), told(5, 'feed')];
    const stories = incidentStories(alerts, acknowledgedBy([seen(2, 'redis')]));
    expect(stories.map(({ n }) => n)).toEqual([5, 2, 1]);
    expect(stories.map(becameOf)).toEqual([
      ['look'],
      ['look', expect.stringMatching(/^Acknowledged by pager, \d\d:\d\d:\d\d$/)],
      ['Recovered 09:34, feed is back: after 2 minutes'],
    ]);
  });

  it('a recovery whose loss is not known stands for itself', () => {
    const [story] = incidentStories([recovered(4, 'feed')], new Map());
    if (!story) throw new Error('a story');
    expect([story.recovery, becameOf(story)]).toEqual([null, ['after 2 minutes']]);
  });

  it('one recovery ends all losses of its component before it', () => {
    const stories = incidentStories([told(1, 'feed'), told(2, 'feed'), recovered(3, 'feed')], new Map());
    expect(stories.map(({ recovery }) => recovery?.timestamp)).toEqual([at(3), at(3)]);
  });
});
