/** What asks the browser for the next frame; a hidden tab is given none. */
export interface FrameSource {
  request(callback: () => void): number;
  cancel(handle: number): void;
}

/**
 * Gathers what has changed and hands it over once per animation frame. However many messages arrive between two
 * frames, the page is rendered once; in a hidden tab never, and at once with the newest state when it is shown.
 */
export class FrameScheduler<Part> {
  private readonly dirty = new Set<Part>();
  private handle: number | null = null;

  constructor(
    private readonly frames: FrameSource,
    private readonly render: (parts: ReadonlySet<Part>) => void,
  ) {}

  mark(parts: Iterable<Part>): void {
    for (const part of parts) this.dirty.add(part);
    if (this.dirty.size > 0) this.handle ??= this.frames.request(() => this.flush());
  }

  stop(): void {
    if (this.handle !== null) this.frames.cancel(this.handle);
    this.handle = null;
  }

  private flush(): void {
    this.handle = null;
    const parts = new Set(this.dirty);
    this.dirty.clear();
    this.render(parts);
  }
}
