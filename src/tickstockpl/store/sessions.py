"""What is stored of a session, and removing one.

A table may hold years of other sessions. A session's rows are found by the ``brin_*`` index, or by time within the
session's trading day; never by the newest or oldest time alone, for which PostgreSQL would walk the time index
through everybody's rows.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from psycopg import sql

from tickstockpl.contract.timestamps import to_iso
from tickstockpl.store.connection import connected
from tickstockpl.store.inserts import Connection

SIMULATED: Final = "simulator:"
"""How the source of a simulated session begins."""

ROW_TABLES: Final = (
    "bars_1min",
    "bar_revisions",
    "intraday_patterns",
    "indicator_alerts",
    "streaming_health_metrics",
    "critical_alerts",
    "intraday_indicators",
)
"""The tables that hold a session's rows."""

_TABLES: Final = (*ROW_TABLES, "session_sources", "streaming_sessions")


@dataclass(frozen=True, slots=True)
class StoredSession:
    """What the tables hold of a session.

    Attributes:
        final_status: how it ended; ``None`` while it runs, or if it was cut off.
        total_patterns: detections stored.
        total_indicators: indicator values stored.
        last_minute: start of the last minute stored, a contract timestamp; ``None`` before the first.
        started_at: when it started, a contract timestamp.
        stopped_at: when it ended; ``None`` as for ``final_status``.
    """

    final_status: Literal["completed", "stopped", "failed"] | None
    total_patterns: int
    total_indicators: int
    last_minute: str | None
    started_at: str
    stopped_at: str | None


def sessions_of_day(database_url: str, source: str, day: date, universe: str) -> list[tuple[int, str]]:
    """Ordinal and id of each session that a source has had of a universe on a trading day, oldest first.

    Raises:
        TickStockError: if the database cannot be reached.
    """
    with connected(database_url) as connection:
        return connection.execute(_OF_DAY, (source, day, universe)).fetchall()


_OF_DAY = """
    SELECT ordinal, session_id::text FROM session_sources
    WHERE source = %s AND trading_date = %s AND universe = %s ORDER BY ordinal
"""


def unfinished_sessions(database_url: str, source: str, before: date) -> list[tuple[date, str]]:
    """Trading day and id of each session of a source from before a day that has no end, oldest first.

    Raises:
        TickStockError: if the database cannot be reached.
    """
    with connected(database_url) as connection:
        return connection.execute(_UNFINISHED, (source, before)).fetchall()


_UNFINISHED = """
    SELECT trading_date, session_id::text FROM session_sources JOIN streaming_sessions USING (session_id)
    WHERE source = %s AND trading_date < %s AND final_status IS NULL ORDER BY trading_date, ordinal
"""


def find_session(database_url: str, session_id: str) -> StoredSession | None:
    """What is stored of a session, ``None`` if there is no such session; 0.3 s for a full day of 500 symbols.

    Raises:
        TickStockError: if the database cannot be reached.
    """
    with connected(database_url) as connection:
        row = connection.execute(_FIND, {"session": session_id}).fetchone()
    if row is None:
        return None
    final_status, patterns, indicators, last, started, stopped = row
    return StoredSession(final_status, patterns, indicators, _iso(last), _iso(started) or "", _iso(stopped))


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else to_iso(round(moment.timestamp() * 1000))


# A session that shares its bars with another has stored none of its own: what was computed tells its last minute too.
_FIND = """
    SELECT final_status, total_patterns, total_indicators, greatest(
        (SELECT max(minute) FROM bars_1min WHERE session_id = %(session)s),
        (SELECT max(calculated_at) - interval '1 minute' FROM intraday_indicators
         WHERE session_id = %(session)s AND calculated_at BETWEEN day AND day + interval '36 hours'),
        (SELECT max(detected_at) - interval '1 minute' FROM intraday_patterns
         WHERE session_id = %(session)s AND detected_at BETWEEN day AND day + interval '36 hours'),
        (SELECT max(triggered_at) - interval '1 minute' FROM indicator_alerts
         WHERE session_id = %(session)s AND triggered_at BETWEEN day AND day + interval '36 hours')
    ), started_at, stopped_at
    FROM streaming_sessions
    LEFT JOIN session_sources USING (session_id)
    CROSS JOIN LATERAL (SELECT trading_date::timestamp AT TIME ZONE 'UTC' AS day) AS trading_day
    WHERE session_id = %(session)s
"""


def count_rows(database_url: str, session_id: str) -> dict[str, int]:
    """How many rows each table holds of a session, by the table's name.

    Raises:
        TickStockError: if the database cannot be reached.
    """
    with connected(database_url) as connection:
        return {table: _count(connection, table, session_id) for table in _TABLES}


def delete_session(database_url: str, session_id: str) -> bool:
    """Delete a session and all its rows in one transaction; whether there was one.

    The last session of a source takes the source's catalog with it. Nobody sees half of the deletion, and nobody
    else's inserts wait. 1.2 million rows take a few seconds.

    Raises:
        TickStockError: if the database cannot be reached.
    """
    with connected(database_url) as connection, connection.transaction():
        for table in ROW_TABLES:
            _delete(connection, table, session_id)
        return delete_session_itself(connection, session_id)


_FORGET_SOURCE = "DELETE FROM session_sources WHERE session_id = %s RETURNING source"
_FORGET_CATALOG = """
    DELETE FROM streaming_catalogs
    WHERE source = %(source)s AND NOT EXISTS (SELECT FROM session_sources WHERE source = %(source)s)
"""


def delete_session_itself(connection: Connection, session_id: str) -> bool:
    """Delete a session that has no rows left, and its source's catalog if it was the last; whether there was one."""
    forgotten = connection.execute(_FORGET_SOURCE, (session_id,)).fetchone()
    if forgotten is not None:
        connection.execute(_FORGET_CATALOG, {"source": forgotten[0]})
    return _delete(connection, "streaming_sessions", session_id) > 0


def _delete(connection: Connection, table: str, session_id: str) -> int:
    statement = sql.SQL("DELETE FROM {} WHERE session_id = %s").format(sql.Identifier(table))
    return connection.execute(statement, (session_id,)).rowcount


def _count(connection: Connection, table: str, session_id: str) -> int:
    query = sql.SQL("SELECT count(*) FROM {} WHERE session_id = %s").format(sql.Identifier(table))
    row = connection.execute(query, (session_id,)).fetchone()
    return 0 if row is None else int(row[0])
