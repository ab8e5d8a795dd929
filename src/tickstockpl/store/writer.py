"""The writer: jobs in, committed rows out, in order and each once."""

import asyncio
import contextlib
import os
import socket
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import psycopg
import structlog

from tickstockpl.errors import TickStockError
from tickstockpl.store.address import connection_string, shown, unreachable
from tickstockpl.store.inserts import BARS_KEY, Connection, store, store_beside
from tickstockpl.store.migrate import HEAD, VERSION_TABLE
from tickstockpl.store.rows import MinuteRows, StoreJob

FIRST_RETRY_S: Final = 0.1
LONGEST_RETRY_S: Final = 5.0
CLOSE_TIMEOUT_S: Final = 30.0

Result = TypeVar("Result")

_log = structlog.get_logger(__name__)


class StoreError(TickStockError):
    """A job that the database refuses, however often it is tried."""


class Writer:
    """Stores jobs in the order in which they were put, one transaction each, on a thread of its own.

    A connection that is lost is made again, waiting longer each time (0.1 to 5 s), and the job is tried again; if its
    first attempt was committed after all, the bars' key says so and nothing is stored twice. A job that the database
    refuses stops the writer: nothing later is stored, and ``put``, ``flush`` and ``close`` raise the reason.

    Args:
        database_url: a ``postgresql://`` URL of a migrated database.
        queue_size: jobs that may wait; ``put`` waits when there are as many.
    """

    def __init__(self, database_url: str, queue_size: int = 64) -> None:
        self._url = database_url
        self._queue_size = queue_size
        self._waiting: deque[StoreJob] = deque()
        self._changed = asyncio.Condition()
        self._accepted = 0
        self._stored = 0
        self._closing = False
        self._failure: TickStockError | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._task: asyncio.Task[None] | None = None
        self._connection: Connection | None = None
        self.connected = False
        self.last_error: str | None = None
        self.committed_minutes = 0
        self.duplicate_minutes = 0

    @property
    def depth(self) -> int:
        """Jobs that are not committed yet, the one at work included."""
        return len(self._waiting)

    async def open(self) -> None:
        """Connect.

        Raises:
            TickStockError: if the database cannot be reached or has not been migrated.
        """
        try:
            await self._in_thread(self._connect)
        except psycopg.OperationalError as error:
            self._thread.shutdown(wait=False)
            raise unreachable(self._url, error) from None
        except BaseException:
            self._thread.shutdown(wait=False)
            raise
        self.connected = True
        self._task = asyncio.create_task(self._run(), name="store writer")

    async def put(self, job: StoreJob) -> None:
        """Hand a job over; waits while the queue is full.

        Raises:
            StoreError: if the writer has stopped because the database refused a job.
        """
        async with self._changed:
            await self._changed.wait_for(
                lambda: len(self._waiting) < self._queue_size or self._failure is not None or self._closing
            )
            self._raise_failure()
            if self._closing:
                raise RuntimeError("the writer has been closed")
            self._waiting.append(job)
            self._accepted += 1
            self._changed.notify_all()

    async def flush(self) -> None:
        """Wait until everything that was put before is committed; for as long as the database is away.

        Raises:
            StoreError: if the writer has stopped because the database refused a job.
        """
        target = self._accepted
        async with self._changed:
            await self._changed.wait_for(lambda: self._stored >= target or self._failure is not None)
        self._raise_failure()

    async def close(self, timeout_s: float = CLOSE_TIMEOUT_S) -> None:
        """Store what still waits, for at most ``timeout_s`` seconds, and disconnect. Closing twice is harmless.

        Raises:
            StoreError: if the writer has stopped because the database refused a job.
            TickStockError: if not everything could be stored in time; says how much was left.
        """
        if self._task is None:
            return
        async with self._changed:
            self._closing = True
            self._changed.notify_all()
        done, _ = await asyncio.wait([self._task], timeout=timeout_s)
        if not done:
            self._task.cancel()
            self._hang_up()
            await asyncio.wait([self._task])
        self._task = None
        await self._in_thread(self._disconnect)
        self._thread.shutdown(wait=False)
        self._raise_failure()
        if self._waiting:
            raise TickStockError(
                f"{len(self._waiting)} writes were not stored within {timeout_s:.0f} s: "
                f"{self.last_error or f'the database at {shown(self._url)} is too slow'}"
            )

    async def _run(self) -> None:
        try:
            while (job := await self._next()) is not None:
                await self._store_until_committed(job)
                async with self._changed:
                    self._waiting.popleft()
                    self._stored += 1
                    self._changed.notify_all()
        except TickStockError as error:
            self._failure = error
        except Exception as error:  # noqa: BLE001 -- whatever it is, put, flush and close raise it
            _log.exception("store.failed")
            self._failure = StoreError(f"the database refused a write: {_first_line(error)}")
            self._failure.__cause__ = error
        if self._failure is not None:
            self.last_error = str(self._failure)
            async with self._changed:
                self._changed.notify_all()

    async def _next(self) -> StoreJob | None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._waiting or self._closing)
            return self._waiting[0] if self._waiting else None

    async def _store_until_committed(self, job: StoreJob) -> None:
        retry_s = FIRST_RETRY_S
        again = False
        while True:
            try:
                stored = await self._in_thread(lambda again=again: self._attempt(job, again=again))  # type: ignore[misc]
            except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction) as error:
                reason = str(unreachable(self._url, error))
                if self.connected:
                    _log.warning("database.lost", reason=reason, waiting=self.depth)
                self.connected = False
                self.last_error = reason
                again = True
                await asyncio.sleep(retry_s)
                retry_s = min(2 * retry_s, LONGEST_RETRY_S)
                continue
            break
        if not self.connected:
            _log.info("database.back", waiting=self.depth)
        self.connected = True
        self.last_error = None
        if isinstance(job, MinuteRows):
            self.committed_minutes += stored
            self.duplicate_minutes += not stored

    def _attempt(self, job: StoreJob, *, again: bool) -> bool:
        """Store a job in one transaction, connecting first where need be; whether it was not there already."""
        if self._connection is None or self._connection.closed:
            self._connect()
        connection = self._connection
        assert connection is not None  # noqa: S101 -- for the type checker: _connect has set it
        try:
            with connection.transaction():
                store(connection, job, again=again)
        except psycopg.errors.UniqueViolation as error:
            if not isinstance(job, MinuteRows) or error.diag.constraint_name != BARS_KEY:
                raise
            return self._attempt_beside(connection, job)
        return True

    def _attempt_beside(self, connection: Connection, job: MinuteRows) -> bool:
        while True:  # ends: each time round, another session has stored one bar more of the minute
            try:
                with connection.transaction():
                    return store_beside(connection, job)
            except psycopg.errors.UniqueViolation as error:
                if error.diag.constraint_name != BARS_KEY:
                    raise

    def _connect(self) -> None:
        self._disconnect()
        connection = psycopg.connect(connection_string(self._url), autocommit=True)
        try:
            _check_migrated(connection, self._url)
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _hang_up(self) -> None:
        """Make the thread's present wait for the server end at once; its connection is of no use then."""
        connection = self._connection
        if connection is None:
            return
        with (
            contextlib.suppress(OSError, psycopg.Error),
            socket.socket(fileno=os.dup(connection.fileno())) as wire,
        ):
            wire.shutdown(socket.SHUT_RDWR)

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure


def _check_migrated(connection: Connection, url: str) -> None:
    exists = connection.execute("SELECT to_regclass(%s)", (VERSION_TABLE,)).fetchone()
    revision = None
    if exists is not None and exists[0] is not None:
        row = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608 -- our own name
        revision = None if row is None else row[0]
    if revision is None:
        raise TickStockError(f"the database at {shown(url)} has no tables of TickStockPL; run tickstockpl migrate")
    if revision != HEAD:
        raise TickStockError(
            f"the tables in the database at {shown(url)} are of revision {revision}, this program needs {HEAD}; "
            "run tickstockpl migrate, or update tickstockpl where the revision is the newer one"
        )


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
