"""The streaming service: a feed's days become sessions on Redis and in PostgreSQL.

feed ─► bars ─► analysis ─► publisher ─► Redis
                                └──────► writer ─► PostgreSQL
"""

import asyncio
from collections.abc import Iterable
from contextlib import AsyncExitStack
from uuid import uuid4

import structlog

from tickstockpl.clock import MAX_SPEED, Clock
from tickstockpl.errors import TickStockError
from tickstockpl.feeds.base import Feed
from tickstockpl.memory import Memory
from tickstockpl.redaction import Redactor
from tickstockpl.settings import Settings
from tickstockpl.store.left_behind import store_left_behind
from tickstockpl.store.spool_folder import SpoolFolder
from tickstockpl.store.writer import Writer
from tickstockpl.streaming.agenda import Agenda
from tickstockpl.streaming.commands import CommandDesk
from tickstockpl.streaming.control import SessionControl
from tickstockpl.streaming.days import DayStreamer, FeedMaker
from tickstockpl.streaming.metrics import ProducerMetrics, served
from tickstockpl.streaming.pipeline import ServiceParts
from tickstockpl.streaming.plan import AnalysisPlan
from tickstockpl.streaming.pruning import Pruning
from tickstockpl.streaming.publisher import Publisher
from tickstockpl.streaming.runner import SessionRunner
from tickstockpl.streaming.status import ServiceStatus
from tickstockpl.streaming.surroundings import Surroundings

STOP_TIMEOUT_S = 40.0
"""How long a stop may take in all."""

_log = structlog.get_logger(__name__)


