from collections.abc import Awaitable, Callable

import pytest

from tests.massive_server import Tape
from tests.streaming.live import RunningClock
from tickstockpl.clock import MAX_SPEED, VirtualClock
from tickstockpl.feeds.simulator import SimulatorFeed
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.market.universes import plain_universe

SYMBOLS = ("AAPL", "AMD", "MSFT", "NVDA", "SPY")
SEED = 7

SPEED = 60
"""Market seconds per wall second."""

MINUTES = 8
"""How long a test's market is, from the open."""


@pytest.fixture(scope="session")
def day() -> MarketDay:
    """A trading day of the simulator's."""
    calendar = MarketCalendar()
    return next(calendar.days_to_come(1_519_660_800_000))


@pytest.fixture(scope="session")
def tape_of(day: MarketDay) -> Callable[..., Awaitable[Tape]]:
    """Makes the tape of the day's first minutes, with the messages of some kinds."""
    made: dict[tuple[str, ...], Tape] = {}

    async def tape(*kinds: str, minutes: int = MINUTES) -> Tape:
        if kinds not in made:
            feed = SimulatorFeed(
                plain_universe("own:five", SYMBOLS), VirtualClock(MAX_SPEED), MarketCalendar(), SEED, "tape", day.date
            )
            made[kinds] = await Tape.of_feed(feed, 1, kinds)
        return made[kinds].between(day.open_ms, day.open_ms + minutes * MINUTE_MS + 10_000)

    return tape


@pytest.fixture
def clock(day: MarketDay, monkeypatch: pytest.MonkeyPatch) -> RunningClock:
    """Just before the open, and running; a history has a minute soon after it is over, for the market runs fast."""
    monkeypatch.setattr("tickstockpl.feeds.live.play.AVAILABLE_S", 0.1)
    return RunningClock(day.open_ms - 30_000, SPEED)
