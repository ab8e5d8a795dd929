// The chart of one symbol's bars. Loaded when a symbol is first opened: the page's first view is without it.

import {
  CandlestickSeries,
  ColorType,
  createChart,
  createSeriesMarkers,
  CrosshairMode,
  HistogramSeries,
  LineStyle,
  type HistogramData,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type SeriesMarker,
  type Time,
} from 'lightweight-charts';
import type { Bar } from '../logic/bars';
import { price } from '../logic/format';
import { markersOf, type Marker, type Occurrence, type Outline } from '../logic/occurrences';
import type { Pane, Plot } from '../logic/plots';
import { wallText } from '../logic/time';
import { AlertDots, type Dot } from './alert-dots';
import { BarsOutline } from './bars-outline';
import { readColors, type Colors } from './colors';
import { timeOf } from './place';
import { PlotSeries } from './plot-series';

export interface ChartEvents {
  /** The bar under the crosshair, by its minute; `null` when there is none. */
  onHover: (minute: string | null) => void;
  /** The reader has clicked on a bar. */
  onPick: (minute: string) => void;
  /** The reader has come near the first bar. */
  onStart: () => void;
  /** How many markers are drawn. */
  onMarked: (count: number) => void;
  /** Which plots are drawn, and where each pane begins, pixels from the top of the chart. */
  onLayout: (plots: readonly Plot[], tops: ReadonlyMap<Pane, number>) => void;
}

/** Bars before the first visible one from which on earlier ones are wanted. */
const NEAR_START = 20;

/**
 * Candles with volume, averages and bands, below them RSI and MACD; markers, and a frame around the bars that are
 * spoken of. Draws what it is told, in the colours of the page's theme.
 */
