import type { Catalog } from './live/catalog';
import { follow, recall, remember } from './logic/preferences';
import { matcherOf, MAX_RULES, readRules, type Rule, type RuleEvent } from './logic/rules';
import { watchlist } from './watchlist.svelte';

const NAME = 'rules';
const MUTED = 'rules-muted';

/** The reader's rules. Remembered for the next visit, and the same in all tabs of the page. */
class RuleBook {
  private kept = $state.raw<readonly Rule[]>(recall(NAME, readRules, []));
  private isMuted = $state(recall(MUTED, (text) => text === 'true', false));

  constructor() {
    follow(NAME, (text) => (this.kept = (text === null ? null : readRules(text)) ?? []));
    follow(MUTED, (text) => (this.isMuted = text === 'true'));
  }

  get rules(): readonly Rule[] {
    return this.kept;
  }

  /** Whether there is room for another rule. */
  get hasRoom(): boolean {
    return this.kept.length < MAX_RULES;
  }

  /** No sounds and no notifications, whatever the rules say; highlights stay. */
  get muted(): boolean {
    return this.isMuted;
  }

  set muted(muted: boolean) {
    this.isMuted = muted;
    remember(MUTED, String(muted));
  }

  /** Put a rule in the place of the one of its id, or at the end. */
  put(rule: Rule): void {
    const known = this.kept.some(({ id }) => id === rule.id);
    if (!known && !this.hasRoom) return;
    this.keep(known ? this.kept.map((each) => (each.id === rule.id ? rule : each)) : [...this.kept, rule]);
  }

  delete(id: string): void {
    this.keep(this.kept.filter((rule) => rule.id !== id));
  }

  /** A watchlist has another name: the rules that are of it follow. */
  renameList(from: string, to: string): void {
    this.keep(
      this.kept.map((rule) =>
        rule.scope.of === 'watchlist' && rule.scope.name === from
          ? { ...rule, scope: { of: 'watchlist', name: to } }
          : rule,
      ),
    );
  }

  /** Each rule with what tells whether it waits for an event. */
  matchers(catalog: Catalog): { rule: Rule; matches: (event: RuleEvent) => boolean }[] {
    return this.kept.map((rule) => ({ rule, matches: matcherOf(rule, catalog, watchlist.all) }));
  }

  /** Whether an event is to be highlighted; `null` where no rule highlights any. */
  highlighter(catalog: Catalog): ((event: RuleEvent) => boolean) | null {
    const matchers = this.matchers(catalog).filter(({ rule }) => rule.on && rule.highlights);
    return matchers.length === 0 ? null : (event) => matchers.some(({ matches }) => matches(event));
  }

  private keep(rules: readonly Rule[]): void {
    this.kept = rules;
    remember(NAME, JSON.stringify(rules));
  }
}

export const ruleBook = new RuleBook();
