import { getContext, setContext } from 'svelte';
import type { Live } from './live/live.svelte';

const KEY = Symbol('live');

export function provideLive(live: Live): Live {
  return setContext(KEY, live);
}

/** The page's live state. */
export function useLive(): Live {
  return getContext<Live>(KEY);
}
