import { beforeEach, describe, expect, it } from 'vitest';
import { NoAnswerError } from '../src/live/ask';
import type { BarsPage } from '../src/live/history';
import type { Detection, SymbolPatch } from '../src/live/protocol';
import { FIRST_BARS, SymbolFeed, type Known } from '../src/live/symbol-feed';
import type { Bar } from '../src/logic/bars';
import { alert, at, delta, livePatch, pattern, SESSION, snapshot, STATUS, storedBar } from './samples';

interface Question {
  source: string | null;
  limit: number;
  before: string | null;
  resolve: (page: BarsPage) => void;
  reject: (reason: Error) => void;
}

/** A dashboard that answers when told to, and a clock that runs when told to. */
class Stage {
  questions: Question[] = [];
  patterns: Detection[] = [];
  changes: string[] = [];
  phases: string[] = [];
  timers = new Map<number, { action: () => void; ms: number }>();
  private next = 1;
  readonly feed: SymbolFeed;

  constructor() {
    this.feed = new SymbolFeed(
      'NVDA',
      {
        history: {
          bars: (_symbol, source, limit, before) =>
            new Promise((resolve, reject) => this.questions.push({ source, limit, before, resolve, reject })),
          patterns: () => Promise.resolve(this.patterns),
          alerts: () => Promise.resolve([]),
        },
        later: (action, ms) => {
          this.timers.set(this.next, { action, ms });
          return this.next++;
        },
        cancel: (timer) => this.timers.delete(timer),
        random: () => 1,
      },
      () => this.phases.push(this.feed.state.phase),
    );
    this.feed.listen((change) => this.changes.push(change));
  }

  /** Answer the newest question. */
  async answer(bars: Bar[], earlier: string | null = null, source = 'simulator:7'): Promise<void> {
    this.questions.at(-1)?.resolve({ source, bars, earlier });
    await this.settle();
  }

  async fail(reason: string): Promise<void> {
    this.questions.at(-1)?.reject(new NoAnswerError(reason));
    await this.settle();
  }

  /** Let the one timer that runs go off; how long it was to wait. */
  tick(): number {
    expect(this.timers.size).toBe(1);
    const [[timer, { action, ms }]] = [...this.timers] as [[number, { action: () => void; ms: number }]];
    this.timers.delete(timer);
    action();
    return ms;
  }

  hear(patch: SymbolPatch): void {
    this.feed.follow(delta({ symbols: { NVDA: patch } }));
  }

  get minutes(): string[] {
    return this.feed.bars.map(({ minute }) => minute);
  }

  private async settle(): Promise<void> {
    for (let turn = 0; turn < 8; turn++) await Promise.resolve();
  }
}

const NOTHING: Known = {
  source: null,
  patch: null,
  patterns: [],
  alerts: [],
  session: SESSION,
  marketTime: at(60),
};

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