export class SymbolChart {
  private readonly chart: IChartApi;
  private readonly candles: ISeriesApi<'Candlestick'>;
  private readonly volume: ISeriesApi<'Histogram'>;
  private readonly plots: PlotSeries;
  private readonly markers: ISeriesMarkersPluginApi<Time>;
  private readonly dots = new AlertDots();
  private readonly outline = new BarsOutline();
  private readonly resized: ResizeObserver;
  private colors: Colors;
  private bars: readonly Bar[] = [];
  private minutes = new Map<Time, string>();
  private occurrences: readonly Occurrence[] = [];
  private outlined: Outline | null = null;
  private isLookedAt = false;
  private isRemoved = false;

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
        rightOffset: 4,
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
      borderVisible: false,
    });
    this.candles.priceScale().applyOptions({ scaleMargins: { top: 0.16, bottom: 0.18 } });
    this.candles.attachPrimitive(this.dots);
    this.candles.attachPrimitive(this.outline);
    this.plots = new PlotSeries(this.chart, this.colors);
    this.markers = createSeriesMarkers<Time>(this.candles, []);
    this.chart.subscribeCrosshairMove(({ time }) => {
      this.events.onHover(time === undefined ? null : (this.minutes.get(time) ?? null));
    });
    this.chart.subscribeClick(({ time }) => {
      const minute = time === undefined ? undefined : this.minutes.get(time);
      if (minute !== undefined) this.events.onPick(minute);
    });
    this.chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range !== null && this.bars.length > 0 && range.from < NEAR_START) this.events.onStart();
    });
    this.resized = new ResizeObserver(() => this.tellLayout());
    this.resized.observe(container);
    this.paint();
  }

  /** Draw these bars in the place of all others, where the reader is looking. */
  show(bars: readonly Bar[]): void {
    this.bars = bars;
    this.minutes = new Map(bars.map(({ minute }) => [timeOf(minute), minute]));
    this.candles.setData(bars.map(candleOf));
    this.volume.setData(bars.map((bar) => this.volumeOf(bar)));
    if (this.plots.show(bars)) this.tellLayout();
    this.drawMarkers();
    this.drawOutline();
  }

  /** Draw the newest of the bars, which was there before or is new. */
  update(bars: readonly Bar[]): void {
    const bar = bars.at(-1);
    if (bar === undefined) return;
    if (!this.plots.draws(bar)) {
      this.show(bars);
      return;
    }
    const time = timeOf(bar.minute);
    const isNew = !this.minutes.has(time);
    this.bars = bars;
    this.minutes.set(time, bar.minute);
    this.candles.update(candleOf(bar));
    this.volume.update(this.volumeOf(bar));
    this.plots.update(bar);
    if (isNew) {
      this.drawMarkers();
      this.drawOutline();
    }
  }

  /** Begin with another symbol: its newest bars are looked at, in the usual width. */
  clear(): void {
    this.isLookedAt = false;
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
  }

  remove(): void {
    this.isRemoved = true;
    this.resized.disconnect();
    this.chart.remove();
  }

  private paint(): void {
    const { colors } = this;
    const grid = { color: colors.line };
    const crosshair = { color: colors.faint, labelBackgroundColor: colors.lineStrong };
    this.chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: colors.surface },
        textColor: colors.faint,
        panes: { separatorColor: colors.line, separatorHoverColor: colors.line },
      },
      grid: { vertLines: grid, horzLines: grid },
      crosshair: { vertLine: crosshair, horzLine: crosshair },
    });
    this.candles.applyOptions({
      upColor: colors.up,
      downColor: colors.down,
      wickUpColor: colors.up,
      wickDownColor: colors.down,
    });
    this.volume.setData(this.bars.map((bar) => this.volumeOf(bar)));
    this.plots.paint(colors, this.bars);
    this.dots.paint(colors.alert);
    this.outline.paint(colors.outline, colors.outlineTint);
    this.drawMarkers();
  }

  private volumeOf(bar: Bar): HistogramData {
    const color = bar.close >= bar.open ? this.colors.upTint : this.colors.downTint;
    return { time: timeOf(bar.minute), value: bar.volume, color };
  }

  private drawMarkers(): void {
    const bars = new Map(this.bars.map((bar) => [bar.minute, bar]));
    const markers = markersOf(this.occurrences, (minute) => bars.has(minute));
    const patterns = markers.filter(({ kind }) => kind === 'pattern');
    const taken = new Set(patterns.map((marker) => `${marker.minute} ${sideOf(marker)}`));
    this.markers.setMarkers(patterns.map((marker) => this.signOf(marker)));
    this.dots.show(
      markers
        .filter(({ kind }) => kind === 'alert')
        .map((marker): Dot => {
          const { high, low } = bars.get(marker.minute) as Bar;
          const side = sideOf(marker);
          return {
            time: timeOf(marker.minute),
            price: side === 'above' ? high : low,
            side,
            isFar: taken.has(`${marker.minute} ${side}`),
          };
        }),
    );
    this.events.onMarked(markers.length);
  }

  private signOf(marker: Marker): SeriesMarker<Time> {
    const time = timeOf(marker.minute);
    const { colors } = this;
    const position = sideOf(marker) === 'above' ? 'aboveBar' : 'belowBar';
    if (marker.direction === 'up') return { time, position, shape: 'arrowUp', color: colors.up };
    if (marker.direction === 'down') return { time, position, shape: 'arrowDown', color: colors.down };
    return { time, position, shape: 'square', color: colors.neutral, size: 0.6 };
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

  /** Once the chart has laid itself out, which it does with the next frame. */
  private tellLayout(): void {
    requestAnimationFrame(() => {
      if (this.isRemoved) return;
      const { top } = this.container.getBoundingClientRect();
      const tops = [...this.plots.tops()].map(([pane, at]): [Pane, number] => [pane, at - top]);
      this.events.onLayout(this.plots.plots, new Map(tops));
    });
  }
}

function candleOf({ minute, open, high, low, close }: Bar) {
  return { time: timeOf(minute), open, high, low, close };
}

/** A pattern's arrow points at its bar; an alert's dot lies where the price went. */
function sideOf({ kind, direction }: Marker): Dot['side'] {
  if (kind === 'alert') return direction === 'down' ? 'below' : 'above';
  return direction === 'up' ? 'below' : 'above';
}
