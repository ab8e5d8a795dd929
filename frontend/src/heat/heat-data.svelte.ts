import { untrack } from 'svelte';
import type { Live } from '../live/live.svelte';
import { patternDensity, rsiInstance, sectorsOf } from '../logic/heat';
import { universeNames } from '../universe-names.svelte';

/** The stream holds all patterns of the session as long as a snapshot was not too short for them. */
const SNAPSHOT_PATTERNS = 300;

/** What heat map and sector table are made of; worked out only while one of them is shown. */
export class HeatData {
  /** @param symbols those to show */
  constructor(
    private readonly live: Live,
    private readonly symbols: () => readonly string[],
  ) {}

  readonly groups = $derived.by(() => sectorsOf(this.symbols(), universeNames.bySymbol));

  readonly rsi = $derived.by(() => {
    void this.live.on('symbols').instances.size;
    return untrack(() => rsiInstance(this.live.on('symbols').instances));
  });

  private readonly minute = $derived.by(() => this.live.on('status').status?.market_time?.slice(0, 16));

  readonly density = $derived.by(() => {
    void this.minute;
    const { patterns } = this.live.on('patterns');
    return patternDensity(
      patterns.toArray().map(({ item }) => item),
      untrack(() => this.live.on('status').status?.market_time ?? null),
      patterns.total < SNAPSHOT_PATTERNS,
    );
  });
}
