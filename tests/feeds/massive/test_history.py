"""A start on the history that the store lacks: what the analysis then says is what it would have said all along."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import numpy as np

from tests.feeds.massive.conftest import SYMBOLS
from tests.feeds.massive.listening import by_key, opened
from tests.massive_server import MassiveServer, Tape
from tests.store.storing import stored
from tests.streaming.live import RunningClock
from tests.support import eventually_async
from tickstockpl.analysis.engine import Engine
from tickstockpl.clock import MAX_SPEED, VirtualClock
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.feeds.massive.feed import MassiveFeed
from tickstockpl.feeds.simulator import SimulatorFeed
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.market.inspection import BarInspector
from tickstockpl.market.universes import plain_universe
from tickstockpl.store.rows import MinuteRows, SessionOpening
from tickstockpl.streaming.identity import session_id
from tickstockpl.streaming.warm_up import WarmUp, merged

TapeOf = Callable[..., Awaitable[Tape]]


class KeepingEngine(Engine):
    """Keeps what it was warmed up with."""

    def __init__(self) -> None:
        super().__init__(len(SYMBOLS))
        self.kept: list[MinuteBars] = []

    def warm_up(self, history) -> int:  # type: ignore[no-untyped-def]
        self.kept = list(history)
        return super().warm_up(self.kept)


async def two_days(day: MarketDay) -> tuple[Tape, MarketDay]:
    """A day and the one after it."""
    calendar = MarketCalendar()
    universe = plain_universe("own:five", SYMBOLS)
    feed = SimulatorFeed(universe, VirtualClock(MAX_SPEED), calendar, 7, "tape", day.date)
    return await Tape.of_feed(feed, 2, ()), next(calendar.days_from(day.date + timedelta(days=1)))


async def warmed_up(feed: MassiveFeed, database_url: str, day: MarketDay, until_ms: int) -> list[MinuteBars]:
    engine = KeepingEngine()
    warm_up = WarmUp(feed, BarInspector(SYMBOLS), database_url, MarketCalendar(), 3)
    await warm_up.run(engine, day, until_ms, asyncio.Event())
    return engine.kept


async def store_minutes(database_url: str, day: MarketDay, minutes: list[MinuteBars]) -> None:
    session = str(session_id("massive", day.date, "own:five", 1))
    jobs: list[SessionOpening | MinuteRows] = [
        SessionOpening(session, "own:five", to_iso(day.open_ms), len(SYMBOLS), "massive", day.date, 1)
    ]
    for bars in minutes:
        columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
        rows = zip((SYMBOLS[position] for position in bars.index), *(one.tolist() for one in columns), strict=True)
        jobs.append(MinuteRows("massive", session, to_iso(bars.minute_ms), to_iso(bars.close_ms), list(rows)))
    await stored(database_url, jobs)


async def test_an_empty_store_is_made_up_for(day: MarketDay, clock: RunningClock, database_url: str) -> None:
    tape, second = await two_days(day)
    clock.set(second.open_ms + 3_600_000, 1)
    until_ms = second.open_ms + 30 * MINUTE_MS
    async with MassiveServer(tape, clock) as server, opened(server, clock, SYMBOLS) as feed:
        kept = await warmed_up(feed, database_url, second, until_ms)
    assert by_key(SYMBOLS, kept) == by_key(SYMBOLS, tape.between(day.open_ms, until_ms).bars)
    assert [bars.minute_ms for bars in kept] == sorted({bars.minute_ms for bars in kept})


async def test_stored_bars_win_and_only_what_is_missing_is_asked_for(
    day: MarketDay, clock: RunningClock, database_url: str
) -> None:
    tape, second = await two_days(day)
    clock.set(second.open_ms, 1)
    first = tape.between(day.open_ms, day.close_ms).bars
    known = [bars.take(bars.index < 4) for bars in first]  # of four symbols a whole session is stored
    doubled = [
        MinuteBars(b.minute_ms, b.index, 2 * b.open, 2 * b.high, 2 * b.low, 2 * b.close, b.volume) for b in known
    ]
    await store_minutes(database_url, day, doubled)
    async with MassiveServer(tape, clock) as server, opened(server, clock, SYMBOLS) as feed:
        kept = await warmed_up(feed, database_url, second, second.open_ms)
    assert set(server.rest.requests) <= {SYMBOLS[4], *few(doubled)}
    expected = by_key(SYMBOLS, first) | by_key(SYMBOLS, doubled)
    assert by_key(SYMBOLS, kept) == expected


def few(minutes: list[MinuteBars]) -> set[str]:
    """Symbols with less than a session of bars."""
    counts = np.bincount(np.concatenate([bars.index for bars in minutes]), minlength=len(SYMBOLS))
    return {SYMBOLS[position] for position in np.flatnonzero(counts < 390)}


async def test_a_history_that_cannot_be_had_starts_cold(day: MarketDay, clock: RunningClock, database_url: str) -> None:
    tape, second = await two_days(day)
    clock.set(second.open_ms, 1)
    async with MassiveServer(tape, clock) as server, opened(server, clock, SYMBOLS) as feed:
        server.rest.fault = 403
        assert await warmed_up(feed, database_url, second, second.open_ms) == []


async def test_whoever_stops_does_not_wait_for_a_history(
    day: MarketDay, clock: RunningClock, database_url: str
) -> None:
    tape, second = await two_days(day)
    clock.set(second.open_ms, 1)
    stop = asyncio.Event()
    async with MassiveServer(tape, clock) as server, opened(server, clock, SYMBOLS) as feed:
        server.rest.fault = "slow"
        warm_up = WarmUp(feed, BarInspector(SYMBOLS), database_url, MarketCalendar(), 3)
        running = asyncio.create_task(warm_up.run(KeepingEngine(), second, second.open_ms, stop))
        await eventually_async(lambda: server.rest.requests, what="a request for history")
        stop.set()
        async with asyncio.timeout(5):
            await running


def test_of_two_histories_the_first_s_bars_count() -> None:
    price = np.array([1.0, 2.0])

    def minute(number: int, *index: int, factor: float = 1.0) -> MinuteBars:
        values = factor * price[: len(index)]
        return MinuteBars(number * MINUTE_MS, np.array(index), values, values, values, values, np.full(len(index), 5))

    found = list(merged([minute(0, 0), minute(2, 1)], [minute(0, 0, 1, factor=3), minute(1, 0), minute(2, 0)]))
    assert [(bars.minute_ms // MINUTE_MS, bars.index.tolist(), bars.close.tolist()) for bars in found] == [
        (0, [0, 1], [1.0, 6.0]),
        (1, [0], [1.0]),
        (2, [0, 1], [1.0, 1.0]),
    ]
