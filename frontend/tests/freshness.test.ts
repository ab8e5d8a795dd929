import { describe, expect, it } from 'vitest';
import type { ConnectionState } from '../src/live/connection';
import type { CriticalAlert } from '../src/live/protocol';
import { isOutdated, linkWords } from '../src/logic/freshness';
import { incidentKey, openIncidents } from '../src/logic/incidents';
import { STATUS } from './samples';

const OPEN: ConnectionState = { phase: 'open', since: 0 };
const WAITING: ConnectionState = {
  phase: 'waiting',
  since: 0,
  retryAt: 1,
  attempt: 1,
  reason: 'the dashboard went away',
};

describe('the state of the link', () => {
  it('names the first break on the way from page to producer', () => {
    expect(linkWords(WAITING, { ...STATUS, redis: 'lost' }, 0).label).toBe('Disconnected');
    expect(linkWords(OPEN, { ...STATUS, redis: 'lost', producer_age_ms: 9_000 }, 0).label).toBe('Redis lost');
    expect(linkWords(OPEN, { ...STATUS, producer_age_ms: 9_000 }, 0).label).toBe('Silent 9 s');
    expect(linkWords(OPEN, { ...STATUS, producer_age_ms: null }, 0).label).toBe('No producer');
    expect(linkWords(OPEN, STATUS, 0).label).toBe('Connected');
  });

  it('counts the time since the status itself arrived', () => {
    expect(isOutdated(OPEN, STATUS, 2_000)).toBe(false);
    expect(isOutdated(OPEN, STATUS, 3_000)).toBe(true);
  });

  it('outdates values when the link or Redis is lost, not when there never was a producer', () => {
    expect(isOutdated(WAITING, STATUS, 0)).toBe(true);
    expect(isOutdated(OPEN, { ...STATUS, redis: 'lost' }, 0)).toBe(true);
    expect(isOutdated(OPEN, { ...STATUS, producer_age_ms: null }, 60_000)).toBe(false);
    expect(isOutdated(OPEN, null, 0)).toBe(false);
  });
});

describe('open incidents', () => {
  const failure = (component: string, n: number, changes: Partial<CriticalAlert> = {}) => ({
    n,
    item: {
      severity: 'critical',
      message: `${component} failed`,
      timestamp: `2025-10-06T14:15:0${n}.000Z`,
      component,
      action_required: 'look',
      recovery: null,
      ...changes,
    },
  });

  it('are the newest of each component, newest first', () => {
    const open = openIncidents([failure('feed', 1), failure('writer', 2), failure('feed', 3)], new Set());
    expect(open.map(({ n }) => n)).toEqual([3, 2]);
  });

  it('end with a recovery, and open again with the next failure', () => {
    const story = [
      failure('feed', 1),
      failure('feed', 2, { severity: 'info', recovery: 'back after 5 min' }),
    ];
    expect(openIncidents(story, new Set())).toEqual([]);
    expect(openIncidents([...story, failure('feed', 3)], new Set())).toHaveLength(1);
  });

  it('stay dismissed after a reconnection, until something new happens', () => {
    const first = failure('feed', 1);
    const dismissed = new Set([incidentKey(first.item)]);
    expect(openIncidents([{ ...first, n: 99 }], dismissed)).toEqual([]);
    expect(openIncidents([first, failure('feed', 2)], dismissed)).toHaveLength(1);
  });
});
