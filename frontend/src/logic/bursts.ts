// Events come in bursts, a minute's at once. One rule is told of them once a second, with how many they were.

import { count } from './format';
import type { Kind } from './rules';

/** Events of one rule that are told together. */
export interface Burst {
  readonly rule: string;
  readonly kind: Kind;
  readonly total: number;
  /** The first few, in words. */
  readonly words: readonly string[];
  /** The first one's symbol; `null` where it has none. */
  readonly symbol: string | null;
}

/** How long the events of a burst are waited for, milliseconds. */
export const GATHER_MS = 150;
/** How often a rule is told at most, milliseconds. */
export const EVERY_MS = 1_000;
const NAMED = 3;

/** Gathers events by rule; the clock is the caller's. */
export class Bursts {
  private readonly waiting = new Map<string, { burst: Burst; dueAt: number }>();
  private readonly toldAt = new Map<string, number>();

  add(rule: string, kind: Kind, words: string, symbol: string | null, now: number): void {
    const begun = this.waiting.get(rule);
    if (begun === undefined) {
      const dueAt = Math.max(now + GATHER_MS, (this.toldAt.get(rule) ?? -Infinity) + EVERY_MS);
      this.waiting.set(rule, { burst: { rule, kind, total: 1, words: [words], symbol }, dueAt });
      return;
    }
    const { burst } = begun;
    const named = burst.words.length < NAMED ? [...burst.words, words] : burst.words;
    begun.burst = { ...burst, total: burst.total + 1, words: named };
  }

  /** The bursts that are to be told now. */
  take(now: number): Burst[] {
    const due = [...this.waiting.values()].filter(({ dueAt }) => dueAt <= now).map(({ burst }) => burst);
    for (const { rule } of due) {
      this.waiting.delete(rule);
      this.toldAt.set(rule, now);
    }
    return due;
  }

  /** When the next burst is due; `null` where none waits. */
  get nextAt(): number | null {
    const due = [...this.waiting.values()].map(({ dueAt }) => dueAt);
    return due.length === 0 ? null : Math.min(...due);
  }

  forget(): void {
    this.waiting.clear();
  }
}

const NOUNS: Record<Kind, readonly [one: string, many: string]> = {
  patterns: ['pattern', 'patterns'],
  alerts: ['alert', 'alerts'],
  critical: ['critical alert', 'critical alerts'],
};

/** `12 patterns: NVDA Hammer 93, AAPL Doji 85, TSLA Doji 81 and 9 more`; one alone is its own words. */
export function burstInWords({ kind, total, words }: Burst): string {
  const [first = ''] = words;
  if (total === 1) return first;
  const more = total - words.length;
  const named = words.join(', ') + (more > 0 ? ` and ${count(more)} more` : '');
  return `${count(total)} ${NOUNS[kind][1]}: ${named}`;
}
