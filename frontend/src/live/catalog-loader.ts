import { backoffMs } from './backoff';
import { readCatalog, type Catalog } from './catalog';
import type { Frame } from './protocol';

export interface CatalogSurroundings {
  /** Asks for a source's catalog; `null` is whichever source runs or ran last. */
  ask: (source: string | null) => Promise<unknown>;
  later: (action: () => void, ms: number) => number;
  cancel: (timer: number) => void;
  random: () => number;
}

/** A producer announces its session and then stores its catalog: so much later it is there. */
const STORED_AFTER_MS = 2_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/**
 * Keeps the catalog that belongs to the stream: asks for it on connecting, when the source changes and when a session
 * starts, and again, ever more rarely, while there is none. What is there stays until something better comes.
 */
export class CatalogLoader {
  private source: string | null = null;
  private timer: number | null = null;
  private turn = 0;
  private failures = 0;

  constructor(
    private readonly around: CatalogSurroundings,
    private readonly onCatalog: (catalog: Catalog) => void,
  ) {}

  /** Ask, if the frame says that the catalog may be another one. */
  follow(frame: Frame): void {
    const source = frame.status ? frame.status.source : this.source;
    const isAnother = source !== this.source;
    this.source = source;
    if (frame.type === 'snapshot' || isAnother) this.load();
    if (frame.type === 'delta' && frame.session) this.loadLater(STORED_AFTER_MS);
  }

  /** Ask no more until the next frame. */
  stop(): void {
    this.clearTimer();
    this.turn += 1;
  }

  private load(): void {
    this.clearTimer();
    this.failures = 0;
    void this.ask();
  }

  private loadLater(ms: number): void {
    this.clearTimer();
    this.timer = this.around.later(() => this.load(), ms);
  }

  private async ask(): Promise<void> {
    const turn = ++this.turn;
    const catalog = await this.around.ask(this.source).then(readCatalog, () => null);
    if (turn !== this.turn) return;
    if (catalog !== null) this.onCatalog(catalog);
    if ((catalog === null || catalog.patterns.size === 0) && this.timer === null) this.retry();
  }

  private retry(): void {
    const wait = backoffMs(this.failures, this.around.random(), FIRST_RETRY_MS, LONGEST_RETRY_MS);
    this.failures += 1;
    this.timer = this.around.later(() => {
      this.timer = null;
      void this.ask();
    }, wait);
  }

  private clearTimer(): void {
    if (this.timer !== null) this.around.cancel(this.timer);
    this.timer = null;
  }
}
