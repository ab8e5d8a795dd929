"""Jobs that wait to be stored: the oldest in memory, later ones in a spool on disk where that is needed."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import structlog

from tickstockpl.errors import TickStockError
from tickstockpl.store.rows import SessionOpening, StoreJob
from tickstockpl.store.spool import Spool
from tickstockpl.store.spool_folder import SpoolFolder

Result = TypeVar("Result")

_log = structlog.get_logger(__name__)


class WaitingJobs:
    """A queue in the order in which jobs were added; each has a position, from 1 on.

    The spool is used on a thread of its own: the writer's may be waiting for a server that says nothing. One task at a
    time may use the queue.

    Args:
        spools: where the spool is made; without it everything stays in memory.
    """

    def __init__(self, spools: SpoolFolder | None) -> None:
        self._spools = spools
        self._spool: Spool | None = None
        self._memory: deque[tuple[int, StoreJob]] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self.added = 0
        """Jobs that were ever added: the position of the newest."""
        self.lost: Counter[str] = Counter()
        """Jobs that a full spool refused, by kind."""

    @property
    def in_memory(self) -> int:
        """Jobs in memory."""
        return len(self._memory)

    @property
    def has_spool(self) -> bool:
        """Whether jobs can go to disk."""
        return self._spool is not None

    @property
    def spooled(self) -> int:
        """Jobs in the spool."""
        return 0 if self._spool is None else self._spool.count

    @property
    def spooled_minutes(self) -> int:
        """Minutes in the spool."""
        return 0 if self._spool is None else self._spool.minutes

    @property
    def spooled_bytes(self) -> int:
        """Size of what is in the spool."""
        return 0 if self._spool is None else self._spool.bytes

    async def open(self) -> None:
        """Make the spool.

        Raises:
            TickStockError: if it cannot be made.
        """
        if self._spools is not None:
            self._spool = await self._on_disk(self._spools.new)

    async def add(self, job: StoreJob, *, to_disk: bool) -> None:
        """Append a job, to memory or to the spool.

        Raises:
            TickStockError: if the spool refuses a session's opening, without which the session's rows cannot be stored.
        """
        self.added += 1
        if to_disk:
            await self._keep(self.added, job)
        else:
            self._memory.append((self.added, job))

    async def first(self) -> tuple[int, StoreJob, bool] | None:
        """The oldest job, its position, and whether it comes from the spool; ``None`` if nothing waits.

        Raises:
            SpoolDamagedError: if it cannot be read.
        """
        if self._memory:
            return (*self._memory[0], False)
        found = None if self._spool is None else await self._on_disk(self._spool.first)
        return None if found is None else (*found, True)

    async def forget(self, position: int) -> None:
        """Remove the oldest job; it has been stored."""
        if self._memory:
            self._memory.popleft()
        elif self._spool is not None:
            await self._on_disk(partial(self._spool.remove, position))

    async def move_to_disk(self) -> None:
        """Let what waits in memory be on disk, before what is there already; nothing without a spool.

        Raises:
            TickStockError: as in :meth:`add`.
        """
        while self._spool is not None and self._memory:
            await self._keep(*self._memory[0])
            self._memory.popleft()

    async def close(self) -> None:
        """Close the spool; what is in it stays for the next start."""
        if self._spool is not None:
            if self._spool.count:
                _log.warning("store.left_in_spool", writes=self._spool.count, spool=str(self._spool.path))
            await self._on_disk(self._spool.close)
        self._thread.shutdown(wait=False)

    async def _keep(self, position: int, job: StoreJob) -> None:
        spool = self._spool
        assert spool is not None  # noqa: S101 -- for the type checker: whoever spools has one
        if await self._on_disk(partial(spool.put, position, job)):
            return
        if isinstance(job, SessionOpening):
            raise TickStockError(
                f"the spool {spool.path} takes no more, not even a session's opening; free its disk or raise "
                "TICKSTOCK_SPOOL_MAX_MB"
            )
        kind = type(job).__name__
        if not self.lost[kind]:
            _log.error("store.spool_full", spool=str(spool.path), bytes=spool.bytes, lost=kind)
        self.lost[kind] += 1

    async def _on_disk(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
