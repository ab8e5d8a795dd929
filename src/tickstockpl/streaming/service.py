"""The streaming service: a feed's days become sessions on Redis and in PostgreSQL.

feed ─► bars ─► analysis ─► publisher ─► Redis
                                └──────► writer ─► PostgreSQL
"""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import structlog

from tickstockpl.analysis.engine import Engine
from tickstockpl.clock import MAX_SPEED, Clock
from tickstockpl.contract.catalog import Catalog, encode_catalog
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import encode
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.errors import TickStockError
from tickstockpl.feeds.base import Feed
from tickstockpl.market.calendar import MarketDay
from tickstockpl.market.inspection import BarInspector
from tickstockpl.redaction import Redactor
from tickstockpl.settings import Settings
from tickstockpl.store.left_behind import store_left_behind
from tickstockpl.store.rows import SourceCatalog
from tickstockpl.store.sessions import delete_session, find_session
from tickstockpl.store.spool_folder import SpoolFolder
from tickstockpl.store.writer import Writer
from tickstockpl.streaming.metrics import ProducerMetrics, served
from tickstockpl.streaming.plan import AnalysisPlan
from tickstockpl.streaming.player import DayPlayer
from tickstockpl.streaming.pruning import Pruning
from tickstockpl.streaming.publisher import Publisher
from tickstockpl.streaming.session import FinalStatus, LiveSession
from tickstockpl.streaming.status import ServiceStatus
from tickstockpl.streaming.surroundings import Surroundings
from tickstockpl.streaming.warm_up import WarmUp, cold_start

FLUSH_TIMEOUT_S = 30.0
"""How long the end of a session waits for its rows before it is announced without them."""

STOP_TIMEOUT_S = 40.0
"""How long a stop may take in all."""

FAREWELL_TIMEOUT_S = 2.0
"""How long a failing service tries to say so, to Redis and to the database each."""

_log = structlog.get_logger(__name__)


