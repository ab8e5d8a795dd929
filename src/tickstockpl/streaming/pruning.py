"""Keeping simulated sessions from filling the disk."""

import asyncio
import threading

import structlog

from tickstockpl.errors import TickStockError
from tickstockpl.store.sessions import SIMULATED, prune_simulated

_log = structlog.get_logger(__name__)


class Pruning:
    """Deletes old simulated sessions beside the stream, one pruning at a time.

    Args:
        database_url: where the sessions are.
        kept: how many simulated sessions stay, the newest.
    """

    def __init__(self, database_url: str, kept: int) -> None:
        self._database_url = database_url
        self._kept = kept
        self._stop = threading.Event()
        self._task: asyncio.Task[None] | None = None

    def start_for(self, source: str) -> None:
        """Begin, if the source is simulated and no pruning is under way."""
        if source.startswith(SIMULATED) and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._prune(), name="prune simulated sessions")

    async def close(self) -> None:
        """End what is under way after its present transaction, a short one; what is left goes next time."""
        self._stop.set()
        if self._task is not None:
            await self._task

    async def _prune(self) -> None:
        try:
            pruned = await asyncio.to_thread(prune_simulated, self._database_url, self._kept, self._stop)
        except TickStockError as error:
            _log.warning("old simulated sessions could not be deleted", reason=str(error))
        else:
            if pruned:
                _log.info("old simulated sessions deleted", sessions=pruned)
