import type { Look } from '../logic/plots';

/** The page's colours as a canvas can use them. */
export interface Colors {
  surface: string;
  text: string;
  faint: string;
  line: string;
  lineStrong: string;
  up: string;
  upTint: string;
  down: string;
  downTint: string;
  neutral: string;
  alert: string;
  outline: string;
  outlineTint: string;
  looks: Record<Look, string>;
}

/** What the tokens of `style.css` come to in the present theme; `element` is anywhere in the page. */
export function readColors(element: HTMLElement): Colors {
  const probe = element.appendChild(document.createElement('span'));
  const read = (token: string) => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const colors: Colors = {
    surface: read('surface'),
    text: read('text'),
    faint: read('text-faint'),
    line: read('line'),
    lineStrong: read('line-strong'),
    up: read('up'),
    upTint: read('up-tint'),
    down: read('down'),
    downTint: read('down-tint'),
    neutral: read('text-soft'),
    alert: read('chart-alert'),
    outline: read('accent'),
    outlineTint: read('accent-tint'),
    looks: {
      'average-1': read('chart-1'),
      'average-2': read('chart-2'),
      'average-3': read('chart-3'),
      'average-4': read('chart-4'),
      band: read('chart-band'),
      line: read('chart-1'),
      signal: read('chart-2'),
      histogram: read('up-tint'),
    },
  };
  probe.remove();
  return colors;
}
