// What is shown, as rows of a file: raw numbers, and times in UTC and New York's.

import type { Catalog } from '../live/catalog';
import type { Detection, IndicatorAlert, Session } from '../live/protocol';
import type { SymbolState } from '../live/store';
import { alertInWords, directionOf, titleOf } from './catalog';
import { CHANGE, type Column } from './columns';
import { csvOf, fileName } from './csv';
import { marketDate, marketSecond } from './time';
import { DIRECTION_WORDS } from './words';

export interface CsvFile {
  readonly name: string;
  readonly text: string;
  /** Lines without the head. */
  readonly rows: number;
}

/** Whose data it is: the running session, else what the data itself says. */
export interface Origin {
  readonly session: Pick<Session, 'universe' | 'started_at'> | null;
}

/** The New York day and time of a contract timestamp. */
function clock(timestamp: string | null): [day: string | null, time: string | null] {
  const moment = timestamp === null ? NaN : Date.parse(timestamp);
  return Number.isNaN(moment) ? [null, null] : [marketDate(moment), marketSecond(moment)];
}

function fileOf(
  { session }: Origin,
  what: string,
  newest: string | null,
  head: readonly string[],
  rows: readonly (readonly (string | number | null | undefined)[])[],
): CsvFile {
  const [day] = clock(session?.started_at ?? newest);
  return {
    name: fileName(session?.universe ?? null, day, what),
    text: csvOf(head, rows),
    rows: rows.length,
  };
}

const BAR = ['open', 'high', 'low', 'close', 'volume'] as const;

/** Patterns in the order in which they are listed. */
export function patternsFile(catalog: Catalog, patterns: readonly Detection[], origin: Origin): CsvFile {
  const head = [
    ...[
      'time_utc',
      'date_new_york',
      'time_new_york',
      'symbol',
      'pattern_type',
      'title',
      'family',
      'direction',
    ],
    ...['confidence', ...BAR, 'explanation', 'pattern_id'],
  ];
  const rows = patterns.map((pattern) => [
    pattern.timestamp,
    ...clock(pattern.timestamp),
    pattern.symbol,
    pattern.pattern_type,
    titleOf(catalog, pattern.pattern_type),
    catalog.patterns.get(pattern.pattern_type)?.family,
    DIRECTION_WORDS[directionOf(catalog, pattern.pattern_type)],
    pattern.confidence,
    ...BAR.map((name) => pattern.bar_data[name]),
    pattern.metadata.explanation,
    pattern.metadata.pattern_id,
  ]);
  return fileOf(origin, 'patterns', patterns[0]?.timestamp ?? null, head, rows);
}

/** Indicator alerts in the order in which they are listed. */
export function alertsFile(catalog: Catalog, alerts: readonly IndicatorAlert[], origin: Origin): CsvFile {
  const head = [
    ...['time_utc', 'date_new_york', 'time_new_york', 'symbol', 'alert_type', 'meaning', 'direction'],
    ...['severity', 'indicator', 'value', 'threshold'],
  ];
  const rows = alerts.map((alert) => [
    alert.timestamp,
    ...clock(alert.timestamp),
    alert.symbol,
    alert.alert_type,
    alertInWords(catalog, alert).text,
    alert.data.direction,
    alert.severity,
    alert.data.indicator,
    alert.data.value,
    alert.data.threshold,
  ]);
  return fileOf(origin, 'alerts', alerts[0]?.timestamp ?? null, head, rows);
}

/** Without the noise of a division's last digits. */
function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toFixed(6));
}

/** The universe's table: the symbols in its order, with the numbers of its columns. */
export function universeFile(
  columns: readonly Column[],
  states: readonly SymbolState[],
  origin: Origin,
): CsvFile {
  const head = ['symbol', 'minute_utc', 'price', 'change_percent', ...columns.map(({ id }) => id)];
  const rows = states.map((state) => [
    state.symbol,
    state.minute,
    state.close,
    ...[CHANGE, ...columns].map((column) => rounded(column.value(state))),
  ]);
  const newest = states.reduce<string | null>(
    (latest, { minute }) => (minute !== null && (latest === null || minute > latest) ? minute : latest),
    null,
  );
  return fileOf(origin, 'universe', newest, head, rows);
}
