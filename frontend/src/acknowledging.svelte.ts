import { NoAnswerError } from './live/ask';
import type { CriticalAlert } from './live/protocol';
import { sentence } from './logic/format';
import { acknowledgementKey } from './logic/incidents';
import { rest } from './rest';

/** Saying that a critical alert has been seen. That it was, comes back to all pages with the stream. */
class Acknowledging {
  /** The key of the alert that is being acknowledged. */
  busy = $state<string | null>(null);
  /** Why the last one was refused, in a sentence. */
  problem = $state<string | null>(null);

  async acknowledge(alert: CriticalAlert): Promise<void> {
    if (this.busy !== null) return;
    this.busy = acknowledgementKey(alert);
    this.problem = null;
    try {
      await rest.acknowledge(alert);
    } catch (error) {
      this.problem = sentence(error instanceof NoAnswerError ? error.message : 'the answer cannot be read');
    }
    this.busy = null;
  }
}

export const acknowledging = new Acknowledging();
