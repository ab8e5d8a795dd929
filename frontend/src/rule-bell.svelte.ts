import { noticePermission, showNotice } from './desktop-notices';
import type { Catalog } from './live/catalog';
import type { Delta } from './live/protocol';
import { Bursts, burstInWords, EVERY_MS, type Burst } from './logic/bursts';
import { eventInWords, eventsIn, ruleInWords, type Rule, type RuleEvent } from './logic/rules';
import { isOurs } from './one-tab';
import { ruleBook } from './rules.svelte';
import { mayBeHeard, Player } from './sound';
import { watchlist } from './watchlist.svelte';

/** How long one tab rings for all, milliseconds: less than it takes to the rule's next burst. */
const ALONE_MS = 0.8 * EVERY_MS;

/** Rings and notifies as the rules say, when something happens. */
export class RuleBell {
  private readonly player = new Player();
  private readonly bursts = new Bursts();
  private timer: number | undefined;
  private readonly matchers = $derived.by(() => ruleBook.matchers(this.catalog()));
  /** A sound was due, and the browser waits for a click on the page before it lets one be heard. */
  isBlocked = $state(false);

  /**
   * @param catalog what the producer says of its events
   * @param open a notification of this symbol was clicked
   */
  constructor(
    private readonly catalog: () => Catalog,
    private readonly open: (symbol: string) => void,
  ) {}

  /** Take in what has just happened. */
  hear(frame: Delta): void {
    if (ruleBook.muted || this.matchers.length === 0) return;
    const now = performance.now();
    for (const event of eventsIn(frame)) {
      for (const { rule, matches } of this.matchers) if (matches(event)) this.gather(rule, event, now);
    }
    this.schedule();
  }

  /** A click or a key: from now on the browser lets sounds be heard. */
  wake(): void {
    if (!ruleBook.rules.some(({ on, sound }) => on && sound !== 'none')) return;
    this.player.wake();
    this.isBlocked = false;
  }

  /** Do what a rule does, as a try. */
  test(rule: Rule): void {
    this.player.play(rule.sound);
    if (rule.notifies)
      this.notify('A try of a rule', ruleInWords(rule, this.catalog(), watchlist.all), rule.id, null);
  }

  stop(): void {
    window.clearTimeout(this.timer);
    this.bursts.forget();
  }

  private gather(rule: Rule, event: RuleEvent, now: number): void {
    if (rule.sound === 'none' && (!rule.notifies || noticePermission() !== 'granted')) return;
    const symbol = event.kind === 'critical' ? null : event.item.symbol;
    this.bursts.add(rule.id, rule.kind, eventInWords(this.catalog(), event), symbol, now);
  }

  private schedule(): void {
    const { nextAt } = this.bursts;
    window.clearTimeout(this.timer);
    if (nextAt !== null) this.timer = window.setTimeout(() => this.tell(), nextAt - performance.now());
  }

  private tell(): void {
    for (const burst of this.bursts.take(performance.now())) void this.tellOf(burst);
    this.schedule();
  }

  private async tellOf(burst: Burst): Promise<void> {
    const rule = ruleBook.rules.find(({ id }) => id === burst.rule);
    if (rule === undefined || ruleBook.muted) return;
    this.isBlocked = rule.sound !== 'none' && !mayBeHeard();
    // Of several tabs one sounds, of those that can be heard, and one notifies.
    if (rule.sound !== 'none' && !this.isBlocked && (await isOurs(`sound.${rule.id}`, ALONE_MS)))
      this.player.play(rule.sound);
    if (rule.notifies && (await isOurs(`notice.${rule.id}`, ALONE_MS))) {
      const title = ruleInWords(rule, this.catalog(), watchlist.all);
      this.notify(burstInWords(burst), title, rule.id, burst.symbol);
    }
  }

  private notify(title: string, body: string, tag: string, symbol: string | null): void {
    showNotice(title, body, tag, () => {
      if (symbol !== null) this.open(symbol);
    });
  }
}
