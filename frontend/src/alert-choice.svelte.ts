import type { Crossing, Severity } from './logic/address-state';
import { toggledIn } from './logic/remembered';
import { chooseAndRemember, view } from './view.svelte';

/** Which indicator alerts the reader wants to see. */
export class AlertChoice {
  get text(): string {
    return view.alertText;
  }

  set text(text: string) {
    view.alertText = text;
  }

  get hiddenSeverities(): readonly Severity[] {
    return view.hiddenSeverities;
  }

  toggleSeverity(severity: Severity): void {
    chooseAndRemember('hiddenSeverities', 'hidden-severities', toggledIn(view.hiddenSeverities, severity));
  }

  get hiddenCrossings(): readonly Crossing[] {
    return view.hiddenCrossings;
  }

  toggleCrossing(crossing: Crossing): void {
    chooseAndRemember('hiddenCrossings', 'hidden-crossings', toggledIn(view.hiddenCrossings, crossing));
  }

  get hiddenTypes(): readonly string[] {
    return view.hiddenAlertTypes;
  }

  /** Hide exactly these types of alerts. */
  hideTypes(types: readonly string[]): void {
    chooseAndRemember('hiddenAlertTypes', 'hidden-alert-types', types);
  }

  /** Whether anything is left out, by these or by the watchlist. */
  get isNarrowed(): boolean {
    const hidden = this.hiddenSeverities.length + this.hiddenCrossings.length + this.hiddenTypes.length;
    return view.watchedOnly || this.text.trim() !== '' || hidden > 0;
  }

  reset(): void {
    view.watchedOnly = false;
    this.text = '';
    chooseAndRemember('hiddenSeverities', 'hidden-severities', []);
    chooseAndRemember('hiddenCrossings', 'hidden-crossings', []);
    this.hideTypes([]);
  }
}
