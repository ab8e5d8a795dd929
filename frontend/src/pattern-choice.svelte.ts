import { recall, remember } from './logic/preferences';
import { readNames, readShare } from './logic/remembered';
import type { Direction } from './logic/words';

/** Which patterns the reader wants to see, beside the text filter. Remembered for the next visit. */
export class PatternChoice {
  private least = $state(recall('minimum-confidence', readShare, 0));
  hiddenDirections = $state.raw(recall<readonly string[]>('hidden-directions', readNames, []));
  hiddenFamilies = $state.raw(recall<readonly string[]>('hidden-families', readNames, []));

  /** The least confidence, 0 to 1. */
  get minimum(): number {
    return this.least;
  }

  set minimum(share: number) {
    this.least = share;
    remember('minimum-confidence', String(share));
  }

  toggleDirection(direction: Direction): void {
    this.hiddenDirections = toggled(this.hiddenDirections, direction);
    remember('hidden-directions', JSON.stringify(this.hiddenDirections));
  }

  toggleFamily(family: string): void {
    this.hideFamilies(toggled(this.hiddenFamilies, family));
  }

  /** Hide exactly these families. */
  hideFamilies(families: readonly string[]): void {
    this.hiddenFamilies = families;
    remember('hidden-families', JSON.stringify(families));
  }
}

function toggled(names: readonly string[], name: string): string[] {
  return names.includes(name) ? names.filter((other) => other !== name) : [...names, name];
}
