// Where the tiles of a heat map lie: sectors by the number of their symbols, and in each sector tiles of one size.

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Symbols that belong together. */
export interface Group {
  readonly name: string;
  readonly symbols: readonly string[];
}

export interface Tile extends Rect {
  readonly symbol: string;
  /** The room that every tile of its group has: what is written in one is written in all. */
  readonly room: Pick<Rect, 'width' | 'height'>;
}

export interface PlacedGroup {
  readonly name: string;
  readonly rect: Rect;
  /** Where the name stands; `null` where there is no room for it. */
  readonly label: Rect | null;
}

/** Everything in whole pixels; tiles in the order of their groups and symbols. */
export interface HeatLayout {
  readonly groups: readonly PlacedGroup[];
  readonly tiles: readonly Tile[];
}

export const LABEL_HEIGHT = 16;
const LABEL_MIN_WIDTH = 44;
const LABEL_MIN_HEIGHT = 44;
/** A tile is a little wider than high: a symbol and a number stand in it. */
const TILE_ASPECT = 1.5;

/**
 * Rectangles that fill `area` without a gap, each as large as its weight says and as square as it goes; in the order of
 * the weights. Bruls, Huizing and van Wijk, "Squarified Treemaps", 2000. A weight of 0 or less has no area.
 */
export function squarify(weights: readonly number[], area: Rect): Rect[] {
  const placed: Rect[] = weights.map(() => ({ x: area.x, y: area.y, width: 0, height: 0 }));
  const order = weights
    .map((weight, index) => ({ weight, index }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || a.index - b.index);
  let left = order.reduce((sum, { weight }) => sum + weight, 0);
  let { x, y, width, height } = area;
  for (let start = 0; start < order.length;) {
    const side = Math.min(width, height);
    const scale = (width * height) / left;
    let end = start + 1;
    let sum = order[start]?.weight ?? 0;
    while (end < order.length) {
      const more = order[end]?.weight ?? 0;
      const first = order[start]?.weight ?? 0;
      if (
        worst(first, more, sum + more, side, scale) >
        worst(first, order[end - 1]?.weight ?? 0, sum, side, scale)
      )
        break;
      sum += more;
      end += 1;
    }
    const across = left > 0 ? sum / left : 0;
    const inColumn = width >= height;
    const strip = inColumn ? width * across : height * across;
    let along = 0;
    for (const { weight, index } of order.slice(start, end)) {
      const length = (inColumn ? height : width) * (weight / sum);
      placed[index] = inColumn
        ? { x, y: y + along, width: strip, height: length }
        : { x: x + along, y, width: length, height: strip };
      along += length;
    }
    if (inColumn) [x, width] = [x + strip, width - strip];
    else [y, height] = [y + strip, height - strip];
    left -= sum;
    start = end;
  }
  return placed;
}

/** The worst ratio of sides in a strip, of which the largest and the smallest weight are known. */
function worst(largest: number, smallest: number, sum: number, side: number, scale: number): number {
  const strip = (sum * scale) / side;
  const ratio = (weight: number) => (weight * scale) / (strip * strip);
  return Math.max(ratio(largest), 1 / ratio(smallest));
}

/** How many columns and rows hold `count` tiles of one size in a rectangle, so that they come nearest to their aspect. */
export function gridOf(count: number, width: number, height: number): { columns: number; rows: number } {
  let best = { columns: 1, rows: Math.max(1, count) };
  let bestCost = Infinity;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    if (Math.ceil(count / rows) !== columns) continue;
    const aspect = width / columns / (height / rows);
    const wasted = (columns * rows - count) / count;
    const cost = Math.abs(Math.log(aspect / TILE_ASPECT)) + wasted;
    if (cost < bestCost) [best, bestCost] = [{ columns, rows }, cost];
  }
  return best;
}

/** Place all symbols in an area of `width` × `height` pixels. */
export function heatLayout(groups: readonly Group[], width: number, height: number): HeatLayout {
  if (width <= 0 || height <= 0) return { groups: [], tiles: [] };
  const rects = squarify(
    groups.map(({ symbols }) => symbols.length),
    { x: 0, y: 0, width, height },
  );
  const placed: PlacedGroup[] = [];
  const tiles: Tile[] = [];
  groups.forEach(({ name, symbols }, index) => {
    const rect = snapped(rects[index] as Rect);
    const roomy = rect.width >= LABEL_MIN_WIDTH && rect.height >= LABEL_MIN_HEIGHT;
    const label = roomy ? { ...rect, height: LABEL_HEIGHT } : null;
    placed.push({ name, rect, label });
    // The pixel at the right and lower edge is what divides the sectors.
    const top = label === null ? rect.y : rect.y + LABEL_HEIGHT;
    const inner = { x: rect.x, y: top, width: rect.width - 2, height: rect.y + rect.height - 2 - top };
    if (inner.width <= 0 || inner.height <= 0) return;
    const { columns, rows } = gridOf(symbols.length, inner.width, inner.height);
    const room = { width: Math.floor(inner.width / columns), height: Math.floor(inner.height / rows) };
    symbols.forEach((symbol, at) => {
      const [column, row] = [at % columns, Math.floor(at / columns)];
      tiles.push({
        symbol,
        room,
        ...snapped({
          x: inner.x + (inner.width * column) / columns,
          y: inner.y + (inner.height * row) / rows,
          width: inner.width / columns,
          height: inner.height / rows,
        }),
      });
    });
  });
  return { groups: placed, tiles };
}

/** Edges on whole pixels; what touched still touches. */
function snapped({ x, y, width, height }: Rect): Rect {
  const [left, top] = [Math.round(x), Math.round(y)];
  return { x: left, y: top, width: Math.round(x + width) - left, height: Math.round(y + height) - top };
}

/** The tile under a point. */
export function tileAt(layout: HeatLayout, x: number, y: number): Tile | null {
  return (
    layout.tiles.find(
      (tile) => x >= tile.x && x < tile.x + tile.width && y >= tile.y && y < tile.y + tile.height,
    ) ?? null
  );
}

export type Way = 'left' | 'right' | 'up' | 'down';

/** The nearest tile on one side of another, straight ahead before askew; the same where there is none. */
export function tileBeside(layout: HeatLayout, from: Tile, way: Way): Tile {
  const [centerX, centerY] = [from.x + from.width / 2, from.y + from.height / 2];
  let [nearest, least] = [from, Infinity];
  for (const tile of layout.tiles) {
    const [dx, dy] = [tile.x + tile.width / 2 - centerX, tile.y + tile.height / 2 - centerY];
    const ahead = way === 'left' ? -dx : way === 'right' ? dx : way === 'up' ? -dy : dy;
    const aside = Math.abs(way === 'left' || way === 'right' ? dy : dx);
    const reach = way === 'left' || way === 'right' ? from.width / 2 : from.height / 2;
    if (ahead <= reach * 0.5) continue;
    const cost = ahead + 3 * aside;
    if (cost < least) [nearest, least] = [tile, cost];
  }
  return nearest;
}
