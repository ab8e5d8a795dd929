import type { Action } from 'svelte/action';

export interface FlashOn {
  /** Flashes when this number changes; not when the element first appears, as rows do while scrolling. */
  changes: number;
  direction: -1 | 0 | 1;
}

const still = matchMedia('(prefers-reduced-motion: reduce)');

/** A short tint behind a value that has changed; none where motion is unwanted. */
export const flash: Action<HTMLElement, FlashOn> = (element, first) => {
  let { changes } = first;
  return {
    update(next: FlashOn) {
      if (next.changes === changes) return;
      changes = next.changes;
      if (still.matches || next.direction === 0) return;
      const tint = next.direction > 0 ? 'var(--up-tint)' : 'var(--down-tint)';
      element.animate([{ backgroundColor: tint }, { backgroundColor: 'transparent' }], {
        duration: 700,
        easing: 'ease-out',
      });
    },
  };
};
