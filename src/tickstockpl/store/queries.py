"""The read side: what the dashboard asks of the tables. Every query is bounded in rows and in time."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Final, LiteralString

import msgspec
import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from tickstockpl.contract.catalog import Catalog, decode_catalog
from tickstockpl.contract.channels import HIGH_CONFIDENCE
from tickstockpl.contract.events import Alert, Calculation, Critical, Detection
from tickstockpl.contract.instances import instance_name
from tickstockpl.errors import TickStockError
from tickstockpl.store import from_rows, selects
from tickstockpl.store.address import connection_string, shown, unreachable
from tickstockpl.store.connection import hang_up
from tickstockpl.store.from_rows import Row
from tickstockpl.store.records import (
    BarPage,
    BarRecord,
    HealthRecord,
    RowCounts,
    SessionFigures,
    SessionRecord,
    StoredBar,
)

SESSIONS_LOOKED_BACK: Final = 20
"""A symbol's newest rows are looked for in so many sessions of the source: about a month of trading days."""

INDICATOR_SESSIONS_LOOKED_BACK: Final = 3

_STATEMENT_TIMEOUT_S = 5
_ANSWER_TIMEOUT_S = 6.0
"""How long the server may say nothing at all; above the statement's limit, whose reason is the better one."""
_CONNECTION_TIMEOUT_S = 2.0
_POOL_SIZE = 4

Parameters = Mapping[str, object]

_log = structlog.get_logger(__name__)


class DatabaseUnavailableError(TickStockError):
    """The database cannot be asked now: away, too slow, or without tables. The next question may succeed."""


