"""A small pool of read-only connections: how the dashboard asks the database, bounded in time."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import LiteralString

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from tickstockpl.errors import TickStockError
from tickstockpl.store.address import connection_string, shown, unreachable
from tickstockpl.store.connection import hang_up
from tickstockpl.store.from_rows import Row

_STATEMENT_TIMEOUT_S = 5
_ANSWER_TIMEOUT_S = 6.0
"""How long the server may say nothing at all; above the statement's limit, whose reason is the better one."""
_CONNECTION_TIMEOUT_S = 2.0
_WAIT_S = 4.0
"""How long a question waits for a connection: on a machine that has much to do, making one may take seconds."""
_POOL_SIZE = 4

Parameters = Mapping[str, object]


class DatabaseUnavailableError(TickStockError):
    """The database cannot be asked now: away, too slow, or without tables. The next question may succeed."""


class TablesLackingError(DatabaseUnavailableError):
    """The database answers, and has not the tables that were asked, or not their columns."""


class ReadPool:
    """Connections that are made when they are needed.

    Args:
        database_url: ``postgresql://`` URL.
        name: whose pool it is, for the log.

    Raises:
        TickStockError: if it is not one.
    """

    def __init__(self, database_url: str, name: str = "dashboard") -> None:
        self._url = database_url
        self._conninfo = connection_string(database_url)
        self._pool: AsyncConnectionPool[psycopg.AsyncConnection[Row]] = AsyncConnectionPool(
            self._conninfo,
            min_size=0,
            max_size=_POOL_SIZE,
            open=False,
            timeout=_WAIT_S,
            reconnect_timeout=1.0,  # whoever asks next tries anew; no one tries in the background
            configure=_configure,
            check=_check,
            kwargs={"autocommit": True, "prepare_threshold": None},
            name=name,
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

    async def rows(self, statement: LiteralString, parameters: Parameters) -> Sequence[Row]:
        """What a statement finds.

        Raises:
            DatabaseUnavailableError: if there is no answer within a few seconds.
        """
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
            raise TablesLackingError(
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
