// What the keyboard does: one table, for what is done and for the help that tells it.

export type Command =
  | 'filter'
  | 'next'
  | 'previous'
  | 'open'
  | 'symbol'
  | 'pause'
  | 'watch'
  | 'export'
  | 'mute'
  | 'rules'
  | 'theme'
  | 'step back'
  | 'step on'
  | 'help'
  | 'close'
  | 'go patterns'
  | 'go alerts'
  | 'go symbol'
  | 'go universe'
  | 'go health';

/** Before the key of a place: `g u`. */
export const PREFIX = 'g';
/** How long a place's key may take after it, milliseconds. */
export const PREFIX_MS = 1_500;

const COMMANDS: Readonly<Record<string, Command>> = {
  '/': 'filter',
  j: 'next',
  k: 'previous',
  Enter: 'open',
  o: 'symbol',
  ' ': 'pause',
  w: 'watch',
  e: 'export',
  m: 'mute',
  r: 'rules',
  t: 'theme',
  '[': 'step back',
  ']': 'step on',
  '?': 'help',
  Escape: 'close',
};

const PLACES: Readonly<Record<string, Command>> = {
  p: 'go patterns',
  a: 'go alerts',
  s: 'go symbol',
  u: 'go universe',
  h: 'go health',
};

/** What a key stands for; after the prefix, a place. `null` where it stands for nothing. */
export function commandOf(key: string, afterPrefix: boolean): Command | null {
  const table = afterPrefix ? PLACES : COMMANDS;
  return Object.hasOwn(table, key) ? (table[key] ?? null) : null;
}

export interface KeyGroup {
  readonly title: string;
  readonly keys: readonly (readonly [keys: string, does: string])[];
}

export const KEY_GROUPS: readonly KeyGroup[] = [
  {
    title: 'Streams',
    keys: [
      ['j  k', 'next and previous row of the stream that has the focus, or of the patterns; it holds still'],
      ['enter', 'why a pattern was found; of an alert, its symbol'],
      ['o', 'the symbol of the row'],
      ['space', 'pause or resume both streams'],
      ['/', 'filter: patterns, then alerts, then the universe'],
      ['e', 'save what the stream shows as a CSV file'],
    ],
  },
  {
    title: 'Symbols',
    keys: [
      ['w', 'watch the symbol of the row, or the one that is open, or watch it no more'],
      ['[  ]', 'previous and next symbol, in the order of the table'],
      ['↑  ↓', 'in the table: from row to row; enter opens the symbol'],
    ],
  },
  {
    title: 'Places',
    keys: [
      ['g p', 'patterns'],
      ['g a', 'alerts'],
      ['g s', 'the symbol'],
      ['g u', 'universe'],
      ['g h', 'health'],
      ['esc', 'clear the filter, leave the row, close what is open'],
    ],
  },
  {
    title: 'Page',
    keys: [
      ['m', 'mute the rules, or let them sound again'],
      ['r', 'rules: what sounds, and what notifies you'],
      ['t', 'theme: system, dark, light'],
      ['?', 'this help'],
    ],
  },
];
