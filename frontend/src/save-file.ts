import { counted } from './logic/format';
import type { CsvFile } from './logic/exports';
import { notice } from './notice.svelte';

/** How long a browser may take to begin with a file, milliseconds. */
const KEPT_MS = 60_000;

/** Hand a file to the browser, which saves it as it saves all downloads, and say so. */
export function saveFile({ name, text, rows }: CsvFile): void {
  if (rows === 0) {
    notice.say('There is nothing to save: no row is shown.');
    return;
  }
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
  notice.say(`${counted(rows, 'row')} saved as ${name}.`);
}
