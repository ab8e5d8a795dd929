"""Keeping old sessions from filling the disk."""

import asyncio
from collections.abc import Callable

import structlog

from tickstockpl.errors import TickStockError
from tickstockpl.store.connection import Stop
from tickstockpl.store.pruning import prune_older, prune_simulated
from tickstockpl.store.sessions import SIMULATED

DAY_S = 86_400.0

CLOSE_TIMEOUT_S = 5.0
"""How long the end of the service waits for a transaction of the pruning."""

_log = structlog.get_logger(__name__)


class Pruning:
    """Deletes old sessions beside the stream: simulated ones beyond a number, and all beyond an age.

    Args:
        database_url: where the sessions are.
        kept: how many simulated sessions stay, the newest.
        retention_days: days after which any ended session goes; ``None`` keeps them.
    """

    def __init__(self, database_url: str, kept: int, retention_days: int | None = None) -> None:
        self._database_url = database_url
        self._kept = kept
        self._retention_days = retention_days
        self._closing = asyncio.Event()
        self._stop = Stop()
        self._simulated: asyncio.Task[None] | None = None
        self._daily: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to look for sessions that are too old, now and once a day."""
        if self._retention_days is not None:
            self._daily = asyncio.create_task(self._prune_daily(self._retention_days), name="prune old sessions")

    def start_for(self, source: str) -> None:
        """A session of this source begins: prune simulated ones if it is one, unless that is under way."""
        if source.startswith(SIMULATED) and (self._simulated is None or self._simulated.done()):
            prune = self._prune("simulated", lambda: prune_simulated(self._database_url, self._kept, self._stop))
            self._simulated = asyncio.create_task(prune, name="prune simulated sessions")

    async def close(self) -> None:
        """End what is under way after its present transaction, a short one; what is left goes next time.

        A transaction that takes longer than 5 s, on a database that says nothing say, is hung up on.
        """
        self._stop.set()
        self._closing.set()
        pruning = [task for task in (self._simulated, self._daily) if task is not None]
        while pruning and (await asyncio.wait(pruning, timeout=CLOSE_TIMEOUT_S))[1]:
            self._stop.hang_up()
        for task in pruning:
            task.result()

    async def _prune_daily(self, days: int) -> None:
        while not self._closing.is_set():
            await self._prune("expired", lambda: prune_older(self._database_url, days, self._stop))
            try:
                async with asyncio.timeout(DAY_S):
                    await self._closing.wait()
            except TimeoutError:
                continue

    async def _prune(self, kind: str, prune: Callable[[], int]) -> None:
        try:
            pruned = await asyncio.to_thread(prune)
        except TickStockError as error:
            _log.warning("old sessions could not be deleted", kind=kind, reason=str(error))
        else:
            if pruned:
                _log.info("old sessions deleted", kind=kind, sessions=pruned)
