"""What storing each job means in SQL, on one connection, inside the caller's transaction."""

from collections.abc import Sequence
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from tickstockpl.errors import TickStockError
from tickstockpl.store.copy_text import Value, copy_text
from tickstockpl.store.rows import (
    BarRow,
    CommandRow,
    CriticalAlertRow,
    HealthRow,
    MinuteRows,
    RevisionRows,
    SessionClosing,
    SessionOpening,
    SourceCatalog,
    StoreJob,
)

Connection = psycopg.Connection[TupleRow]

BARS_KEY: Final = "bars_1min_pkey"

_BAR_COLUMNS = ("source", "minute", "session_id", "backfilled", "symbol", "open", "high", "low", "close", "volume")
_COMPUTED_COLUMNS = {
    "intraday_patterns": (
        "session_id", "detected_at", "symbol", "pattern_type", "confidence",
        "bar_open", "bar_high", "bar_low", "bar_close", "bar_volume", "metadata",
    ),
    "intraday_indicators": ("session_id", "calculated_at", "symbol", "indicator", "value", "metadata"),
    "indicator_alerts": (
        "session_id", "triggered_at", "backfilled", "symbol", "alert_type", "indicator", "value", "threshold",
        "direction", "severity",
    ),
}  # fmt: skip

_OPEN_SESSION = """
    INSERT INTO streaming_sessions (session_id, universe, started_at, symbol_count) VALUES (%s, %s, %s, %s)
    ON CONFLICT (session_id) DO UPDATE
    SET stopped_at = NULL, final_status = NULL, symbol_count = EXCLUDED.symbol_count
"""
_NOTE_SOURCE = """
    INSERT INTO session_sources (session_id, source, trading_date, universe, ordinal) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (session_id) DO NOTHING
"""
_KEEP_CATALOG = """
    INSERT INTO streaming_catalogs (source, catalog) VALUES (%s, %s)
    ON CONFLICT (source) DO UPDATE SET catalog = EXCLUDED.catalog, updated_at = now()
"""
_CLOSE_SESSION = """
    UPDATE streaming_sessions SET stopped_at = %s, total_patterns = %s, total_indicators = %s, final_status = %s
    WHERE session_id = %s
"""
_ADD_TO_TOTALS = """
    UPDATE streaming_sessions
    SET total_patterns = total_patterns + %s, total_indicators = total_indicators + %s WHERE session_id = %s
"""
_HEALTH_COLUMNS = (
    "session_id", "status", "active_symbols", "ticks_per_second", "bars_per_minute", "processing_lag_ms",
    "cpu_percent", "memory_mb", "issues", "measured_at",
)  # fmt: skip
_CRITICAL_COLUMNS = (
    "session_id", "severity", "message", "component", "action_required", "recovery", "raised_at",
)  # fmt: skip
_KEEP_COMMAND = """
    INSERT INTO session_commands (
        request_id, source, trading_date, action, universe, requested_by, requested_at, accepted, reason, session_id,
        handled_at
    ) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (request_id) DO NOTHING
"""
_KEEP_REVISIONS = """
    WITH of AS (SELECT %s AS source, %s::timestamptz AS minute, %s::uuid AS session_id, %s::timestamptz AS received_at)
    INSERT INTO bar_revisions (
        source, minute, session_id, received_at, symbol, open, high, low, close, volume
    )
    SELECT of.source, of.minute, of.session_id, of.received_at, new.*
    FROM of, unnest(%s::text[], %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::bigint[])
        AS new (symbol, open, high, low, close, volume)
    LEFT JOIN LATERAL (
        SELECT open, high, low, close, volume FROM bar_revisions AS earlier, of AS its
        WHERE earlier.source = its.source AND earlier.symbol = new.symbol AND earlier.minute = its.minute
        ORDER BY id DESC LIMIT 1
    ) AS revised ON true
    LEFT JOIN LATERAL (
        SELECT open, high, low, close, volume FROM bars_1min AS stored, of AS its
        WHERE stored.source = its.source AND stored.symbol = new.symbol AND stored.minute = its.minute
    ) AS first ON true
    WHERE (new.open, new.high, new.low, new.close, new.volume) IS DISTINCT FROM (
        coalesce(revised.open, first.open), coalesce(revised.high, first.high), coalesce(revised.low, first.low),
        coalesce(revised.close, first.close), coalesce(revised.volume, first.volume)
    )
"""
_STORED_BARS = """
    SELECT symbol, open, high, low, close, volume, session_id::text FROM bars_1min
    WHERE source = %s AND minute = %s AND symbol = ANY(%s)
"""


