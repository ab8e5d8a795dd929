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

/** One of some known words. */
export function readWord<T extends string>(known: readonly T[]): (text: string) => T | null {
  return (text) => known.find((word) => word === text) ?? null;
}

/** Those of some known words that are in a stored list of names. */
export function readKnown<T extends string>(known: readonly T[]): (text: string) => T[] | null {
  return (text) => {
    const names = readNames(text);
    return names === null ? null : known.filter((word) => names.includes(word));
  };
}

/** With a name where it was missing, without it where it was there. */
export function toggledIn<T>(names: readonly T[], name: T): T[] {
  return names.includes(name) ? names.filter((other) => other !== name) : [...names, name];
}
