const PERIOD_MS = 250;

/** The wall clock, read four times a second while the page is visible: what ages and countdowns follow. */
class Ticker {
  now = $state(Date.now());
  /** The same moment on `performance.now()`'s clock, which never jumps. */
  steady = $state(performance.now());

  /** Start ticking; returns what stops it. */
  start(): () => void {
    const tick = () => {
      if (document.visibilityState === 'hidden') return;
      this.now = Date.now();
      this.steady = performance.now();
    };
    const timer = window.setInterval(tick, PERIOD_MS);
    document.addEventListener('visibilitychange', tick);
    return () => {
      window.clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }
}

export const ticker = new Ticker();
