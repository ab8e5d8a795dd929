import type {
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  Time,
} from 'lightweight-charts';

type Target = Parameters<IPrimitivePaneRenderer['draw']>[0];

/** What is framed: from the first bar to the last, and from the lowest price to the highest. */
export interface Frame {
  first: Time;
  last: Time;
  low: number;
  high: number;
}

const MARGIN_PX = 5;
const LEAST_HALF_WIDTH_PX = 4;

/** A frame around some bars of the candles, over everything else. */
export class BarsOutline implements ISeriesPrimitive<Time>, IPrimitivePaneView, IPrimitivePaneRenderer {
  private attachment: SeriesAttachedParameter<Time> | null = null;
  private frame: Frame | null = null;
  private stroke = '';
  private fill = '';
  private readonly views = [this];

  attached(attachment: SeriesAttachedParameter<Time>): void {
    this.attachment = attachment;
  }

  detached(): void {
    this.attachment = null;
  }

  show(frame: Frame | null): void {
    this.frame = frame;
    this.attachment?.requestUpdate();
  }

  paint(stroke: string, fill: string): void {
    this.stroke = stroke;
    this.fill = fill;
    this.attachment?.requestUpdate();
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.views;
  }

  renderer(): IPrimitivePaneRenderer {
    return this;
  }

  draw(target: Target): void {
    const { attachment, frame } = this;
    if (attachment === null || frame === null) return;
    const { chart, series } = attachment;
    const scale = chart.timeScale();
    const [first, last] = [scale.timeToCoordinate(frame.first), scale.timeToCoordinate(frame.last)];
    const [top, bottom] = [series.priceToCoordinate(frame.high), series.priceToCoordinate(frame.low)];
    if (first === null || last === null || top === null || bottom === null) return;
    const spacing =
      Number(scale.logicalToCoordinate(1 as never)) - Number(scale.logicalToCoordinate(0 as never));
    const half = Math.max(LEAST_HALF_WIDTH_PX, spacing / 2 + 1);
    target.useMediaCoordinateSpace(({ context }) => {
      context.beginPath();
      context.roundRect(
        first - half,
        top - MARGIN_PX,
        last - first + 2 * half,
        bottom - top + 2 * MARGIN_PX,
        3,
      );
      context.fillStyle = this.fill;
      context.fill();
      context.lineWidth = 1.5;
      context.strokeStyle = this.stroke;
      context.stroke();
    });
  }
}
