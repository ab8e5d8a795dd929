"""Deleting old sessions beside a writer at work.

A session's rows go in transactions of at most :data:`BATCH_ROWS` rows each, which lock nothing but those rows, with a
pause as long as the transaction after each, so that half of the time at least is the writer's. The session's own row
goes last: what was interrupted is finished by the next pruning.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import psycopg
from psycopg import sql

from tickstockpl.clock import monotonic_s
from tickstockpl.errors import TickStockError
from tickstockpl.store.connection import Stop, connected
from tickstockpl.store.inserts import Connection
from tickstockpl.store.sessions import ROW_TABLES, SIMULATED, delete_session_itself

BATCH_ROWS: Final = 10_000
LONGEST_PAUSE_S: Final = 1.0
LOCK_TIMEOUT_S: Final = 2
LOCK_ATTEMPTS: Final = 5

Told = Callable[[int], None]
"""Called after each transaction with the number of rows that it deleted."""


@dataclass(frozen=True, slots=True)
class OldSession:
    """A session that may go.

    Attributes:
        session_id: which.
        source: where its market came from; ``None`` if that is not stored.
        trading_date: its day; ``None`` if that is not stored.
    """

    session_id: str
    source: str | None
    trading_date: date | None


@dataclass(slots=True)
class RowsGone:
    """What was deleted, or would be.

    Attributes:
        rows: by table.
        size_bytes: of these rows, indexes left out.
    """

    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ROW_TABLES, 0))
    size_bytes: int = 0

    @property
    def count(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())

    def add(self, table: str, rows: int, size_bytes: int) -> None:
        """Count some more."""
        self.rows[table] += rows
        self.size_bytes += size_bytes


def old_sessions(database_url: str, days: int, source: str | None = None, stop: Stop | None = None) -> list[OldSession]:
    """Sessions that ended more than ``days`` days ago, the oldest first; of all sources, or of one.

    A live session counts from its end; a replay of an old market from when it was streamed. One that may still run is
    not among them: it has no final status, and was begun or has reported its health within the last day.

    Raises:
        TickStockError: if the database cannot be reached.
    """
    with connected(database_url, stop) as connection:
        rows = connection.execute(_OLD, {"days": days, "source": source}).fetchall()
    return [OldSession(*row) for row in rows]


_MAY_RUN = """
    final_status IS NULL AND (created_at > now() - interval '1 day' OR EXISTS (
        SELECT FROM streaming_health_metrics AS health
        WHERE health.session_id = streaming_sessions.session_id AND health.created_at > now() - interval '1 day'))
"""

_OLD = f"""
    SELECT session_id::text, source, trading_date FROM streaming_sessions LEFT JOIN session_sources USING (session_id)
    WHERE greatest(created_at, stopped_at) < now() - make_interval(days => %(days)s)
      AND (%(source)s::text IS NULL OR source = %(source)s) AND NOT ({_MAY_RUN})
    ORDER BY greatest(created_at, stopped_at)
