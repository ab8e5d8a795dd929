"""The system's time is set by an hour in mid-session: what is streamed does not depend on it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from tests.streaming.hand_made import MONDAY, HandMadeFeed
from tests.streaming.market_files import FIVE_DAYS, cut, play, quiet_settings
from tests.support import Subscriber, eventually_async
from tickstockpl import clock as clock_module
from tickstockpl.clock import MAX_SPEED, Clock, SystemClock, VirtualClock
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.timestamps import from_iso, to_iso
from tickstockpl.feeds.base import Batch, Feed
from tickstockpl.feeds.replay import ReplayFeed
from tickstockpl.feeds.simulator import SimulatorFeed
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.market.trades import Trades
from tickstockpl.market.universes import load_universe
from tickstockpl.store.migrate import migrate
from tickstockpl.streaming.service import StreamingService

SPEED = 600
"""A minute of the market in a tenth of a second."""

MINUTES = 80
HOUR_NS = 3600 * 10**9
NOT_MEASURED = [channel for channel in Channel if channel not in (Channel.HEALTH, Channel.CHECKPOINT)]


class SetTime:
    """The system's time as ``clock.py`` reads it, which the test sets."""

    def __init__(self) -> None:
        self.set_by_ns = 0

    def __getattr__(self, name: str) -> object:
        return getattr(time, name)

    def time_ns(self) -> int:
        return time.time_ns() + self.set_by_ns


class FastTime:
    """The system's time as ``clock.py`` reads it, at :data:`SPEED`, from Monday's open on; it stands still at first."""

    def __init__(self) -> None:
        self.set_by_ns = 0
        self.started_s: float | None = None

    def __getattr__(self, name: str) -> object:
        return getattr(time, name)

    def clock_gettime(self, _: int) -> float:
        return self.monotonic()

    def monotonic(self) -> float:
        return 0.0 if self.started_s is None else (time.perf_counter() - self.started_s) * SPEED

    def time_ns(self) -> int:
        return MONDAY.open_ms * 10**6 + int(self.monotonic() * 10**9) + self.set_by_ns


def replay(path: Path, clock: Clock) -> Feed:
    return ReplayFeed([path], clock, MarketCalendar())


def simulator(_: Path, clock: Clock) -> Feed:
    universe = load_universe("demo:top_50", Path("/nonexistent"))
    return SimulatorFeed(universe, clock, MarketCalendar(), seed=7, run="set-time", first_date=date(2025, 10, 6))


@pytest.fixture
def undisturbed_url(empty_database_url: str) -> str:
    """Another database with all tables."""
    migrate(empty_database_url)
    return empty_database_url


