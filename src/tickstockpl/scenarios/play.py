"""Playing a scenario through the real service, on real servers."""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Final

from tickstockpl.clock import VirtualClock, utc_now, wall_ms
from tickstockpl.errors import TickStockError
from tickstockpl.market.calendar import MarketCalendar, new_york_date
from tickstockpl.market.universes import load_universe
from tickstockpl.scenarios.expected import expected
from tickstockpl.scenarios.facts import Facts
from tickstockpl.scenarios.feed import ScriptedFeed
from tickstockpl.scenarios.library import SCENARIOS
from tickstockpl.scenarios.listener import Heard, Listener
from tickstockpl.scenarios.outcome import Outcome, judge
from tickstockpl.scenarios.scenario import Scenario
from tickstockpl.scenarios.stored import StoredFacts
from tickstockpl.settings import Settings
from tickstockpl.store.read_pool import ReadPool
from tickstockpl.streaming.service import StreamingService

UNIVERSE: Final = "market_leaders:top_500"

SPARE_MESSAGES: Final = 100_000
"""Kept beyond twice those that are expected: bars, forming bars, checkpoints, and what should not be there."""

LAST_WORDS_S: Final = 10.0
"""How long the last messages may take from the service to the listener."""

_SCRIPTED: Final = {
    "indicators": Settings.model_fields["indicators"].default,
    "patterns": "all",
    "definitions": None,
    "min_confidence": 0.0,
    "calibration": None,
    "pattern_batch": 1,
    "alert_hysteresis": None,
    "alert_cooldown_minutes": 0,
    "warm_up_sessions": 1,
    "extended_hours": False,
    "health_interval_s": 60,
}
"""Settings on which a script's outcome depends."""


def keeping(settings: Settings, runs: int) -> Settings:
    """The same settings, but for so many simulated runs more that are kept: none of a series deletes another's rows."""
    return settings.model_copy(update={"simulator_runs_kept": settings.simulator_runs_kept + runs})


class Performance:
    """A scenario that is played once.

    Args:
        scenario: the script.
        speed: market seconds per wall second.
        settings: the user's; those on which the outcome depends are the script's own.
        redis_url: where the service publishes, and where it is listened to.
        database_url: where it stores; its tables exist.

    Attributes:
        service: plays it; its status can be watched meanwhile.

    Raises:
        TickStockError: if the universe does not do.
    """

    def __init__(self, scenario: Scenario, speed: float, settings: Settings, redis_url: str, database_url: str) -> None:
        self._scenario = scenario
        self._redis_url = redis_url
        self._database_url = database_url
        clock = VirtualClock(speed)
        day = MarketCalendar().last_day(new_york_date(wall_ms()))
        run = f"{scenario.name}-{utc_now():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        universe = load_universe(UNIVERSE, settings.universes)
        self._feed = ScriptedFeed(scenario, universe, clock, day, run)
        self.service = StreamingService(
            feed=self._feed,
            clock=clock,
            settings=keeping(settings, len(SCENARIOS)).model_copy(update=_SCRIPTED),
            redis_url=redis_url,
            database_url=database_url,
            duration_s=60 * scenario.minutes,
        )

    def progress(self) -> tuple[int, int]:
        """Market minutes done, and in all."""
        return self._feed.minutes_done, self._scenario.minutes

    async def play(self, stop: asyncio.Event) -> Outcome:
        """Play it to its end, and judge.

        Args:
            stop: set to give up.

        Raises:
            TickStockError: if it was given up, a server cannot be had, or the service fails.
        """
        known = expected(self._scenario, self._feed.universe.symbols, self._feed.day.open_ms)
        capacity = SPARE_MESSAGES + 2 * sum(facts.total() for facts in known.sent.values())
        listener = Listener(self._redis_url, self.service.service_id, capacity)
        await listener.open()
        hearing = asyncio.create_task(listener.run(), name="hear the scenario")
        try:
            published = await self._stream(listener, stop)
            if hearing.done():
                hearing.result()
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
        return await self._judge(known, listener.read(), published)

    async def _stream(self, listener: Listener, stop: asyncio.Event) -> dict[str, int]:
        """Have the service play the scenario; what it says it has published."""
        scenario, service = self._scenario, self.service
        await service.open()
        try:
            await service.run(stop)
            if self._feed.minutes_done < scenario.minutes:
                raise TickStockError(
                    f"scenario {scenario.name} was stopped after {self._feed.minutes_done} of {scenario.minutes} "
                    "minutes; what it would have come to is not known"
                )
            published = dict(service.parts.publisher.counts)
            await listener.heard_all(published, LAST_WORDS_S)
        finally:
            await service.close()
        return published

    async def _judge(self, known: Facts, heard: Heard, published: Mapping[str, int]) -> Outcome:
        session_id = self.service.status.summaries[-1].session_id
        pool = ReadPool(self._database_url, "scenario")
        await pool.open()
        try:
            rows = StoredFacts(pool, session_id)
            stored, health = await rows.read(), await rows.health()
        finally:
            await pool.close()
        return judge(self._scenario, session_id, known, published, heard, stored, health)
