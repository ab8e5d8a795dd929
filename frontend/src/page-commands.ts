import { tick } from 'svelte';
import { focusedPanel, focusedSymbol, focusNextFilter, focusPanel, pressArrow } from './keyboard';
import type { Tab } from './logic/address-state';
import type { Command } from './logic/keys';
import { notice } from './notice.svelte';
import type { Page } from './page.svelte';
import { ruleBook } from './rules.svelte';
import { theme } from './theme.svelte';
import { view } from './view.svelte';
import { watchAloud } from './watch-aloud';

/** What the commands need of the page's components. */
export interface Parts {
  /** To the next symbol of the table (1), or the previous one (-1). */
  step: (by: 1 | -1) => void;
  saveUniverse: () => void;
  showRules: () => void;
  toggleHelp: () => void;
}

/** What each command of the keyboard does. */
export function pageCommands(page: Page, parts: Parts): Record<Command, () => void> {
  const { patterns, alerts } = page;

  /** The stream that is meant: the one with the focus, else the one that a phone shows, else the patterns. */
  function stream(): typeof patterns | typeof alerts {
    const panel = focusedPanel();
    if (panel === 'alerts' || panel === 'patterns') return panel === 'alerts' ? alerts : patterns;
    return alerts.cursor !== null || page.tab === 'alerts' ? alerts : patterns;
  }

  function move(by: 1 | -1) {
    if (focusedPanel() === 'universe') pressArrow(by);
    else stream().move(by);
  }

  function openRow() {
    const { cursor, current } = patterns;
    if (stream() === alerts) openSymbolOfRow();
    else if (cursor !== null && current !== null) {
      patterns.toggleDetails(cursor);
      if (patterns.opened === cursor) page.lookAt(current);
    }
  }

  function openSymbolOfRow() {
    if (stream() === alerts) {
      if (alerts.current !== null) page.openAlert(alerts.current);
    } else if (patterns.current !== null) page.openPattern(patterns.current);
  }

  function pause() {
    const wanted = !(patterns.paused && alerts.paused);
    for (const each of [patterns, alerts]) if (each.paused !== wanted) each.togglePause();
  }

  function watch() {
    const symbol = focusedSymbol() ?? stream().current?.symbol ?? view.symbol;
    if (symbol === null) notice.say('Open a symbol, or go to a row with j; then w watches it.');
    else watchAloud(symbol);
  }

  function save() {
    if (focusedPanel() === 'universe') parts.saveUniverse();
    else if (stream() === alerts) page.saveAlerts();
    else page.savePatterns();
  }

  function mute() {
    ruleBook.muted = !ruleBook.muted;
    notice.say(ruleBook.muted ? 'Rules are muted.' : 'Rules sound again.');
  }

  /** What is open closes, one thing at a time. */
  function close() {
    const held = stream();
    if (patterns.opened !== null) patterns.toggleDetails(patterns.opened);
    else if (held.cursor !== null) held.leave();
    else if (view.symbol !== null) page.closeSymbol();
  }

  async function goTo(panel: Tab) {
    page.showTab(panel);
    await tick();
    focusPanel(panel);
  }

  return {
    filter: focusNextFilter,
    next: () => move(1),
    previous: () => move(-1),
    open: openRow,
    symbol: openSymbolOfRow,
    pause,
    watch,
    export: save,
    mute,
    rules: parts.showRules,
    theme: () => theme.next(),
    'step back': () => parts.step(-1),
    'step on': () => parts.step(1),
    help: parts.toggleHelp,
    close,
    'go patterns': () => void goTo('patterns'),
    'go alerts': () => void goTo('alerts'),
    'go symbol': () => void goTo('symbol'),
    'go universe': () => void goTo('universe'),
    'go health': () => void goTo('health'),
  };
}
