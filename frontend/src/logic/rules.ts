// Rules: which events are to be heard, seen or notified of.

import type { Catalog } from '../live/catalog';
import type { CriticalAlert, Detection, Frame, IndicatorAlert } from '../live/protocol';
import { CROSSINGS, SEVERITIES, type Severity } from './address-state';
import { alertInWords, directionOf, titleOf } from './catalog';
import { percent } from './format';
import { isRecovery } from './incidents';
import { isSymbol } from './symbols';
import { listOf, MAX_NAME, MAX_SYMBOLS, type Watchlists } from './watchlists';
import { alertTypeName, DIRECTIONS, DIRECTION_WORDS, type Direction } from './words';

export const KINDS = ['patterns', 'alerts', 'critical'] as const;
export type Kind = (typeof KINDS)[number];

export const SOUNDS = ['none', 'chime', 'ping', 'knock'] as const;
export type Sound = (typeof SOUNDS)[number];

/** Of which symbols; of a watchlist `null` is the current one. */
export type SymbolScope =
  | { readonly of: 'all' }
  | { readonly of: 'watchlist'; readonly name: string | null }
  | { readonly of: 'these'; readonly symbols: readonly string[] };

/** What a rule waits for, and what it does. An empty list of types, families, directions or severities means any. */
export interface Rule {
  readonly id: string;
  readonly on: boolean;
  readonly kind: Kind;
  /** Types of patterns or alerts. A pattern of one of the families is as good. */
  readonly types: readonly string[];
  readonly families: readonly string[];
  readonly scope: SymbolScope;
  /** The least confidence of a pattern, 0 to 1. */
  readonly minimum: number;
  readonly directions: readonly Direction[];
  readonly severities: readonly Severity[];
  readonly sound: Sound;
  readonly notifies: boolean;
  readonly highlights: boolean;
}

export const MAX_RULES = 50;
const MAX_TYPES = 200;

export const NEW_RULE: Omit<Rule, 'id'> = {
  on: true,
  kind: 'patterns',
  types: [],
  families: [],
  scope: { of: 'all' },
  minimum: 0.8,
  directions: [],
  severities: [],
  sound: 'chime',
  notifies: false,
  highlights: true,
};

export type RuleEvent =
  | { readonly kind: 'patterns'; readonly item: Detection }
  | { readonly kind: 'alerts'; readonly item: IndicatorAlert }
  | { readonly kind: 'critical'; readonly item: CriticalAlert };

/** The events that have just happened, in a frame's order. */
export function eventsIn(frame: Pick<Partial<Frame>, 'patterns' | 'alerts' | 'critical'>): RuleEvent[] {
  return [
    ...(frame.patterns ?? []).map((item) => ({ kind: 'patterns', item }) as const),
    ...(frame.alerts ?? []).map((item) => ({ kind: 'alerts', item }) as const),
    ...(frame.critical ?? []).map((item) => ({ kind: 'critical', item }) as const),
  ];
}

/** Whether a rule waits for an event. */
export function matcherOf(rule: Rule, catalog: Catalog, lists: Watchlists): (event: RuleEvent) => boolean {
  const hasSymbol = scopeOf(rule.scope, lists);
  const hasDirection = (direction: Direction) =>
    rule.directions.length === 0 || rule.directions.includes(direction);
  const hasSeverity = (severity: string) =>
    rule.severities.length === 0 || rule.severities.some((wanted) => wanted === severity);
  const isOfType = (type: string) => {
    if (rule.types.length + rule.families.length === 0 || rule.types.includes(type)) return true;
    const family = catalog.patterns.get(type)?.family;
    return rule.kind === 'patterns' && family !== undefined && rule.families.includes(family);
  };
  return ({ kind, item }) => {
    if (!rule.on || kind !== rule.kind) return false;
    switch (kind) {
      case 'patterns':
        return (
          item.confidence >= rule.minimum &&
          hasSymbol(item.symbol) &&
          isOfType(item.pattern_type) &&
          hasDirection(directionOf(catalog, item.pattern_type))
        );
      case 'alerts':
        return (
          hasSymbol(item.symbol) &&
          isOfType(item.alert_type) &&
          hasSeverity(item.severity) &&
          hasDirection(alertInWords(catalog, item).direction)
        );
      case 'critical':
        return !isRecovery(item) && hasSeverity(item.severity);
    }
  };
}

function scopeOf(scope: SymbolScope, lists: Watchlists): (symbol: string) => boolean {
  if (scope.of === 'all') return () => true;
  const symbols = new Set(scope.of === 'these' ? scope.symbols : listOf(lists, scope.name)?.symbols);
  return (symbol) => symbols.has(symbol);
}

/** An event in a few words: `NVDA Hammer 93`. */
export function eventInWords(catalog: Catalog, { kind, item }: RuleEvent): string {
  switch (kind) {
    case 'patterns':
      return `${item.symbol} ${titleOf(catalog, item.pattern_type)} ${percent(item.confidence)}`;
    case 'alerts':
      return `${item.symbol} ${alertInWords(catalog, item).text}`;
    case 'critical':
      return item.message;
  }
}

