import { beforeEach, describe, expect, it } from 'vitest';
import { backoffMs } from '../src/live/backoff';
import { Connection, type ConnectionState, type Socket } from '../src/live/connection';
import { parseFrame, type Frame } from '../src/live/protocol';
import { Sequence, type Place } from '../src/live/sequence';
import { delta, snapshot } from './samples';

class FakeSocket implements Socket {
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  closed = false;
  close() {
    this.closed = true;
  }
}

/** A clock whose timers run when told to. */
class Stage {
  now = 1_000;
  sockets: FakeSocket[] = [];
  places: (Place | null)[] = [];
  timers = new Map<number, { at: number; action: () => void }>();
  frames: Frame[] = [];
  states: ConnectionState['phase'][] = [];
  timesSignedOut = 0;
  private next = 1;
  readonly connection = new Connection(
    {
      open: (place) => {
        this.places.push(place);
        const socket = new FakeSocket();
        this.sockets.push(socket);
        return socket;
      },
      now: () => this.now,
      later: (action, ms) => {
        this.timers.set(this.next, { at: this.now + ms, action });
        return this.next++;
      },
      cancel: (timer) => this.timers.delete(timer),
      random: () => 0.5,
      signedOut: () => (this.timesSignedOut += 1),
    },
    (frame) => this.frames.push(frame),
    (state) => this.states.push(state.phase),
  );

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('no socket was opened');
    return socket;
  }

  send(frame: Frame | string): void {
    this.socket.onmessage?.({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) });
  }

  pass(ms: number): void {
    this.now += ms;
    for (const [timer, { at, action }] of [...this.timers])
      if (at <= this.now && this.timers.delete(timer)) action();
  }
}

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
  stage.connection.start();
});

