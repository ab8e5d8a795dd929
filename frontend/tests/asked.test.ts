import { describe, expect, it } from 'vitest';
import { NoAnswerError } from '../src/live/ask';
import { Asked } from '../src/live/asked';

/** Questions wait until the test answers them. */
function desk() {
  const open: { question: string; answer: (text: string) => void; fail: (error: Error) => void }[] = [];
  const timers = new Map<number, () => void>();
  const waits: number[] = [];
  const [answers, failures]: [string[], string[]] = [[], []];
  let n = 0;
  const asked = new Asked<string, string>(
    {
      later: (action, ms) => {
        waits.push(ms);
        timers.set(++n, action);
        return n;
      },
      cancel: (timer) => timers.delete(timer),
      random: () => 1,
    },
    (question) =>
      new Promise((answer, fail) => {
        open.push({ question, answer, fail });
      }),
    (answer) => answers.push(answer),
    (reason) => failures.push(reason),
  );
  const settle = () => new Promise((done) => setTimeout(done));
  const ring = () => {
    for (const [timer, action] of [...timers]) {
      timers.delete(timer);
      action();
    }
  };
  return { asked, open, answers, failures, timers, waits, settle, ring };
}

describe('one answer of the REST API', () => {
  it('is asked for once, and counts', async () => {
    const { asked, open, answers, settle } = desk();
    asked.want('a');
    open[0]?.answer('A');
    await settle();
    expect([open.length, answers]).toEqual([1, ['A']]);
  });

  it('of questions that come while one is open only the newest is asked, and only its answer counts', async () => {
    const { asked, open, answers, settle } = desk();
    for (const question of ['a', 'b', 'c']) asked.want(question);
    open[0]?.answer('A');
    await settle();
    open[1]?.answer('C');
    await settle();
    expect(open.map(({ question }) => question)).toEqual(['a', 'c']);
    expect(answers).toEqual(['C']);
  });

  it('is asked for again, ever more rarely, where there was none', async () => {
    const { asked, open, answers, failures, waits, settle, ring } = desk();
    asked.want('a');
    for (let turn = 0; turn < 3; turn++) {
      open[turn]?.fail(turn === 0 ? new NoAnswerError('not now') : new Error('odd'));
      await settle();
      ring();
    }
    open[3]?.answer('A');
    await settle();
    expect(failures).toEqual(['not now', 'the answer cannot be read', 'the answer cannot be read']);
    expect(waits).toEqual([1_000, 2_000, 4_000]);
    expect(answers).toEqual(['A']);
  });

  it('is given up when it is stopped', async () => {
    const { asked, open, answers, timers, settle } = desk();
    asked.want('a');
    asked.stop();
    open[0]?.answer('A');
    await settle();
    asked.want('b');
    open[1]?.fail(new Error('odd'));
    await settle();
    expect(timers.size).toBe(1);
    asked.stop();
    expect([answers, timers.size]).toEqual([[], 0]);
  });
});
