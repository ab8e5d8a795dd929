import { heatShare, heatSign, heatText, type HeatMetric, type HeatScale } from '../logic/heat';
import type { HeatLayout, Tile } from '../logic/treemap';
import type { Palette } from './palette';

/** What is drawn, beside where. */
export interface HeatPicture {
  metric: HeatMetric;
  scale: HeatScale;
  /** A tile's number; `null` where there is none yet. */
  valueOf: (symbol: string) => number | null;
  /** Whether a symbol's values are old. */
  isStale: (symbol: string) => boolean;
  /** What stands beside a sector's name. */
  noteOf: (group: string) => string;
  /** The symbol that is looked at. */
  opened: string | null;
}

const FONT = "'Inter', 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
const LABEL_FONT = `600 10.5px ${FONT}`;
/** From these sizes on there is room for a symbol, and for its number below it. */
const TEXT_MIN_WIDTH = 25;
const TEXT_MIN_HEIGHT = 13;
const BOTH_MIN_HEIGHT = 21;
const LARGE = 46;
const LARGE_TEXT = 13;
const ROOMY = 34;
const ROOMY_HEIGHT = 25;
/** From this height on a sign in the corner stands clear of the symbol. */
const CORNER_MIN_HEIGHT = 18;
const SIGN_MIN = 7;
/** How much is left of the colour of what is old. */
const FADED = 0.35;

/** Draw the whole map; 11,000 tiles take a few milliseconds, most of which is text where there is room for any. */
export function drawHeat(
  canvas: HTMLCanvasElement,
  layout: HeatLayout,
  palette: Palette,
  picture: HeatPicture,
): void {
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) return;
  const ratio = canvas.width / Math.max(1, canvas.clientWidth);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = palette.surface;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  drawLabels(context, layout, palette, picture);
  context.textAlign = 'center';
  for (const tile of layout.tiles) drawTile(context, tile, palette, picture);
}

function drawLabels(
  context: CanvasRenderingContext2D,
  { groups }: HeatLayout,
  palette: Palette,
  { noteOf }: HeatPicture,
): void {
  context.font = LABEL_FONT;
  for (const { name, label } of groups) {
    if (label === null) continue;
    const width = label.width - 6;
    const text = fitted(context, name, width);
    const middle = label.y + label.height / 2;
    context.fillStyle = palette.label;
    context.fillText(text, label.x + 2, middle);
    const note = noteOf(name);
    const used = context.measureText(text).width;
    if (text !== name || note === '' || used + context.measureText(note).width + 8 > width) continue;
    context.fillStyle = palette.faint;
    context.fillText(note, label.x + 2 + used + 7, middle);
  }
}

function drawTile(
  context: CanvasRenderingContext2D,
  tile: Tile,
  palette: Palette,
  { metric, scale, valueOf, isStale, opened }: HeatPicture,
): void {
  // A pixel between tiles, as long as there is room for it.
  const gap = Math.min(tile.width, tile.height) > 4 ? 1 : 0;
  const [width, height] = [tile.width - gap, tile.height - gap];
  if (width <= 0 || height <= 0) return;
  const value = valueOf(tile.symbol);
  const paint = value === null ? null : palette.paint(metric, heatShare(value, scale));
  const isFaded = paint === null || isStale(tile.symbol);
  if (isFaded) context.globalAlpha = FADED;
  context.fillStyle = paint?.fill ?? palette.line;
  context.fillRect(tile.x, tile.y, width, height);
  if (isFaded) context.globalAlpha = 1;
  context.fillStyle = isFaded ? palette.faint : paint.text;
  drawText(context, tile, width, height, metric, value);
  if (tile.symbol === opened) {
    context.strokeStyle = palette.outline;
    context.lineWidth = 2;
    context.strokeRect(tile.x + 1, tile.y + 1, width - 2, height - 2);
  }
}

/** The symbol and its number, the symbol and which way that points, or the latter alone: whatever fits. */
function drawText(
  context: CanvasRenderingContext2D,
  tile: Tile,
  width: number,
  height: number,
  metric: HeatMetric,
  value: number | null,
): void {
  const [middle, center] = [tile.x + width / 2, tile.y + height / 2 + 0.5];
  const { room } = tile;
  const sign = heatSign(metric, value);
  const hasBoth = room.height >= BOTH_MIN_HEIGHT;
  const hasRoom = room.height >= TEXT_MIN_HEIGHT && room.width >= TEXT_MIN_WIDTH;
  const size = hasRoom
    ? sizesFor(room).find((each) => fits(context, tile.symbol, each, width - 3))
    : undefined;
  if (size === undefined) {
    if (Math.min(width, height) >= SIGN_MIN)
      drawSign(context, middle, center, Math.min(width, height) * 0.2, sign);
  } else if (hasBoth) {
    context.fillText(tile.symbol, middle, center - size * 0.55);
    const text = heatText(metric, value);
    const below = center + size * 0.58;
    if (fits(context, text, Math.min(size, LARGE_TEXT - 2), width - 2, 400))
      context.fillText(text, middle, below);
    else if (fits(context, text, 8, width - 2, 400)) context.fillText(text, middle, below);
    else drawSign(context, middle, below, 3, sign);
  } else {
    const free = (width - context.measureText(tile.symbol).width) / 2;
    context.fillText(tile.symbol, middle, center);
    if (height >= CORNER_MIN_HEIGHT || free >= 8) drawSign(context, tile.x + width - 4, tile.y + 3, 2, sign);
  }
}

/** The sizes in which a symbol may be written, the one that is wanted first. */
function sizesFor({ width, height }: Tile['room']): number[] {
  if (height >= LARGE && width >= LARGE) return [LARGE_TEXT, 10.5, 9, 8];
  return width >= ROOMY && height >= ROOMY_HEIGHT ? [10.5, 9, 8] : [9, 8];
}

/** Set the font, and say whether a text fits in it. */
function fits(
  context: CanvasRenderingContext2D,
  text: string,
  size: number,
  width: number,
  weight = 600,
): boolean {
  context.font = `${weight} ${size}px ${FONT}`;
  return context.measureText(text).width <= width;
}

/** A triangle that points up or down, `reach` pixels to either side. */
function drawSign(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  reach: number,
  sign: -1 | 0 | 1,
): void {
  if (sign === 0) return;
  context.beginPath();
  context.moveTo(x - reach, y + sign * reach * 0.8);
  context.lineTo(x + reach, y + sign * reach * 0.8);
  context.lineTo(x, y - sign * reach * 0.8);
  context.fill();
}

function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let kept = text;
  while (kept.length > 1 && context.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
  return `${kept.trimEnd()}…`;
}
