"""The writer's connection to the database: made when it is needed, given up when the server falls silent."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import psycopg

from tickstockpl.clock import monotonic_s
from tickstockpl.store.address import connection_string
from tickstockpl.store.connection import hang_up
from tickstockpl.store.inserts import Connection
from tickstockpl.store.migrate import check_migrated

SILENCE_S: Final = 2.0
"""How long the database may work on something before it is asked whether it is there at all."""

ANSWER_TIMEOUT_S: Final = 2.0
"""How long it may take to answer that. With :data:`SILENCE_S`, a server that hangs is noticed within about 4 s."""

LOST: Final = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction)
"""What says that another connection is needed; the last of them, that the server is no longer the primary."""

Result = TypeVar("Result")


class DatabaseLink:
    """One connection, autocommitting, used by one task at a time; its work is done on a thread of its own.

    A server that has halted, or a network that swallows everything, says nothing: neither TCP nor a Unix socket tells
    that from work that takes long. So work that takes more than 2 s makes the link ask for a second connection. If that
    is had the server is slow, and it is waited for; if not, the link hangs up.

    Args:
        database_url: a ``postgresql://`` URL of a migrated database.
    """

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._connection: Connection | None = None

    async def run(self, work: Callable[[Connection], Result]) -> Result:
        """Do something on the connection, which is made first where there is none.

        Raises:
            psycopg.Error: one of :data:`LOST` if the database cannot be reached, is lost or says nothing; the next call
                connects anew. Others are the work's own.
            TickStockError: if a new connection finds no tables, or those of another revision.
        """
        began_s = monotonic_s()
        working = asyncio.get_running_loop().run_in_executor(self._thread, self._work, work)
        try:
            while not (await asyncio.wait({working}, timeout=SILENCE_S))[0]:
                if self._connection is not None and not await self._answers() and not working.done():
                    return await self._given_up(working, began_s)
            return working.result()
        finally:
            working.cancel()

    def hang_up(self) -> None:
        """Make the work under way fail at once; its connection is of no use then."""
        if self._connection is not None:
            hang_up(self._connection)

    async def close(self) -> None:
        """Disconnect, once the work under way has ended."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown(wait=False)

    async def _answers(self) -> bool:
        """Whether the server takes a second connection; it is closed again."""
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                connection = await psycopg.AsyncConnection.connect(connection_string(self._url))
        except (TimeoutError, psycopg.OperationalError):
            return False
        await connection.close()
        return True

    async def _given_up(self, working: "asyncio.Future[Result]", began_s: float) -> Result:
        silent_s = monotonic_s() - began_s
        self.hang_up()
        try:
            return await working
        except LOST:
            raise psycopg.OperationalError(f"it has not answered for {silent_s:.0f} s") from None

    def _work(self, work: Callable[[Connection], Result]) -> Result:
        if self._connection is None or self._connection.closed:
            self._disconnect()
            self._connection = psycopg.connect(connection_string(self._url), autocommit=True)
            try:
                check_migrated(self._connection, self._url)
            except BaseException:
                self._disconnect()
                raise
        try:
            return work(self._connection)
        except LOST:
            # Not left to psycopg: a connection that broke while it was written to does not count as closed there.
            self._disconnect()
            raise

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
