// What the page asks the REST API beside the stream; `/api/openapi.json` describes all of it.

import { apiAddress } from './address';
import { getJson, postJson } from './ask';
import type { Acknowledgement, CriticalAlert, Session } from './protocol';

/** What the exchange is at at a moment, by its regular hours. */
export interface Hours {
  at: string;
  state: 'open' | 'pre' | 'post' | 'closed';
  opens_at: string | null;
  closes_at: string | null;
  next_open: string;
  reason: string | null;
}

export interface UniverseSymbol {
  symbol: string;
  name: string | null;
  sector: string | null;
}

export interface Access {
  name: string;
  role: 'viewer' | 'admin';
  can_sign_out: boolean;
}

export interface SessionRecord {
  session_id: string;
  universe: string;
  source: string | null;
  started_at: string;
  stopped_at: string | null;
  symbol_count: number;
  total_patterns: number;
  total_indicators: number;
  final_status: string | null;
}

export interface SessionSummaryAnswer {
  session: SessionRecord | null;
  patterns: { pattern_type: string; count: number; high_confidence: number; mean_confidence: number }[];
  alerts: { alert_type: string; count: number }[];
  top_symbols: { symbol: string; patterns: number; alerts: number }[];
  hours: { hour: string; patterns: Record<string, number>; alerts: number }[];
}

/** A running service, as far as an operator is shown. */
export interface Service {
  service_id: string;
  source: string;
  universe: string;
  phase: 'starting' | 'running' | 'ending' | 'stopped' | 'waiting';
  detail: string;
  session: Session | null;
}

export interface SessionOrder {
  action: 'start' | 'stop';
  /** The service that is meant, by its id. */
  source: string;
  universe?: string;
}

/** A start waits for the service's warm-up. */
const ORDER_TIMEOUT_MS = 90_000;

/** Every question may throw a `NoAnswerError`. */
export class Rest {
  /** @param page the page's own address */
  constructor(private readonly page: string) {}

  /** @param moment market time, milliseconds; `null` is now */
  async hours(moment: number | null): Promise<Hours> {
    const at = moment === null ? null : new Date(moment).toISOString();
    return (await this.get('calendar', { at, extended: 'false' })) as Hours;
  }

  async universe(): Promise<UniverseSymbol[]> {
    return ((await this.get('universe')) as { symbols: UniverseSymbol[] }).symbols;
  }

  async access(): Promise<Access> {
    return (await getJson(new URL('api/access', this.page))) as Access;
  }

  /** The one that was begun last first. */
  async sessions(limit: number): Promise<SessionRecord[]> {
    return ((await this.get('sessions', { limit })) as { sessions: SessionRecord[] }).sessions;
  }

  async summary(session: string): Promise<SessionSummaryAnswer> {
    return (await this.get('summary', { session })) as SessionSummaryAnswer;
  }

  /** The keys of all universes that a session can be started with. */
  async universes(): Promise<string[]> {
    return ((await this.get('universes')) as { universes: string[] }).universes;
  }

  /** The services that run; for administrators. */
  async services(): Promise<Service[]> {
    return ((await this.get('session')) as { services: Service[] }).services;
  }

  /** Start or stop a session; for administrators. */
  async order(order: SessionOrder): Promise<Service> {
    const answer = await postJson(apiAddress(this.page, 'session'), order, ORDER_TIMEOUT_MS);
    return (answer as { service: Service }).service;
  }

  /** Say that an alert has been seen; for administrators. */
  async acknowledge({ component, timestamp }: CriticalAlert): Promise<Acknowledgement> {
    const address = apiAddress(this.page, 'critical/acknowledgements');
    return (await postJson(address, { component, timestamp })) as Acknowledgement;
  }

  private get(path: string, parameters: Record<string, string | number | null> = {}): Promise<unknown> {
    return getJson(apiAddress(this.page, path, parameters));
  }
}
