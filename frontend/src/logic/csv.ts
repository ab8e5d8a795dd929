// Comma-separated values as RFC 4180 has them, for spreadsheets.

export type Cell = string | number | null | undefined;

/** Spreadsheets take other bytes than ASCII for the system's old character set, unless a file begins with this mark. */
const BYTE_ORDER_MARK = '\uFEFF';
const LINE_END = '\r\n';

/** What a spreadsheet takes for the beginning of a formula, in its narrow and its full-width form. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** The whole file: a head line and one line for each row. */
export function csvOf(head: readonly string[], rows: Iterable<readonly Cell[]>): string {
  const lines = [head, ...rows].map((row) => row.map(cellText).join(','));
  return BYTE_ORDER_MARK + lines.map((line) => line + LINE_END).join('');
}

/**
 * A cell's text. What is not known is empty. Text that a spreadsheet would compute gets an apostrophe in front, which
 * makes it text again; numbers stay numbers, also negative ones.
 */
export function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  const text = FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** `market_leaders-top_500_2025-10-06_patterns.csv`: what it is of, so far as it is known. */
export function fileName(universe: string | null, day: string | null, what: string): string {
  const parts = [universe ?? 'tickstock', day, what].filter((part): part is string => part !== null);
  return `${parts.map((part) => part.replace(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[.-]+/, '')).join('_')}.csv`;
}
