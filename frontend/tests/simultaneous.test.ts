import { expect, it } from 'vitest';
import { alertRank, patternRank, weightiestLast } from '../src/logic/simultaneous';
import { alert, pattern } from './samples';

const at = (minute: number) => `2025-10-06T14:${minute}:00.000Z`;

it('orders what happened at the same time, and nothing else', () => {
  const events = [
    pattern('late', { timestamp: at(16), confidence: 0.1 }),
    pattern('high', { timestamp: at(15), confidence: 0.9 }),
    pattern('low', { timestamp: at(15), confidence: 0.2 }),
    pattern('also high', { timestamp: at(15), confidence: 0.9 }),
    pattern('later', { timestamp: at(16), confidence: 0.05 }),
  ];
  const ordered = weightiestLast(events, patternRank).map(({ metadata }) => metadata.pattern_id);
  expect(ordered).toEqual(['late', 'low', 'high', 'also high', 'later']);
});

it('loses and invents nothing', () => {
  expect(weightiestLast([], patternRank)).toEqual([]);
  const events = Array.from({ length: 50 }, (_, n) => pattern(String(n), { confidence: (n * 7) % 11 }));
  expect(new Set(weightiestLast(events, patternRank))).toEqual(new Set(events));
});

it('lets warnings stand above information', () => {
  const events = [
    alert({ severity: 'warning' }),
    alert({ severity: 'info' }),
    alert({ severity: 'critical' }),
  ];
  expect(weightiestLast(events, alertRank).map(({ severity }) => severity)).toEqual([
    'info',
    'warning',
    'critical',
  ]);
});
