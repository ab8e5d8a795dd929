import { notice } from './notice.svelte';
import { watchlist } from './watchlist.svelte';

/** Watch a symbol, or watch it no more, and say which. */
export function watchAloud(symbol: string): void {
  const was = watchlist.has(symbol);
  watchlist.toggle(symbol);
  if (watchlist.has(symbol) === was)
    notice.say(`${symbol} is not added: ${watchlist.current} is full; make another list.`);
  else
    notice.say(was ? `${symbol} is out of ${watchlist.current}.` : `${symbol} is in ${watchlist.current}.`);
}
