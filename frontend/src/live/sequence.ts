import type { Frame } from './protocol';

/** Up to where a page has followed the stream: what it goes on from when it comes back. */
export interface Place {
  readonly epoch: string | number;
  readonly seq: number;
}

/** Follows epoch and sequence, over connections too: tells whether a frame continues what was seen. */
export class Sequence {
  /** Where the page is; `null` before the first snapshot, and after a frame that did not follow. */
  place: Place | null = null;

  /** Whether the frame may be applied; a snapshot always begins anew. `false` means: connect again. */
  accept(frame: Frame): boolean {
    const { place } = this;
    const follows =
      frame.type === 'snapshot' ||
      (place !== null && frame.epoch === place.epoch && frame.since === place.seq && frame.seq > place.seq);
    this.place = follows ? { epoch: frame.epoch, seq: frame.seq } : null;
    return follows;
  }

  /** Begin with a snapshot. */
  reset(): void {
    this.place = null;
  }
}
