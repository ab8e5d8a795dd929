import { NoAnswerError } from './live/ask';
import type { Service, SessionOrder } from './live/rest';
import { sentence } from './logic/format';
import { rest } from './rest';

/** Starting and stopping a session, as an administrator is led through it. */
class SessionControl {
  /** What is being asked for; `null` while nothing is. */
  action = $state<SessionOrder['action'] | null>(null);
  /** The services that could be meant; `null` while they are asked. */
  services = $state.raw<readonly Service[] | null>(null);
  universes = $state.raw<readonly string[]>([]);
  /** The id of the service that is meant. */
  chosen = $state('');
  universe = $state('');
  isBusy = $state(false);
  /** What came of it. */
  outcome = $state.raw<{ isDone: boolean; text: string } | null>(null);

  readonly service = $derived(this.services?.find(({ service_id }) => service_id === this.chosen) ?? null);

  begin(action: SessionOrder['action']): void {
    this.action = action;
    this.services = null;
    this.outcome = null;
    this.isBusy = false;
    void this.loadServices(action);
    if (action === 'start') void this.loadUniverses();
  }

  cancel(): void {
    if (!this.isBusy) this.action = null;
  }

  choose(service: string): void {
    this.chosen = service;
    this.universe = this.service?.universe ?? '';
  }

  async confirm(): Promise<void> {
    const { action, service } = this;
    if (action === null || service === null || this.isBusy) return;
    this.isBusy = true;
    const universe = this.universe.trim();
    const isOther = action === 'start' && universe !== '' && universe !== service.universe;
    try {
      const state = await rest.order({
        action,
        source: service.service_id,
        ...(isOther ? { universe } : {}),
      });
      this.outcome = {
        isDone: true,
        text:
          action === 'stop'
            ? `The session is stopped; ${state.source} stays ready.`
            : `A session of ${state.session?.universe ?? state.universe} has started.`,
      };
    } catch (error) {
      this.outcome = { isDone: false, text: sentence(reasonOf(error)) };
    }
    this.isBusy = false;
  }

  private async loadServices(action: SessionOrder['action']): Promise<void> {
    try {
      const services = await rest.services();
      if (this.action !== action) return;
      this.services = services;
      const suiting = services.find(({ phase }) => (phase === 'running') === (action === 'stop'));
      this.choose((suiting ?? services[0])?.service_id ?? '');
    } catch (error) {
      if (this.action === action) this.outcome = { isDone: false, text: sentence(reasonOf(error)) };
    }
  }

  private async loadUniverses(): Promise<void> {
    this.universes = await rest.universes().catch(() => []);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof NoAnswerError ? error.message : 'the answer cannot be read';
}

export const sessionControl = new SessionControl();
