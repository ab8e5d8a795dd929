// What did not arrive, as lines of the streams: nothing is missing without a word.

import type { Gap } from '../live/protocol';
import type { Numbered } from '../live/store';
import { count, counted } from './format';
import { marketMinute, marketSecond } from './time';

export type Streamed = 'patterns' | 'alerts';

/** A gap in the place of a row. Its number is below zero, as no event's is. */
export interface GapLine {
  readonly n: number;
  readonly gap: Gap;
}

/** A row of a stream: an event or a gap. */
export type Line<T> = Numbered<T> | GapLine;

export function isGap<T>(line: Line<T>): line is GapLine {
  return 'gap' in line;
}

/** How many of a kind are known to have been missed; `null` where nobody could count. */
function missedOf({ missed, found }: Gap, what: Streamed): number | null {
  return missed === null ? null : Math.max(missed[what] ?? 0, found[what] ?? 0);
}

/**
 * The gaps that concern a stream, newest first.
 *
 * @param begun when the session began: what was missed before belongs to another one
 */
export function gapLines(gaps: Iterable<Gap>, what: Streamed, begun: string | null): GapLine[] {
  return [...gaps]
    .filter((gap) => missedOf(gap, what) !== 0 && (begun === null || gap.until >= begun))
    .sort((a, b) => (a.until === b.until ? b.id - a.id : a.until < b.until ? 1 : -1))
    .map((gap) => ({ n: -1 - gap.id, gap }));
}

/** The events with the gaps where they belong: before, that is above, the newest event that is not after them. */
export function withGaps<T extends { readonly timestamp: string }>(
  rows: readonly Numbered<T>[],
  gaps: readonly GapLine[],
): readonly Line<T>[] {
  if (gaps.length === 0) return rows;
  const lines: Line<T>[] = [];
  const waiting = [...gaps];
  for (const row of rows) {
    while (waiting[0] !== undefined && row.item.timestamp <= waiting[0].gap.until)
      lines.push(waiting.shift() as GapLine);
    lines.push(row);
  }
  return [...lines, ...waiting];
}

const NOUN: Record<Streamed, string> = { patterns: 'pattern', alerts: 'alert' };

/** `3 patterns missed, repaired`. */
export function gapInWords(gap: Gap, what: Streamed): string {
  const missed = missedOf(gap, what);
  const found = gap.found[what] ?? 0;
  if (missed === null) {
    const saved = counted(found, NOUN[what]);
    if (gap.state === 'repairing') return `Not connected for a while, looking for its ${what} …`;
    return gap.state === 'repaired'
      ? `Not connected for a while, ${found === 0 ? `no ${what} missed` : `${saved} repaired`}`
      : `Not connected for a while, ${saved} found, others may be lost`;
  }
  const said = `${counted(missed, NOUN[what])} missed`;
  if (found >= missed) return `${said}, repaired`;
  if (gap.state === 'repairing') return `${said}, looking for ${missed === 1 ? 'it' : 'them'} …`;
  return found === 0 ? `${said}, lost` : `${said}, ${count(found)} repaired, ${count(missed - found)} lost`;
}

/** From when to when, and what a reader can do. */
export function gapHint(gap: Gap): string {
  const noticed = Date.parse(gap.noticed_at);
  const stretch = gap.since === null ? 'Before' : `Between ${marketMinute(gap.since)} and`;
  const at = Number.isNaN(noticed) ? '' : ` Noticed at ${marketSecond(noticed)} New York time.`;
  const state = {
    repairing: 'The tables are asked for what did not arrive.',
    repaired: 'What did not arrive was read from the tables; it stands where its time says.',
    lost: 'The tables do not have all of it.',
  }[gap.state];
  return `${stretch} ${marketMinute(gap.until)} of the market's time, messages did not arrive.${at} ${state}`;
}
