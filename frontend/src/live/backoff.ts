const FIRST_MS = 400;
const LONGEST_MS = 5_000;

/**
 * How long to wait before attempt `attempt` (0 is the first after a failure): doubles up to `longestMs`, with "full
 * jitter" over the upper half, so that a thousand pages do not come back in the same instant.
 *
 * @param random uniform in [0, 1)
 */
export function backoffMs(
  attempt: number,
  random: number,
  firstMs: number = FIRST_MS,
  longestMs: number = LONGEST_MS,
): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 16));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