class StreamingService:
    """Streams a feed: a session a trading day, by the exchange's calendar, and further ones as operators want.

    Args:
        feed: the market.
        clock: the market's time, which the feed waits for.
        settings: what is published, and health's thresholds.
        redis_url: where events go, and commands come from.
        database_url: where rows go; its tables exist.
        duration_s: market time after which to stop, seconds; ``None`` plays to the feed's end.
        again: replace sessions that are stored already instead of skipping or resuming them.
        plan: what is computed and looked for; ``None`` reads it from the settings.
        metrics: what Prometheus is told; served if the settings name a port.
        feed_of: makes the feed of a universe that an operator names; ``None`` refuses others than the feed's own.
        secrets: what the feed signs in with; never told, whoever quotes it.

    Attributes:
        status: what the operator sees.
        metrics: what Prometheus is told.
        parts: what is shared by all that streams.
        service_id: by which commands are addressed; new each time.
        desk: where commands come in.
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
        feed_of: FeedMaker | None = None,
        secrets: Iterable[str] = (),
    ) -> None:
        self._feed = feed
        self._feed_of = feed_of if feed_of is not None else self._only_own
        self._settings = settings
        self._duration_s = duration_s
        self.service_id = str(uuid4())
        self._spools = SpoolFolder(settings.data_dir, database_url, settings.spool_max_mb << 20)
        self.status = ServiceStatus()
        self.metrics = metrics if metrics is not None else ProducerMetrics()
        publisher = Publisher(redis_url, self.service_id, feed.source, clock)
        writer = Writer(database_url, spools=self._spools, wait_for_slow_database=clock.speed == MAX_SPEED)
        redactor = Redactor([redis_url, database_url])
        redactor.learn_secrets(secrets)
        self.parts = ServiceParts(
            clock=clock,
            settings=settings,
            plan=plan if plan is not None else AnalysisPlan.of(settings),
            publisher=publisher,
            writer=writer,
            database_url=database_url,
            surroundings=Surroundings(feed, clock, writer, publisher, settings, redactor),
            status=self.status,
            redactor=redactor,
            metrics=self.metrics,
            memory=Memory(),
        )
        self.desk = CommandDesk(redis_url, self.service_id)
        self._pruning = Pruning(database_url, settings.simulator_runs_kept, settings.retention_days)
        self._agenda = Agenda(database_url, writer, self.status, again=again)
        self._control: SessionControl | None = None
        self._days: DayStreamer | None = None
        self._opened = AsyncExitStack()
        self.metrics.read(publisher, writer, self.status, self.desk, self._streamed, self._rejected_bars)

    async def open(self) -> None:
        """Open the feed and both servers, and store what an earlier run could not.

        Raises:
            TickStockError: if one of them cannot be had; the others are closed again.
        """
        parts = self.parts
        try:
            if (port := self._settings.metrics_port) is not None:
                port = self._opened.enter_context(served(self.metrics, self._settings.metrics_host, port))
                _log.info("metrics are served", host=self._settings.metrics_host, port=port)
            self.status.stage = "opening the feed"
            await self._feed.open()
            self._opened.push_async_callback(self._feed.close)
            self._set_clock()
            await parts.publisher.open()
            self._opened.push_async_callback(parts.publisher.close)
            self.status.stage = "storing what an earlier run has left in its spool"
            for sentence in await asyncio.to_thread(store_left_behind, parts.database_url, self._spools):
                self.status.note(sentence)
            await parts.writer.open()
            self._opened.push_async_callback(parts.writer.close)
            self._pruning.open()
            self._opened.push_async_callback(self._pruning.close)
            self._control = control = self._make_control()
            runner = SessionRunner(parts, control, self._pruning, parts.plan.catalog())
            self._days = DayStreamer(self._feed, self._feed_of, parts, control, self._agenda, runner, self._duration_s)
            self._opened.push_async_callback(self._days.close)
            self.desk.open(control)
            self._opened.push_async_callback(self.desk.close)
        except BaseException:
            await self.close()
            raise

    def _set_clock(self) -> None:
        """Let virtual time stand at the first open: checkpoints tell the market's time from the start on."""
        clock = self.parts.clock
        if not clock.is_live and (first := next(iter(self._feed.days()), None)) is not None:
            clock.hold_at(first.open_ms)

    async def run(self, stop: asyncio.Event) -> None:
        """Stream until the feed ends, the duration is over or ``stop`` is set.

        A stop does not wait for a dead server without end: the session is ended as failed then.

        Raises:
            TickStockError: if the service fails; the running session has been ended as failed.
        """
        if self._days is None or self._control is None:
            raise RuntimeError("the service is not open")
        working = asyncio.create_task(self._days.run(stop), name="stream the feed's days")
        stopping = asyncio.create_task(stop.wait(), name="wait for the stop of the service")
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            self._control.halt.set()
            await asyncio.wait({working}, timeout=STOP_TIMEOUT_S)
            if not working.done():
                parts = self.parts
                reason = parts.publisher.last_error or parts.writer.last_error or "the feed does not end"
                raise TickStockError(
                    f"the session could not be closed within {STOP_TIMEOUT_S:g} s of the stop: {reason}"
                )
            working.result()
        finally:
            for task in (working, stopping):
                task.cancel()
            await asyncio.gather(working, stopping, return_exceptions=True)

    async def close(self) -> None:
        """Close the servers and the feed."""
        await self._opened.aclose()

    def _make_control(self) -> SessionControl:
        parts = self.parts
        return SessionControl(
            service_id=self.service_id,
            source=self._feed.source,
            universe=self._feed.universe.key,
            clock=parts.clock,
            status=self.status,
            check_universe=self._feed_of,
            answer=self.desk.answer,
            record=parts.writer.put,
        )

    def _only_own(self, _: str) -> Feed:
        raise TickStockError(f"this service streams {self._feed.universe.key} only; leave the universe out")

    def _streamed(self) -> Feed:
        pipeline = self._days.pipeline if self._days is not None else None
        return pipeline.feed if pipeline is not None else self._feed

    def _rejected_bars(self) -> int:
        pipeline = self._days.pipeline if self._days is not None else None
        return pipeline.inspector.rejected if pipeline is not None else 0