class Queries:
    """Questions to the tables, over a small pool of read-only connections that are made when they are needed.

    Every method that asks raises :class:`DatabaseUnavailableError` when there is no answer within a few seconds.

    Args:
        database_url: ``postgresql://`` URL.

    Raises:
        TickStockError: if it is not one.
    """

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._conninfo = connection_string(database_url)
        self._pool: AsyncConnectionPool[psycopg.AsyncConnection[Row]] = AsyncConnectionPool(
            self._conninfo,
            min_size=0,
            max_size=_POOL_SIZE,
            open=False,
            timeout=_CONNECTION_TIMEOUT_S,
            reconnect_timeout=1.0,  # whoever asks next tries anew; no one tries in the background
            configure=_configure,
            check=_check,
            kwargs={"autocommit": True, "prepare_threshold": None},
            name="dashboard",
        )

    async def open(self) -> None:
        """Make the pool ready; connects to nothing yet."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Let go of all connections."""
        await self._pool.close(timeout=2.0)

    async def check(self) -> None:
        """See whether the database answers at all.

        Raises:
            TickStockError: if it does not; names the address, never the password.
        """
        try:
            connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)
        except psycopg.OperationalError as error:
            raise unreachable(self._url, error) from None
        await connection.close()

    async def sessions(self, limit: int, source: str | None = None) -> list[SessionRecord]:
        """Sessions, the one that was begun last first; of one source, or of all."""
        rows = await self._rows(selects.SESSIONS, {"limit": limit, "source": source})
        return [from_rows.session(row) for row in rows]

    async def session(self, session_id: str) -> SessionRecord | None:
        """One session."""
        rows = await self._rows(selects.SESSION, {"session_id": session_id})
        return from_rows.session(rows[0]) if rows else None

    async def catalog(self, source: str | None) -> Catalog | None:
        """What the source's producer looks for; ``None`` where it has stored nothing that this program can read."""
        rows = await self._rows(selects.CATALOG, {"source": source})
        try:
            return decode_catalog(rows[0][0]) if rows else None
        except msgspec.ValidationError as error:  # a producer of another version
            _log.warning("a catalog is left out: it is not of the contract", source=source, reason=str(error))
            return None

    async def patterns(self, symbol: str, source: str | None, limit: int) -> list[Detection]:
        """A symbol's newest patterns, newest first; about 2 ms a session looked at."""
        parameters = {"symbol": symbol, "limit": limit}
        return from_rows.sound(from_rows.detection, await self._newest(selects.PATTERNS, source, limit, parameters))

    async def alerts(
        self,
        source: str | None,
        limit: int,
        *,
        symbol: str | None = None,
        alert_type: str | None = None,
        severity: str | None = None,
    ) -> list[Alert]:
        """The newest indicator alerts, newest first; of one symbol, type or severity where these are given."""
        parameters = {"symbol": symbol, "alert_type": alert_type, "severity": severity, "limit": limit}
        return from_rows.sound(from_rows.alert, await self._newest(selects.ALERTS, source, limit, parameters))

    async def indicators(self, symbol: str, source: str | None, limit: int) -> dict[str, list[Calculation]]:
        """A symbol's newest values by indicator instance, newest first; about 6 ms a session looked at."""
        found: dict[str, list[Calculation]] = {}
        for session_id in await self._session_ids(source, INDICATOR_SESSIONS_LOOKED_BACK):
            rows = await self._rows(selects.INDICATORS, {"session_id": session_id, "symbol": symbol, "limit": limit})
            for calculation in from_rows.sound(from_rows.calculation, rows):
                values = found.setdefault(instance_name(calculation.indicator, calculation.metadata), [])
                if len(values) < limit:
                    values.append(calculation)
            if found and all(len(values) == limit for values in found.values()):
                break
        return found

    async def bars(self, symbol: str, source: str | None, limit: int, before: datetime | None = None) -> BarPage:
        """A symbol's newest bars, or the newest that begin before a moment, found by the table's key; about 2 ms.

        Args:
            symbol: whose.
            source: where they came from; bars of no source are not stored.
            limit: how many at most.
            before: a moment with its time zone.
        """
        parameters = {"source": source, "symbol": symbol, "before": before, "limit": limit + 1}
        rows = await self._rows(selects.BARS, parameters)
        kept = rows[:limit]
        return BarPage(
            bars=[StoredBar(from_rows.iso(row[0]), *row[1:6]) for row in reversed(kept)],
            session_ids=list(dict.fromkeys(row[6] for row in kept)),
            earlier=len(rows) > limit,
        )

    async def indicator_series(
        self, symbol: str, session_ids: Sequence[str], indicators: Sequence[str], first: str, last: str
    ) -> list[Calculation]:
        """What some sessions have of a symbol's indicators, named without parameters, in a stretch of time.

        Args:
            symbol: whose.
            session_ids: of which sessions; at most as many are asked as a symbol's history reaches back.
            indicators: which, ``SMA`` for all averages.
            first: the earliest close, a contract timestamp.
            last: the latest.
        """
        found: list[Calculation] = []
        for session_id in session_ids[:SESSIONS_LOOKED_BACK]:
            asked = {"session_id": session_id, "symbol": symbol, "indicators": list(indicators)}
            rows = await self._rows(selects.INDICATOR_SERIES, {**asked, "first": first, "last": last})
            found += from_rows.sound(from_rows.calculation, rows)
        return found

    async def health(self, source: str | None, limit: int) -> list[HealthRecord]:
        """The newest health measurements, newest first."""
        return from_rows.sound(from_rows.health, await self._rows(selects.HEALTH, {"source": source, "limit": limit}))

    async def session_patterns(self, session_id: str, limit: int) -> list[Detection]:
        """A session's newest patterns, newest first."""
        rows = await self._rows(selects.PATTERNS, {"session_id": session_id, "symbol": None, "limit": limit})
        return from_rows.sound(from_rows.detection, rows)

    async def session_alerts(self, session_id: str, limit: int) -> list[Alert]:
        """A session's newest indicator alerts, newest first."""
        parameters = {"symbol": None, "alert_type": None, "severity": None}
        rows = await self._rows(selects.ALERTS, {**parameters, "session_id": session_id, "limit": limit})
        return from_rows.sound(from_rows.alert, rows)

    async def session_critical_alerts(self, session_id: str, limit: int) -> list[Critical]:
        """The newest critical alerts of a session, or since it began outside of any, newest first."""
        rows = await self._rows(selects.CRITICAL_ALERTS, {"session_id": session_id, "limit": limit})
        return from_rows.sound(from_rows.critical, rows)

    async def session_health(self, session_id: str, limit: int) -> list[HealthRecord]:
        """A session's newest health measurements, newest first."""
        rows = await self._rows(selects.SESSION_HEALTH, {"session_id": session_id, "limit": limit})
        return from_rows.sound(from_rows.health, rows)

    async def session_bars(self, session_id: str) -> list[BarRecord]:
        """Every symbol's newest bar and first open of a session; 0.2 s for a day of 500 symbols."""
        return [
            BarRecord(row[0], from_rows.iso(row[1]), *row[2:])
            for row in await self._rows(selects.SESSION_BARS, {"session_id": session_id})
        ]

    async def session_indicators(self, session_id: str, since: str) -> list[Calculation]:
        """Every symbol's newest value of each indicator that was calculated after ``since``, a contract timestamp.

        Costs 0.15 s for half an hour of 500 symbols.
        """
        rows = await self._rows(selects.SESSION_INDICATORS, {"session_id": session_id, "since": since})
        return from_rows.sound(from_rows.calculation, rows)

    async def session_counts(self, session_id: str) -> RowCounts:
        """How many rows a session has; 0.2 s for a day of 500 symbols."""
        (row,) = await self._rows(selects.SESSION_COUNTS, {"session_id": session_id})
        return RowCounts(*row)

    async def session_figures(self, session_id: str) -> SessionFigures:
        """What a session found, counted by type, symbol and hour."""
        patterns = await self._rows(selects.SUMMARY_PATTERNS, {"session_id": session_id, "high": HIGH_CONFIDENCE})
        alerts = await self._rows(selects.SUMMARY_ALERTS, {"session_id": session_id})
        return from_rows.session_figures(patterns, alerts)

    async def _session_ids(self, source: str | None, limit: int) -> list[str]:
        rows = await self._rows(selects.SESSION_IDS, {"source": source, "limit": limit})
        return [row[0] for row in rows]

    async def _newest(
        self, statement: LiteralString, source: str | None, limit: int, parameters: Parameters
    ) -> list[Row]:
        """Rows of the source's newest session, and of earlier ones until there are enough."""
        found: list[Row] = []
        for session_id in await self._session_ids(source, SESSIONS_LOOKED_BACK):
            found += await self._rows(statement, {**parameters, "session_id": session_id, "limit": limit - len(found)})
            if len(found) >= limit:
                break
        return found

    async def _rows(self, statement: LiteralString, parameters: Parameters) -> Sequence[Row]:
        async with self._connection() as connection:
            cursor = await connection.execute(statement, parameters)
            return await cursor.fetchall()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[psycopg.AsyncConnection[Row]]:
        place = shown(self._url)
        try:
            async with self._pool.connection() as connection:
                with _patience(connection, _ANSWER_TIMEOUT_S):
                    yield connection
        except PoolTimeout:
            raise DatabaseUnavailableError(f"the database at {place} cannot be reached") from None
        except PoolClosed:
            raise DatabaseUnavailableError("the dashboard is shutting down") from None
        except psycopg.errors.QueryCanceled:
            raise DatabaseUnavailableError(
                f"the database at {place} took longer than {_STATEMENT_TIMEOUT_S} s"
            ) from None
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
            raise DatabaseUnavailableError(
                f"the database at {place} lacks tables ({error.diag.message_primary}); run tickstockpl migrate"
            ) from None
        except psycopg.OperationalError as error:
            raise DatabaseUnavailableError(f"the database at {place} was lost: {_first_line(error)}") from None


async def _configure(connection: psycopg.AsyncConnection[Row]) -> None:
    with _patience(connection, _CONNECTION_TIMEOUT_S):
        await connection.execute(f"SET statement_timeout = '{_STATEMENT_TIMEOUT_S}s'")
        await connection.execute("SET default_transaction_read_only = on")


async def _check(connection: psycopg.AsyncConnection[Row]) -> None:
    with _patience(connection, _CONNECTION_TIMEOUT_S):
        await AsyncConnectionPool.check_connection(connection)


@contextmanager
def _patience(connection: psycopg.AsyncConnection[Row], timeout_s: float) -> Iterator[None]:
    """Hang up on a server that has not answered by the end of it: a half-open connection would wait without end."""
    alarm = asyncio.get_running_loop().call_later(timeout_s, hang_up, connection)
    try:
        yield
    finally:
        alarm.cancel()


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
