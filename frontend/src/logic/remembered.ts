// How preferences are read back; `null` where what was stored is of no use.

/** A share, 0 to 1. */
export function readShare(text: string): number | null {
  const value = Number(text);
  return text !== '' && value >= 0 && value <= 1 ? value : null;
}

/** Names, stored as a JSON list. */
export function readNames(text: string): string[] | null {
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : null;
  } catch {
    return null;
  }
}
