import type { Numbered } from './live/store';
import { viewOf, type StreamView } from './logic/streams';
import type { Ring } from './live/ring';

/**
 * A stream as the reader handles it: it runs while the list stands at its top, and is held while it is paused,
 * scrolled or an entry is open, so that nothing moves under the eyes. What arrives meanwhile is counted.
 */
export class Stream<T> {
  filter = $state('');
  paused = $state(false);
  /** Whether the list is scrolled to its top. */
  atTop = $state(true);
  /** The number of the event whose details are open. */
  opened = $state<number | null>(null);
  private held = $state.raw<Numbered<T>[] | null>(null);

  readonly view: StreamView<T> = $derived.by(() => {
    return viewOf(this.ring(), this.shows(), this.held);
  });

  constructor(
    private readonly ring: () => Readonly<Ring<Numbered<T>>>,
    private readonly shows: () => (item: T) => boolean,
  ) {}

  get running(): boolean {
    return this.held === null;
  }

  /** Hold or let go, as pause, scroll and open details say. */
  settle(): void {
    const hold = this.paused || !this.atTop || this.opened !== null;
    if (hold && this.held === null) this.held = this.ring().toNewestFirst();
    if (!hold) this.held = null;
  }

  togglePause(): void {
    this.paused = !this.paused;
    this.settle();
  }

  scrolled(atTop: boolean): void {
    if (atTop === this.atTop) return;
    this.atTop = atTop;
    this.settle();
  }

  toggleDetails(n: number): void {
    this.opened = this.opened === n ? null : n;
    this.settle();
  }

  /** Back to the newest event; the list scrolls itself to its top. */
  resume(): void {
    this.paused = false;
    this.opened = null;
    this.atTop = true;
    this.settle();
  }
}

/** The streams' common shape without their events, for what acts on all of them. */
export type AnyStream = Pick<Stream<unknown>, 'paused' | 'togglePause' | 'filter'>;
