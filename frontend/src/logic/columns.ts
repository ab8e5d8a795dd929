import type { SymbolState } from '../live/store';
import { fixed, NOTHING, signed, significant } from './format';

/** `high` and `low` lie beyond a threshold; `above` and `below` are the sign of a difference, shown more quietly. */
export type Tone = 'high' | 'low' | 'up' | 'down' | 'above' | 'below' | 'plain';

/** A column of the indicator table: what it reads from a symbol, and how it says it. */
export interface Column {
  readonly id: string;
  readonly title: string;
  /** The parameters, smaller under or beside the title. */
  readonly parameters: string;
  readonly explains: string;
  /** The number that is shown and sorted by. */
  value(state: SymbolState): number | null;
  text(value: number | null): string;
  tone(value: number | null): Tone;
}

const ORDER = ['RSI', 'SMA', 'EMA', 'MACD', 'BB'];

/** RSI's usual thresholds: colours only; alerts have their own. */
const OVERBOUGHT = 70;
const OVERSOLD = 30;

function finite(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Which side of zero a value lies on, as far as `decimals` show it. */
function side(decimals: number): (value: number | null) => Tone {
  const least = 0.5 * 10 ** -decimals;
  return (value) => {
    if (value === null || Math.abs(value) < least) return 'plain';
    return value > 0 ? 'above' : 'below';
  };
}

function outsideOf(low: number, high: number): (value: number | null) => Tone {
  return (value) => {
    if (value === null) return 'plain';
    if (value > high) return 'high';
    return value < low ? 'low' : 'plain';
  };
}

type Shape = Omit<Column, 'id' | 'parameters'>;

function shapeOf(instance: string, family: string): Shape {
  const output = (state: SymbolState, name: string) => finite(state.indicators.get(instance)?.[name]);
  switch (family) {
    case 'RSI':
      return {
        title: 'RSI',
        explains: 'Relative strength index, 0 to 100; marked above 70 and below 30',
        value: (state) => output(state, 'value'),
        text: (value) => fixed(value, 1),
        tone: outsideOf(OVERSOLD, OVERBOUGHT),
      };
    case 'SMA':
    case 'EMA':
      return {
        title: `vs ${family}`,
        explains: 'How far the price stands from this average, in percent of the average',
        value: (state) => {
          const average = output(state, 'value');
          return average && state.close !== null ? (state.close / average - 1) * 100 : null;
        },
        text: (value) => (value === null ? NOTHING : `${signed(value, 2)}%`),
        tone: side(2),
      };
    case 'MACD':
      return {
        title: 'MACD hist',
        explains: 'MACD line minus its signal line; above zero the line is above its signal',
        value: (state) => output(state, 'histogram') ?? output(state, 'value'),
        text: (value) => signed(value, 3),
        tone: side(3),
      };
    case 'BB':
      return {
        title: 'BB %B',
        explains:
          'Where the price stands between the Bollinger bands: 0 the lower, 1 the upper; marked outside',
        value: (state) =>
          output(state, 'percent_b') ?? percentB(state, output(state, 'upper'), output(state, 'lower')),
        text: (value) => fixed(value, 2),
        tone: outsideOf(0, 1),
      };
    default:
      return {
        title: family,
        explains: `Value of ${instance}`,
        value: (state) => output(state, 'value'),
        text: significant,
        tone: () => 'plain',
      };
  }
}

function percentB(state: SymbolState, upper: number | null, lower: number | null): number | null {
  if (state.close === null || upper === null || lower === null || upper <= lower) return null;
  return (state.close - lower) / (upper - lower);
}

/** The columns for the indicator instances that have arrived (`RSI_14`, `MACD_12_26_9`); unknown ones show their value. */
export function columnsFor(instances: Iterable<string>): Column[] {
  const parsed = [...instances].map((instance) => {
    const [family = instance, ...parameters] = instance.split('_');
    return { instance, family, parameters };
  });
  const rank = (family: string) => (ORDER.includes(family) ? ORDER.indexOf(family) : ORDER.length);
  parsed.sort(
    (a, b) =>
      rank(a.family) - rank(b.family) ||
      a.family.localeCompare(b.family) ||
      a.instance.localeCompare(b.instance, 'en', { numeric: true }),
  );
  return parsed.map(({ instance, family, parameters }) => ({
    id: instance,
    parameters: parameters.join(' '),
    ...shapeOf(instance, family),
  }));
}

/** Change since the session's first open, in percent. */
export const CHANGE: Column = {
  id: 'change',
  title: 'Change',
  parameters: '',
  explains: 'Change of the price since the first open of this session',
  value: (state) =>
    state.close !== null && state.firstOpen ? (state.close / state.firstOpen - 1) * 100 : null,
  text: (value) => (value === null ? NOTHING : `${fixed(Math.abs(value), 2)}%`),
  tone: (value) => {
    if (value === null || Math.abs(value) < 0.005) return 'plain';
    return value > 0 ? 'up' : 'down';
  },
};
