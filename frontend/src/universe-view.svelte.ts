import { HEAT_METRICS, type HeatMetric } from './logic/heat';
import { recall, remember } from './logic/preferences';
import type { Sorting } from './logic/table';

export const UNIVERSE_VIEWS = ['table', 'heat', 'sectors'] as const;
export type UniverseViewName = (typeof UNIVERSE_VIEWS)[number];

/** How the reader looks at the universe. Remembered for the next visit, but for what is narrowed or sorted. */
class UniverseView {
  private shownView = $state(recall('universe-view', oneOf(UNIVERSE_VIEWS), 'table'));
  private shownMetric = $state(recall('heat-metric', oneOf(HEAT_METRICS), 'change'));
  /** Only the symbols of the current watchlist. */
  watchedOnly = $state(false);
  sorting = $state.raw<Sorting>({ by: 'symbol', descending: false });

  get view(): UniverseViewName {
    return this.shownView;
  }

  set view(view: UniverseViewName) {
    this.shownView = view;
    remember('universe-view', view);
  }

  /** What the heat map's colours mean. */
  get metric(): HeatMetric {
    return this.shownMetric;
  }

  set metric(metric: HeatMetric) {
    this.shownMetric = metric;
    remember('heat-metric', metric);
  }
}

function oneOf<T extends string>(names: readonly T[]): (text: string) => T | null {
  return (text) => names.find((name) => name === text) ?? null;
}

export const universeView = new UniverseView();
