import { Asked, BROWSER } from './live/asked';
import type { Named } from './logic/heat';
import { rest } from './rest';

/** Names and sectors of the universe that is streamed. */
class UniverseNames {
  /** By symbol; empty before the first answer. */
  bySymbol = $state.raw<ReadonlyMap<string, Named>>(new Map());
  private readonly asked = new Asked(
    BROWSER,
    () => rest.universe(),
    (symbols) => (this.bySymbol = new Map(symbols.map((each) => [each.symbol, each]))),
  );

  /** Ask, as the universe may be another one now. */
  load(): void {
    this.asked.want(null);
  }

  stop(): void {
    this.asked.stop();
  }
}

export const universeNames = new UniverseNames();
