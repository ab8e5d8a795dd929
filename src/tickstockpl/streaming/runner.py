"""Running one session: announced, played, ended, and its row from start to stop."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from tickstockpl.contract.catalog import Catalog, encode_catalog
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import encode
from tickstockpl.errors import TickStockError
from tickstockpl.store.rows import SourceCatalog
from tickstockpl.streaming.control import SessionControl
from tickstockpl.streaming.critical import critical_message, critical_row, session_failed
from tickstockpl.streaming.pipeline import Pipeline, ServiceParts
from tickstockpl.streaming.player import DayPlayed
from tickstockpl.streaming.pruning import Pruning
from tickstockpl.streaming.session import FinalStatus, LiveSession

FLUSH_TIMEOUT_S = 30.0
"""How long the end of a session waits for its rows before it is announced without them."""

FAREWELL_TIMEOUT_S = 2.0
"""How long a failing service tries to say so, to Redis and to the database each."""

_log = structlog.get_logger(__name__)


class SessionRunner:
    """Runs sessions, one after the other.

    Args:
        parts: what the service's pipelines share.
        control: is told when a session begins and ends.
        pruning: makes room for simulated sessions.
        catalog: what the service looks for; stored with its first session.
    """

    def __init__(self, parts: ServiceParts, control: SessionControl, pruning: Pruning, catalog: Catalog) -> None:
        self._clock = parts.clock
        self._publisher = parts.publisher
        self._writer = parts.writer
        self._status = parts.status
        self._redactor = parts.redactor
        self._metrics = parts.metrics
        self._control = control
        self._pruning = pruning
        self._unsaved_catalog: Catalog | None = catalog

    async def run(self, pipeline: Pipeline, session: LiveSession, end_ms: int) -> DayPlayed:
        """Stream a session until ``end_ms``, or until the control halts it.

        Raises:
            TickStockError: if the service fails; the session has been ended as failed.
        """
        self._clock.start_at(session.stored_until_ms)
        self._status.day = session.day
        self._status.market_ms = session.stored_until_ms
        await self._start(session)
        try:
            played = await pipeline.player.play(session, end_ms, self._control.halt)
        except BaseException as error:
            await self._fail(session, error)
            raise
        self._control.ends()
        await self._end(session, played.until_ms, "completed" if played.whole else "stopped")
        self._control.end()
        return played

    async def _start(self, session: LiveSession) -> None:
        self._publisher.session = session.contract
        await self._publisher.publish([(Channel.SESSION_STARTED, encode(session.started))])
        await self._writer.put(session.opening)
        await self._save_catalog(session.source)
        self._pruning.start_for(session.source)
        self._control.begin(session)

    async def _save_catalog(self, source: str) -> None:
        """Once per start, and after a session's opening: deleting a source's last session deletes its catalog."""
        catalog, self._unsaved_catalog = self._unsaved_catalog, None
        if catalog is not None:
            await self._writer.put(SourceCatalog(source, encode_catalog(catalog)))

    async def _end(self, session: LiveSession, at_ms: int, status: FinalStatus) -> None:
        """Announce the end once the rows are there, so that whoever hears it finds the totals in the tables."""
        try:
            async with asyncio.timeout(FLUSH_TIMEOUT_S):
                await self._writer.flush()
        except TimeoutError:
            self._status.note(f"{session.day.date}: the database has not taken all rows yet; they are kept waiting")
        except BaseException as error:
            await self._fail(session, error)
            raise
        stopped = session.stopped(at_ms, status)
        self._publisher.session = None
        try:
            await self._publisher.publish([(Channel.SESSION_STOPPED, encode(stopped))])
        except BaseException:
            await self._try(self._store_failure(session, at_ms))
            raise
        await self._writer.put(session.closing(at_ms, status))
        await self._writer.flush()
        if self._writer.is_kept:
            self._status.note(
                f"{session.day.date}: the database is away; {self._writer.spooled:,} writes wait in the spool until it "
                "is back, or for the next start"
            )
        self._status.summaries.append(stopped.session)
        self._metrics.sessions_ended.labels(status).inc()

    async def _fail(self, session: LiveSession, error: BaseException) -> None:
        """Announce and note a failure as far as what is left of the service can."""
        self._metrics.sessions_ended.labels("failed").inc()
        at_ms = self._status.market_ms
        self._publisher.session = None
        alert = session_failed(str(session.id), self._redactor.text(str(error)), at_ms)
        stopped = Channel.SESSION_STOPPED, encode(session.stopped(at_ms, "failed"))
        await self._try(self._publisher.publish([critical_message(alert), stopped]))
        await self._try(self._writer.put(critical_row(str(session.id), alert)))
        await self._try(self._store_failure(session, at_ms))
        self._control.fail(alert.message)

    async def _store_failure(self, session: LiveSession, at_ms: int) -> None:
        await self._writer.put(session.closing(at_ms, "failed"))
        await self._writer.flush()

    async def _try(self, farewell: Coroutine[Any, Any, None]) -> None:
        """One of the last things of a failing service; it may fail too."""
        try:
            async with asyncio.timeout(FAREWELL_TIMEOUT_S):
                await farewell
        except (TimeoutError, TickStockError) as error:
            _log.warning("the failed session could not be ended in full", reason=str(error) or "no answer in time")
