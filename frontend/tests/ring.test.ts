import { describe, expect, it } from 'vitest';
import { Ring } from '../src/live/ring';

describe('a ring', () => {
  it.each([1, 2, 3, 7, 20])('of %i holds exactly the newest items, in order', (capacity) => {
    const ring = new Ring<number>(capacity);
    for (let item = 0; item < 20; item++) {
      ring.push(item);
      const expected = Array.from({ length: item + 1 }, (_, index) => index).slice(-capacity);
      expect(ring.toArray()).toEqual(expected);
      expect(ring.toNewestFirst()).toEqual([...expected].reverse());
      expect(ring.newest()).toBe(item);
      expect(ring.newest(ring.length - 1)).toBe(expected[0]);
      expect(ring.newest(ring.length)).toBeUndefined();
    }
    expect(ring.total).toBe(20);
  });

  it('takes late items where they belong, and lets the oldest go', () => {
    const ring = new Ring<number>(4);
    for (const item of [1, 3, 5]) ring.push(item);
    ring.place([4, 0], (a, b) => a - b);
    expect(ring.toArray()).toEqual([1, 3, 4, 5]);
    expect(ring.total).toBe(5);
    ring.push(6);
    expect(ring.toArray()).toEqual([3, 4, 5, 6]);
  });

  it('refuses to hold nothing', () => {
    expect(() => new Ring(0)).toThrow('capacity was 0');
  });
});