/** What a rule waits for, as one line. */
export function ruleInWords(rule: Rule, catalog: Catalog, lists: Watchlists): string {
  const any = { patterns: 'any pattern', alerts: 'any alert', critical: 'any critical alert' }[rule.kind];
  const typeName = (type: string) =>
    rule.kind === 'patterns' ? titleOf(catalog, type) : alertTypeName(type);
  const named = [...rule.families, ...rule.types.map(typeName)];
  const what =
    named.length > 3 ? `${named.slice(0, 3).join(', ')} and ${named.length - 3} more` : named.join(', ');
  const parts = [named.length === 0 ? any : what];
  if (rule.directions.length > 0) {
    const direction = rule.directions.map((each) =>
      rule.kind === 'patterns' ? DIRECTION_WORDS[each] : each,
    );
    parts.push(direction.join(' or '));
  }
  if (rule.kind === 'patterns' && rule.minimum > 0) parts.push(`confidence ${percent(rule.minimum)} or more`);
  if (rule.kind !== 'patterns' && rule.severities.length > 0) parts.push(rule.severities.join(' or '));
  if (rule.kind !== 'critical') parts.push(scopeInWords(rule.scope, lists));
  const text = parts.join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function scopeInWords(scope: SymbolScope, lists: Watchlists): string {
  if (scope.of === 'all') return 'all symbols';
  if (scope.of === 'watchlist') {
    if (scope.name === null) return `the current watchlist (${lists.current})`;
    return listOf(lists, scope.name) ? `watchlist ${scope.name}` : `watchlist ${scope.name}, which is gone`;
  }
  const { symbols } = scope;
  return symbols.length > 4
    ? `${symbols.slice(0, 4).join(' ')} and ${symbols.length - 4} more`
    : symbols.join(' ');
}

/** Why a rule would never do anything, in a sentence; `null` where it may. */
export function problemWithRule(rule: Omit<Rule, 'id'>): string | null {
  if (rule.scope.of === 'these' && rule.kind !== 'critical' && rule.scope.symbols.length === 0)
    return 'Name at least one symbol, like AAPL, or choose all symbols.';
  if (rule.sound === 'none' && !rule.notifies && !rule.highlights)
    return 'Choose what the rule does: a sound, a notification or a highlight.';
  return null;
}

/** Read back what was stored as JSON; `null` where it is of no use. Rules that make no sense are left out. */
export function readRules(text: string): Rule[] | null {
  try {
    const stored: unknown = JSON.parse(text);
    if (!Array.isArray(stored)) return null;
    return stored.flatMap((rule: unknown) => readRule(rule) ?? []).slice(0, MAX_RULES);
  } catch {
    return null;
  }
}

function readRule(stored: unknown): Rule | null {
  if (typeof stored !== 'object' || stored === null) return null;
  const rule = stored as Record<keyof Rule, unknown>;
  const kind = KINDS.find((known) => known === rule.kind);
  const scope = readScope(rule.scope);
  if (typeof rule.id !== 'string' || kind === undefined || scope === null) return null;
  const { minimum } = rule;
  return {
    id: rule.id,
    on: rule.on !== false,
    kind,
    types: namesIn(rule.types).slice(0, MAX_TYPES),
    families: namesIn(rule.families).slice(0, MAX_TYPES),
    scope,
    minimum: typeof minimum === 'number' && minimum >= 0 && minimum <= 1 ? minimum : NEW_RULE.minimum,
    directions: DIRECTIONS.filter((known) => namesIn(rule.directions).includes(known)),
    severities: SEVERITIES.filter((known) => namesIn(rule.severities).includes(known)),
    sound: SOUNDS.find((known) => known === rule.sound) ?? 'none',
    notifies: rule.notifies === true,
    highlights: rule.highlights === true,
  };
}

function readScope(stored: unknown): SymbolScope | null {
  if (typeof stored !== 'object' || stored === null) return null;
  const { of, name, symbols } = stored as { of?: unknown; name?: unknown; symbols?: unknown };
  if (of === 'all') return { of };
  if (of === 'watchlist') return { of, name: typeof name === 'string' ? name.slice(0, MAX_NAME) : null };
  if (of === 'these') return { of, symbols: namesIn(symbols).filter(isSymbol).slice(0, MAX_SYMBOLS) };
  return null;
}

function namesIn(stored: unknown): string[] {
  return Array.isArray(stored) ? stored.filter((name): name is string => typeof name === 'string') : [];
}

/** The directions that a rule of a kind may ask for. */
export function directionsOf(kind: Kind): readonly Direction[] {
  return kind === 'patterns' ? DIRECTIONS : kind === 'alerts' ? CROSSINGS : [];
}
