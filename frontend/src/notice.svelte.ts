const SHOWN_MS = 4_000;

/** A short word on what was done, for all who see or hear it; the newest takes the place of the one before. */
class Notice {
  text = $state('');
  private timer: number | undefined;

  say(text: string): void {
    this.text = text;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => (this.text = ''), SHOWN_MS);
  }
}

export const notice = new Notice();
