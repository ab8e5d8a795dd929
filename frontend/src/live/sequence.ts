import type { Frame } from './protocol';

/** Follows epoch and sequence of one connection: tells whether a frame continues what was seen. */
export class Sequence {
  private last: { epoch: string | number; seq: number } | null = null;

  /** Whether the frame may be applied; a snapshot always begins anew. `false` means: connect again. */
  accept(frame: Pick<Frame, 'type' | 'epoch' | 'seq'>): boolean {
    const { last } = this;
    const follows =
      frame.type === 'snapshot' ||
      (last !== null && frame.epoch === last.epoch && frame.seq === last.seq + 1);
    if (follows) this.last = { epoch: frame.epoch, seq: frame.seq };
    return follows;
  }

  reset(): void {
    this.last = null;
  }
}