describe('a feed', () => {
  it('begins with what the stream knows and puts the history under it', async () => {
    stage.patterns = [pattern('a')];
    stage.feed.start({ ...NOTHING, source: 'simulator:7', patch: livePatch(2) });
    expect(stage.minutes).toEqual([at(2)]);
    expect(stage.questions[0]).toMatchObject({ source: 'simulator:7', limit: FIRST_BARS, before: null });
    await stage.answer([storedBar(0), storedBar(1), storedBar(2)]);
    expect(stage.minutes).toEqual([at(0), at(1), at(2)]);
    expect(stage.feed.state).toMatchObject({ phase: 'ready', patterns: [pattern('a')] });
    expect(stage.timers.size).toBe(0);
  });

  it('loses no bar that arrives while the history is read', async () => {
    stage.feed.start(NOTHING);
    stage.hear(livePatch(2));
    stage.hear(livePatch(3));
    await stage.answer([storedBar(0), storedBar(1), storedBar(2)]);
    expect(stage.minutes).toEqual([at(0), at(1), at(2), at(3)]);
  });

  it('asks again for what may have been missed, once it has been stored', async () => {
    stage.feed.start(NOTHING);
    await stage.answer([storedBar(0), storedBar(1)]);
    stage.hear(livePatch(5));
    expect(stage.tick()).toBeGreaterThanOrEqual(1_000);
    expect(stage.questions[1]).toMatchObject({ source: 'simulator:7', limit: 5, before: null });
    await stage.answer([storedBar(1), storedBar(3), storedBar(5)], at(1));
    expect(stage.minutes).toEqual([at(0), at(1), at(3), at(5)]);
    expect(stage.timers.size).toBe(0);
  });

  it('asks for all that the tables have not told yet, since values may be mixed up where minutes are missing', async () => {
    stage.feed.start(NOTHING);
    await stage.answer([storedBar(0)]);
    stage.hear(livePatch(1, { indicators: { RSI_14: { value: 1 } } }));
    stage.hear(livePatch(3));
    stage.tick();
    expect(stage.questions[1]).toMatchObject({ limit: 4 });
    await stage.answer(
      [1, 2, 3].map((minute) => storedBar(minute, { indicators: { RSI_14: { value: 50 } } })),
    );
    expect(stage.feed.bars[1]?.indicators).toEqual({ RSI_14: { value: 50 } });
  });

  it('goes on asking while the tables do not have it yet', async () => {
    stage.feed.start(NOTHING);
    await stage.answer([storedBar(0)]);
    stage.hear(livePatch(3));
    stage.tick();
    await stage.answer([storedBar(0)]);
    stage.tick();
    await stage.fail('the database was lost');
    stage.tick();
    await stage.answer([storedBar(0), storedBar(3)]);
    expect(stage.minutes).toEqual([at(0), at(3)]);
    expect(stage.timers.size).toBe(0);
  });

  it('does not ask twice for one gap', async () => {
    stage.feed.start(NOTHING);
    await stage.answer([storedBar(0)]);
    stage.hear(livePatch(3));
    stage.hear(livePatch(4));
    stage.hear(livePatch(8));
    expect(stage.timers.size).toBe(1);
  });

  it('says why there is no history, goes on with what comes, and tries again ever more rarely', async () => {
    stage.feed.start(NOTHING);
    await stage.fail('the database at db cannot be reached');
    expect(stage.feed.state).toMatchObject({
      phase: 'failed',
      reason: 'the database at db cannot be reached',
    });
    stage.hear(livePatch(3));
    expect(stage.minutes).toEqual([at(3)]);
    const first = stage.tick();
    await stage.fail('the database at db cannot be reached');
    expect(stage.tick()).toBe(2 * first);
    await stage.answer([storedBar(2), storedBar(3)]);
    expect(stage.feed.state).toMatchObject({ phase: 'ready', reason: '' });
    expect(stage.minutes).toEqual([at(2), at(3)]);
  });

  it('reads everything anew after a reconnection', async () => {
    stage.feed.start(NOTHING);
    await stage.answer([storedBar(0), storedBar(1)]);
    stage.feed.follow(snapshot({ symbols: { NVDA: livePatch(4) } }));
    await stage.answer([storedBar(0), storedBar(1), storedBar(2), storedBar(4)]);
    expect(stage.minutes).toEqual([at(0), at(1), at(2), at(4)]);
  });

  it('begins anew when the bars come from somewhere else', async () => {
    stage.feed.start({ ...NOTHING, source: 'simulator:7' });
    await stage.answer([storedBar(0), storedBar(1)]);
    stage.feed.follow(delta({ status: STATUS }));
    expect(stage.questions).toHaveLength(1);
    stage.feed.follow(delta({ status: { ...STATUS, source: 'massive' } }));
    expect(stage.minutes).toEqual([]);
    expect(stage.feed.state.phase).toBe('loading');
    expect(stage.questions[1]).toMatchObject({ source: 'massive' });
    await stage.answer([storedBar(9)], null, 'massive');
    expect(stage.minutes).toEqual([at(9)]);
  });

  it('takes no answer to a question that is out of date', async () => {
    stage.feed.start({ ...NOTHING, source: 'simulator:7' });
    const [old] = stage.questions;
    stage.feed.follow(snapshot());
    await stage.answer([storedBar(5)]);
    old?.resolve({ source: 'simulator:7', bars: [storedBar(0)], earlier: null });
    await Promise.resolve();
    expect(stage.minutes).toEqual([at(5)]);
    stage.feed.stop();
    expect(stage.timers.size).toBe(0);
  });

  it('reads earlier pages one after the other, until there are none', async () => {
    stage.feed.start(NOTHING);
    await stage.answer([storedBar(8), storedBar(9)], at(8));
    void stage.feed.loadEarlier();
    void stage.feed.loadEarlier();
    expect(stage.questions).toHaveLength(2);
    expect(stage.questions[1]).toMatchObject({ source: 'simulator:7', before: at(8) });
    await stage.answer([storedBar(6), storedBar(7)]);
    expect(stage.minutes).toEqual([at(6), at(7), at(8), at(9)]);
    void stage.feed.loadEarlier();
    expect(stage.questions).toHaveLength(2);
  });

  it('keeps what happened on its symbol, each event once, however many of others there are', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((id) => pattern(id));
    const other = pattern('d', { symbol: 'TSLA' });
    stage.patterns = [a, b] as Detection[];
    stage.feed.start({ ...NOTHING, patterns: [b as Detection] });
    stage.feed.follow(
      delta({ patterns: [c as Detection, other], alerts: [alert({ symbol: 'NVDA' }), alert()] }),
    );
    await stage.answer([storedBar(0)]);
    stage.feed.follow(snapshot({ patterns: [other] }));
    await stage.answer([storedBar(0)]);
    const { patterns, alerts } = stage.feed.state;
    expect(patterns.map(({ metadata }) => metadata.pattern_id).sort()).toEqual(['a', 'b', 'c']);
    expect(alerts).toEqual([alert({ symbol: 'NVDA' })]);
  });

  it('takes nothing of another session from what the page has kept', async () => {
    const own = pattern('own', { metadata: { pattern_id: 'own', session_id: SESSION.session_id } });
    const other = pattern('other', { metadata: { pattern_id: 'other', session_id: 'another' } });
    const alerts = [-5, 10, 300].map((minute) => alert({ symbol: 'NVDA', timestamp: at(minute) }));
    stage.feed.start({ ...NOTHING, patterns: [own, other], alerts });
    expect(stage.feed.state).toMatchObject({ patterns: [own], alerts: [alerts[1]] });
    stage.feed.follow(snapshot({ session: null, patterns: [other], alerts }));
    expect(stage.feed.state).toMatchObject({ patterns: [own], alerts: [alerts[1]] });
    stage.feed.follow(delta({ patterns: [other] }));
    expect(stage.feed.state.patterns).toEqual([own, other]);
  });

  it('forgets the oldest events when there are too many', () => {
    const minutes = [...Array(600).keys()].reverse();
    stage.feed.start({
      ...NOTHING,
      patterns: minutes.map((minute) =>
        pattern('', {
          timestamp: at(minute),
          metadata: { pattern_id: `${minute}`, session_id: SESSION.session_id },
        }),
      ),
    });
    const times = stage.feed.state.patterns.map(({ timestamp }) => timestamp);
    expect(times.sort()).toEqual([...Array(500).keys()].map((minute) => at(minute + 100)));
  });

  it('leaves no hole where an answer does not reach back to what is there', async () => {
    stage.feed.start(NOTHING);
    await stage.answer([storedBar(0), storedBar(1)], null);
    stage.feed.follow(snapshot({ symbols: { NVDA: livePatch(900) } }));
    await stage.answer([storedBar(800), storedBar(899)], at(800));
    expect(stage.minutes).toEqual([at(800), at(899), at(900)]);
    void stage.feed.loadEarlier();
    expect(stage.questions.at(-1)).toMatchObject({ before: at(800) });
  });
});
