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
const TEXT_MIN_HEIGHT = 13;
const BOTH_MIN_HEIGHT = 25;
const LARGE = 46;
const SIGN_MIN = 7;

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
  const isFaded = value === null || isStale(tile.symbol);
  if (value === null) {
    context.fillStyle = palette.line;
    context.fillRect(tile.x, tile.y, width, height);
  } else {
    context.globalAlpha = isFaded ? 0.35 : 1;
    context.fillStyle = palette.paint(metric, heatShare(value, scale)).fill;
    context.fillRect(tile.x, tile.y, width, height);
    context.globalAlpha = 1;
  }
  const ink = isFaded || value === null ? palette.faint : palette.paint(metric, heatShare(value, scale)).text;
  context.fillStyle = ink;
  drawText(context, tile, width, height, metric, value);
  if (tile.symbol === opened) {
    context.strokeStyle = palette.outline;
    context.lineWidth = 2;
    context.strokeRect(tile.x + 1, tile.y + 1, width - 2, height - 2);
  }
}

/** The symbol and its number, the symbol, or which way it points: whatever fits. */
function drawText(
  context: CanvasRenderingContext2D,
  tile: Tile,
  width: number,
  height: number,
  metric: HeatMetric,
  value: number | null,
): void {
  const middle = tile.x + width / 2;
  const size = height >= LARGE && width >= 1.5 * LARGE ? 13 : height >= BOTH_MIN_HEIGHT ? 10.5 : 9.5;
  if (height >= TEXT_MIN_HEIGHT) {
    context.font = `600 ${size}px ${FONT}`;
    if (context.measureText(tile.symbol).width <= width - 3) {
      const text = heatText(metric, value);
      const hasBoth = height >= BOTH_MIN_HEIGHT;
      const center = tile.y + height / 2 + 0.5;
      context.fillText(tile.symbol, middle, hasBoth ? center - size * 0.56 : center);
      context.font = `400 ${size - 0.5}px ${FONT}`;
      if (hasBoth && context.measureText(text).width <= width - 2)
        context.fillText(text, middle, center + size * 0.58);
      return;
    }
  }
  const sign = heatSign(metric, value);
  if (sign === 0 || width < SIGN_MIN || height < SIGN_MIN) return;
  const [reach, center] = [Math.min(width, height) * 0.2, tile.y + height / 2];
  context.beginPath();
  context.moveTo(middle - reach, center + sign * reach * 0.8);
  context.lineTo(middle + reach, center + sign * reach * 0.8);
  context.lineTo(middle, center - sign * reach * 0.8);
  context.fill();
}

function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let kept = text;
  while (kept.length > 1 && context.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
  return `${kept.trimEnd()}…`;
}
