import { beforeEach, describe, expect, it } from 'vitest';
import type { Catalog } from '../src/live/catalog';
import { CatalogLoader } from '../src/live/catalog-loader';
import { delta, entry, SESSION, snapshot, STATUS } from './samples';

const ANSWER = { source: 'simulator:7', patterns: [entry('Doji')], indicators: [], alerts: [] };
const EMPTY = { ...ANSWER, patterns: [] };

/** A dashboard that answers when told to, and a clock that runs when told to. */
class Stage {
  asked: (string | null)[] = [];
  catalogs: Catalog[] = [];
  timers = new Map<number, { action: () => void; ms: number }>();
  private answers: { resolve: (answer: unknown) => void; reject: (reason: Error) => void }[] = [];
  private next = 1;
  readonly loader = new CatalogLoader(
    {
      ask: (source) => {
        this.asked.push(source);
        return new Promise((resolve, reject) => this.answers.push({ resolve, reject }));
      },
      later: (action, ms) => {
        this.timers.set(this.next, { action, ms });
        return this.next++;
      },
      cancel: (timer) => this.timers.delete(timer),
      random: () => 1,
    },
    (catalog) => this.catalogs.push(catalog),
  );

  /** Answer the question that was asked as the `index`th; without an answer it fails. */
  async answer(index: number, answer?: unknown): Promise<void> {
    if (answer === undefined) this.answers[index]?.reject(new Error('the database is away'));
    else this.answers[index]?.resolve(answer);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }

  /** Let the one timer that runs go off; how long it was to wait. */
  tick(): number {
    const [[timer, { action, ms }]] = [...this.timers] as [[number, { action: () => void; ms: number }]];
    this.timers.delete(timer);
    action();
    return ms;
  }
}

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

describe('the catalog is asked for', () => {
  it('on every connection, for the source of the stream', async () => {
    stage.loader.follow(snapshot());
    expect(stage.asked).toEqual(['simulator:7']);
    await stage.answer(0, ANSWER);
    expect([...(stage.catalogs[0]?.patterns.keys() ?? [])]).toEqual(['Doji']);
    expect(stage.timers.size).toBe(0);
    stage.loader.follow(snapshot({}, 0, 'b'));
    expect(stage.asked.length).toBe(2);
  });

  it('for whichever source ran last before a producer is heard', () => {
    stage.loader.follow(snapshot({ status: { ...STATUS, source: null } }));
    expect(stage.asked).toEqual([null]);
  });

  it('when the source changes, and not when anything else does', async () => {
    stage.loader.follow(snapshot());
    await stage.answer(0, ANSWER);
    stage.loader.follow(delta({ status: STATUS }));
    stage.loader.follow(delta({ patterns: [] }));
    expect(stage.asked.length).toBe(1);
    stage.loader.follow(delta({ status: { ...STATUS, source: 'massive' } }));
    expect(stage.asked).toEqual(['simulator:7', 'massive']);
  });

  it('once a session has started and its producer has had time to store it', async () => {
    stage.loader.follow(snapshot());
    await stage.answer(0, ANSWER);
    stage.loader.follow(delta({ session: SESSION }));
    expect(stage.asked.length).toBe(1);
    expect(stage.tick()).toBe(2_000);
    expect(stage.asked.length).toBe(2);
  });
});

describe('without a catalog', () => {
  it('the page asks again, ever more rarely, up to once a minute', async () => {
    stage.loader.follow(snapshot());
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      await stage.answer(attempt, attempt % 2 ? EMPTY : undefined);
      waits.push(stage.tick());
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    await stage.answer(8, ANSWER);
    expect(stage.timers.size).toBe(0);
  });

  it('that could be read, the one that is there stays', async () => {
    stage.loader.follow(snapshot());
    await stage.answer(0, { error: 'no' });
    expect(stage.catalogs).toEqual([]);
  });
});

describe('an answer that comes late', () => {
  it('is of no use once another source is asked for', async () => {
    stage.loader.follow(snapshot());
    stage.loader.follow(delta({ status: { ...STATUS, source: 'massive' } }));
    await stage.answer(0, ANSWER);
    expect(stage.catalogs).toEqual([]);
    await stage.answer(1, ANSWER);
    expect(stage.catalogs.length).toBe(1);
  });

  it('is of no use once the connection is lost, and nothing is asked until it is back', async () => {
    stage.loader.follow(snapshot());
    stage.loader.stop();
    await stage.answer(0);
    expect([stage.catalogs.length, stage.timers.size]).toEqual([0, 0]);
  });
});