def store(connection: Connection, job: StoreJob, *, again: bool) -> None:
    """Store one job; the caller holds the transaction.

    Args:
        connection: to a migrated database.
        job: what to store.
        again: whether an earlier attempt may have been committed without our hearing of it.

    Raises:
        psycopg.errors.UniqueViolation: on :data:`BARS_KEY` if bars of the minute are stored already.
    """
    match job:
        case MinuteRows():
            _copy(connection, "bars_1min", _BAR_COLUMNS, job.bars, _bar_constants(job))
            _store_computed(connection, job)
        case HealthRow():
            issues = job.issues.decode()
            _insert_once(
                connection,
                "streaming_health_metrics",
                _HEALTH_COLUMNS,
                (
                    job.session_id, job.status, job.active_symbols, job.ticks_per_second, job.bars_per_minute,
                    job.processing_lag_ms, job.cpu_percent, job.memory_mb, issues, job.measured_at,
                ),
                again=again,
            )  # fmt: skip
        case CriticalAlertRow():
            _insert_once(
                connection,
                "critical_alerts",
                _CRITICAL_COLUMNS,
                (
                    job.session_id, job.severity, job.message, job.component, job.action_required, job.recovery,
                    job.raised_at,
                ),
                again=again,
            )  # fmt: skip
        case SessionOpening():
            connection.execute(_OPEN_SESSION, (job.session_id, job.universe, job.started_at, job.symbol_count))
            source = (job.session_id, job.source, job.trading_date, job.universe, job.ordinal)
            connection.execute(_NOTE_SOURCE, source)
        case SourceCatalog():
            connection.execute(_KEEP_CATALOG, (job.source, job.catalog.decode()))
        case CommandRow():
            connection.execute(
                _KEEP_COMMAND,
                (
                    job.request_id, job.source, job.trading_date, job.action, job.universe, job.requested_by,
                    job.requested_at, job.accepted, job.reason, job.session_id, job.handled_at,
                ),
            )  # fmt: skip
        case RevisionRows():
            _store_revisions(connection, job)
        case SessionClosing():
            totals = (job.stopped_at, job.total_patterns, job.total_indicators, job.final_status)
            connection.execute(_CLOSE_SESSION, (*totals, job.session_id))


def store_beside(connection: Connection, job: MinuteRows) -> bool:
    """Store a minute of which some bars are stored already; the caller holds the transaction.

    Two sessions of one source (the same file with two universes) share the bars of the symbols that they share: the
    first stores them. What was computed from them is each session's own.

    Returns:
        Whether anything was stored; ``False`` if the whole minute of this very session was there.

    Raises:
        TickStockError: if the stored bars are not the job's, so that somebody else writes the same session.
    """
    # Without a key of its own to run into, one writer of this minute has to wait for the other.
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{job.session_id} {job.minute}",))
    stored: dict[str, tuple[BarRow, str]] = {
        row[0]: ((row[0], *row[1:6]), row[6])
        for row in connection.execute(_STORED_BARS, (job.source, job.minute, [bar[0] for bar in job.bars]))
    }
    _check_same(job, {symbol: bar for symbol, (bar, _) in stored.items()})
    missing = [bar for bar in job.bars if bar[0] not in stored]
    if any(session == job.session_id for _, session in stored.values()):
        if missing:
            raise TickStockError(
                f"minute {job.minute} of {job.source} is stored without {missing[0][0]}; another tickstockpl "
                "writes the same session: stop it, or give one of the two another database"
            )
        return False
    if not missing and _has_computed(connection, job):
        return False
    _copy(connection, "bars_1min", _BAR_COLUMNS, missing, _bar_constants(job))
    _store_computed(connection, job)
    return True


