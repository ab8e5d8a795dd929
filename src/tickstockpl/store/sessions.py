"""What is stored of a session, and removing sessions."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import psycopg
from psycopg import sql

from tickstockpl.contract.timestamps import to_iso
from tickstockpl.store.address import connection_string, unreachable
from tickstockpl.store.inserts import Connection

SIMULATED: Final = "simulator:"
"""How the source of a simulated session begins."""

_BATCH: Final = timedelta(minutes=10)  # 500 symbols: 30,000 indicator rows a transaction, a fraction of a second

# Children before their parent; the largest last but one, so that a session that is still needed fails early.
_TABLES: Final = {
    "bars_1min": "minute",
    "intraday_patterns": "detected_at",
    "indicator_alerts": "triggered_at",
    "streaming_health_metrics": "measured_at",
    "critical_alerts": "raised_at",
    "intraday_indicators": "calculated_at",
    "session_sources": None,
    "streaming_sessions": None,
}


@dataclass(frozen=True, slots=True)
class StoredSession:
    """What the tables hold of a session.

    Attributes:
        final_status: how it ended; ``None`` while it runs, or if it was cut off.
        total_patterns: detections stored.
        total_indicators: indicator values stored.
        last_minute: start of the last minute stored, a contract timestamp; ``None`` before the first.
    """

    final_status: Literal["completed", "stopped", "failed"] | None
    total_patterns: int
    total_indicators: int
    last_minute: str | None


def find_session(database_url: str, session_id: str) -> StoredSession | None:
    """What is stored of a session, ``None`` if there is no such session; some milliseconds.

    Raises:
        TickStockError: if the database cannot be reached.
    """
    with _connected(database_url) as connection:
        row = connection.execute(_FIND, {"session": session_id}).fetchone()
    if row is None:
        return None
    last: datetime | None = row[3]
    return StoredSession(row[0], row[1], row[2], None if last is None else to_iso(round(last.timestamp() * 1000)))


# A session that shares its bars with another has stored none of its own: what was computed tells its last minute too.
_FIND = """
    SELECT final_status, total_patterns, total_indicators, greatest(
        (SELECT max(minute) FROM bars_1min WHERE session_id = %(session)s),
        (SELECT max(calculated_at) - interval '1 minute' FROM intraday_indicators WHERE session_id = %(session)s),
        (SELECT max(detected_at) - interval '1 minute' FROM intraday_patterns WHERE session_id = %(session)s),
        (SELECT max(triggered_at) - interval '1 minute' FROM indicator_alerts WHERE session_id = %(session)s)
    )
    FROM streaming_sessions WHERE session_id = %(session)s
"""


def count_rows(database_url: str, session_id: str) -> dict[str, int]:
    """How many rows each table holds of a session, by the table's name.

    Raises:
        TickStockError: if the database cannot be reached.
    """
    with _connected(database_url) as connection:
        return {table: _count(connection, table, session_id) for table in _TABLES}


def delete_session(database_url: str, session_id: str) -> bool:
    """Delete a session and all its rows in one transaction; whether there was one.

    Nobody sees half of it, and nobody else's inserts wait. 1.2 million rows take a few seconds.

    Raises:
        TickStockError: if the database cannot be reached.
    """
    with _connected(database_url) as connection, connection.transaction():
        deleted = [_delete(connection, table, session_id) for table in _TABLES]
    return deleted[-1] > 0


def prune_simulated(database_url: str, keep: int) -> int:
    """Delete simulated sessions but the newest ``keep``; how many went.

    In small transactions, so that a writer at work is not held up; the session's own row goes last, and an
    interrupted pruning is finished by the next. A session that may still run is left alone: one without a final
    status that is not a day old.

    Raises:
        TickStockError: if the database cannot be reached.
    """
    with _connected(database_url) as connection:
        old = [str(row[0]) for row in connection.execute(_OLD_SIMULATED, (SIMULATED, keep))]
        for session_id in old:
            for table, time_column in _TABLES.items():
                if table == "intraday_indicators":
                    assert time_column is not None  # noqa: S101 -- for the type checker
                    _delete_by_time(connection, table, time_column, session_id)
                else:
                    _delete(connection, table, session_id)
    return len(old)


_OLD_SIMULATED = """
    SELECT session_id FROM (
        SELECT session_id, final_status, created_at,
               row_number() OVER (ORDER BY created_at DESC, started_at DESC) AS age
        FROM streaming_sessions JOIN session_sources USING (session_id)
        WHERE starts_with(source, %s)
    ) AS simulated
    WHERE age > %s AND (final_status IS NOT NULL OR created_at < now() - interval '1 day')
    ORDER BY age DESC
"""


def _delete_by_time(connection: Connection, table: str, time_column: str, session_id: str) -> None:
    names = {"table": sql.Identifier(table), "time": sql.Identifier(time_column)}
    bounds = sql.SQL("SELECT min({time}), max({time}) FROM {table} WHERE session_id = %s").format(**names)
    slice_ = sql.SQL("DELETE FROM {table} WHERE session_id = %s AND {time} >= %s AND {time} < %s").format(**names)
    row: tuple[Any, ...] | None = connection.execute(bounds, (session_id,)).fetchone()
    if row is None or row[0] is None:
        return
    begin, last = row
    while begin <= last:
        connection.execute(slice_, (session_id, begin, begin + _BATCH))
        begin += _BATCH


def _delete(connection: Connection, table: str, session_id: str) -> int:
    statement = sql.SQL("DELETE FROM {} WHERE session_id = %s").format(sql.Identifier(table))
    return connection.execute(statement, (session_id,)).rowcount


def _count(connection: Connection, table: str, session_id: str) -> int:
    query = sql.SQL("SELECT count(*) FROM {} WHERE session_id = %s").format(sql.Identifier(table))
    row = connection.execute(query, (session_id,)).fetchone()
    return 0 if row is None else int(row[0])


@contextmanager
def _connected(database_url: str) -> Iterator[Connection]:
    try:
        with psycopg.connect(connection_string(database_url), autocommit=True) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise unreachable(database_url, error) from None
