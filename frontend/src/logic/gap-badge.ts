// What did not arrive, in the few words of the header and the many of its hint.

import type { Gap, Status } from '../live/protocol';
import { count, counted } from './format';
import { marketMinute } from './time';

export interface GapBadge {
  /** `no gaps`, `3 missed, repaired`. */
  readonly label: string;
  readonly tip: string;
  /** Whether something is still missing. */
  readonly isOpen: boolean;
}

/** How many gaps the hint tells. */
const TOLD = 5;

const OUTCOMES: Record<Gap['state'], string> = {
  repairing: 'being looked for',
  repaired: 'every event of it was found',
  lost: 'not all of it was found',
};

/** The gaps that are known of since the dashboard started; `gaps` oldest first. */
export function gapBadge(gaps: readonly Gap[], status: Pick<Status, 'missed'>): GapBadge {
  if (gaps.length === 0)
    return status.missed === 0
      ? { label: 'no gaps', tip: 'Every message that the producer counted has arrived', isOpen: false }
      : {
          label: `${count(status.missed)} missed`,
          tip: 'What did not arrive is being counted',
          isOpen: true,
        };
  const has = (state: Gap['state']) => gaps.some((gap) => gap.state === state);
  const outcome = has('lost') ? 'not all repaired' : has('repairing') ? 'repairing' : 'repaired';
  const missed = status.missed > 0 ? `${count(status.missed)} missed` : counted(gaps.length, 'gap');
  const told = gaps.slice(-TOLD).reverse().map(gapLine);
  const more = gaps.length > TOLD ? [`and ${counted(gaps.length - TOLD, 'earlier gap')}`] : [];
  return {
    label: `${missed}, ${outcome}`,
    tip: ['Messages that were sent and did not arrive here:', ...told, ...more].join('\n'),
    isOpen: outcome !== 'repaired',
  };
}

/** `10:15 to 10:16: 3 patterns, 12 indicators; every event of it was found`. */
function gapLine({ since, until, missed, state }: Gap): string {
  const from = since === null ? 'until' : `${marketMinute(since)} to`;
  const what =
    missed === null
      ? 'unknown how many'
      : Object.entries(missed)
          .filter(([, number]) => number > 0)
          .map(([kind, number]) => `${count(number)} ${kind}`)
          .join(', ');
  return `${from} ${marketMinute(until)}: ${what}; ${OUTCOMES[state]}`;
}
