import { NoAnswerError } from './ask';
import { backoffMs } from './backoff';

export interface AskSurroundings {
  later: (action: () => void, ms: number) => number;
  cancel: (timer: number) => void;
  random: () => number;
}

export const BROWSER: AskSurroundings = {
  later: (action, ms) => window.setTimeout(action, ms),
  cancel: (timer) => window.clearTimeout(timer),
  random: Math.random,
};

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/**
 * Keeps one answer true: asks when it is told to, one question at a time, of several that came meanwhile the newest
 * only; and again, ever more rarely, where there was no answer. An answer to a question that counts no more is dropped.
 */
export class Asked<Question, Answer> {
  private wanted: { question: Question } | null = null;
  private isBusy = false;
  private timer: number | null = null;
  private failures = 0;

  /** @param onFailure why there is no answer, in a sentence; it is asked again */
  constructor(
    private readonly around: AskSurroundings,
    private readonly ask: (question: Question) => Promise<Answer>,
    private readonly onAnswer: (answer: Answer, question: Question) => void,
    private readonly onFailure: (reason: string) => void = () => undefined,
  ) {}

  /** Ask this from now on. */
  want(question: Question): void {
    this.clearTimer();
    this.failures = 0;
    this.wanted = { question };
    if (!this.isBusy) void this.go();
  }

  /** Ask no more, and take no answer. */
  stop(): void {
    this.clearTimer();
    this.wanted = null;
  }

  private async go(): Promise<void> {
    this.isBusy = true;
    while (this.wanted !== null) {
      const { wanted } = this;
      let failure: string | null = null;
      try {
        const answer = await this.ask(wanted.question);
        if (this.wanted === wanted) this.onAnswer(answer, wanted.question);
      } catch (error) {
        failure = error instanceof NoAnswerError ? error.message : 'the answer cannot be read';
      }
      if (this.wanted !== wanted) continue;
      if (failure === null) this.wanted = null;
      else {
        this.onFailure(failure);
        const wait = backoffMs(this.failures++, this.around.random(), FIRST_RETRY_MS, LONGEST_RETRY_MS);
        this.timer = this.around.later(() => {
          this.timer = null;
          if (!this.isBusy) void this.go();
        }, wait);
        break;
      }
    }
    this.isBusy = false;
  }

  private clearTimer(): void {
    if (this.timer !== null) this.around.cancel(this.timer);
    this.timer = null;
  }
}
