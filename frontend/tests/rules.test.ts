import { describe, expect, it } from 'vitest';
import { NO_CATALOG } from '../src/live/catalog';
import { Bursts, burstInWords, EVERY_MS, GATHER_MS } from '../src/logic/bursts';
import {
  eventInWords,
  eventsIn,
  matcherOf,
  MAX_RULES,
  NEW_RULE,
  problemWithRule,
  readRules,
  ruleInWords,
  type Rule,
  type RuleEvent,
} from '../src/logic/rules';
import { created, NO_WATCHLISTS, toggled } from '../src/logic/watchlists';
import { alert, catalogOf, entry, pattern } from './samples';

const ANY: Rule = { ...NEW_RULE, id: 'r', minimum: 0 };
const CATALOG = catalogOf([
  entry('BullishEngulfing', { direction: 'bullish', title: 'Bullish engulfing', family: 'Engulfing' }),
  entry('Doji', { title: 'Doji', family: 'Doji' }),
]);
const ENGULFING: RuleEvent = { kind: 'patterns', item: pattern('a') };
const DOJI: RuleEvent = { kind: 'patterns', item: pattern('b', { pattern_type: 'Doji', symbol: 'AAPL' }) };
const ALERT: RuleEvent = { kind: 'alerts', item: alert() };
const CRITICAL: RuleEvent = {
  kind: 'critical',
  item: {
    severity: 'critical',
    message: 'feed lost',
    timestamp: '2025-10-06T14:15:00.000Z',
    component: 'feed',
    action_required: 'check it',
    recovery: null,
  },
};
const LISTS = toggled(created(NO_WATCHLISTS, 'Tech'), 'NVDA');

const hears = (changes: Partial<Rule>, event: RuleEvent, lists = LISTS) =>
  matcherOf({ ...ANY, ...changes }, CATALOG, lists)(event);

describe('a rule', () => {
  it('waits for one kind of events only, and for none while it is off', () => {
    expect(hears({}, ENGULFING)).toBe(true);
    expect(hears({}, ALERT)).toBe(false);
    expect(hears({ kind: 'alerts' }, ALERT)).toBe(true);
    expect(hears({ kind: 'critical' }, CRITICAL)).toBe(true);
    expect(hears({ on: false }, ENGULFING)).toBe(false);
  });

  it('waits for types, or for families', () => {
    expect(hears({ types: ['Doji'] }, DOJI)).toBe(true);
    expect(hears({ types: ['Doji'] }, ENGULFING)).toBe(false);
    expect(hears({ families: ['Engulfing'] }, ENGULFING)).toBe(true);
    expect(hears({ families: ['Engulfing'] }, DOJI)).toBe(false);
    expect(hears({ families: ['Engulfing'], types: ['Doji'] }, DOJI)).toBe(true);
    expect(hears({ kind: 'alerts', types: ['RSI_OVERSOLD'] }, ALERT)).toBe(false);
  });

  it('waits for symbols: all, a watchlist’s as it is now, or these', () => {
    expect(hears({ scope: { of: 'watchlist', name: null } }, ENGULFING)).toBe(true);
    expect(hears({ scope: { of: 'watchlist', name: null } }, DOJI)).toBe(false);
    expect(hears({ scope: { of: 'watchlist', name: 'Watchlist' } }, ENGULFING)).toBe(false);
    expect(hears({ scope: { of: 'watchlist', name: 'gone' } }, ENGULFING)).toBe(false);
    expect(hears({ scope: { of: 'these', symbols: ['AAPL'] } }, DOJI)).toBe(true);
    expect(hears({ scope: { of: 'these', symbols: ['AAPL'] } }, ENGULFING)).toBe(false);
  });

  it('waits for confidence, direction and severity', () => {
    expect(hears({ minimum: 0.85 }, ENGULFING)).toBe(true);
    expect(hears({ minimum: 0.86 }, ENGULFING)).toBe(false);
    expect(hears({ directions: ['up'] }, ENGULFING)).toBe(true);
    expect(hears({ directions: ['down', 'neutral'] }, ENGULFING)).toBe(false);
    expect(hears({ kind: 'alerts', directions: ['down'] }, ALERT)).toBe(false);
    expect(hears({ kind: 'alerts', severities: ['warning'] }, ALERT)).toBe(true);
    expect(hears({ kind: 'alerts', severities: ['info'] }, ALERT)).toBe(false);
    expect(hears({ kind: 'critical', severities: ['warning'] }, CRITICAL)).toBe(false);
  });

  it('is not for what has been put right', () => {
    const over: RuleEvent = {
      kind: 'critical',
      item: { ...CRITICAL.item, severity: 'info', recovery: 'back' },
    };
    expect(hears({ kind: 'critical' }, over)).toBe(false);
  });

  it('hears all of a frame’s events', () => {
    const frame = { patterns: [ENGULFING.item], alerts: [ALERT.item], critical: [CRITICAL.item] };
    expect(eventsIn(frame)).toEqual([ENGULFING, ALERT, CRITICAL]);
    expect(eventsIn({})).toEqual([]);
  });
});

