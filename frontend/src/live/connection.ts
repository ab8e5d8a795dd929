import { backoffMs } from './backoff';
import { parseFrame, type Frame } from './protocol';
import { Sequence, type Place } from './sequence';

export type ConnectionState =
  | { phase: 'connecting'; since: number; attempt: number }
  | { phase: 'open'; since: number }
  | { phase: 'waiting'; since: number; retryAt: number; attempt: number; reason: string };

/** The part of a WebSocket that is used. */
export interface Socket {
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  close(code?: number, reason?: string): void;
}

export interface Surroundings {
  /** Connects; a place asks for what came since, instead of a snapshot. */
  open: (place: Place | null) => Socket;
  now: () => number;
  later: (action: () => void, ms: number) => number;
  cancel: (timer: number) => void;
  random: () => number;
  /** The key by which this browser was signed in counts no more. */
  signedOut: () => void;
}

const SNAPSHOT_TIMEOUT_MS = 10_000;
const SIGNED_OUT = 4003;
const SLOW_CLIENT = 4008;

/**
 * Keeps one connection to the hub: opens it, checks the order of frames, and comes back with jittered back-off to where
 * it was.
 */
export class Connection {
  state: ConnectionState;
  private socket: Socket | null = null;
  private timer: number | null = null;
  private attempt = 0;
  private lostAt: number | null = null;
  private readonly sequence = new Sequence();

  constructor(
    private readonly around: Surroundings,
    private readonly onFrame: (frame: Frame) => void,
    private readonly onState: (state: ConnectionState) => void,
  ) {
    this.state = { phase: 'connecting', since: around.now(), attempt: 0 };
  }

  start(): void {
    this.connect();
  }

  stop(): void {
    this.clearTimer();
    this.detach('page closed');
  }

  /** Try at once, whatever is left of the wait. */
  retryNow(): void {
    if (this.state.phase !== 'waiting') return;
    this.clearTimer();
    this.connect();
  }

  private connect(): void {
    this.change({ phase: 'connecting', since: this.lostAt ?? this.around.now(), attempt: this.attempt });
    const socket = this.around.open(this.sequence.place);
    this.socket = socket;
    socket.onmessage = (event) => this.receive(event.data);
    socket.onclose = (event) => {
      this.lost(reasonOf(event.code, event.reason));
      if (event.code === SIGNED_OUT) this.around.signedOut();
    };
    this.timer = this.around.later(() => this.lost('the dashboard did not answer'), SNAPSHOT_TIMEOUT_MS);
  }

  private receive(data: unknown): void {
    const frame = typeof data === 'string' ? parseFrame(data) : null;
    if (frame === null) this.sequence.reset();
    if (frame === null || !this.sequence.accept(frame)) {
      this.lost(frame === null ? 'an unreadable frame arrived' : 'a frame was missing');
      return;
    }
    if (this.state.phase !== 'open') {
      this.clearTimer();
      this.attempt = 0;
      this.lostAt = null;
      this.change({ phase: 'open', since: this.around.now() });
    }
    this.onFrame(frame);
  }

  private lost(reason: string): void {
    this.clearTimer();
    this.detach(reason);
    const now = this.around.now();
    this.lostAt ??= now;
    const wait = backoffMs(this.attempt, this.around.random());
    this.attempt += 1;
    this.timer = this.around.later(() => this.connect(), wait);
    this.change({ phase: 'waiting', since: this.lostAt, retryAt: now + wait, attempt: this.attempt, reason });
  }

  private detach(reason: string): void {
    const { socket } = this;
    if (socket === null) return;
    socket.onmessage = null;
    socket.onclose = null;
    this.socket = null;
    socket.close(1000, reason);
  }

  private clearTimer(): void {
    if (this.timer !== null) this.around.cancel(this.timer);
    this.timer = null;
  }

  private change(state: ConnectionState): void {
    this.state = state;
    this.onState(state);
  }
}

function reasonOf(code: number, reason: string): string {
  if (code === SLOW_CLIENT) return 'this page read too slowly';
  if (code === 1008 || code === SIGNED_OUT) return reason || 'the dashboard refused the connection';
  return reason || 'the dashboard went away';
}
