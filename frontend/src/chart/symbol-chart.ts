// The chart of one symbol's bars. Loaded when a symbol is first opened: the page's first view is without it.

import {
  CandlestickSeries,
  ColorType,
  createChart,
  createSeriesMarkers,
  CrosshairMode,
  HistogramSeries,
  LineSeries,
  LineStyle,
  type HistogramData,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type LineData,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
  type WhitespaceData,
} from 'lightweight-charts';
import type { Bar } from '../logic/bars';
import { fixed, price } from '../logic/format';
import { markersOf, type Marker, type Occurrence, type Outline } from '../logic/occurrences';
import { instancesIn, plotsFor, RSI_LEVELS, type Pane, type Plot } from '../logic/plots';
import { asNewYork, wallText } from '../logic/time';
import { BarsOutline } from './bars-outline';
import { readColors, type Colors } from './colors';

export interface ChartEvents {
  /** The bar under the crosshair, by its minute; `null` when there is none. */
  onHover: (minute: string | null) => void;
  /** The reader has come near the first bar. */
  onStart: () => void;
  /** How many markers are drawn. */
  onMarked: (count: number) => void;
  /** Which plots are drawn, and where each pane begins, pixels from the top of the chart. */
  onLayout: (plots: readonly Plot[], tops: ReadonlyMap<Pane, number>) => void;
}

/** Bars before the first visible one from which on earlier ones are wanted. */
const NEAR_START = 20;
const RIGHT_MARGIN_BARS = 4;
const STRETCH: Record<Pane, number> = { price: 5, RSI: 1.25, MACD: 1.25 };

type Line = { plot: Plot; series: ISeriesApi<'Line'> | ISeriesApi<'Histogram'> };

/** A bar's place on the time axis, in seconds of New York's clock. */
function timeOf(minute: string): UTCTimestamp {
  return (asNewYork(Date.parse(minute)) / 1000) as UTCTimestamp;
}

/**
 * Candles with volume, averages and bands, below them RSI and MACD; markers, and a frame around the bars that are
 * spoken of. Draws what it is told, in the colours of the page's theme.
 */
export class SymbolChart {
  private readonly chart: IChartApi;
  private readonly candles: ISeriesApi<'Candlestick'>;
  private readonly volume: ISeriesApi<'Histogram'>;
  private readonly markers: ISeriesMarkersPluginApi<Time>;
  private readonly outline = new BarsOutline();
  private readonly resized: ResizeObserver;
  private colors: Colors;
  private lines: Line[] = [];
  private instances = new Set<string>();
  private bars: readonly Bar[] = [];
  private minutes = new Map<Time, string>();
  private levels: IPriceLine[] = [];
  private occurrences: readonly Occurrence[] = [];
  private outlined: Outline | null = null;
  private isLookedAt = false;

