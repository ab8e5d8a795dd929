const SYMBOL = /^[A-Z0-9][A-Z0-9.-]{0,9}$/;

/** Whether a text has the form of a symbol, which the contract says. */
export function isSymbol(text: string): boolean {
  return SYMBOL.test(text);
}
