"""One universe's way from the feed to what leaves the service."""

import asyncio
from dataclasses import dataclass

from tickstockpl.clock import Clock
from tickstockpl.feeds.base import Feed
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.market.inspection import BarInspector
from tickstockpl.memory import Memory
from tickstockpl.redaction import Redactor
from tickstockpl.settings import Settings
from tickstockpl.store.writer import Writer
from tickstockpl.streaming.metrics import ProducerMetrics
from tickstockpl.streaming.plan import AnalysisPlan
from tickstockpl.streaming.player import DayPlayer
from tickstockpl.streaming.publisher import Publisher
from tickstockpl.streaming.status import ServiceStatus
from tickstockpl.streaming.surroundings import Surroundings
from tickstockpl.streaming.warm_up import WarmUp, cold_start


@dataclass(frozen=True, slots=True)
class ServiceParts:
    """What all of a service's pipelines share.

    Attributes:
        clock: the market's time.
        settings: what is published, and health's thresholds.
        plan: what is computed and looked for.
        publisher: to Redis.
        writer: to PostgreSQL.
        database_url: where stored bars are.
        surroundings: what is watched with and without a session.
        status: what the operator sees.
        redactor: knows the servers' passwords.
        metrics: what Prometheus is told.
        memory: gives back what is free.
    """

    clock: Clock
    settings: Settings
    plan: AnalysisPlan
    publisher: Publisher
    writer: Writer
    database_url: str
    surroundings: Surroundings
    status: ServiceStatus
    redactor: Redactor
    metrics: ProducerMetrics
    memory: Memory


class Pipeline:
    """A feed, the analysis of its universe, and the player that drives both.

    Args:
        feed: the market; open.
        parts: what the service's pipelines share.
    """

    def __init__(self, feed: Feed, parts: ServiceParts) -> None:
        universe = feed.universe
        parts.surroundings.follow(feed)
        self.feed = feed
        self.inspector = BarInspector(universe.symbols)
        self.engine = parts.plan.engine(len(universe))
        self.player = DayPlayer(
            feed,
            parts.clock,
            self.engine,
            parts.publisher,
            parts.writer,
            universe.symbols,
            parts.settings,
            parts.status,
            self.inspector,
            parts.surroundings,
            parts.redactor,
            parts.metrics,
            parts.memory,
        )
        self._status = parts.status
        calendar = MarketCalendar(extended=parts.settings.extended_hours)
        sessions = parts.settings.warm_up_sessions
        self._warm_up = WarmUp(feed, self.inspector, parts.database_url, calendar, sessions)

    async def warm_up(self, day: MarketDay, until_ms: int, stop: asyncio.Event) -> None:
        """Give the analysis its history, and of a live feed the bars of ``day`` up to ``until_ms`` too.

        Raises:
            TickStockError: if the database cannot be reached.
        """
        self._status.stage = "warming up"
        await self._warm_up.run(self.engine, day, until_ms, stop)

    def tell_cold_start(self) -> None:
        """Say which symbols start without history."""
        if (sentence := cold_start(self.feed.universe.symbols, self.engine.seen)) is not None:
            self._status.note(sentence)
