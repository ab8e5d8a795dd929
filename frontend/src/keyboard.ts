export interface KeyActions {
  pause: () => void;
  theme: () => void;
  help: () => void;
  /** To the next symbol of the table, or the previous one. */
  step: (step: 1 | -1) => void;
  close: () => void;
}

/** What a key does, unless the reader is typing, in a dialog, or about to press a control. */
export function handleKey(event: KeyboardEvent, actions: KeyActions): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest('input:not([type="range"]), textarea, select, dialog') && event.key !== '/') return;
  switch (event.key) {
    case '/':
      if (target?.closest('input[type="search"]') || target?.closest('dialog')) return;
      focusNextFilter();
      break;
    case ' ':
      if (target?.closest('button, a, input')) return;
      actions.pause();
      break;
    case 't':
      actions.theme();
      break;
    case '[':
      actions.step(-1);
      break;
    case ']':
      actions.step(1);
      break;
    case '?':
      actions.help();
      break;
    case 'Escape':
      // An open menu is closed by the browser, and nothing else with it.
      if (!document.querySelector(':popover-open')) actions.close();
      return;
    default:
      return;
  }
  event.preventDefault();
}

let lastFilter: Element | null = null;

/** The next of the visible filters, round and round: patterns, alerts, universe. */
function focusNextFilter(): void {
  const order = ['patterns', 'alerts', 'universe'];
  const filters = order
    .flatMap((id) => [...document.querySelectorAll<HTMLInputElement>(`#${id} [data-filter]`)])
    .filter((input) => input.offsetParent !== null);
  const next = filters[(filters.findIndex((input) => input === lastFilter) + 1) % filters.length];
  lastFilter = next ?? null;
  next?.focus();
  next?.select();
}