@pytest.mark.parametrize("make", [replay, simulator])
async def test_a_virtual_market_is_the_same_to_the_byte(
    make: Callable[[Path, Clock], Feed],
    test_data: Path,
    tmp_path: Path,
    redis_url: str,
    database_url: str,
    undisturbed_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = cut(test_data / FIVE_DAYS, tmp_path / "one_day.csv", {"AAPL", "GOOG", "NVDA"}, days=1)

    def service(speed: float, database_url: str) -> StreamingService:
        clock = VirtualClock(speed)
        return StreamingService(
            feed=make(path, clock),
            clock=clock,
            settings=quiet_settings(patterns="all", min_confidence=0),
            redis_url=redis_url,
            database_url=database_url,
            duration_s=MINUTES * 60,
        )

    with Subscriber(redis_url) as undisturbed:
        await play(service(MAX_SPEED, undisturbed_url))
    system = SetTime()
    monkeypatch.setattr(clock_module, "time", system)
    with Subscriber(redis_url) as heard:
        playing = asyncio.create_task(play(service(SPEED, database_url)))
        for minutes, set_by_ns in ((20, HOUR_NS), (40, -HOUR_NS)):
            await eventually_async(lambda minutes=minutes: len(heard.on(Channel.BARS)) >= minutes, timeout=30)  # type: ignore[misc]
            system.set_by_ns = set_by_ns
        async with asyncio.timeout(60):
            await playing
    for channel in NOT_MEASURED:
        assert heard.on(channel) == undisturbed.on(channel), channel
    assert len(heard.on(Channel.BARS)) == MINUTES
    checkpoints_are_sound(heard)


def checkpoints_are_sound(heard: Subscriber) -> None:
    """Their numbers, counts and market time only rise."""
    checkpoints = [json.loads(payload) for payload in heard.on(Channel.CHECKPOINT)]
    assert [one["sequence"] for one in checkpoints] == list(range(1, len(checkpoints) + 1))
    for earlier, later in pairwise(checkpoints):
        assert from_iso(earlier["market_time"]) <= from_iso(later["market_time"])
        assert all(count <= later["counts"][channel] for channel, count in earlier["counts"].items())


class LiveFeed(HandMadeFeed):
    """A trade every ten seconds, delivered as it happens; the clock says how far the market has come.

    It is what a live feed comes to: trades bear the exchange's time, which nobody on this machine sets, and the
    watermark is the clock's, so that a minute without trades is sealed too.
    """

    def __init__(self, clock: Clock, exchange: FastTime) -> None:
        super().__init__({MONDAY: []})
        self._clock = clock
        self._exchange = exchange

    async def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
        self._exchange.started_s = time.perf_counter()
        until_ms, traded_ms = day.open_ms, day.open_ms
        end_ms = day.open_ms + MINUTES * MINUTE_MS
        while until_ms < end_ms:
            now_ms = self._clock.now_ms()
            happened_ms = day.open_ms + int(self._exchange.monotonic() * 1000)
            boundary_ms = until_ms - until_ms % MINUTE_MS + MINUTE_MS
            if now_ms <= until_ms:
                await asyncio.sleep(0.002)
                continue
            until_ms = min(now_ms, boundary_ms)
            times = np.arange(traded_ms, min(until_ms, happened_ms), 10_000)
            if len(times):
                traded_ms = int(times[-1]) + 10_000
            price = 100 + times % 7 / 10
            index = np.zeros(len(times), dtype=np.int64)
            yield Batch(until_ms, Trades(times, index, price, np.full(len(times), 100.0)) if len(times) else None)


@pytest.mark.parametrize("hours", [1, -1], ids=["forward", "back"])
async def test_a_live_market_seals_each_minute_once_and_none_late(
    hours: int, redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = FastTime()
    monkeypatch.setattr(clock_module, "time", system)
    clock = SystemClock()
    service = StreamingService(
        feed=LiveFeed(clock, system),
        clock=clock,
        settings=quiet_settings(),
        redis_url=redis_url,
        database_url=database_url,
        duration_s=MINUTES * 60,
    )
    with Subscriber(redis_url) as heard, capture_logs() as told:
        playing = asyncio.create_task(play(service))
        await eventually_async(lambda: len(heard.on(Channel.BARS)) >= 20, timeout=30)
        system.set_by_ns = hours * HOUR_NS
        async with asyncio.timeout(60):
            await playing
    minutes = [json.loads(payload)["timestamp"] for payload in heard.on(Channel.BARS)]
    assert minutes == [to_iso(MONDAY.open_ms + number * MINUTE_MS) for number in range(1, MINUTES + 1)]
    volumes = [json.loads(payload)["bars"][0]["volume"] for payload in heard.on(Channel.BARS)]
    assert set(volumes) == {600}, "a trade was left out"
    warnings = [line for line in told if line["event"].startswith("the system's time was set")]
    assert hours in {round(line["set_by_s"] / 3600) for line in warnings}
    issues = [issue for payload in heard.on(Channel.HEALTH) for issue in json.loads(payload)["health"]["issues"]]
    set_how = "forward" if hours > 0 else "back"
    assert f"System time was set {set_how} by 60 minutes; this session runs on by the old one" in issues
    checkpoints_are_sound(heard)


async def test_a_service_that_waits_for_the_open_follows_the_system(
    redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = FastTime()
    system.set_by_ns = -HOUR_NS
    monkeypatch.setattr(clock_module, "time", system)
    clock = SystemClock()
    service = StreamingService(
        feed=LiveFeed(clock, system),
        clock=clock,
        settings=quiet_settings(),
        redis_url=redis_url,
        database_url=database_url,
        duration_s=60,
    )
    playing = asyncio.create_task(play(service))
    await eventually_async(lambda: service.status.stage.startswith("waiting for the open"), timeout=30)
    system.set_by_ns = 0
    async with asyncio.timeout(60):
        status = await playing
    assert len(status.summaries) == 1
