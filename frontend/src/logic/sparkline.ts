/**
 * The path of a sparkline in a box of `width` × `height`: oldest left, newest on the right edge, the scale from 0 (or
 * the lowest value below it) to the highest value. Empty below two points.
 */
export function sparkline(values: readonly number[], width: number, height: number, capacity = 60): string {
  const points = values.slice(-capacity);
  if (points.length < 2) return '';
  const low = Math.min(0, ...points);
  const high = Math.max(...points, low + 1e-9);
  const step = width / (capacity - 1);
  const left = width - step * (points.length - 1);
  return points
    .map((value, index) => {
      const x = left + index * step;
      const y = 1 + (height - 2) * (1 - (value - low) / (high - low));
      return `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}

/** Differences between neighbours, never below zero: a rising total as a rate; a restart of the count gives 0. */
export function increments(totals: readonly number[]): number[] {
  return totals.slice(1).map((total, index) => Math.max(0, total - (totals[index] ?? total)));
}
