// The contract's names in plain words.

import { percent } from './format';

export const DIRECTIONS = ['up', 'down', 'neutral'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** `MACD_12_26_9` and `body_is_small` and `BearishEngulfing`, as words. */
export function words(name: string): string {
  return name
    .replace(/_/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .trim();
}

/** `BearishEngulfing` is `Bearish engulfing`. */
export function patternName(type: string): string {
  const text = words(type);
  return text.charAt(0) + text.slice(1).toLowerCase();
}

/** `RSI_OVERBOUGHT` is `RSI overbought`. */
export function alertTypeName(type: string): string {
  const [first = '', ...others] = words(type).split(' ');
  return [first, ...others.map((word) => word.toLowerCase())].join(' ');
}

/** What a pattern is read as, as far as its name tells: for producers whose catalog is not there. */
export function patternDirection(type: string): Direction {
  if (/^(Bullish|White)/.test(type)) return 'up';
  if (/^(Bearish|Black)/.test(type)) return 'down';
  return 'neutral';
}

export const ARROWS: Record<Direction, string> = { up: '▲', down: '▼', neutral: '◆' };
export const DIRECTION_WORDS: Record<Direction, string> = {
  up: 'bullish',
  down: 'bearish',
  neutral: 'neutral',
};

/** What a confidence, 0 to 1, says. */
export function confidenceMeaning(confidence: number): string {
  return `Of 100 occurrences of this pattern in the calibration sample, ${percent(confidence)} are less clear-cut.`;
}

export interface AlertWords {
  text: string;
  /** The same as a sentence. */
  sentence: string;
  direction: Direction;
  /** Decimals that value and threshold are shown with. */
  decimals: number;
}

/** An alert's type in words. What crossed upward points up, whatever one makes of it. */
export function alertWords(type: string, threshold: number, side: string): AlertWords {
  switch (type) {
    case 'RSI_OVERBOUGHT':
      return {
        text: `RSI over ${threshold}`,
        sentence: `RSI rose above ${threshold}`,
        direction: 'up',
        decimals: 1,
      };
    case 'RSI_OVERSOLD':
      return {
        text: `RSI under ${threshold}`,
        sentence: `RSI fell below ${threshold}`,
        direction: 'down',
        decimals: 1,
      };
    case 'MACD_BULLISH_CROSS':
      return {
        text: 'MACD crossed up',
        sentence: 'MACD crossed above its signal line',
        direction: 'up',
        decimals: 3,
      };
    case 'MACD_BEARISH_CROSS':
      return {
        text: 'MACD crossed down',
        sentence: 'MACD crossed below its signal line',
        direction: 'down',
        decimals: 3,
      };
    case 'BB_UPPER_BREAK':
      return {
        text: 'Above upper band',
        sentence: 'Closed above the upper Bollinger band',
        direction: 'up',
        decimals: 2,
      };
    case 'BB_LOWER_BREAK':
      return {
        text: 'Below lower band',
        sentence: 'Closed below the lower Bollinger band',
        direction: 'down',
        decimals: 2,
      };
    default:
      return {
        text: words(type).toLowerCase(),
        sentence: words(type).toLowerCase(),
        direction: side === 'below' ? 'down' : 'up',
        decimals: 2,
      };
  }
}

export interface SourceWords {
  /** `LIVE`, `SIMULATED`, `REPLAY` or, before a producer was heard, `NO FEED`. */
  badge: string;
  /** What else is to be said: `at 60× speed`. */
  detail: string;
  /** One sentence. */
  sentence: string;
  real: boolean;
}

/** Where the market comes from and how fast it runs. A market that is not the live one never looks like it. */
export function sourceWords(source: string | null, speed: number | null): SourceWords {
  if (source === null)
    return { badge: 'NO FEED', detail: '', sentence: 'No producer has been heard yet.', real: false };
  const pace = speed === null ? 'as fast as possible' : `at ${Number(speed.toPrecision(4))}×`;
  if (source.startsWith('simulator')) {
    const detail = speed === 1 ? 'in real time' : pace;
    return {
      badge: 'SIMULATED',
      detail,
      sentence: `This market is simulated (${source}), running ${detail}. None of these prices are real.`,
      real: false,
    };
  }
  if (source.startsWith('replay')) {
    const name = source.slice('replay:'.length);
    const detail = `${name ? `of ${name} ` : ''}${speed === 1 ? 'in real time' : pace}`;
    return { badge: 'REPLAY', detail, sentence: `Past trading, played again ${detail}.`, real: false };
  }
  return {
    badge: 'LIVE',
    detail: `from ${source}`,
    sentence: `The live market, from ${source}.`,
    real: true,
  };
}

const FINAL_STATUS: Record<string, string> = {
  completed: 'completed',
  stopped: 'stopped by hand',
  failed: 'failed',
};

export function finalStatus(status: string): string {
  return FINAL_STATUS[status] ?? status;
}