"""  # noqa: S608 - our own text


def size_of(database_url: str, session: OldSession) -> RowsGone:
    """What deleting a session would delete.

    Raises:
        TickStockError: if the database cannot be reached.
    """
    gone = RowsGone()
    with connected(database_url) as connection:
        for table in ROW_TABLES:
            row = connection.execute(_SIZE.format(sql.Identifier(table)), (session.session_id,)).fetchone()
            assert row is not None  # noqa: S101 - an aggregate has one row
            gone.add(table, *row)
    return gone


_SIZE = sql.SQL("SELECT count(*), coalesce(sum(pg_column_size(t)), 0)::bigint FROM {} AS t WHERE session_id = %s")


def delete_in_batches(
    database_url: str, session: OldSession, stop: Stop | None = None, told: Told | None = None
) -> RowsGone | None:
    """Delete a session; ``None`` if ``stop`` was set before it was gone.

    Its rows are looked up once, by the session's index; each transaction then goes straight to its own. About half a
    minute for a full day of 500 symbols while a writer stores another (``python -m benchmarks writer``).

    Raises:
        TickStockError: if the database cannot be reached, or another program keeps a table locked.
    """
    stop = stop if stop is not None else Stop()
    gone = RowsGone()
    with connected(database_url, stop) as connection:
        connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT_S}s'")
        for table in ROW_TABLES:
            with connection.cursor("session_rows", withhold=True) as places:
                try:
                    places.execute(_PLACES.format(sql.Identifier(table)), (session.session_id,))
                except psycopg.errors.LockNotAvailable:
                    raise _locked(table, LOCK_TIMEOUT_S) from None
                while batch := places.fetchmany(BATCH_ROWS):
                    if stop.is_set():
                        return None
                    began_s = monotonic_s()
                    rows = _delete_batch(connection, table, session.session_id, [place for place, _ in batch], stop)
                    gone.add(table, rows, sum(size_bytes for _, size_bytes in batch))
                    if told is not None:
                        told(rows)
                    stop.wait(min(monotonic_s() - began_s, LONGEST_PAUSE_S))
        with connection.transaction():  # the source says that it is simulated: it must not go before the session
            delete_session_itself(connection, session.session_id)
    return gone


_PLACES = sql.SQL("SELECT ctid::text, pg_column_size(t) FROM {} AS t WHERE session_id = %s")

# A row's place changes only when somebody rewrites the table; the session's id is asked for again in case.
_DELETE_BATCH = sql.SQL("DELETE FROM {} WHERE ctid = ANY(%s::text[]::tid[]) AND session_id = %s")


def _delete_batch(connection: Connection, table: str, session_id: str, places: list[str], stop: Stop) -> int:
    for _ in range(LOCK_ATTEMPTS):
        try:
            return connection.execute(_DELETE_BATCH.format(sql.Identifier(table)), (places, session_id)).rowcount
        except psycopg.errors.LockNotAvailable:
            stop.wait(LONGEST_PAUSE_S)
    raise _locked(table, LOCK_ATTEMPTS * LOCK_TIMEOUT_S)


def _locked(table: str, waited_s: int) -> TickStockError:
    return TickStockError(
        f"table {table} has been locked by another program for {waited_s} s; end that, then prune again: what was "
        "deleted stays deleted"
    )


def prune_simulated(database_url: str, keep: int, stop: Stop | None = None) -> int:
    """Delete simulated sessions but the newest ``keep``, and the catalogs of their sources; how many went.

    A session that may still run is left alone. What is under way when ``stop`` is set is finished by the next pruning.

    Raises:
        TickStockError: if the database cannot be reached.
    """
    with connected(database_url, stop) as connection:
        rows = connection.execute(_OLD_SIMULATED, (SIMULATED, keep)).fetchall()
    return _prune(database_url, [OldSession(*row) for row in rows], stop)


def prune_older(database_url: str, days: int, stop: Stop | None = None) -> int:
    """Delete the sessions that :func:`old_sessions` names; how many went, when ``stop`` was set maybe not all.

    Raises:
        TickStockError: if the database cannot be reached.
    """
    return _prune(database_url, old_sessions(database_url, days, stop=stop), stop)


_OLD_SIMULATED = f"""
    SELECT session_id, source, trading_date FROM (
        SELECT session_id::text, source, trading_date, {_MAY_RUN} AS may_run,
               row_number() OVER (ORDER BY created_at DESC, started_at DESC) AS age
        FROM streaming_sessions JOIN session_sources USING (session_id)
        WHERE starts_with(source, %s)
    ) AS simulated
    WHERE age > %s AND NOT may_run
    ORDER BY age DESC
"""  # noqa: S608 - our own text


def _prune(database_url: str, sessions: list[OldSession], stop: Stop | None) -> int:
    pruned = 0
    for session in sessions:
        if delete_in_batches(database_url, session, stop) is None:
            break
        pruned += 1
    return pruned
