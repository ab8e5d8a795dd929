/** Which rows of a long list are worth having in the document. */
export interface Slice {
  first: number;
  /** One past the last. */
  end: number;
}

/** Row `index` is followed by `height` pixels of detail. */
export interface Expansion {
  index: number;
  height: number;
}

const OVERSCAN = 6;

/** The rows that a viewport shows, with a few beyond either edge. */
export function slice(
  scrollTop: number,
  viewport: number,
  rowHeight: number,
  rows: number,
  expansion: Expansion | null = null,
): Slice {
  if (viewport <= 0) return { first: 0, end: 0 };
  const extra = expansion?.height ?? 0;
  const first = Math.floor((scrollTop - extra) / rowHeight) - OVERSCAN;
  const end = Math.ceil((scrollTop + viewport) / rowHeight) + OVERSCAN;
  return { first: Math.min(rows, Math.max(0, first)), end: Math.min(rows, Math.max(0, end)) };
}

/** Where a row begins, in pixels from the top of the list. */
export function rowTop(index: number, rowHeight: number, expansion: Expansion | null = null): number {
  return index * rowHeight + (expansion !== null && index > expansion.index ? expansion.height : 0);
}

/** The height of the whole list. */
export function listHeight(rows: number, rowHeight: number, expansion: Expansion | null = null): number {
  return rowTop(rows, rowHeight, expansion !== null && expansion.index < rows ? expansion : null);
}

/** Where to scroll so that a row and its detail are seen, its row at least; no further than it takes. */
export function scrollToShow(
  scrollTop: number,
  viewport: number,
  rowHeight: number,
  { index, height }: Expansion,
): number {
  const top = index * rowHeight;
  const bottom = top + rowHeight + height;
  return Math.min(top, Math.max(scrollTop, bottom - viewport));
}
