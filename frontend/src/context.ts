import { getContext, setContext } from 'svelte';
import type { Live } from './live/live.svelte';
import type { Outline } from './logic/occurrences';
import type { MarketHours } from './market-hours.svelte';
import type { RuleBell } from './rule-bell.svelte';

const LIVE = Symbol('live');
const OPEN_SYMBOL = Symbol('open symbol');
const MARKET_HOURS = Symbol('market hours');
const RULES = Symbol('rules');

export function provideLive(live: Live): Live {
  return setContext(LIVE, live);
}

/** The page's live state. */
export function useLive(): Live {
  return getContext<Live>(LIVE);
}

/** Opens the view of a symbol, with some of its bars outlined. */
export type OpenSymbol = (symbol: string, outline?: Outline | null) => void;

export function provideOpenSymbol(open: OpenSymbol): void {
  setContext(OPEN_SYMBOL, open);
}

/** What a symbol does when it is clicked, anywhere on the page. */
export function useOpenSymbol(): OpenSymbol {
  return getContext<OpenSymbol>(OPEN_SYMBOL);
}

export function provideMarketHours(hours: MarketHours): MarketHours {
  return setContext(MARKET_HOURS, hours);
}

/** The market's time and the exchange's hours. */
export function useMarketHours(): MarketHours {
  return getContext<MarketHours>(MARKET_HOURS);
}

export interface Rules {
  readonly bell: RuleBell;
  /** Show the rules to the reader. */
  readonly show: () => void;
}

export function provideRules(rules: Rules): void {
  setContext(RULES, rules);
}

/** What rings by the reader's rules, and where these are changed. */
export function useRules(): Rules {
  return getContext<Rules>(RULES);
}
