import type { Bar } from './bars';
import { fixed, price } from './format';

/** `price` lies under the candles; the others are panes of their own. */
export type Pane = 'price' | 'RSI' | 'MACD';

/** How a plot is drawn; the theme gives each its colour. */
export type Look =
  'average-1' | 'average-2' | 'average-3' | 'average-4' | 'band' | 'line' | 'signal' | 'histogram';

/** One line, or one row of columns, of the chart. */
export interface Plot {
  readonly id: string;
  readonly label: string;
  readonly pane: Pane;
  readonly look: Look;
  value(bar: Bar): number | null;
  text(value: number | null): string;
}

const AVERAGES = ['SMA', 'EMA', 'WMA', 'DEMA', 'TEMA', 'TRIMA', 'KAMA'];
const AVERAGE_LOOKS: Look[] = ['average-1', 'average-2', 'average-3', 'average-4'];

/** The indicators that a chart can draw, without their parameters. */
export const DRAWN = [...AVERAGES, 'BB', 'RSI', 'MACD'];

export const PANES: readonly Pane[] = ['price', 'RSI', 'MACD'];

/** RSI's usual thresholds. */
export const RSI_LEVELS = [70, 30];

function output(instance: string, name: string): Plot['value'] {
  return (bar) => {
    const value = bar.indicators[instance]?.[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  };
}

/** The MACD line: the tables round it to four decimals, but not the two that it is the sum of. */
function macdLine(instance: string): Plot['value'] {
  const [line, signal, histogram] = ['value', 'signal', 'histogram'].map((name) =>
    output(instance, name),
  ) as [Plot['value'], Plot['value'], Plot['value']];
  return (bar) => {
    const [average, difference] = [signal(bar), histogram(bar)];
    return average !== null && difference !== null ? average + difference : line(bar);
  };
}

function plotsOf(instance: string, averageLook: () => Look): Plot[] {
  const [family = instance, ...parameters] = instance.split('_');
  const label = [family, ...parameters].join(' ');
  const oneDecimal = (value: number | null) => fixed(value, 1);
  const threeDecimals = (value: number | null) => fixed(value, 3);
  if (AVERAGES.includes(family)) {
    const value = output(instance, 'value');
    return [{ id: instance, label, pane: 'price', look: averageLook(), value, text: price }];
  }
  switch (family) {
    case 'BB':
      return ['upper', 'lower'].map((name) => ({
        id: `${instance} ${name}`,
        label: name === 'upper' ? `${label} upper` : name,
        pane: 'price',
        look: 'band',
        value: output(instance, name),
        text: price,
      }));
    case 'RSI':
      return [
        {
          id: instance,
          label,
          pane: 'RSI',
          look: 'line',
          value: output(instance, 'value'),
          text: oneDecimal,
        },
      ];
    case 'MACD':
      return [
        { id: instance, label, pane: 'MACD', look: 'line', value: macdLine(instance), text: threeDecimals },
        {
          id: `${instance} signal`,
          label: 'signal',
          pane: 'MACD',
          look: 'signal',
          value: output(instance, 'signal'),
          text: threeDecimals,
        },
        {
          id: `${instance} histogram`,
          label: 'hist',
          pane: 'MACD',
          look: 'histogram',
          value: output(instance, 'histogram'),
          text: threeDecimals,
        },
      ];
    default:
      return [];
  }
}

/** What a chart draws of the instances that have values (`SMA_20`, `BB_20_2`): averages by length, then bands, RSI, MACD. */
export function plotsFor(instances: Iterable<string>): Plot[] {
  const sorted = [...instances].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  let averages = 0;
  const averageLook = () => AVERAGE_LOOKS[averages++ % AVERAGE_LOOKS.length] as Look;
  const plots = sorted.flatMap((instance) => plotsOf(instance, averageLook));
  const rank = (plot: Plot) => PANES.indexOf(plot.pane) * 2 + (plot.look === 'band' ? 1 : 0);
  return plots.sort((a, b) => rank(a) - rank(b));
}

/** Every indicator instance that has a value on one of the bars. */
export function instancesIn(bars: readonly Bar[]): Set<string> {
  const instances = new Set<string>();
  for (const bar of bars) for (const instance of Object.keys(bar.indicators)) instances.add(instance);
  return instances;
}
