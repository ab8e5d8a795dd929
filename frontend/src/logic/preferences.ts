const PREFIX = 'tickstock.';

/** What the reader chose earlier, or `fallback` where nothing usable is stored (or storage is switched off). */
export function recall<T>(name: string, read: (text: string) => T | null, fallback: T): T {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? fallback : (read(text) ?? fallback);
  } catch {
    return fallback;
  }
}

/** Remember a choice for the next visit, if the browser lets us. */
export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // The choice holds for this visit only.
  }
}

/** Hear of what other tabs of this page remember under a name; `null` where they have forgotten it. */
export function follow(name: string, changed: (text: string | null) => void): void {
  addEventListener('storage', ({ key, newValue }) => {
    if (key === PREFIX + name) changed(newValue);
    else if (key === null) changed(null);
  });
}
