import { describe, expect, it } from 'vitest';
import type { Hours } from '../src/live/rest';
import { halfHour, hoursWords, isMarketTime, timeLeft } from '../src/logic/market-hours';

function hours(changes: Partial<Hours>): Hours {
  return {
    at: '2025-10-06T14:15:00.000Z',
    state: 'open',
    opens_at: '2025-10-06T13:30:00.000Z',
    closes_at: '2025-10-06T20:00:00.000Z',
    next_open: '2025-10-07T13:30:00.000Z',
    reason: null,
    ...changes,
  };
}

function label(changes: Partial<Hours>, now: string): string {
  return hoursWords(hours(changes), Date.parse(now)).label;
}

describe('what the exchange is at', () => {
  it('is open, and for how long', () => {
    expect(label({}, '2025-10-06T14:15:07Z')).toBe('open, closes in 5:44');
    expect(label({}, '2025-10-06T19:59:30Z')).toBe('open, closes in under a minute');
    expect(label({ closes_at: null }, '2025-10-06T14:15:07Z')).toBe('open');
  });

  it('closes early on a short day, and says so', () => {
    const short = { closes_at: '2025-11-28T18:00:00.000Z', reason: 'early close' };
    expect(label(short, '2025-11-28T15:50:00Z')).toBe('open, closes early in 2:10');
    expect(hoursWords(hours(short), Date.parse('2025-11-28T15:50:00Z')).sentence).toBe(
      'The exchange is open until 13:00, an early close.',
    );
  });

  it('opens in so long on the same day of New York', () => {
    const today = { next_open: '2025-10-06T13:30:00.000Z' };
    expect(label({ ...today, state: 'pre' }, '2025-10-06T11:20:00Z')).toBe('pre-market, opens 09:30 in 2:10');
    expect(label({ ...today, state: 'closed', reason: 'overnight' }, '2025-10-06T04:30:00Z')).toBe(
      'closed, opens 09:30 in 9:00',
    );
  });

  it('opens on another day by its name, and far off by its date', () => {
    const monday = { state: 'closed', reason: 'weekend', next_open: '2025-10-06T13:30:00.000Z' } as const;
    expect(label(monday, '2025-10-04T15:00:00Z')).toBe('closed, opens Mon 09:30');
    expect(label({ state: 'post' }, '2025-10-06T20:30:00Z')).toBe('after hours, opens Tue 09:30');
    expect(label({ state: 'closed' }, '2025-09-20T15:00:00Z')).toBe('closed, opens Tue, Oct 7 09:30');
  });

  it('is closed for a holiday by its name', () => {
    const christmas = {
      state: 'closed',
      reason: 'Christmas',
      next_open: '2025-12-26T14:30:00.000Z',
    } as const;
    expect(label(christmas, '2025-12-25T15:00:00Z')).toBe('closed for Christmas, opens Fri 09:30');
    expect(label({ ...christmas, reason: 'holiday' }, '2025-12-25T15:00:00Z')).toBe(
      'closed, opens Fri 09:30',
    );
  });
});

it('the time left is hours and minutes', () => {
  expect([59_000, 60_000, 3_600_000, 20_693_000].map(timeLeft)).toEqual([
    'under a minute',
    '0:01',
    '1:00',
    '5:44',
  ]);
});

it('every open and close begins another half hour', () => {
  const of = (time: string) => halfHour(Date.parse(time));
  expect(of('2025-10-06T13:29:59Z')).not.toBe(of('2025-10-06T13:30:00Z'));
  expect(of('2025-10-06T13:30:00Z')).toBe(of('2025-10-06T13:59:59Z'));
});

it('a clock that was never set tells no time', () => {
  expect([0, 243_727, NaN, Date.parse('2025-10-06T14:15:00Z')].map(isMarketTime)).toEqual([
    false,
    false,
    false,
    true,
  ]);
});
