import type { Detection, IndicatorAlert } from '../live/protocol';

/**
 * A minute's events arrive at once, in an order that means nothing. Among neighbours of one timestamp the lowest rank
 * comes first, so that the weightiest stands on top of a list that shows the newest first. Everything else keeps its
 * place, and events of equal rank keep their order.
 */
export function weightiestLast<T extends { timestamp: string }>(
  events: readonly T[],
  rank: (event: T) => number,
): T[] {
  const ordered: T[] = [];
  for (let start = 0, end = 0; start < events.length; start = end) {
    const { timestamp } = events[start] as T;
    while (end < events.length && events[end]?.timestamp === timestamp) end += 1;
    ordered.push(...events.slice(start, end).sort((a, b) => rank(a) - rank(b)));
  }
  return ordered;
}

const SEVERITIES = ['info', 'warning', 'critical'];

export function patternRank(pattern: Detection): number {
  return pattern.confidence;
}

export function alertRank(alert: IndicatorAlert): number {
  return SEVERITIES.indexOf(alert.severity);
}
