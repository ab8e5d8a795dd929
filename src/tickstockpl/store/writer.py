"""The writer: jobs in, committed rows out, in order and each once."""

import asyncio
from collections import Counter
from functools import partial
from typing import Final

import psycopg
import structlog

from tickstockpl.clock import monotonic_s
from tickstockpl.errors import TickStockError
from tickstockpl.store.address import shown, unreachable
from tickstockpl.store.link import LOST, DatabaseLink
from tickstockpl.store.once import store_once
from tickstockpl.store.rows import MinuteRows, StoreJob
from tickstockpl.store.spool_folder import SpoolFolder
from tickstockpl.store.waiting import WaitingJobs

FIRST_RETRY_S: Final = 0.1
LONGEST_RETRY_S: Final = 5.0
CLOSE_TIMEOUT_S: Final = 30.0

_log = structlog.get_logger(__name__)


class StoreError(TickStockError):
    """A job that the database refuses, however often it is tried."""


class Writer:
    """Stores jobs in the order in which they were put, one transaction each, on a thread of its own.

    A connection that is lost is made again, waiting longer each time (0.1 to 5 s), and the job is tried again; if its
    first attempt was committed after all, the bars' key says so and nothing is stored twice. A job that the database
    refuses stops the writer: nothing later is stored, and ``put``, ``flush`` and ``close`` raise the reason.

    Meanwhile jobs go into a spool on disk, if there is one: those that waited in memory as soon as the connection is
    lost, later ones at once, until the spool has been emptied into the database in its order. What the full spool
    refuses is lost, and counted in ``lost``.

    Args:
        database_url: a ``postgresql://`` URL of a migrated database.
        queue_size: jobs that may wait in memory.
        spools: where the spool is made; without it ``put`` waits while the database is away.
        wait_for_slow_database: whether ``put`` waits while as many jobs wait as may, rather than spooling; right where
            nothing paces the market but the database.
    """

    def __init__(
        self,
        database_url: str,
        queue_size: int = 64,
        *,
        spools: SpoolFolder | None = None,
        wait_for_slow_database: bool = True,
    ) -> None:
        self._url = database_url
        self._queue_size = queue_size
        self._wait_for_slow_database = wait_for_slow_database
        self._jobs = WaitingJobs(spools)
        self._changed = asyncio.Condition()
        self._stored_through = 0
        self._closing = False
        self._failure: TickStockError | None = None
        self._link = DatabaseLink(database_url)
        self._task: asyncio.Task[None] | None = None
        self._lost_at_s = 0.0
        self.connected = False
        self.last_error: str | None = None
        self.last_outage_s = 0.0
        self.outages = 0
        self.committed_minutes = 0
        self.duplicate_minutes = 0

    @property
    def depth(self) -> int:
        """Jobs that are not committed yet, in memory and in the spool, the one at work included."""
        return self._jobs.in_memory + self._jobs.spooled

    @property
    def spooled(self) -> int:
        """Jobs in the spool."""
        return self._jobs.spooled

    @property
    def spooled_minutes(self) -> int:
        """Minutes in the spool."""
        return self._jobs.spooled_minutes

    @property
    def spooled_bytes(self) -> int:
        """Size of what is in the spool."""
        return self._jobs.spooled_bytes

    @property
    def lost(self) -> Counter[str]:
        """Jobs that the full spool refused, by kind."""
        return self._jobs.lost

    @property
    def away_s(self) -> float:
        """Seconds since the connection was lost; 0 while there is one."""
        return 0.0 if self.connected else monotonic_s() - self._lost_at_s

    @property
    def is_kept(self) -> bool:
        """Whether the database is away and all that waits for it is on disk."""
        return self._jobs.has_spool and not self.connected and not self._jobs.in_memory

    async def open(self) -> None:
        """Connect, and make the spool.

        Raises:
            TickStockError: if the database cannot be reached or has not been migrated, or the spool cannot be made.
        """
        try:
            await self._link.run(lambda _: None)
            await self._jobs.open()
        except psycopg.OperationalError as error:
            await self._shut_down()
            raise unreachable(self._url, error) from None
        except BaseException:
            await self._shut_down()
            raise
        self.connected = True
        self._task = asyncio.create_task(self._run(), name="store writer")

    async def put(self, job: StoreJob) -> None:
        """Hand a job over; waits while the queue is full, unless the job goes into the spool.

        Raises:
            StoreError: if the writer has stopped because the database refused a job.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: self._takes or self._failure is not None or self._closing)
            self._raise_failure()
            if self._closing:
                raise RuntimeError("the writer has been closed")
            await self._jobs.add(job, to_disk=self._spools_now)
            self._changed.notify_all()

    @property
    def _spools_now(self) -> bool:
        """Whether the next job goes to disk: once one has, all do until the spool is empty, for the order's sake."""
        return self._jobs.has_spool and (
            not self.connected or self._jobs.spooled > 0 or self._jobs.in_memory >= self._queue_size
        )

    @property
    def _takes(self) -> bool:
        if not self._spools_now:
            return self._jobs.in_memory < self._queue_size
        return not (self.connected and self._wait_for_slow_database)

    async def flush(self) -> None:
        """Wait until everything that was put before is committed or, while the database is away, in the spool.

        Raises:
            StoreError: if the writer has stopped because the database refused a job.
        """
        target = self._jobs.added
        async with self._changed:
            await self._changed.wait_for(
                lambda: self._stored_through >= target or self.depth == 0 or self.is_kept or self._failure is not None
            )
        self._raise_failure()

    async def close(self, timeout_s: float = CLOSE_TIMEOUT_S) -> None:
        """Store what still waits, for at most ``timeout_s`` seconds, and disconnect. Closing twice is harmless.

        What is not stored then stays in the spool for the next start; nothing is waited for while the database is away.

        Raises:
            StoreError: if the writer has stopped because the database refused a job.
            TickStockError: if not everything could be stored or spooled; says how much was left.
        """
        if self._task is None:
            return
        async with self._changed:
            self._closing = True
            self._changed.notify_all()
        if not self.is_kept:
            await self._finished_or_kept(self._task, timeout_s)
        if not self._task.done():
            self._task.cancel()
            self._link.hang_up()
            await asyncio.wait([self._task])
        self._task = None
        if self._failure is None:
            await self._jobs.move_to_disk()
        await self._shut_down()
        self._raise_failure()
        if self._jobs.in_memory:
            raise TickStockError(
                f"{self._jobs.in_memory} writes were not stored within {timeout_s:.0f} s: "
                f"{self.last_error or f'the database at {shown(self._url)} is too slow'}"
            )

    async def _finished_or_kept(self, task: "asyncio.Task[None]", timeout_s: float) -> None:
        """Wait until the task is done or what waits is on disk, whichever comes first, and for no longer."""

        async def kept() -> None:
            async with self._changed:
                await self._changed.wait_for(lambda: self.is_kept)

        keeping = asyncio.create_task(kept(), name="wait for the spool")
        await asyncio.wait([task, keeping], timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        keeping.cancel()
        await asyncio.wait([keeping])

    async def _run(self) -> None:
        try:
            while (found := await self._next()) is not None:
                position, job, again = found
                await self._store_until_committed(job, again=again)
                await self._forget(position)
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

    async def _next(self) -> tuple[int, StoreJob, bool] | None:
        """The oldest job, its position, and whether it may be stored already."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.depth or self._closing)
            return await self._jobs.first()

    async def _forget(self, position: int) -> None:
        """A job has been committed."""
        async with self._changed:
            await self._jobs.forget(position)
            self._stored_through = position
            self._changed.notify_all()

    async def _store_until_committed(self, job: StoreJob, *, again: bool) -> None:
        retry_s = FIRST_RETRY_S
        while True:
            try:
                stored = await self._attempt(job, again=again)
            except LOST as error:
                await self._lose(str(unreachable(self._url, error)))
                again = True
                await asyncio.sleep(retry_s)
                retry_s = min(2 * retry_s, LONGEST_RETRY_S)
                continue
            break
        if not self.connected:
            self.last_outage_s = self.away_s
            _log.info("database.back", waiting=self.depth)
        self.connected = True
        self.last_error = None
        if isinstance(job, MinuteRows):
            self.committed_minutes += stored
            self.duplicate_minutes += not stored

    async def _lose(self, reason: str) -> None:
        if self.connected:
            _log.warning("database.lost", reason=reason, waiting=self.depth)
            self._lost_at_s = monotonic_s()
            self.outages += 1
        self.connected = False
        self.last_error = reason
        async with self._changed:
            await self._jobs.move_to_disk()
            self._changed.notify_all()

    async def _attempt(self, job: StoreJob, *, again: bool) -> bool:
        """Store a job in one transaction, connecting first where need be; whether it was not there already."""
        return await self._link.run(partial(store_once, job=job, again=again))

    async def _shut_down(self) -> None:
        await self._link.close()
        await self._jobs.close()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
