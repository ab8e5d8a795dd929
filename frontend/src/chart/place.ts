import type { UTCTimestamp } from 'lightweight-charts';
import { asNewYork } from '../logic/time';

/** A bar's place on the time axis: seconds of New York's clock, since a chart knows no zones. */
export function timeOf(minute: string): UTCTimestamp {
  return (asNewYork(Date.parse(minute)) / 1000) as UTCTimestamp;
}
