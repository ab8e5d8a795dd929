import { describe, expect, it } from 'vitest';
import { blend, contrast, parseRgb, readable } from '../src/logic/blend';
import {
  heatReader,
  heatScale,
  heatSentence,
  heatShare,
  heatSign,
  heatText,
  patternDensity,
  rsiInstance,
  sectorFigures,
  sectorsOf,
  tileSentence,
} from '../src/logic/heat';
import {
  gridOf,
  heatLayout,
  squarify,
  tileAt,
  tileBeside,
  type Group,
  type Rect,
} from '../src/logic/treemap';
import { at, pattern, symbolState } from './samples';

const area = ({ width, height }: Rect) => width * height;

function groups(...sizes: number[]): Group[] {
  return sizes.map((size, group) => ({
    name: `G${group}`,
    symbols: Array.from({ length: size }, (_, index) => `S${group}.${index}`),
  }));
}

function overlaps(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

describe('squarified rectangles', () => {
  it.each([
    [[6, 6, 4, 3, 2, 2, 1]],
    [[1]],
    [[1, 2, 3, 4, 100]],
    [Array.from({ length: 60 }, (_, index) => index + 1)],
  ])('of %j have the area of their weights and fill the whole', (weights) => {
    const rects = squarify(weights, { x: 10, y: 20, width: 600, height: 400 });
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    rects.forEach((rect, index) => {
      expect(area(rect)).toBeCloseTo((240_000 * (weights[index] as number)) / total, 5);
      expect(rect.x).toBeGreaterThanOrEqual(10 - 1e-9);
      expect(rect.y + rect.height).toBeLessThanOrEqual(420 + 1e-9);
    });
  });

  it('are as the paper has them', () => {
    const rects = squarify([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
    expect(rects.slice(0, 2)).toEqual([
      { x: 0, y: 0, width: 3, height: 2 },
      { x: 0, y: 2, width: 3, height: 2 },
    ]);
    const worst = Math.max(...rects.map(({ width, height }) => Math.max(width / height, height / width)));
    expect(worst).toBeLessThan(3);
  });

  it('of no weight have no area', () => {
    expect(squarify([0, 1, -1], { x: 0, y: 0, width: 2, height: 2 }).map(area)).toEqual([0, 4, 0]);
    expect(squarify([], { x: 0, y: 0, width: 2, height: 2 })).toEqual([]);
  });
});

describe('the layout', () => {
  it.each([1, 2, 7, 50, 500, 11_000])('has a grid for %i tiles that holds them all', (count) => {
    const { columns, rows } = gridOf(count, 700, 500);
    expect(columns * rows).toBeGreaterThanOrEqual(count);
    expect((columns - 1) * rows).toBeLessThan(count);
  });

  it('places every symbol once, in whole pixels, within the area, none over another', () => {
    const sizes = [76, 72, 60, 55, 50, 40, 38, 31, 30, 25, 23];
    const { tiles, groups: placed } = heatLayout(groups(...sizes), 700, 420);
    expect(tiles.length).toBe(500);
    expect(new Set(tiles.map(({ symbol }) => symbol)).size).toBe(500);
    expect(placed.every(({ label }) => label !== null)).toBe(true);
    tiles.forEach((tile, index) => {
      expect([tile.x, tile.y, tile.width, tile.height].every(Number.isInteger)).toBe(true);
      expect(tile.x >= 0 && tile.y >= 0 && tile.x + tile.width <= 700 && tile.y + tile.height <= 420).toBe(
        true,
      );
      expect(tile.width > 4 && tile.height > 4).toBe(true);
      expect(tiles.slice(index + 1).some((other) => overlaps(tile, other))).toBe(false);
    });
  });

  it('is empty where there is no room, and drops what has no pixel rather than break', () => {
    expect(heatLayout(groups(3), 0, 100)).toEqual({ groups: [], tiles: [] });
    expect(heatLayout(groups(11_000, 3), 60, 40).tiles.every(({ width }) => width >= 0)).toBe(true);
  });

  it('finds the tile under a point', () => {
    const layout = heatLayout(groups(4), 200, 120);
    for (const tile of layout.tiles) {
      expect(tileAt(layout, tile.x, tile.y)?.symbol).toBe(tile.symbol);
      expect(tileAt(layout, tile.x + tile.width - 1, tile.y + tile.height - 1)?.symbol).toBe(tile.symbol);
    }
    expect(tileAt(layout, 500, 500)).toBeNull();
  });

  it('goes from tile to tile, and stays at the edge', () => {
    const layout = heatLayout(groups(4), 200, 150);
    const [a, b, c, d] = layout.tiles;
    if (!a || !b || !c || !d) throw new Error('four tiles');
    expect(tileBeside(layout, a, 'right')).toBe(b);
    expect(tileBeside(layout, a, 'down')).toBe(c);
    expect(tileBeside(layout, d, 'left')).toBe(c);
    expect(tileBeside(layout, d, 'up')).toBe(b);
    expect(tileBeside(layout, a, 'left')).toBe(a);
    expect(tileBeside(layout, a, 'up')).toBe(a);
  });

  it('lets the arrows reach every tile of eleven sectors', () => {
    const layout = heatLayout(groups(76, 72, 60, 55, 50, 40, 38, 31, 30, 25, 23), 700, 420);
    const first = layout.tiles[0];
    if (!first) throw new Error('tiles');
    const reached = new Set([first]);
    const queue = [first];
    for (let tile = queue.pop(); tile !== undefined; tile = queue.pop())
      for (const way of ['left', 'right', 'up', 'down'] as const) {
        const next = tileBeside(layout, tile, way);
        if (reached.has(next)) continue;
        reached.add(next);
        queue.push(next);
      }
    expect(reached.size).toBe(500);
  });
});

describe('sectors', () => {
  const names = new Map([
    ['NVDA', { name: 'Nvidia', sector: 'Information Technology' }],
    ['AAPL', { name: 'Apple', sector: 'Information Technology' }],
    ['XOM', { name: null, sector: 'Energy' }],
    ['ODD', { name: 'Odd', sector: null }],
  ]);

  it('come by size, their symbols by name, and what has none last', () => {
    expect(sectorsOf(['NVDA', 'XOM', 'ODD', 'NEW', 'AAPL', 'ABC'], names)).toEqual([
      { name: 'Information Technology', symbols: ['AAPL', 'NVDA'] },
      { name: 'Energy', symbols: ['XOM'] },
      { name: 'Other', symbols: ['ABC', 'NEW', 'ODD'] },
    ]);
  });

  it('are told in figures', () => {
    const symbols = new Map(
      [
        symbolState('NVDA', { close: 102, firstOpen: 100, indicators: new Map([['RSI_14', { value: 60 }]]) }),
        symbolState('AAPL', {
          close: 99,
          firstOpen: 100,
          indicators: new Map([['RSI_14', { value: null }]]),
        }),
        symbolState('XOM'),
      ].map((state) => [state.symbol, state]),
    );
    const figures = sectorFigures(
      sectorsOf(symbols.keys(), names),
      symbols,
      'RSI_14',
      new Map([['NVDA', 3]]),
    );
    expect(figures[0]).toMatchObject({ symbols: 2, up: 1, down: 1, rsi: 60, patterns: 3 });
    expect(figures[0]?.change).toBeCloseTo(0.5);
    expect(figures[1]).toEqual({
      name: 'Energy',
      symbols: 1,
      up: 0,
      down: 0,
      change: null,
      rsi: null,
      patterns: 0,
    });
    expect(heatSentence(figures)).toBe('3 symbols in 2 sectors: 1 up, 1 down since the open.');
  });
});

describe('what a tile shows', () => {
  const state = symbolState('NVDA', {
    close: 98.5,
    firstOpen: 100,
    indicators: new Map([['RSI_14', { value: 61.4 }]]),
  });

  it('is a change with its sign, an RSI, or a number of patterns', () => {
    const read = (metric: 'change' | 'rsi' | 'patterns') =>
      heatText(metric, heatReader(metric, 'RSI_14', new Map([['NVDA', 4]]))(state));
    expect([read('change'), read('rsi'), read('patterns')]).toEqual(['−1.50%', '61', '4']);
    expect(heatReader('rsi', null, new Map())(state)).toBeNull();
    expect(heatReader('patterns', null, new Map())(symbolState('X'))).toBe(0);
    expect(heatText('change', null)).toBe('–');
  });

  it('points the way that its text says', () => {
    expect([0.004, 0.005, -0.2, null].map((value) => heatSign('change', value))).toEqual([0, 1, -1, 0]);
    expect([50.4, 70, 30].map((value) => heatSign('rsi', value))).toEqual([0, 1, -1]);
    expect(heatSign('patterns', 9)).toBe(0);
  });

  it('can be said', () => {
    expect(tileSentence(state, { name: 'Nvidia', sector: null }, 'RSI_14', 1)).toBe(
      'NVDA, Nvidia, change −1.50%, RSI 61, 1 pattern',
    );
    expect(tileSentence(symbolState('X'), undefined, null, 0)).toBe('X, change –, 0 patterns');
  });

  it('takes the first RSI there is', () => {
    expect(rsiInstance(['SMA_20', 'RSI_14', 'RSI_7', 'RSIX_2'])).toBe('RSI_7');
    expect(rsiInstance(['SMA_20'])).toBeNull();
  });
});

describe('the density of patterns', () => {
  const found = (symbol: string, minute: number) =>
    pattern(`${symbol}-${minute}`, { symbol, timestamp: at(minute) });

  it('counts the last half hour of the market', () => {
    const patterns = [found('A', 5), found('A', 30), found('B', 31), found('A', 45), found('A', 60)];
    const { counts, minutes } = patternDensity(patterns, at(60), true);
    expect(Object.fromEntries(counts)).toEqual({ A: 2, B: 1 });
    expect(minutes).toBe(30);
  });

  it('says over how long it goes, where older patterns are not known', () => {
    expect(patternDensity([found('A', 48), found('A', 60)], at(60), false).minutes).toBe(12);
    expect(patternDensity([found('A', 5), found('A', 60)], at(60), false).minutes).toBe(30);
    expect(patternDensity([], null, false).minutes).toBe(30);
  });
});

describe('the scale', () => {
  it('is a round number that nearly all stay within', () => {
    const values = [...Array.from({ length: 99 }, (_, index) => (index - 50) / 50), 40];
    expect(heatScale('change', values, null)).toEqual({ low: -1, middle: 0, high: 1 });
    expect(heatScale('change', [(11 / 10 - 1) * 100], null).high).toBe(10);
    expect(heatScale('change', [], null).high).toBe(0.5);
    expect(heatScale('change', [900, 900], null).high).toBe(20);
    expect(heatScale('patterns', [0, 3, null], null)).toEqual({ low: 0, middle: 0, high: 4 });
    expect(heatScale('rsi', [1, 99], null)).toEqual({ low: 20, middle: 50, high: 80 });
  });

  it('follows at once when values leave it, and only when they have come well back', () => {
    const two = heatScale('change', [1.5], null);
    expect(heatScale('change', [2.5], two).high).toBe(3);
    expect(heatScale('change', [0.9], two).high).toBe(2);
    expect(heatScale('change', [0.6], two).high).toBe(1);
  });

  it('says where a value lies, and ends at its ends', () => {
    const scale = { low: -2, middle: 0, high: 2 };
    expect([-9, -1, 0, 1, 9].map((value) => heatShare(value, scale))).toEqual([-1, -0.5, 0, 0.5, 1]);
    expect(heatShare(1, { low: 0, middle: 0, high: 0 })).toBe(0);
  });
});

describe('colours', () => {
  it('are read as a browser computes them', () => {
    expect(parseRgb('rgb(1, 2, 3)')).toEqual([1, 2, 3]);
    expect(parseRgb('rgba(1, 2, 3, 0.5)')).toEqual([1, 2, 3]);
    expect(parseRgb('light-dark(red, blue)')).toBeNull();
    expect(parseRgb('rgb(1, 2)')).toBeNull();
  });

  it('blend, and carry the text that can be read on them', () => {
    expect(blend([0, 0, 0], [100, 200, 50], 0.5)).toEqual([50, 100, 25]);
    expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21);
    expect(readable([250, 250, 250], [255, 255, 255], [10, 10, 10])).toEqual([10, 10, 10]);
    expect(readable([20, 20, 20], [255, 255, 255], [10, 10, 10])).toEqual([255, 255, 255]);
  });
});