def _check_same(job: MinuteRows, stored: dict[str, BarRow]) -> None:
    for bar in job.bars:
        if (other := stored.get(bar[0], bar)) != bar:
            raise TickStockError(
                f"the bar of {bar[0]} at {job.minute} from {job.source} is stored with other values ({other[1:]}, not "
                f"{bar[1:]}); another tickstockpl writes the same bars, or the source has changed: stop the other one, "
                "replace the session with --again, or use another database"
            )


def _store_computed(connection: Connection, job: MinuteRows) -> None:
    constants = (job.session_id, job.closed_at)
    _copy(connection, "intraday_patterns", _COMPUTED_COLUMNS["intraday_patterns"], job.patterns, constants)
    _copy(connection, "intraday_indicators", _COMPUTED_COLUMNS["intraday_indicators"], job.indicators, constants)
    of_alerts = (*constants, _flag(job.backfilled))
    _copy(connection, "indicator_alerts", _COMPUTED_COLUMNS["indicator_alerts"], job.alerts, of_alerts)
    # Totals grow with their rows, so that they are right at any moment, and after a crash too.
    connection.execute(_ADD_TO_TOTALS, (len(job.patterns), len(job.indicators), job.session_id))


def _bar_constants(job: MinuteRows) -> tuple[Value, ...]:
    return job.source, job.minute, job.session_id, _flag(job.backfilled)


def _flag(value: bool) -> str:
    return "t" if value else "f"


def _store_revisions(connection: Connection, job: RevisionRows) -> None:
    """Keep the bars that differ from what is known of them; the same job again says nothing new."""
    columns = [list(column) for column in zip(*job.bars, strict=True)]
    connection.execute(_KEEP_REVISIONS, (job.source, job.minute, job.session_id, job.received_at, *columns))


def _has_computed(connection: Connection, job: MinuteRows) -> bool:
    """Whether the minute's computed rows are there; true too where it has none, for then nothing is missing."""
    if not (job.patterns or job.indicators or job.alerts):
        return True
    for table, (_, time, *_) in _COMPUTED_COLUMNS.items():
        query = sql.SQL("SELECT 1 FROM {} WHERE session_id = %s AND {} = %s LIMIT 1").format(
            sql.Identifier(table), sql.Identifier(time)
        )
        if connection.execute(query, (job.session_id, job.closed_at)).fetchone() is not None:
            return True
    return False


def _copy(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Value]],
    constants: Sequence[Value],
) -> None:
    if not rows:
        return
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(copy_text(rows, constants))


def _insert_once(
    connection: Connection, table: str, columns: Sequence[str], values: Sequence[Any], *, again: bool
) -> None:
    """Insert a row; when trying again, only if the very same row is not there."""
    names = [sql.Identifier(column) for column in columns]
    if again:
        # numeric columns round what they are given, so a row is recognised by the columns that do not
        exact = [(name, value) for name, value in zip(columns, values, strict=True) if not isinstance(value, float)]
        conditions = sql.SQL(" AND ").join(
            sql.SQL("{} IS NOT DISTINCT FROM {}").format(sql.Identifier(name), sql.Placeholder()) for name, _ in exact
        )
        query = sql.SQL("SELECT 1 FROM {} WHERE {} LIMIT 1").format(sql.Identifier(table), conditions)
        if connection.execute(query, [value for _, value in exact]).fetchone() is not None:
            return
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table), sql.SQL(", ").join(names), sql.SQL(", ").join([sql.Placeholder()] * len(names))
    )
    connection.execute(statement, values)
