import type { Outline } from './logic/occurrences';
import { beginEntry, settleAddress, view } from './view.svelte';

/** Which symbol is looked at, and which of its bars are outlined. */
export class SymbolView {
  outline = $state.raw<Outline | null>(null);

  get symbol(): string | null {
    return view.symbol;
  }

  open(symbol: string, outline: Outline | null = null): void {
    this.outline = outline;
    // One entry for the whole visit to the view: going back closes it, however many symbols were looked at.
    if (view.symbol === null) beginEntry();
    view.symbol = symbol;
    settleAddress();
  }

  close(): void {
    this.outline = null;
    view.symbol = null;
    settleAddress();
  }
}
