"""The simulated market on a running clock: the same day for whoever comes, whenever."""

from datetime import date
from itertools import islice

import numpy as np

from tests.feeds.playing import joined
from tests.streaming.live import RunningClock
from tickstockpl.feeds.base import Batch
from tickstockpl.feeds.simulator import LiveSimulatorFeed
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.market.trades import Trades
from tickstockpl.market.universes import plain_universe

CALENDAR = MarketCalendar()
UNIVERSE = plain_universe("own:three", ("AAA", "BBB", "CCC"))
DAYS = list(islice(CALENDAR.days_from(date(2026, 1, 14)), 5))
WEDNESDAY, THURSDAY = DAYS[:2]


async def opened(now_ms: int, speed: float = 1) -> LiveSimulatorFeed:
    feed = LiveSimulatorFeed(UNIVERSE, RunningClock(now_ms, speed), CALENDAR, seed=7)
    await feed.open()
    return feed


async def until(feed: LiveSimulatorFeed, day: MarketDay, from_ms: int, until_ms: int) -> list[Batch]:
    batches = []
    async for batch in feed.batches(day, from_ms):
        batches.append(batch)
        if batch.until_ms >= until_ms:
            break
    return batches


async def test_it_says_that_it_is_live_and_who_it_is() -> None:
    feed = await opened(WEDNESDAY.open_ms)
    assert (feed.is_live, feed.source) == (True, "simulator:live-7")


async def test_today_is_played_until_its_close() -> None:
    assert next((await opened(WEDNESDAY.open_ms - 3_600_000)).days()) == WEDNESDAY
    assert next((await opened(WEDNESDAY.close_ms - 1)).days()) == WEDNESDAY
    assert next((await opened(WEDNESDAY.close_ms)).days()) == THURSDAY
    saturday_ms = CALENDAR.day(date(2026, 1, 16)).close_ms + 86_400_000  # type: ignore[union-attr]
    assert next((await opened(saturday_ms)).days()).date == date(2026, 1, 20)  # Monday is a holiday


async def test_who_comes_late_gets_the_rest_of_the_same_day_and_what_is_past_of_it_at_once() -> None:
    noon_ms = WEDNESDAY.open_ms + 150 * MINUTE_MS
    first = joined(await until(await opened(noon_ms), WEDNESDAY, WEDNESDAY.open_ms, noon_ms))
    from_ms = WEDNESDAY.open_ms + 100 * MINUTE_MS
    batches = await until(await opened(noon_ms), WEDNESDAY, from_ms, noon_ms)
    assert [batch.until_ms for batch in batches] == [from_ms + (n + 1) * MINUTE_MS for n in range(50)]
    late = joined(batches)
    same: Trades = first
    rows = same.time_ms >= from_ms
    for column in ("time_ms", "index", "price", "size"):
        assert np.array_equal(getattr(same, column)[rows], getattr(late, column))


async def test_what_is_to_come_is_waited_for() -> None:
    feed = await opened(WEDNESDAY.open_ms - MINUTE_MS, speed=6_000)
    batches = await until(feed, WEDNESDAY, WEDNESDAY.open_ms, WEDNESDAY.open_ms + 3 * MINUTE_MS)
    assert feed._clock.now_ms() >= batches[-1].until_ms
    assert [batch.until_ms for batch in batches] == sorted(batch.until_ms for batch in batches)


async def test_every_day_has_the_days_before_as_its_history() -> None:
    feed = await opened(THURSDAY.open_ms - MINUTE_MS)
    history = list(feed.history(THURSDAY))
    assert [bars.minute_ms for bars in history] == [WEDNESDAY.open_ms + n * MINUTE_MS for n in range(390)]
    played = joined(await until(await opened(WEDNESDAY.close_ms), WEDNESDAY, 0, WEDNESDAY.close_ms))
    last = played.price[played.index == 0][-1]
    assert history[-1].close[list(history[-1].index).index(0)] == last
