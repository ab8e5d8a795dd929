// The page's address holds which symbol is looked at: it can be shared, and survives a reload.

const SYMBOL = /^[A-Z0-9][A-Z0-9.-]{0,9}$/;
const PARAMETER = 'symbol';

/** Whether a text has the form of a symbol. */
export function isSymbol(text: string): boolean {
  return SYMBOL.test(text);
}

/** The symbol that an address names, in capitals; `null` where it names none, or what cannot be one. */
export function symbolIn(address: string): string | null {
  const symbol = new URL(address).searchParams.get(PARAMETER)?.trim().toUpperCase() ?? '';
  return isSymbol(symbol) ? symbol : null;
}

/** The same address with another symbol, or with none. */
export function withSymbol(address: string, symbol: string | null): string {
  const url = new URL(address);
  if (symbol === null) url.searchParams.delete(PARAMETER);
  else url.searchParams.set(PARAMETER, symbol);
  return url.href;
}
