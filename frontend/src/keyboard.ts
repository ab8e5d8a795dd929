import { commandOf, PREFIX, PREFIX_MS, type Command } from './logic/keys';

/** Turns key presses into commands, unless the reader is typing, in a dialog, or about to press a control. */
export class Keyboard {
  private prefixAt = -Infinity;

  constructor(private readonly run: (command: Command) => void) {}

  handle(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest('input:not([type="range"]), textarea, select, dialog, [popover]')) return;
    const afterPrefix = event.timeStamp - this.prefixAt < PREFIX_MS;
    this.prefixAt = !afterPrefix && event.key === PREFIX ? event.timeStamp : -Infinity;
    const command = commandOf(event.key, afterPrefix);
    if (command === null || isTargets(command, target)) return;
    this.run(command);
    // Escape closes what the browser knows of, too: a menu, a full screen.
    if (command !== 'close') event.preventDefault();
  }
}

/** Whether a key means the control that has the focus. */
function isTargets(command: Command, target: Element | null): boolean {
  if (command === 'close') return document.querySelector(':popover-open') !== null;
  return (
    (command === 'pause' || command === 'open') && (target?.closest('button, a, input') ?? null) !== null
  );
}

let lastFilter: Element | null = null;

/** The next of the visible filters, round and round: patterns, alerts, universe. */
export function focusNextFilter(): void {
  const order = ['patterns', 'alerts', 'universe'];
  const filters = order
    .flatMap((id) => [...document.querySelectorAll<HTMLInputElement>(`#${id} [data-filter]`)])
    .filter((input) => input.offsetParent !== null);
  const next = filters[(filters.findIndex((input) => input === lastFilter) + 1) % filters.length];
  lastFilter = next ?? null;
  next?.focus();
  next?.select();
}

/** The keyboard goes to a panel: to its list where it has one, so that arrows and pages work at once. */
export function focusPanel(id: string): void {
  const panel = document.getElementById(id);
  const stop = panel?.querySelector<HTMLElement>('[data-symbol][tabindex="0"], [data-list]') ?? panel;
  stop?.focus();
}

/** The panel that has the focus; `null` where none has. */
export function focusedPanel(): string | null {
  return document.activeElement?.closest('section[id]')?.id ?? null;
}

/** The symbol of the universe's row that has the focus. */
export function focusedSymbol(): string | null {
  const focused = document.activeElement;
  return focused instanceof HTMLElement ? (focused.dataset['symbol'] ?? null) : null;
}

/** The arrow keys of the list that has the focus. */
export function pressArrow(by: 1 | -1): void {
  const key = by === 1 ? 'ArrowDown' : 'ArrowUp';
  document.activeElement?.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }),
  );
}
