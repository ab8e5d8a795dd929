import { blend, parseRgb, readable, toCss, type Rgb } from '../logic/blend';
import type { HeatMetric } from '../logic/heat';

/** A colour and what is written on it. */
export interface Paint {
  readonly fill: string;
  readonly text: string;
}

/** The heat map's colours in the present theme. */
export interface Palette {
  readonly surface: string;
  readonly line: string;
  readonly label: string;
  readonly faint: string;
  readonly outline: string;
  /** For a share of −1 to 1; a metric that has no middle begins at 0. */
  paint(metric: HeatMetric, share: number): Paint;
}

/** So many shades on either side of the middle. */
const STEPS = 24;
const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [10, 14, 19];
/** Small values must be told from none: the first shade is this much of the last. */
const FIRST_SHADE = 0.12;

/** What the tokens of `style.css` come to; `element` is anywhere in the page. */
export function readPalette(element: HTMLElement): Palette {
  const probe = element.appendChild(document.createElement('span'));
  const read = (token: string) => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const rgb = (token: string) => parseRgb(read(token)) ?? WHITE;
  const middle = rgb('heat-middle');
  const shades = (end: Rgb) =>
    Array.from({ length: STEPS + 1 }, (_, step): Paint => {
      const share = step === 0 ? 0 : FIRST_SHADE + ((1 - FIRST_SHADE) * step) / STEPS;
      const fill = blend(middle, end, share);
      return { fill: toCss(fill), text: toCss(readable(fill, WHITE, BLACK)) };
    });
  const [up, down, many] = [shades(rgb('heat-up')), shades(rgb('heat-down')), shades(rgb('heat-many'))];
  const palette: Palette = {
    surface: read('surface'),
    line: read('line'),
    label: read('text-soft'),
    faint: read('text-faint'),
    outline: read('text'),
    paint(metric, share) {
      const side = metric === 'patterns' ? many : share < 0 ? down : up;
      return side[Math.round(Math.abs(share) * STEPS)] as Paint;
    },
  };
  probe.remove();
  return palette;
}
