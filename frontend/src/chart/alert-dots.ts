import type {
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  Time,
} from 'lightweight-charts';

type Target = Parameters<IPrimitivePaneRenderer['draw']>[0];

/** A dot beyond a price: above it, or below it. */
export interface Dot {
  time: Time;
  price: number;
  side: 'above' | 'below';
  /** Beyond the arrow that stands there. */
  isFar: boolean;
}

const RADIUS_PX = 2.5;
const DISTANCE_PX = 8;
const FAR_PX = 26;

/** Small dots where alerts fell. The library's own markers are twice as wide, and alerts are many. */
export class AlertDots implements ISeriesPrimitive<Time>, IPrimitivePaneView, IPrimitivePaneRenderer {
  private attachment: SeriesAttachedParameter<Time> | null = null;
  private dots: readonly Dot[] = [];
  private color = '';
  private readonly views = [this];

  attached(attachment: SeriesAttachedParameter<Time>): void {
    this.attachment = attachment;
  }

  detached(): void {
    this.attachment = null;
  }

  show(dots: readonly Dot[]): void {
    this.dots = dots;
    this.attachment?.requestUpdate();
  }

  paint(color: string): void {
    this.color = color;
    this.attachment?.requestUpdate();
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.views;
  }

  renderer(): IPrimitivePaneRenderer {
    return this;
  }

  draw(target: Target): void {
    const { attachment } = this;
    if (attachment === null) return;
    const scale = attachment.chart.timeScale();
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      context.fillStyle = this.color;
      for (const { time, price, side, isFar } of this.dots) {
        const [x, y] = [scale.timeToCoordinate(time), attachment.series.priceToCoordinate(price)];
        if (x === null || y === null || x < -RADIUS_PX || x > mediaSize.width + RADIUS_PX) continue;
        const distance = isFar ? FAR_PX : DISTANCE_PX;
        context.beginPath();
        context.arc(x, side === 'above' ? y - distance : y + distance, RADIUS_PX, 0, 2 * Math.PI);
        context.fill();
      }
    });
  }
}
