// Numbers as text: fixed decimals, a true minus sign, an en dash for "nothing yet".

export const NOTHING = '–';
const MINUS = '\u2212';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

function usable(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Fixed decimals: `-1.5` with 2 is `−1.50`. What rounds to zero has no sign. */
export function fixed(value: number | null | undefined, decimals: number): string {
  if (!usable(value)) return NOTHING;
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/** Like `fixed`, with a plus sign above zero. */
export function signed(value: number | null | undefined, decimals: number): string {
  const text = fixed(value, decimals);
  return usable(value) && value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/** Whole number with thousands separators: `12,345`. */
export function count(value: number | null | undefined): string {
  return usable(value) ? grouped.format(value).replace('-', MINUS) : NOTHING;
}

/** `1 marker`, `1,234 markers`. */
export function counted(value: number, what: string): string {
  return `${count(value)} ${what}${value === 1 ? '' : 's'}`;
}

const shortened = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });

/** A large number, shortened: `62K`, `1.25M`. */
export function compact(value: number | null | undefined): string {
  return usable(value) ? shortened.format(value) : NOTHING;
}

/** A price: two decimals, four below a dollar. */
export function price(value: number | null | undefined): string {
  return usable(value) ? fixed(value, Math.abs(value) < 1 ? 4 : 2) : NOTHING;
}

/** A number of unknown size, four significant digits: `0.01235`, `1234`. */
export function significant(value: number | null | undefined): string {
  if (!usable(value)) return NOTHING;
  if (value === 0) return '0';
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  return fixed(value, Math.min(6, Math.max(0, 3 - magnitude)));
}

/** A share as whole percent, never 100 unless it is: `0.853` is `85`. */
export function percent(share: number | null | undefined): string {
  return usable(share) ? String(Math.floor(share * 100 + 1e-9)) : NOTHING;
}

/** Milliseconds to read: `38 ms`, `1.2 s`. */
export function milliseconds(value: number | null | undefined): string {
  if (!usable(value)) return NOTHING;
  return value < 1000 ? `${fixed(value, 0)} ms` : `${fixed(value / 1000, 1)} s`;
}

/** Megabytes to read: `512 MB`, `1.5 GB`. */
export function megabytes(value: number | null | undefined): string {
  if (!usable(value)) return NOTHING;
  return value < 1024 ? `${fixed(value, 0)} MB` : `${fixed(value / 1024, 1)} GB`;
}

/** A length of time: `6 h 30 min`, `5 min`, `12 s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60)
    return whole % 60 === 0 || minutes >= 10 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  return minutes % 60 === 0
    ? `${Math.floor(minutes / 60)} h`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A reason as a sentence: `the market is closed` is `The market is closed.` */
export function sentence(reason: string): string {
  const text = reason.trim();
  const whole = /[.!?…]$/.test(text) ? text : `${text}.`;
  return whole.charAt(0).toUpperCase() + whole.slice(1);
}
