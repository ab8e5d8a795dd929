import {
  HistogramSeries,
  LineSeries,
  LineStyle,
  type HistogramData,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type LineData,
  type WhitespaceData,
} from 'lightweight-charts';
import type { Bar } from '../logic/bars';
import { fixed, price } from '../logic/format';
import { instancesIn, plotsFor, RSI_LEVELS, type Pane, type Plot } from '../logic/plots';
import type { Colors } from './colors';
import { timeOf } from './place';

type Series = ISeriesApi<'Line'> | ISeriesApi<'Histogram'>;

const STRETCH: Record<Pane, number> = { price: 5, RSI: 1.25, MACD: 1.25 };
/** Room above for what is written there. */
const LOWER_MARGINS = { top: 0.28, bottom: 0.08 };

/** The lines and columns of the indicators, and the panes below the candles that some of them have. */
export class PlotSeries {
  private drawn: { plot: Plot; series: Series }[] = [];
  private levels: IPriceLine[] = [];
  private instances = new Set<string>();

  constructor(
    private readonly chart: IChartApi,
    private colors: Colors,
  ) {}

  get plots(): Plot[] {
    return this.drawn.map(({ plot }) => plot);
  }

  /** Whether all that has a value on this bar is drawn already. */
  draws(bar: Bar): boolean {
    return Object.keys(bar.indicators).every((instance) => this.instances.has(instance));
  }

  /** Draw the values on these bars; whether the panes are other ones than before. */
  show(bars: readonly Bar[]): boolean {
    const instances = instancesIn(bars);
    // Before its history is there, a symbol keeps the panes of the one before it: nothing jumps.
    const isAnother =
      [...instances].some((each) => !this.instances.has(each)) ||
      (bars.length > 1 && instances.size !== this.instances.size);
    if (isAnother) this.choose(instances);
    for (const { plot, series } of this.drawn)
      series.setData(bars.map((bar) => this.pointOf(plot, bar)) as LineData[]);
    return isAnother;
  }

  /** Draw the values on the newest bar. */
  update(bar: Bar): void {
    for (const { plot, series } of this.drawn) series.update(this.pointOf(plot, bar) as LineData);
  }

  paint(colors: Colors, bars: readonly Bar[]): void {
    this.colors = colors;
    for (const { plot, series } of this.drawn) series.applyOptions({ color: colors.looks[plot.look] });
    for (const level of this.levels) level.applyOptions(this.levelColors());
    this.show(bars);
  }

  /** Where each pane begins, pixels from the top of the window. */
  tops(): Map<Pane, number> {
    const tops = new Map<Pane, number>();
    for (const { plot, series } of this.drawn) {
      const element = tops.has(plot.pane) ? null : series.getPane().getHTMLElement();
      if (element) tops.set(plot.pane, element.getBoundingClientRect().top);
    }
    return tops;
  }

  private choose(instances: Set<string>): void {
    this.instances = instances;
    for (const { series } of this.drawn) this.chart.removeSeries(series);
    this.levels = [];
    const panes = new Map<Pane, number>([['price', 0]]);
    this.drawn = plotsFor(instances).map((plot) => {
      const isNew = !panes.has(plot.pane);
      if (isNew) panes.set(plot.pane, panes.size);
      const series = this.create(plot, panes.get(plot.pane) ?? 0);
      if (isNew && plot.pane === 'RSI') this.drawLevels(series);
      return { plot, series };
    });
    for (const [pane, index] of panes) {
      this.chart.panes()[index]?.setStretchFactor(STRETCH[pane]);
      if (pane !== 'price')
        this.chart.priceScale('right', index).applyOptions({ scaleMargins: LOWER_MARGINS });
    }
  }

  private create(plot: Plot, pane: number): Series {
    const decimals = plot.pane === 'RSI' ? 0 : 2;
    const options = {
      color: this.colors.looks[plot.look],
      priceLineVisible: false,
      lastValueVisible: false,
      priceFormat: {
        type: 'custom',
        minMove: 0.0001,
        formatter: plot.pane === 'price' ? price : (value: number) => fixed(value, decimals),
      },
    } as const;
    if (plot.look === 'histogram') {
      const columns = this.chart.addSeries(HistogramSeries, options, pane);
      columns.setSeriesOrder(0); // under its lines
      return columns;
    }
    return this.chart.addSeries(
      LineSeries,
      {
        ...options,
        lineWidth: 1,
        lineStyle: plot.look === 'band' ? LineStyle.Dashed : LineStyle.Solid,
        crosshairMarkerVisible: false,
        ...(plot.pane === 'RSI' ? { autoscaleInfoProvider: rsiRange } : {}),
        // A far average would press the candles flat: they and the bands make the scale.
        ...(plot.look.startsWith('average') ? { autoscaleInfoProvider: () => null } : {}),
      },
      pane,
    );
  }

  private drawLevels(series: Series): void {
    this.levels = RSI_LEVELS.map((level) =>
      series.createPriceLine({
        price: level,
        ...this.levelColors(),
        lineWidth: 1,
        lineStyle: LineStyle.Dashed,
      }),
    );
  }

  private levelColors() {
    const { lineStrong, surface, faint } = this.colors;
    return { color: lineStrong, axisLabelColor: surface, axisLabelTextColor: faint };
  }

  private pointOf(plot: Plot, bar: Bar): LineData | HistogramData | WhitespaceData {
    const time = timeOf(bar.minute);
    const value = plot.value(bar);
    if (value === null) return { time };
    if (plot.look !== 'histogram') return { time, value };
    return { time, value, color: value >= 0 ? this.colors.upTint : this.colors.downTint };
  }
}

/** RSI's scale stands still, unless the value leaves it. */
function rsiRange(original: () => { priceRange: { minValue: number; maxValue: number } | null } | null) {
  const own = original()?.priceRange;
  return {
    priceRange: { minValue: Math.min(20, own?.minValue ?? 20), maxValue: Math.max(80, own?.maxValue ?? 80) },
  };
}
