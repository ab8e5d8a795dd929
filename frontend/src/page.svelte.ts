import { AlertChoice } from './alert-choice.svelte';
import type { Live } from './live/live.svelte';
import type { Detection, IndicatorAlert } from './live/protocol';
import { tabOf, type Tab } from './logic/address-state';
import { alertsFile, patternsFile } from './logic/exports';
import { gapLines, type GapLine, type Streamed } from './logic/gaps';
import { alertOutline, patternOutline, type Outline } from './logic/occurrences';
import { alertFilter, patternFilter } from './logic/streams';
import { PatternChoice } from './pattern-choice.svelte';
import { saveFile } from './save-file';
import { Stream } from './stream.svelte';
import { SymbolView } from './symbol-view.svelte';
import { view } from './view.svelte';
import { watchlist } from './watchlist.svelte';

/** What the reader has before them: both streams, the symbol that is open, and the panel that a phone shows. */
export class Page {
  readonly patternChoice = new PatternChoice();
  readonly alertChoice = new AlertChoice();
  readonly symbolView = new SymbolView();
  readonly patterns: Stream<Detection>;
  readonly alerts: Stream<IndicatorAlert>;
  private readonly watched = $derived(view.watchedOnly ? (symbol: string) => watchlist.has(symbol) : null);
  /** Where a phone goes back to when the symbol is closed. */
  private tabBefore: Tab = 'patterns';

  constructor(private readonly live: Live) {
    this.patterns = new Stream(
      () => live.on('patterns').patterns,
      () => patternFilter(this.patternChoice, live.catalog, this.watched),
      () => this.gapsOf('patterns'),
    );
    this.alerts = new Stream(
      () => live.on('alerts').alerts,
      () => alertFilter(this.alertChoice, live.catalog, this.watched),
      () => this.gapsOf('alerts'),
    );
  }

  get tab(): Tab {
    return tabOf(view);
  }

  showTab(wanted: Tab): void {
    view.tab = wanted === tabOf({ ...view, tab: null }) ? null : wanted;
  }

  /** Open a symbol's view; a phone goes to it. */
  openSymbol(symbol: string, outline: Outline | null = null): void {
    if (this.tab !== 'symbol') this.tabBefore = this.tab;
    this.symbolView.open(symbol, outline);
    view.tab = null;
  }

  /** A pattern's explanation is open: its symbol is looked at beside it, and a phone stays where it is. */
  lookAt(pattern: Detection): void {
    const here = this.tab;
    this.symbolView.open(pattern.symbol, patternOutline(this.live.catalog, pattern));
    this.showTab(here);
  }

  openPattern(pattern: Detection): void {
    this.openSymbol(pattern.symbol, patternOutline(this.live.catalog, pattern));
  }

  openAlert(alert: IndicatorAlert): void {
    this.openSymbol(alert.symbol, alertOutline(alert));
  }

  closeSymbol(): void {
    const back = this.tab === 'symbol' ? this.tabBefore : this.tab;
    this.symbolView.close();
    this.showTab(back);
  }

  /** Save the patterns that are shown. */
  savePatterns(): void {
    const { session } = this.live.on('session');
    saveFile(patternsFile(this.live.catalog, this.patterns.items, { session }));
  }

  /** Save the alerts that are shown. */
  saveAlerts(): void {
    const { session } = this.live.on('session');
    saveFile(alertsFile(this.live.catalog, this.alerts.items, { session }));
  }

  private gapsOf(what: Streamed): GapLine[] {
    const { gaps, session } = this.live.on('gaps', 'session');
    return gapLines(gaps.values(), what, session?.started_at ?? null);
  }
}
