import { NoAnswerError } from './live/ask';
import { Asked, BROWSER } from './live/asked';
import type { CriticalAlert } from './live/protocol';
import type { Acknowledgement } from './live/rest';
import { sentence } from './logic/format';
import { acknowledgementKey } from './logic/incidents';
import { rest } from './rest';

/** Who has seen which critical alert. */
class Acknowledgements {
  /** By `acknowledgementKey`. */
  byAlert = $state.raw<ReadonlyMap<string, Acknowledgement>>(new Map());
  /** The key of the alert that is being acknowledged. */
  busy = $state<string | null>(null);
  /** Why the last one was refused, in a sentence. */
  problem = $state<string | null>(null);
  private readonly asked = new Asked<null, Acknowledgement[]>(
    BROWSER,
    () => rest.acknowledgements(),
    (list) => this.take(list),
  );

  load(): void {
    this.asked.want(null);
  }

  stop(): void {
    this.asked.stop();
  }

  /** Those that have become known; what was known stays. */
  take(list: readonly Acknowledgement[]): void {
    this.byAlert = new Map([
      ...this.byAlert,
      ...list.map((each) => [acknowledgementKey(each), each] as const),
    ]);
  }

  async acknowledge(alert: CriticalAlert): Promise<void> {
    const key = acknowledgementKey(alert);
    if (this.busy !== null) return;
    this.busy = key;
    this.problem = null;
    try {
      this.take([await rest.acknowledge(alert)]);
    } catch (error) {
      this.problem = sentence(error instanceof NoAnswerError ? error.message : 'the answer cannot be read');
    }
    this.busy = null;
  }
}

export const acknowledgements = new Acknowledgements();