class StreamingService:
    """Streams a feed: one session a trading day.

    Args:
        feed: the market.
        clock: the market's time, which the feed waits for.
        settings: what is published, and health's thresholds.
        redis_url: where events go.
        database_url: where rows go; its tables exist.
        duration_s: market time after which to stop, seconds; ``None`` plays to the feed's end.
        again: replace sessions that are stored already instead of skipping or resuming them.
        plan: what is computed and looked for; ``None`` reads it from the settings.
        metrics: what Prometheus is told; served if the settings name a port.
    """

    def __init__(
        self,
        *,
        feed: Feed,
        clock: Clock,
        settings: Settings,
        redis_url: str,
        database_url: str,
        duration_s: int | None = None,
        again: bool = False,
        plan: AnalysisPlan | None = None,
        metrics: ProducerMetrics | None = None,
    ) -> None:
        self._feed = feed
        self._clock = clock
        self._settings = settings
        self._database_url = database_url
        self._left_ms = None if duration_s is None else duration_s * 1000
        self._again = again
        self._plan = plan if plan is not None else AnalysisPlan.of(settings)
        self._unsaved_catalog: Catalog | None = self._plan.catalog()
        self._publisher = Publisher(redis_url, str(uuid4()), feed.source, clock)
        self._spools = SpoolFolder(settings.data_dir, database_url, settings.spool_max_mb << 20)
        self._writer = Writer(database_url, spools=self._spools, wait_for_slow_database=clock.speed == MAX_SPEED)
        self._redactor = Redactor([redis_url, database_url])
        self._surroundings = Surroundings(feed, clock, self._writer, self._publisher, settings, self._redactor)
        self._pruning = Pruning(database_url, settings.simulator_runs_kept, settings.retention_days)
        self._opened = AsyncExitStack()
        self._inspector: BarInspector | None = None
        self.status = ServiceStatus()
        self.metrics = metrics if metrics is not None else ProducerMetrics()
        self.metrics.read(self._publisher, self._writer, self.status, lambda: feed.report, self._rejected_bars)

    async def open(self) -> None:
        """Open the feed and both servers, and store what an earlier run could not.

        Raises:
            TickStockError: if one of them cannot be had; the others are closed again.
        """
        try:
            if (port := self._settings.metrics_port) is not None:
                port = self._opened.enter_context(served(self.metrics, self._settings.metrics_host, port))
                _log.info("metrics are served", host=self._settings.metrics_host, port=port)
            self.status.stage = "opening the feed"
            await self._feed.open()
            self._opened.push_async_callback(self._feed.close)
            await self._publisher.open()
            self._opened.push_async_callback(self._publisher.close)
            self.status.stage = "storing what an earlier run has left in its spool"
            for sentence in await asyncio.to_thread(store_left_behind, self._database_url, self._spools):
                self.status.note(sentence)
            await self._writer.open()
            self._opened.push_async_callback(self._writer.close)
            self._pruning.open()
            self._opened.push_async_callback(self._pruning.close)
        except BaseException:
            await self.close()
            raise

    async def run(self, stop: asyncio.Event) -> None:
        """Stream until the feed ends, the duration is over or ``stop`` is set.

        A stop does not wait for a dead server without end: the session is ended as failed then.

        Raises:
            TickStockError: if the service fails; the running session has been ended as failed.
        """
        working = asyncio.create_task(self._stream_days(stop), name="stream the feed's days")
        stopping = asyncio.create_task(stop.wait(), name="wait for the stop of the service")
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({working}, timeout=STOP_TIMEOUT_S)
            if not working.done():
                reason = self._publisher.last_error or self._writer.last_error or "the feed does not end"
                raise TickStockError(
                    f"the session could not be closed within {STOP_TIMEOUT_S:g} s of the stop: {reason}"
                )
            working.result()
        finally:
            for task in (working, stopping):
                task.cancel()
            await asyncio.gather(working, stopping, return_exceptions=True)

    async def _stream_days(self, stop: asyncio.Event) -> None:
        universe = self._feed.universe
        engine = self._plan.engine(len(universe))
        inspector = self._inspector = BarInspector(universe.symbols)
        warm_up = WarmUp(self._feed, inspector, self._database_url, self._settings.warm_up_sessions)
        player = DayPlayer(
            self._feed,
            self._clock,
            engine,
            self._publisher,
            self._writer,
            universe.symbols,
            self._settings,
            self.status,
            inspector,
            self._surroundings,
            self._redactor,
            self.metrics,
        )
        for number, day in enumerate(self._feed.days()):
            if stop.is_set() or self._left_ms == 0:
                break
            if number == 0:
                self.status.stage = "warming up"
                await warm_up.run(engine, day, stop)
                if stop.is_set():
                    break
            await self._stream_day(day, engine, player, stop)

    async def close(self) -> None:
        """Close the servers and the feed."""
        await self._opened.aclose()

    async def _stream_day(self, day: MarketDay, engine: Engine, player: DayPlayer, stop: asyncio.Event) -> None:
        universe = self._feed.universe
        session = LiveSession.of_day(day, universe.key, self._feed.source, len(universe))
        if await self._is_done(session):
            await player.pass_over(day, stop)
            return
        end_ms = self._end_ms(session)
        self._clock.start_at(session.stored_until_ms)
        self.status.day = day
        self.status.market_ms = session.stored_until_ms
        self._tell_cold_start(session, engine)
        await self._start(session)
        try:
            played = await player.play(session, end_ms, stop)
        except BaseException:
            await self._fail(session)
            raise
        if self._left_ms is not None:
            self._left_ms = max(0, self._left_ms - (played.until_ms - session.stored_until_ms))
        await self._end(session, played.until_ms, "completed" if played.whole else "stopped")

    async def _is_done(self, session: LiveSession) -> bool:
        """Look at what an earlier run has stored of this session, and take it up where that left off."""
        try:
            stored = await asyncio.to_thread(find_session, self._database_url, str(session.id))
        except TickStockError as error:
            # A day begins in an outage. What might be stored of it already is found to be there when the rows land.
            if self._again or self._writer.connected:
                raise
            self.status.note(f"{session.day.date}: streamed from its open, whatever is stored of it: {error}")
            return False
        if stored is None:
            return False
        date = session.day.date
        if self._again:
            await asyncio.to_thread(delete_session, self._database_url, str(session.id))
            self.status.note(f"{date}: the stored session is replaced")
            return False
        if stored.final_status == "completed":
            self.status.note(f"{date}: already stored, {stored.total_patterns:,} patterns; --again replaces it")
            return True
        session.resume(stored)
        if session.stored_until_ms > session.day.open_ms:
            self.status.note(f"{date}: resumed at {to_iso(session.stored_until_ms)[11:16]}Z, where it was interrupted")
        return False

    def _rejected_bars(self) -> int:
        return self._inspector.rejected if self._inspector is not None else 0

    def _tell_cold_start(self, session: LiveSession, engine: Engine) -> None:
        """Say which symbols start without history, once: at the open of the first day that is played."""
        first = not self.status.summaries and session.stored_until_ms == session.day.open_ms
        if first and (sentence := cold_start(self._feed.universe.symbols, engine.seen)) is not None:
            self.status.note(sentence)

    def _end_ms(self, session: LiveSession) -> int:
        """Where this session is to end: at the close, or when the duration is over."""
        if self._left_ms is None:
            return session.day.close_ms
        return min(session.day.close_ms, session.stored_until_ms + self._left_ms)

    async def _start(self, session: LiveSession) -> None:
        self._publisher.session = session.contract
        await self._publisher.publish([(Channel.SESSION_STARTED, encode(session.started))])
        await self._writer.put(session.opening)
        await self._save_catalog(session.source)
        self._pruning.start_for(session.source)

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
            self.status.note(f"{session.day.date}: the database has not taken all rows yet; they are kept waiting")
        except BaseException:
            await self._fail(session)
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
            self.status.note(
                f"{session.day.date}: the database is away; {self._writer.spooled:,} writes wait in the spool until it "
                "is back, or for the next start"
            )
        self.status.summaries.append(stopped.session)
        self.metrics.sessions_ended.labels(status).inc()

    async def _fail(self, session: LiveSession) -> None:
        """Announce and note a failure as far as what is left of the service can."""
        self.metrics.sessions_ended.labels("failed").inc()
        at_ms = self.status.market_ms
        self._publisher.session = None
        announced = self._publisher.publish([(Channel.SESSION_STOPPED, encode(session.stopped(at_ms, "failed")))])
        await self._try(announced)
        await self._try(self._store_failure(session, at_ms))

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
