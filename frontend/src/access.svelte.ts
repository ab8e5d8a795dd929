import { NoAnswerError } from './live/ask';
import { Asked, BROWSER } from './live/asked';
import type { Access } from './live/rest';
import { rest } from './rest';

/** Who looks at the page, and what they may do. */
class Visitor {
  /** `null` before it is known. */
  access = $state.raw<Access | null>(null);
  private readonly asked = new Asked<null, Access>(
    BROWSER,
    () => rest.access(),
    (access) => (this.access = access),
  );

  get isAdmin(): boolean {
    return this.access?.role === 'admin';
  }

  load(): void {
    this.asked.want(null);
  }

  stop(): void {
    this.asked.stop();
  }

  /** The dashboard lets us in no more? Then what it shows instead of the page says how to sign in. */
  async leaveIfSignedOut(): Promise<void> {
    try {
      this.access = await rest.access();
    } catch (error) {
      if (error instanceof NoAnswerError && error.status === 401) location.reload();
    }
  }
}

export const visitor = new Visitor();
