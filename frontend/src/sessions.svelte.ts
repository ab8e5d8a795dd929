import { Asked, BROWSER } from './live/asked';
import type { SessionRecord, SessionSummaryAnswer } from './live/rest';
import { rest } from './rest';

const SHOWN = 30;
/** A session's last row is stored after its end has been told: so much later it is there. */
const STORED_AFTER_MS = 3_000;

/** The sessions of the tables, and the one of them that is looked at. */
class Sessions {
  /** The one that was begun last first; `null` before they are known. */
  list = $state.raw<readonly SessionRecord[] | null>(null);
  /** The id of the session that is looked at. */
  opened = $state<string | null>(null);
  /** Its figures; `null` until they have come. */
  summary = $state.raw<SessionSummaryAnswer | null>(null);
  /** Why there are none, in a sentence. */
  problem = $state<string | null>(null);
  private timer: number | null = null;
  private readonly listAsked = new Asked<null, SessionRecord[]>(
    BROWSER,
    () => rest.sessions(SHOWN),
    (list) => (this.list = list),
  );
  private readonly summaryAsked = new Asked<string, SessionSummaryAnswer>(
    BROWSER,
    (session) => rest.summary(session),
    (summary) => {
      this.summary = summary;
      this.problem = null;
    },
    (reason) => (this.problem = reason),
  );

  /** Ask for the list, and again when what has just ended is stored. */
  load(): void {
    this.listAsked.want(null);
    if (this.timer !== null) window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.listAsked.want(null), STORED_AFTER_MS);
  }

  open(session: string): void {
    this.opened = session;
    this.summary = null;
    this.problem = null;
    this.summaryAsked.want(session);
  }

  /** Count anew what the session that is looked at has found. */
  refresh(): void {
    if (this.opened !== null) this.summaryAsked.want(this.opened);
  }

  close(): void {
    this.opened = null;
    this.summaryAsked.stop();
  }

  stop(): void {
    if (this.timer !== null) window.clearTimeout(this.timer);
    this.listAsked.stop();
    this.summaryAsked.stop();
  }
}

export const sessions = new Sessions();
