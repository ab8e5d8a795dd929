import { describe, expect, it } from 'vitest';
import { increments, sparkline } from '../src/logic/sparkline';
import { listHeight, rowTop, scrollToShow, slice } from '../src/logic/windowing';

describe('the window on a long list', () => {
  it('covers the viewport and costs the same however long the list is', () => {
    const { first, end } = slice(2_700, 540, 27, 100_000);
    expect(first).toBeLessThanOrEqual(100);
    expect(end).toBeGreaterThanOrEqual(120);
    expect(end - first).toBeLessThan(40);
  });

  it.each([0, 1, 10, 500])('stays within a list of %i rows wherever it is scrolled', (rows) => {
    for (const top of [0, 100, 1e6]) {
      const { first, end } = slice(top, 500, 27, rows);
      expect(first).toBeGreaterThanOrEqual(0);
      expect(end).toBeLessThanOrEqual(rows);
      expect(first).toBeLessThanOrEqual(end);
    }
  });

  it('is empty where the list is not shown', () => {
    expect(slice(0, 0, 27, 100)).toEqual({ first: 0, end: 0 });
  });

  it('makes room for open details', () => {
    const expansion = { index: 2, height: 100 };
    expect([rowTop(2, 27, expansion), rowTop(3, 27, expansion)]).toEqual([54, 181]);
    expect(listHeight(10, 27, expansion)).toBe(370);
    expect(listHeight(10, 27)).toBe(270);
    const { first } = slice(181, 500, 27, 100, expansion);
    expect(first).toBeLessThanOrEqual(3);
  });

  it.each([
    ['already seen whole', 0, 2, 100, 0],
    ['below the edge: just far enough', 0, 18, 100, 113],
    ['taller than the window: to its own row', 0, 18, 900, 486],
    ['above the edge', 500, 2, 100, 54],
  ])('moves to a detail that is %s', (_, scrollTop, index, height, expected) => {
    expect(scrollToShow(scrollTop, 500, 27, { index, height })).toBe(expected);
  });
});

describe('a sparkline', () => {
  it('needs two points', () => {
    expect(sparkline([], 100, 20)).toBe('');
    expect(sparkline([1], 100, 20)).toBe('');
  });

  it('ends at the right edge and stays within its height', () => {
    const path = sparkline([5, 1, 9], 118, 20);
    expect(path).toMatch(/^M114\.0 .*L118\.0 1\.0$/);
    const heights = [...path.matchAll(/ ([\d.]+)/g)].map(([, y]) => Number(y));
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...heights)).toBeLessThanOrEqual(20);
  });

  it('of nothing but zeros lies at the bottom', () => {
    expect(sparkline([0, 0], 118, 20)).toBe('M116.0 19.0L118.0 19.0');
  });

  it('shows a total as what was added, a restart as nothing', () => {
    expect(increments([1, 4, 4, 0, 2])).toEqual([3, 0, 0, 2]);
  });
});
