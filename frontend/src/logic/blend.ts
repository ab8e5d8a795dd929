// Colours between colours, and what can be read on them.

export type Rgb = readonly [red: number, green: number, blue: number];

/** `rgb(1, 2, 3)` or `rgba(…)`, as a browser computes colours; `null` where it is something else. */
export function parseRgb(text: string): Rgb | null {
  const [red, green, blue] = (/^rgba?\(([^)]*)\)$/.exec(text)?.[1] ?? '')
    .split(/[\s,/]+/)
    .filter(Boolean)
    .map(Number);
  return [red, green, blue].every((part) => part !== undefined && Number.isFinite(part))
    ? [red as number, green as number, blue as number]
    : null;
}

/** Of two colours, `share` (0 to 1) of the second. */
export function blend(from: Rgb, to: Rgb, share: number): Rgb {
  const mix = (at: 0 | 1 | 2) => Math.round(from[at] + (to[at] - from[at]) * share);
  return [mix(0), mix(1), mix(2)];
}

export function toCss([red, green, blue]: Rgb): string {
  return `rgb(${red}, ${green}, ${blue})`;
}

/** Relative luminance as WCAG 2 has it. */
function luminance(color: Rgb): number {
  const [red, green, blue] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The contrast of two colours as WCAG 2 has it, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [high, low] = [luminance(a), luminance(b)].sort((one, other) => other - one) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** That of two text colours which is easier to read on a ground. */
export function readable(ground: Rgb, one: Rgb, other: Rgb): Rgb {
  return contrast(ground, one) >= contrast(ground, other) ? one : other;
}
