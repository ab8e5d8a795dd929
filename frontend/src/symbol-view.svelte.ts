import type { Outline } from './logic/occurrences';
import { symbolIn, withSymbol } from './logic/place';

/** Which symbol is looked at, and which of its bars are outlined. The page's address holds the symbol. */
export class SymbolView {
  symbol = $state<string | null>(symbolIn(location.href));
  outline = $state.raw<Outline | null>(null);

  open(symbol: string, outline: Outline | null = null): void {
    this.outline = outline;
    this.go(symbol);
  }

  close(): void {
    this.outline = null;
    this.go(null);
  }

  /** Follow the browser's own back and forward. */
  readAddress(): void {
    this.outline = null;
    this.symbol = symbolIn(location.href);
  }

  private go(symbol: string | null): void {
    if (symbol === this.symbol) return;
    const address = withSymbol(location.href, symbol);
    // One entry for the whole visit to the view: going back closes it, however many symbols were looked at.
    if (this.symbol === null) history.pushState(null, '', address);
    else history.replaceState(null, '', address);
    this.symbol = symbol;
  }
}
