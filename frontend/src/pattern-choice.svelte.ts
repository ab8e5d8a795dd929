import type { Direction } from './logic/words';
import { toggledIn } from './logic/remembered';
import { chooseAndRemember, view } from './view.svelte';

/** Which patterns the reader wants to see. */
export class PatternChoice {
  get text(): string {
    return view.patternText;
  }

  set text(text: string) {
    view.patternText = text;
  }

  /** The least confidence, 0 to 1. */
  get minimum(): number {
    return view.minimum;
  }

  set minimum(share: number) {
    chooseAndRemember('minimum', 'minimum-confidence', share);
  }

  get hiddenDirections(): readonly Direction[] {
    return view.hiddenDirections;
  }

  toggleDirection(direction: Direction): void {
    chooseAndRemember('hiddenDirections', 'hidden-directions', toggledIn(view.hiddenDirections, direction));
  }

  get hiddenFamilies(): readonly string[] {
    return view.hiddenFamilies;
  }

  /** Hide exactly these families. */
  hideFamilies(families: readonly string[]): void {
    chooseAndRemember('hiddenFamilies', 'hidden-families', families);
  }

  /** Whether anything is left out, by these or by the watchlist. */
  get isNarrowed(): boolean {
    return (
      view.watchedOnly ||
      this.text.trim() !== '' ||
      this.minimum > 0 ||
      this.hiddenDirections.length + this.hiddenFamilies.length > 0
    );
  }

  reset(): void {
    view.watchedOnly = false;
    this.text = '';
    this.minimum = 0;
    chooseAndRemember('hiddenDirections', 'hidden-directions', []);
    this.hideFamilies([]);
  }
}
