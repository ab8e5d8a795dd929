const FACTS = 32;
const CONDITION = 19;
const MOST_CONDITIONS = 8;

/** How high a pattern's explanation is drawn, in pixels; more than eight conditions scroll. */
export function detailHeight(conditions: number): number {
  return FACTS + CONDITION * Math.min(MOST_CONDITIONS, Math.max(1, conditions));
}
