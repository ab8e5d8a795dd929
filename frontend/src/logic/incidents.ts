import type { CriticalAlert } from '../live/protocol';
import type { Numbered } from '../live/store';

/** Whether an alert says that its component works again. */
export function isRecovery(alert: CriticalAlert): boolean {
  return alert.recovery !== null || alert.severity === 'info';
}

/**
 * The incidents that still want attention, newest first: of each component the newest alert, unless it is a recovery
 * or was dismissed.
 *
 * @param alerts oldest first
 * @param dismissed keys (`incidentKey`) of the alerts that the reader has put away
 */
export function openIncidents(
  alerts: readonly Numbered<CriticalAlert>[],
  dismissed: ReadonlySet<string>,
): Numbered<CriticalAlert>[] {
  const newest = new Map<string, Numbered<CriticalAlert>>();
  for (const alert of alerts) newest.set(alert.item.component, alert);
  return [...newest.values()]
    .filter(({ item }) => !isRecovery(item) && !dismissed.has(incidentKey(item)))
    .sort((a, b) => b.n - a.n);
}

/** The same alert after a reconnection has the same key. */
export function incidentKey(alert: CriticalAlert): string {
  return `${alert.timestamp} ${alert.component} ${alert.message}`;
}