  constructor(
    private readonly container: HTMLElement,
    private readonly events: ChartEvents,
  ) {
    this.colors = readColors(container);
    this.chart = createChart(container, {
      autoSize: true,
      layout: {
        // Its link comes with a style element, which the page's Content-Security-Policy refuses; the page has its own.
        attributionLogo: false,
        fontFamily: getComputedStyle(container).fontFamily,
        fontSize: 11,
        panes: { enableResize: false },
      },
      crosshair: { mode: CrosshairMode.Normal },
      rightPriceScale: { borderVisible: false, minimumWidth: 62 },
      timeScale: {
        timeVisible: true,
        secondsVisible: false,
        borderVisible: false,
        rightOffset: RIGHT_MARGIN_BARS,
        minBarSpacing: 0.5,
      },
      localization: { locale: 'en-US', timeFormatter: (time: Time) => wallText(Number(time) * 1000) },
      handleScroll: { vertTouchDrag: false },
      kineticScroll: { touch: !matchMedia('(prefers-reduced-motion: reduce)').matches, mouse: false },
    });
    this.volume = this.chart.addSeries(HistogramSeries, {
      priceScaleId: 'volume',
      priceFormat: { type: 'volume' },
      priceLineVisible: false,
      lastValueVisible: false,
    });
    this.volume.priceScale().applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
    this.candles = this.chart.addSeries(CandlestickSeries, {
      priceFormat: { type: 'custom', formatter: price, minMove: 0.0001 },
      priceLineStyle: LineStyle.Dotted,
    });
    this.candles.priceScale().applyOptions({ scaleMargins: { top: 0.16, bottom: 0.18 } });
    this.candles.attachPrimitive(this.outline);
    this.markers = createSeriesMarkers<Time>(this.candles, []);
    this.chart.subscribeCrosshairMove(({ time }) => {
      this.events.onHover(time === undefined ? null : (this.minutes.get(time) ?? null));
    });
    this.chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range !== null && this.bars.length > 0 && range.from < NEAR_START) this.events.onStart();
    });
    this.resized = new ResizeObserver(() => requestAnimationFrame(() => this.tellLayout()));
    this.resized.observe(container);
    this.paint();
  }

  /** Draw these bars in the place of all others, where the reader is looking. */
  show(bars: readonly Bar[]): void {
    this.bars = bars;
    this.minutes = new Map(bars.map(({ minute }) => [timeOf(minute), minute]));
    this.choosePlots();
    this.candles.setData(bars.map(candleOf));
    this.volume.setData(bars.map((bar) => this.volumeOf(bar)));
    for (const line of this.lines) this.fill(line);
    this.drawMarkers();
    this.drawOutline();
  }

  /** Draw the newest of the bars, which was there before or is new. */
  update(bars: readonly Bar[]): void {
    const bar = bars.at(-1);
    if (bar === undefined) return;
    const time = timeOf(bar.minute);
    const isNew = !this.minutes.has(time);
    this.bars = bars;
    this.minutes.set(time, bar.minute);
    if (Object.keys(bar.indicators).some((instance) => !this.instances.has(instance))) {
      this.show(bars);
      return;
    }
    this.candles.update(candleOf(bar));
    this.volume.update(this.volumeOf(bar));
    for (const { plot, series } of this.lines) series.update(this.pointOf(plot, bar) as LineData);
    if (isNew) {
      this.drawMarkers();
      this.drawOutline();
    }
  }

  /** Begin with another symbol: its newest bars are looked at, in the usual width. */
  clear(): void {
    this.show([]);
    this.chart.timeScale().resetTimeScale();
    this.candles.priceScale().applyOptions({ autoScale: true });
  }

  /** Mark the bars on which these fell; those whose bar is not there yet are marked when it comes. */
  mark(occurrences: readonly Occurrence[]): void {
    this.occurrences = occurrences;
    this.drawMarkers();
  }

  /** Frame these bars, and look at them as soon as they are there; `null` frames none. */
  frame(outlined: Outline | null): void {
    this.outlined = outlined;
    this.isLookedAt = false;
    this.drawOutline();
  }

  /** Take the colours of the present theme. */
  repaint(): void {
    this.colors = readColors(this.container);
    this.paint();
    this.volume.setData(this.bars.map((bar) => this.volumeOf(bar)));
    for (const line of this.lines) this.fill(line);
    this.drawMarkers();
  }

  remove(): void {
    this.resized.disconnect();
    this.chart.remove();
  }

  private paint(): void {
    const { colors } = this;
    const grid = { color: colors.line };
    this.chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: colors.surface },
        textColor: colors.faint,
        panes: { separatorColor: colors.line, separatorHoverColor: colors.line },
      },
      grid: { vertLines: grid, horzLines: grid },
      crosshair: {
        vertLine: { color: colors.faint, labelBackgroundColor: colors.lineStrong },
        horzLine: { color: colors.faint, labelBackgroundColor: colors.lineStrong },
      },
    });
    this.candles.applyOptions({
      upColor: colors.up,
      downColor: colors.down,
      wickUpColor: colors.up,
      wickDownColor: colors.down,
      borderVisible: false,
    });
    for (const { plot, series } of this.lines) series.applyOptions({ color: colors.looks[plot.look] });
    for (const level of this.levels) level.applyOptions({ color: colors.lineStrong });
    this.outline.paint(colors.outline, colors.outlineTint);
  }

  /** Make the series anew if other instances have values than before. */
  private choosePlots(): void {
    const instances = instancesIn(this.bars);
    if (instances.size === this.instances.size && [...instances].every((each) => this.instances.has(each)))
      return;
    this.instances = instances;
    for (const { series } of this.lines) this.chart.removeSeries(series);
    this.levels = [];
    const panes = new Map<Pane, number>([['price', 0]]);
    this.lines = plotsFor(instances).map((plot) => {
      if (!panes.has(plot.pane)) panes.set(plot.pane, panes.size);
      return { plot, series: this.seriesFor(plot, panes.get(plot.pane) ?? 0, panes) };
    });
    for (const [pane, index] of panes) this.chart.panes()[index]?.setStretchFactor(STRETCH[pane]);
    requestAnimationFrame(() => this.tellLayout());
  }

  private seriesFor(plot: Plot, pane: number, panes: ReadonlyMap<Pane, number>): Line['series'] {
    const isFirst = this.chart.panes().length < panes.size;
    const decimals = plot.pane === 'RSI' ? 0 : 2;
    const shared = {
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
      const columns = this.chart.addSeries(HistogramSeries, shared, pane);
      columns.setSeriesOrder(0); // under its lines
      return columns;
    }
    const series = this.chart.addSeries(
      LineSeries,
      {
        ...shared,
        lineWidth: 1,
        lineStyle: plot.look === 'band' ? LineStyle.Dashed : LineStyle.Solid,
        crosshairMarkerVisible: false,
        ...(plot.pane === 'RSI' ? { autoscaleInfoProvider: rsiRange } : {}),
      },
      pane,
    );
    if (plot.pane === 'RSI' && isFirst)
      this.levels = RSI_LEVELS.map((level) =>
        series.createPriceLine({
          price: level,
          color: this.colors.lineStrong,
          lineWidth: 1,
          lineStyle: LineStyle.Dashed,
          axisLabelVisible: false,
        }),
      );
    return series;
  }

  private fill({ plot, series }: Line): void {
    series.setData(this.bars.map((bar) => this.pointOf(plot, bar)) as LineData[]);
  }

  private pointOf(plot: Plot, bar: Bar): LineData | HistogramData | WhitespaceData {
    const time = timeOf(bar.minute);
    const value = plot.value(bar);
    if (value === null) return { time };
    if (plot.look !== 'histogram') return { time, value };
    return { time, value, color: value >= 0 ? this.colors.upTint : this.colors.downTint };
  }

  private volumeOf(bar: Bar): HistogramData {
    const color = bar.close >= bar.open ? this.colors.upTint : this.colors.downTint;
    return { time: timeOf(bar.minute), value: bar.volume, color };
  }

  private drawMarkers(): void {
    const there = new Set(this.minutes.values());
    const markers = markersOf(this.occurrences, (minute) => there.has(minute));
    this.markers.setMarkers(markers.map((marker) => this.signOf(marker)));
    this.events.onMarked(markers.length);
  }

  private signOf({ minute, kind, direction }: Marker): SeriesMarker<Time> {
    const time = timeOf(minute);
    const { colors } = this;
    if (kind === 'alert') {
      const position = direction === 'down' ? 'belowBar' : 'aboveBar';
      return { time, position, shape: 'circle', color: colors.alert, size: 0.4 };
    }
    if (direction === 'up')
      return { time, position: 'belowBar', shape: 'arrowUp', color: colors.up, size: 1 };
    if (direction === 'down')
      return { time, position: 'aboveBar', shape: 'arrowDown', color: colors.down, size: 1 };
    return { time, position: 'aboveBar', shape: 'square', color: colors.neutral, size: 0.6 };
  }

  private drawOutline(): void {
    const range = this.outlinedRange();
    if (range === null) {
      this.outline.show(null);
      return;
    }
    const bars = this.bars.slice(range.from, range.to + 1);
    this.outline.show({
      first: timeOf((bars[0] as Bar).minute),
      last: timeOf((bars.at(-1) as Bar).minute),
      low: Math.min(...bars.map(({ low }) => low)),
      high: Math.max(...bars.map(({ high }) => high)),
    });
    if (!this.isLookedAt) this.lookAt(range);
    this.isLookedAt = true;
  }

  private outlinedRange(): { from: number; to: number } | null {
    const { outlined } = this;
    if (outlined === null) return null;
    const to = this.bars.findLastIndex(({ minute }) => minute === outlined.minute);
    return to === -1 ? null : { from: Math.max(0, to - outlined.bars + 1), to };
  }

  private lookAt({ from, to }: { from: number; to: number }): void {
    const scale = this.chart.timeScale();
    const shown = scale.getVisibleLogicalRange();
    if (shown === null || (from >= shown.from && to <= shown.to)) return;
    const half = (shown.to - shown.from) / 2;
    scale.setVisibleLogicalRange({ from: to - half, to: to + half });
  }

  private tellLayout(): void {
    const top = this.container.getBoundingClientRect().top;
    const tops = new Map<Pane, number>();
    for (const { plot, series } of this.lines) {
      const element = tops.has(plot.pane) ? null : series.getPane().getHTMLElement();
      if (element) tops.set(plot.pane, element.getBoundingClientRect().top - top);
    }
    this.events.onLayout(
      this.lines.map(({ plot }) => plot),
      tops,
    );
  }
}

function candleOf({ minute, open, high, low, close }: Bar) {
  return { time: timeOf(minute), open, high, low, close };
}

/** RSI's scale stands still, unless the value leaves it. */
function rsiRange(original: () => { priceRange: { minValue: number; maxValue: number } | null } | null) {
  const own = original()?.priceRange;
  return {
    priceRange: { minValue: Math.min(20, own?.minValue ?? 20), maxValue: Math.max(80, own?.maxValue ?? 80) },
  };
}
