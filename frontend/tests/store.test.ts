import { describe, expect, it } from 'vitest';
import { LiveStore } from '../src/live/store';
import { alert, delta, HEALTH, pattern, SESSION, snapshot, STATUS } from './samples';

const bar = (close: number): [number, number, number, number, number] => [10, 12, 9, close, 100];

describe('a snapshot', () => {
  it('replaces everything that was known', () => {
    const store = new LiveStore();
    store.apply(snapshot({ patterns: [pattern('old')], symbols: { OLD: { bar: bar(1) } } }));
    store.apply(snapshot({ patterns: [pattern('new')], symbols: { NEW: { bar: bar(2) } } }, 9, 'b'));
    expect(store.patterns.toArray().map(({ item }) => item.metadata.pattern_id)).toEqual(['new']);
    expect([...store.symbols.keys()]).toEqual(['NEW']);
  });

  it('gives events numbers that no earlier event had, so that rows are never mistaken for one another', () => {
    const store = new LiveStore();
    store.apply(snapshot({ patterns: [pattern('a'), pattern('b')] }));
    const before = store.patterns.toArray().map(({ n }) => n);
    store.apply(snapshot({ patterns: [pattern('a'), pattern('b')] }));
    const after = store.patterns.toArray().map(({ n }) => n);
    expect(Math.min(...after)).toBeGreaterThan(Math.max(...before));
  });
});

describe('a delta', () => {
  it('appends events and says which parts changed', () => {
    const store = new LiveStore();
    store.apply(snapshot());
    const changed = store.apply(delta({ patterns: [pattern('a')], alerts: [alert()], status: STATUS }));
    expect([...changed].sort()).toEqual(['alerts', 'patterns', 'status']);
    expect(store.patterns.total).toBe(1);
    expect(store.alerts.newest()?.item.symbol).toBe('AAPL');
  });

  it('merges symbols, and inside them indicators by instance', () => {
    const store = new LiveStore();
    store.apply(
      snapshot({ symbols: { A: { bar: bar(10), first_open: 9, indicators: { RSI_14: { value: 50 } } } } }),
    );
    store.apply(delta({ symbols: { A: { indicators: { SMA_20: { value: 11 } } } } }));
    const state = store.symbols.get('A');
    expect(state?.close).toBe(10);
    expect(state?.firstOpen).toBe(9);
    expect(Object.fromEntries(state?.indicators ?? [])).toEqual({
      RSI_14: { value: 50 },
      SMA_20: { value: 11 },
    });
    expect([...store.instances]).toEqual(['RSI_14', 'SMA_20']);
  });

  it('counts changes of the price and which way they went, not repetitions', () => {
    const store = new LiveStore();
    store.apply(snapshot({ symbols: { A: { bar: bar(10) } } }));
    store.apply(delta({ symbols: { A: { bar: bar(10) } } }));
    expect(store.symbols.get('A')).toMatchObject({ changes: 0, direction: 0 });
    store.apply(delta({ symbols: { A: { bar: bar(9) } } }));
    expect(store.symbols.get('A')).toMatchObject({ changes: 1, direction: -1 });
  });

  it('of a new session forgets the symbols and events of the last one', () => {
    const store = new LiveStore();
    store.apply(
      snapshot({ patterns: [pattern('a')], symbols: { A: { minute: '2025-10-06T19:59:00.000Z' } } }),
    );
    store.apply(
      delta({
        new_session: true,
        session: { ...SESSION, session_id: 'next' },
        patterns: [pattern('b')],
        symbols: { B: { bar: bar(1) } },
      }),
    );
    expect([...store.symbols.keys()]).toEqual(['B']);
    expect(store.newestMinute).toBeNull();
    expect(store.patterns.toArray().map(({ item }) => item.metadata.pattern_id)).toEqual(['b']);
  });

  it('puts what was repaired where it belongs, and keeps gaps by their newest state', () => {
    const store = new LiveStore();
    const at = (minute: number) => `2025-10-06T14:${minute}:00.000Z`;
    const gap = { id: 1, noticed_at: at(20), since: at(15), until: at(17), missed: { patterns: 1 } };
    store.apply(
      snapshot({ patterns: [15, 17].map((minute) => pattern(String(minute), { timestamp: at(minute) })) }),
    );
    store.apply(delta({ gaps: [{ ...gap, found: {}, state: 'repairing' }] }));
    const changed = store.apply(
      delta(
        {
          repaired: { patterns: [pattern('16', { timestamp: at(16) })] },
          gaps: [{ ...gap, found: { patterns: 1 }, state: 'repaired' }],
        },
        2,
      ),
    );
    expect([...changed].sort()).toEqual(['gaps', 'patterns']);
    expect(store.patterns.toArray().map(({ item }) => item.metadata.pattern_id)).toEqual(['15', '16', '17']);
    expect([...store.gaps.values()].map(({ state }) => state)).toEqual(['repaired']);
  });

  it('that ends the session keeps the symbols on the page', () => {
    const store = new LiveStore();
    store.apply(snapshot({ symbols: { A: { bar: bar(1) } } }));
    store.apply(delta({ session: null }));
    expect(store.session).toBeNull();
    expect(store.symbols.size).toBe(1);
  });

  it('appends to the health history and replaces the newest', () => {
    const store = new LiveStore();
    store.apply(snapshot({ health: HEALTH, health_history: [HEALTH] }));
    const worse = { ...HEALTH, status: 'warning' };
    store.apply(delta({ health: worse, health_history: [worse] }));
    expect(store.health?.status).toBe('warning');
    expect(store.healthHistory.toArray()).toHaveLength(2);
  });

  it('keeps the newest minute over all symbols', () => {
    const store = new LiveStore();
    store.apply(snapshot({ symbols: { A: { minute: '2025-10-06T14:15:00.000Z' } } }));
    store.apply(delta({ symbols: { B: { minute: '2025-10-06T14:14:00.000Z' } } }));
    expect(store.newestMinute).toBe('2025-10-06T14:15:00.000Z');
  });
});

describe('a bar that is not over', () => {
  it('moves the price until it is sealed, and no longer', () => {
    const store = new LiveStore();
    store.apply(snapshot({ symbols: { A: { minute: '2025-10-06T14:15:00.000Z', bar: bar(11) } } }));
    store.apply(delta({ symbols: { A: { forming_minute: '2025-10-06T14:16:00.000Z', forming: bar(9) } } }));
    const state = store.symbols.get('A');
    expect(state).toMatchObject({ close: 9, direction: -1, changes: 1, minute: '2025-10-06T14:15:00.000Z' });
    expect(state?.bar?.[3]).toBe(11);
    store.apply(delta({ symbols: { A: { minute: '2025-10-06T14:16:00.000Z', bar: bar(10) } } }, 2));
    expect(store.symbols.get('A')).toMatchObject({ close: 10, direction: 1, forming: null });
  });

  it('is the price where nothing is sealed yet', () => {
    const store = new LiveStore();
    store.apply(
      snapshot({ symbols: { A: { forming_minute: '2025-10-06T14:16:00.000Z', forming: bar(9) } } }),
    );
    expect(store.symbols.get('A')).toMatchObject({ close: 9, bar: null, changes: 0 });
  });
});