describe('a connection', () => {
  it('is open once the snapshot has come', () => {
    expect(stage.connection.state.phase).toBe('connecting');
    stage.send(snapshot());
    expect(stage.connection.state.phase).toBe('open');
    expect(stage.frames).toHaveLength(1);
    expect(stage.timers.size).toBe(0);
  });

  it('tells when its key counts no more, and only then', () => {
    stage.send(snapshot());
    stage.socket.onclose?.({ code: 1006, reason: '' });
    expect(stage.timesSignedOut).toBe(0);
    stage.connection.retryNow();
    stage.socket.onclose?.({ code: 4003, reason: 'signed out' });
    expect(stage.timesSignedOut).toBe(1);
    expect(stage.connection.state).toMatchObject({ phase: 'waiting', reason: 'signed out' });
  });

  it('hands on frames in order', () => {
    stage.send(snapshot({}, 5));
    stage.send(delta({}, 6));
    stage.send(delta({}, 7));
    expect(stage.frames.map(({ seq }) => seq)).toEqual([5, 6, 7]);
  });

  it.each([
    ['a hole in the sequence', () => stage.send(delta({}, 7))],
    ['a repeated frame', () => stage.send(delta({}, 5))],
    ['a new epoch', () => stage.send(delta({}, 6, 'other'))],
    ['an unreadable frame', () => stage.send('<html>')],
  ])('closes and comes back after %s, without showing it', (_, mishap) => {
    stage.send(snapshot({}, 5));
    mishap();
    expect(stage.frames).toHaveLength(1);
    expect(stage.socket.closed).toBe(true);
    expect(stage.connection.state.phase).toBe('waiting');
    stage.pass(60_000);
    expect(stage.sockets).toHaveLength(2);
    stage.send(snapshot({}, 0, 'other'));
    expect(stage.connection.state.phase).toBe('open');
  });

  it('comes back to where it was, and begins anew where the stream did not go on', () => {
    stage.send(snapshot({}, 5));
    stage.send(delta({}, 6));
    stage.socket.onclose?.({ code: 1006, reason: '' });
    stage.pass(60_000);
    expect(stage.places).toEqual([null, { epoch: 'a', seq: 6 }]);
    stage.send(delta({ since: 6 }, 40));
    expect(stage.connection.state.phase).toBe('open');
    expect(stage.frames.map(({ seq }) => seq)).toEqual([5, 6, 40]);
    stage.send(delta({ since: 6 }, 41));
    stage.pass(60_000);
    expect(stage.places.at(-1)).toBeNull();
  });

  it('takes a snapshot in the middle of the stream', () => {
    stage.send(snapshot({}, 5));
    stage.send(snapshot({}, 6, 'other'));
    stage.send(delta({}, 7, 'other'));
    expect(stage.frames).toHaveLength(3);
  });

  it('waits longer after each failure, keeps the time of the loss, and forgets both once it is back', () => {
    stage.send(snapshot());
    const lostAt = stage.now;
    const waits: number[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      stage.socket.onclose?.({ code: 1006, reason: '' });
      const state = stage.connection.state;
      if (state.phase !== 'waiting') throw new Error(state.phase);
      expect(state.since).toBe(lostAt);
      waits.push(state.retryAt - stage.now);
      stage.pass(state.retryAt - stage.now);
    }
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(new Set(waits).size).toBe(4);
    stage.send(snapshot());
    stage.socket.onclose?.({ code: 1006, reason: '' });
    const state = stage.connection.state;
    expect(state.phase === 'waiting' && state.retryAt - stage.now).toBe(waits[0]);
  });

  it('gives up on a dashboard that accepts but sends no snapshot', () => {
    stage.pass(10_000);
    expect(stage.connection.state).toMatchObject({
      phase: 'waiting',
      reason: 'the dashboard did not answer',
    });
    expect(stage.socket.closed).toBe(true);
  });

  it('hears nothing more of a socket that it gave up', () => {
    const abandoned = stage.socket;
    stage.send('broken');
    expect([abandoned.onmessage, abandoned.onclose]).toEqual([null, null]);
  });

  it('says why a slow page was sent away', () => {
    stage.send(snapshot());
    stage.socket.onclose?.({ code: 4008, reason: 'queue full' });
    expect(stage.connection.state).toMatchObject({ reason: 'this page read too slowly' });
  });

  it('tries at once when told to, and only while it waits', () => {
    stage.connection.retryNow();
    expect(stage.sockets).toHaveLength(1);
    stage.socket.onclose?.({ code: 1006, reason: '' });
    stage.connection.retryNow();
    expect(stage.sockets).toHaveLength(2);
    stage.send(snapshot());
    stage.pass(60_000);
    expect(stage.sockets).toHaveLength(2);
  });

  it('stops without a timer or socket left', () => {
    stage.connection.stop();
    expect(stage.timers.size).toBe(0);
    expect(stage.socket.closed).toBe(true);
    expect(stage.connection.state.phase).toBe('connecting');
  });
});

describe('back-off', () => {
  it('rises to five seconds and spreads clients over the upper half', () => {
    for (let attempt = 0; attempt < 40; attempt++) {
      const least = backoffMs(attempt, 0);
      const most = backoffMs(attempt, 0.999_999);
      expect(most).toBeLessThanOrEqual(5_000);
      expect(least).toBeGreaterThanOrEqual(most / 2 - 1);
      expect(backoffMs(attempt + 1, 0)).toBeGreaterThanOrEqual(least);
    }
    expect(backoffMs(0, 0.5)).toBeLessThan(1_000);
  });
});

describe('a sequence', () => {
  it('wants a snapshot first', () => {
    expect(new Sequence().accept(delta({}, 1))).toBe(false);
  });
});

describe('a frame', () => {
  it.each([
    '',
    'null',
    '[]',
    '{}',
    '{"type":"delta"}',
    '{"type":"delta","epoch":"a","seq":1}',
    '{"type":"other","epoch":"a","seq":1}',
    '{"type":"delta","epoch":"a","seq":"1"}',
  ])('is not %j', (text) => expect(parseFrame(text)).toBeNull());
});
