import {
  choosesView,
  CROSSINGS,
  HEAT_METRICS,
  linkTo,
  readView,
  SEVERITIES,
  UNIVERSE_VIEWS,
  WHOLE_VIEW,
  writeView,
  type View,
} from './logic/address-state';
import { recall, remember } from './logic/preferences';
import { readKnown, readNames, readShare, readWord } from './logic/remembered';
import { DIRECTIONS } from './logic/words';

/** The address changes at most so often, milliseconds: browsers refuse more than some hundred changes in a while. */
const PACE_MS = 100;

function remembered(): View {
  return {
    ...WHOLE_VIEW,
    minimum: recall('minimum-confidence', readShare, 0),
    hiddenDirections: recall('hidden-directions', readKnown(DIRECTIONS), []),
    hiddenFamilies: recall('hidden-families', readNames, []),
    hiddenSeverities: recall('hidden-severities', readKnown(SEVERITIES), []),
    hiddenCrossings: recall('hidden-crossings', readKnown(CROSSINGS), []),
    hiddenAlertTypes: recall('hidden-alert-types', readNames, []),
    universeView: recall('universe-view', readWord(UNIVERSE_VIEWS), WHOLE_VIEW.universeView),
    heatMetric: recall('heat-metric', readWord(HEAT_METRICS), WHOLE_VIEW.heatMetric),
  };
}

/**
 * What the reader has chosen to see. It is read from the address, or from what was chosen on the last visit where the
 * address chooses nothing, and the address follows it (`followAddress`).
 */
export const view: View = $state(
  readView(location.href, choosesView(location.href) ? WHOLE_VIEW : remembered()),
);

/**
 * Choose a part of the view that is kept for the next visit.
 *
 * @param name under which it is remembered
 */
export function chooseAndRemember<K extends keyof View>(part: K, name: string, value: View[K]): void {
  view[part] = value;
  remember(name, typeof value === 'string' ? value : JSON.stringify(value));
}

let timer: number | undefined;
let writtenAt = -Infinity;

/** Bring the address up to date at once. */
export function settleAddress(): void {
  window.clearTimeout(timer);
  const address = writeView(location.href, $state.snapshot(view));
  if (address === location.href) return;
  writtenAt = performance.now();
  try {
    history.replaceState(history.state, '', address);
  } catch {
    // The browser has had enough of changes for now; the next one takes this one with it.
  }
}

/** Keep the address as the view is, and the view as the address is when the reader goes back or forward. */
export function followAddress(): () => void {
  const stop = $effect.root(() => {
    $effect(() => {
      if (writeView(location.href, view) === location.href) return;
      window.clearTimeout(timer);
      const wait = writtenAt + PACE_MS - performance.now();
      if (wait <= 0) settleAddress();
      else timer = window.setTimeout(settleAddress, wait);
    });
  });
  const restore = () => {
    window.clearTimeout(timer);
    Object.assign(view, readView(location.href));
  };
  addEventListener('popstate', restore);
  return () => {
    stop();
    window.clearTimeout(timer);
    removeEventListener('popstate', restore);
  };
}

/** A new entry of the browser's history: going back restores the view as it was before. */
export function beginEntry(): void {
  settleAddress();
  history.pushState(null, '', location.href);
}

/** The address of what is seen now, to hand on. */
export function shareLink(): string {
  return linkTo(location.href, $state.snapshot(view));
}
