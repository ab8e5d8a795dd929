import type { ConnectionState } from '../live/connection';
import type { Status } from '../live/protocol';
import { duration } from './format';

export type LinkTone = 'good' | 'waiting' | 'bad';

export interface LinkWords {
  tone: LinkTone;
  label: string;
  sentence: string;
}

/** A producer that has sent no checkpoint for this long is silent. */
export const SILENT_MS = 3_000;

/** How long the producer has been silent by now; `null` before its first checkpoint. */
export function producerAge(status: Status | null, sinceStatusMs: number): number | null {
  const age = status?.producer_age_ms ?? null;
  return age === null ? null : age + Math.max(0, sinceStatusMs);
}

/** The worst thing on the way from producer to page, in words: the page's link, then Redis, then the producer. */
export function linkWords(link: ConnectionState, status: Status | null, sinceStatusMs: number): LinkWords {
  if (link.phase === 'connecting')
    return { tone: 'waiting', label: 'Connecting', sentence: 'Connecting to the dashboard.' };
  if (link.phase === 'waiting')
    return {
      tone: 'bad',
      label: 'Disconnected',
      sentence: `Connection lost: ${link.reason}.`,
    };
  if (status?.redis === 'lost')
    return {
      tone: 'bad',
      label: 'Redis lost',
      sentence: 'The dashboard cannot reach Redis and keeps trying.',
    };
  const age = producerAge(status, sinceStatusMs);
  if (age === null)
    return { tone: 'waiting', label: 'No producer', sentence: 'Connected; no producer has been heard yet.' };
  if (age > SILENT_MS)
    return {
      tone: 'bad',
      label: `Silent ${duration(age / 1000)}`,
      sentence: `The producer has sent nothing for ${duration(age / 1000)}; values are the last ones received.`,
    };
  return { tone: 'good', label: 'Connected', sentence: 'Connected; the producer is sending.' };
}

/** Whether what is shown is no longer the present. */
export function isOutdated(link: ConnectionState, status: Status | null, sinceStatusMs: number): boolean {
  if (link.phase !== 'open' || status?.redis === 'lost') return true;
  return (producerAge(status, sinceStatusMs) ?? 0) > SILENT_MS;
}
