import type { Numbered } from './live/store';
import { withGaps, type GapLine, type Line } from './logic/gaps';
import { viewOf, type StreamView } from './logic/streams';
import type { Ring } from './live/ring';

/**
 * A stream as the reader handles it: it runs while the list stands at its top, and is held while it is paused,
 * scrolled, an entry is open or the keyboard is at one, so that nothing moves under the eyes. What arrives meanwhile is
 * counted.
 */
export class Stream<T extends { readonly timestamp: string }> {
  paused = $state(false);
  /** Whether the list is scrolled to its top. */
  atTop = $state(true);
  /** The number of the event whose details are open. */
  opened = $state<number | null>(null);
  /** The number of the event that the keyboard has come to. */
  cursor = $state<number | null>(null);
  private held = $state.raw<Numbered<T>[] | null>(null);
  /** The gaps that were known when the stream was held. */
  private heldGaps: readonly number[] = [];

  readonly view: StreamView<T> = $derived.by(() => {
    return viewOf(this.ring(), this.shows(), this.held);
  });

  /** The rows with the gaps between them. */
  readonly lines: readonly Line<T>[] = $derived.by(() => {
    const gaps = this.gaps();
    return withGaps(this.view.rows, this.running ? gaps : gaps.filter(({ n }) => this.heldGaps.includes(n)));
  });

  constructor(
    private readonly ring: () => Readonly<Ring<Numbered<T>>>,
    private readonly shows: () => (item: T) => boolean,
    private readonly gaps: () => GapLine[],
  ) {}

  get running(): boolean {
    return this.held === null;
  }

  /** What is shown, newest first. */
  get items(): T[] {
    return this.view.rows.map(({ item }) => item);
  }

  /** The event that the keyboard has come to. */
  get current(): T | null {
    return this.view.rows.find(({ n }) => n === this.cursor)?.item ?? null;
  }

  /** Hold or let go, as pause, scroll, open details and the keyboard say. */
  settle(): void {
    const hold = this.paused || !this.atTop || this.opened !== null || this.cursor !== null;
    if (hold && this.held === null) {
      this.heldGaps = this.gaps().map(({ n }) => n);
      this.held = this.ring().toNewestFirst();
    }
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

  /** The keyboard goes to the next row (1) or the previous one (-1): first to the open one, else to the newest. */
  move(by: 1 | -1): void {
    const { rows } = this.view;
    const at = rows.findIndex(({ n }) => n === (this.cursor ?? this.opened));
    const next = at === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by));
    this.cursor = rows[next]?.n ?? null;
    this.settle();
  }

  leave(): void {
    this.cursor = null;
    this.settle();
  }

  /** What is not shown any more is not open, nor is the keyboard there; it holds the stream no longer. */
  forgetHidden(): void {
    const isHidden = (wanted: number | null) =>
      wanted !== null && !this.view.rows.some(({ n }) => n === wanted);
    const [opened, cursor] = [isHidden(this.opened), isHidden(this.cursor)];
    if (opened) this.opened = null;
    if (cursor) this.cursor = null;
    if (opened || cursor) this.settle();
  }

  /** Back to the newest event; the list scrolls itself to its top. */
  resume(): void {
    this.paused = false;
    this.opened = null;
    this.cursor = null;
    this.atTop = true;
    this.settle();
  }
}
