import type { Bar } from '../logic/bars';
import { DRAWN } from '../logic/plots';
import { apiAddress } from './address';
import { getJson } from './ask';
import type { Detection, IndicatorAlert } from './protocol';

/** What `/api/streaming/bars` answers. */
export interface BarsPage {
  source: string | null;
  /** Oldest first. */
  bars: Bar[];
  /** What to ask for the page before this one with; `null` where there is none. */
  earlier: string | null;
}

/** What the tables have of a symbol. Every question may throw a `NoAnswerError`. */
export interface History {
  bars(symbol: string, source: string | null, limit: number, before: string | null): Promise<BarsPage>;
  patterns(symbol: string, source: string | null): Promise<Detection[]>;
  alerts(symbol: string, source: string | null): Promise<IndicatorAlert[]>;
}

const MOST_PATTERNS = 100;
const MOST_ALERTS = 300;

/** The REST API's; `page` is the page's own address. */
export function restHistory(page: string): History {
  return {
    async bars(symbol, source, limit, before) {
      const parameters = { source, limit, before, indicators: DRAWN.join(',') };
      return (await getJson(apiAddress(page, `bars/${symbol}`, parameters))) as BarsPage;
    },
    async patterns(symbol, source) {
      const answer = await getJson(apiAddress(page, `patterns/${symbol}`, { source, limit: MOST_PATTERNS }));
      return (answer as { patterns: Detection[] }).patterns;
    },
    async alerts(symbol, source) {
      const answer = await getJson(apiAddress(page, 'alerts', { symbol, source, limit: MOST_ALERTS }));
      return (answer as { alerts: IndicatorAlert[] }).alerts;
    },
  };
}
