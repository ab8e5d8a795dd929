import { catalogAddress, hubAddress } from './address';
import { getJson } from './ask';
import { NO_CATALOG, type Catalog } from './catalog';
import { CatalogLoader } from './catalog-loader';
import { Connection, type ConnectionState, type Socket } from './connection';
import { restHistory, type History } from './history';
import type { Delta, Frame } from './protocol';
import { FrameScheduler } from './scheduler';
import { LiveStore, patchOf, type Part } from './store';
import { SymbolFeed } from './symbol-feed';

type RenderedPart = Part | 'connection';

/**
 * The live state as components see it. The store is plain data; the only reactive thing is one counter per part,
 * raised at most once per animation frame. Reading `live.store` through `live.on(part)` subscribes to that counter.
 */
export class Live {
  private readonly store = new LiveStore();
  private readonly connection: Connection;
  private readonly catalogLoader: CatalogLoader;
  private readonly scheduler: FrameScheduler<RenderedPart>;
  private readonly history: History;
  private followers: ((frame: Frame) => void)[] = [];
  private newsListeners: ((frame: Delta) => void)[] = [];
  /** Whether the next frame tells what the page was away for. */
  private catchesUp = true;
  private connectionState: ConnectionState;
  private readonly versions = $state<Record<RenderedPart, number>>({
    session: 0,
    status: 0,
    health: 0,
    patterns: 0,
    alerts: 0,
    critical: 0,
    symbols: 0,
    gaps: 0,
    connection: 0,
  });
  /** When the newest status frame arrived, on `performance.now()`'s clock. */
  statusAt = 0;
  /** What the producer says of its patterns and alerts. */
  catalog = $state.raw<Catalog>(NO_CATALOG);

  /** @param page the page's own address */
  constructor(page: string) {
    this.history = restHistory(page);
    this.scheduler = new FrameScheduler(
      {
        request: (callback) => requestAnimationFrame(callback),
        cancel: (handle) => cancelAnimationFrame(handle),
      },
      (parts) => {
        for (const part of parts) this.versions[part] += 1;
      },
    );
    this.catalogLoader = new CatalogLoader(
      {
        ask: (source) => getJson(catalogAddress(page, source)),
        later: (action, ms) => window.setTimeout(action, ms),
        cancel: (timer) => window.clearTimeout(timer),
        random: Math.random,
      },
      (catalog) => (this.catalog = catalog),
    );
    this.connection = new Connection(
      {
        open: (place) => new WebSocket(hubAddress(page, place)) as unknown as Socket,
        now: () => Date.now(),
        later: (action, ms) => window.setTimeout(action, ms),
        cancel: (timer) => window.clearTimeout(timer),
        random: Math.random,
        // In the place of the page comes what says how to sign in.
        signedOut: () => location.reload(),
      },
      (frame) => this.receive(frame),
      (state) => {
        this.connectionState = state;
        if (state.phase !== 'open') {
          this.catalogLoader.stop();
          this.catchesUp = true;
        }
        this.scheduler.mark(['connection']);
      },
    );
    this.connectionState = this.connection.state;
  }

  /** The store, as of the last frame that changed one of `parts`; the reader follows these parts. */
  on(...parts: Part[]): Readonly<LiveStore> {
    for (const part of parts) void this.versions[part];
    return this.store;
  }

  get link(): ConnectionState {
    void this.versions.connection;
    return this.connectionState;
  }

  start(): void {
    this.connection.start();
  }

  stop(): void {
    this.connection.stop();
    this.catalogLoader.stop();
    this.scheduler.stop();
  }

  /**
   * A symbol's bars, with every frame that comes, not once per animation frame: what is drawn must not miss any.
   *
   * @param onState the feed's state has changed
   * @returns the feed, and what ends it
   */
  feedOf(symbol: string, onState: (feed: SymbolFeed) => void): { feed: SymbolFeed; end: () => void } {
    const feed = new SymbolFeed(
      symbol,
      {
        history: this.history,
        later: (action, ms) => window.setTimeout(action, ms),
        cancel: (timer) => window.clearTimeout(timer),
        random: Math.random,
      },
      () => onState(feed),
    );
    const follow = (frame: Frame) => feed.follow(frame);
    this.followers.push(follow);
    const { status, session, symbols, patterns, alerts } = this.store;
    feed.start({
      source: status?.source ?? null,
      patch: patchOf(symbols.get(symbol)),
      patterns: patterns.toArray().map(({ item }) => item),
      alerts: alerts.toArray().map(({ item }) => item),
      session,
      marketTime: status?.market_time ?? null,
    });
    return {
      feed,
      end: () => {
        this.followers = this.followers.filter((each) => each !== follow);
        feed.stop();
      },
    };
  }

  /**
   * Hear each frame of what has just happened, also while the tab is hidden and given no animation frames; nothing of
   * what the page begins with, or was away for.
   *
   * @returns what ends it
   */
  onNews(listener: (frame: Delta) => void): () => void {
    this.newsListeners.push(listener);
    return () => {
      this.newsListeners = this.newsListeners.filter((each) => each !== listener);
    };
  }

  retryNow(): void {
    this.connection.retryNow();
  }

  private receive(frame: Frame): void {
    if (frame.status) this.statusAt = performance.now();
    this.scheduler.mark(this.store.apply(frame));
    this.catalogLoader.follow(frame);
    for (const follower of this.followers) follower(frame);
    const isNews = frame.type === 'delta' && !this.catchesUp;
    this.catchesUp = false;
    if (isNews) for (const listener of this.newsListeners) listener(frame);
  }
}