describe('in words', () => {
  it('a rule is one line', () => {
    expect(ruleInWords({ ...ANY, id: 'r' }, CATALOG, LISTS)).toBe('Any pattern, all symbols');
    const rule: Rule = {
      ...ANY,
      types: ['Doji'],
      families: ['Engulfing'],
      directions: ['up'],
      minimum: 0.8,
      scope: { of: 'watchlist', name: null },
    };
    expect(ruleInWords(rule, CATALOG, LISTS)).toBe(
      'Engulfing, Doji, bullish, confidence 80 or more, the current watchlist (Tech)',
    );
    const gone: Rule = {
      ...ANY,
      kind: 'alerts',
      types: ['RSI_OVERSOLD'],
      scope: { of: 'watchlist', name: 'Old' },
    };
    expect(ruleInWords(gone, CATALOG, LISTS)).toBe('RSI oversold, watchlist Old, which is gone');
    expect(ruleInWords({ ...ANY, kind: 'critical', severities: ['critical'] }, CATALOG, LISTS)).toBe(
      'Any critical alert, critical',
    );
  });

  it('an event is a few words', () => {
    expect(eventInWords(CATALOG, ENGULFING)).toBe('NVDA Bullish engulfing 85');
    expect(eventInWords(NO_CATALOG, ALERT)).toBe('AAPL RSI over 70');
    expect(eventInWords(NO_CATALOG, CRITICAL)).toBe('feed lost');
  });

  it('a rule that could do nothing is told why', () => {
    expect(problemWithRule(NEW_RULE)).toBeNull();
    expect(problemWithRule({ ...NEW_RULE, scope: { of: 'these', symbols: [] } })).toContain(
      'at least one symbol',
    );
    expect(problemWithRule({ ...NEW_RULE, sound: 'none', highlights: false })).toContain(
      'Choose what the rule does',
    );
  });
});

describe('stored rules', () => {
  it('are read as they were', () => {
    const rules: Rule[] = [
      ANY,
      { ...ANY, id: 's', kind: 'alerts', scope: { of: 'these', symbols: ['NVDA'] }, severities: ['warning'] },
      { ...ANY, id: 't', on: false, scope: { of: 'watchlist', name: 'Tech' }, directions: ['down'] },
    ];
    expect(readRules(JSON.stringify(rules))).toEqual(rules);
  });

  it('that make no sense are left out, and what makes none in them', () => {
    for (const text of ['', '{}', '1', 'null']) expect(readRules(text)).toBeNull();
    const odd = [null, 1, {}, { id: 'x', kind: 'cats', scope: { of: 'all' } }, { id: 'x', kind: 'alerts' }];
    expect(readRules(JSON.stringify(odd))).toEqual([]);
    const bent = {
      ...ANY,
      minimum: 7,
      sound: 'siren',
      directions: ['sideways', 'up'],
      scope: { of: 'these', symbols: ['<b>', 'NVDA'] },
    };
    expect(readRules(JSON.stringify([bent]))).toEqual([
      { ...ANY, minimum: 0.8, sound: 'none', directions: ['up'], scope: { of: 'these', symbols: ['NVDA'] } },
    ]);
  });

  it('are not without end', () => {
    expect(readRules(JSON.stringify(Array.from({ length: 500 }, () => ANY)))).toHaveLength(MAX_RULES);
  });
});

describe('a burst', () => {
  it('is told once, a moment after it began', () => {
    const bursts = new Bursts();
    for (let n = 0; n < 12; n++) bursts.add('r', 'patterns', `S${n} Doji`, `S${n}`, 1_000 + n);
    expect(bursts.take(1_000 + GATHER_MS - 1)).toEqual([]);
    const [burst, ...others] = bursts.take(1_000 + GATHER_MS);
    expect(others).toEqual([]);
    expect(burst).toMatchObject({ rule: 'r', total: 12, symbol: 'S0' });
    expect(burst && burstInWords(burst)).toBe('12 patterns: S0 Doji, S1 Doji, S2 Doji and 9 more');
    expect(bursts.nextAt).toBeNull();
  });

  it('is told a second after the one before at the earliest; each rule for itself', () => {
    const bursts = new Bursts();
    bursts.add('r', 'patterns', 'a', null, 0);
    expect(bursts.take(GATHER_MS)).toHaveLength(1);
    bursts.add('r', 'patterns', 'b', null, 200);
    bursts.add('s', 'alerts', 'c', null, 200);
    expect(bursts.nextAt).toBe(200 + GATHER_MS);
    expect(bursts.take(200 + GATHER_MS).map(({ rule }) => rule)).toEqual(['s']);
    expect(bursts.nextAt).toBe(GATHER_MS + EVERY_MS);
    expect(bursts.take(GATHER_MS + EVERY_MS).map(({ words }) => words)).toEqual([['b']]);
  });

  it('can be forgotten', () => {
    const bursts = new Bursts();
    bursts.add('r', 'patterns', 'a', null, 0);
    bursts.forget();
    expect(bursts.take(10_000)).toEqual([]);
  });

  it('of one is its own words', () => {
    const one = { rule: 'r', kind: 'alerts', total: 1, words: ['AAPL RSI over 70'], symbol: 'AAPL' } as const;
    expect(burstInWords(one)).toBe('AAPL RSI over 70');
    expect(burstInWords({ ...one, total: 2, words: ['a', 'b'] })).toBe('2 alerts: a, b');
    expect(burstInWords({ ...one, kind: 'critical', total: 2, words: ['a', 'b'] })).toBe(
      '2 critical alerts: a, b',
    );
  });
});
