import type { Acknowledgement, CriticalAlert } from '../live/protocol';
import type { Numbered } from '../live/store';
import { localSecond, marketMinute } from './time';

/** Whether an alert says that its component works again. */
export function isRecovery(alert: CriticalAlert): boolean {
  return alert.recovery !== null || alert.severity === 'info';
}

/**
 * The incidents that still want attention, the gravest and then the newest first: of each component the newest alert, unless it is a recovery,
 * was acknowledged or was dismissed.
 *
 * @param alerts oldest first
 * @param dismissed keys (`incidentKey`) of the alerts that the reader has put away
 * @param acknowledged by `acknowledgementKey`
 */
export function openIncidents(
  alerts: readonly Numbered<CriticalAlert>[],
  dismissed: ReadonlySet<string>,
  acknowledged: ReadonlyMap<string, Acknowledgement> = new Map(),
): Numbered<CriticalAlert>[] {
  const newest = new Map<string, Numbered<CriticalAlert>>();
  for (const alert of alerts) newest.set(alert.item.component, alert);
  return [...newest.values()]
    .filter(
      ({ item }) =>
        !isRecovery(item) && !dismissed.has(incidentKey(item)) && !acknowledged.has(acknowledgementKey(item)),
    )
    .sort((a, b) => gravity(b.item) - gravity(a.item) || b.n - a.n);
}

function gravity({ severity }: CriticalAlert): number {
  return severity === 'warning' ? 0 : 1;
}

/** The same alert after a reconnection has the same key. */
export function incidentKey(alert: CriticalAlert): string {
  return `${alert.timestamp} ${alert.component} ${alert.message}`;
}

/** What an acknowledgement and its alert have in common. */
export function acknowledgementKey({
  component,
  timestamp,
}: Pick<CriticalAlert, 'component' | 'timestamp'>): string {
  return `${timestamp} ${component}`;
}

/** Acknowledgements by `acknowledgementKey`. */
export function acknowledgedBy(list: readonly Acknowledgement[]): ReadonlyMap<string, Acknowledgement> {
  return new Map(list.map((each) => [acknowledgementKey(each), each]));
}

/** An incident from beginning to end. */
export interface IncidentStory {
  readonly n: number;
  readonly alert: CriticalAlert;
  /** The recovery that ended it; `null` while there is none. */
  readonly recovery: CriticalAlert | null;
  readonly acknowledgement: Acknowledgement | null;
}

/**
 * Every incident with what became of it, newest first. A recovery ends all incidents of its component before it; one
 * that ends none stands for itself.
 *
 * @param alerts oldest first
 */
export function incidentStories(
  alerts: readonly Numbered<CriticalAlert>[],
  acknowledged: ReadonlyMap<string, Acknowledgement>,
): IncidentStory[] {
  const stories: IncidentStory[] = [];
  for (const { n, item } of alerts) {
    const open = stories.flatMap((story, at) =>
      story.alert.component === item.component && story.recovery === null && !isRecovery(story.alert)
        ? [at]
        : [],
    );
    if (isRecovery(item) && open.length > 0)
      for (const at of open) stories[at] = { ...(stories[at] as IncidentStory), recovery: item };
    else
      stories.push({
        n,
        alert: item,
        recovery: null,
        acknowledgement: acknowledged.get(acknowledgementKey(item)) ?? null,
      });
  }
  return stories.reverse();
}

/** What became of an incident, in sentences: who has seen it, how it ended, else what is to be done. */
export function becameOf({ alert, recovery, acknowledgement }: IncidentStory): string[] {
  const lines: string[] = [];
  if (recovery !== null) {
    const more = recovery.recovery === null ? '' : `: ${recovery.recovery}`;
    lines.push(`Recovered ${marketMinute(recovery.timestamp)}, ${recovery.message}${more}`);
  } else if (isRecovery(alert)) lines.push(alert.recovery ?? '');
  else if (alert.action_required !== null) lines.push(alert.action_required);
  if (acknowledgement !== null) {
    const { acknowledged_by, acknowledged_at } = acknowledgement;
    lines.push(`Acknowledged by ${acknowledged_by}, ${localSecond(Date.parse(acknowledged_at))}`);
  }
  return lines.filter(Boolean);
}
