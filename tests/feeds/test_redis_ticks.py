"""Ticks from a Redis channel: the same bars as from anywhere else, and no silent gap."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from tests.feeds.massive.conftest import SYMBOLS
from tests.feeds.massive.listening import by_key, hear
from tests.streaming.live import RunningClock, running
from tests.streaming.market_files import quiet_settings
from tests.support import Subscriber, eventually_async
from tickstockpl.contract.channels import Channel
from tickstockpl.feeds.base import FeedReport
from tickstockpl.feeds.redis_ticks import RedisTicksFeed
from tickstockpl.feeds.redis_ticks.ticks import TickReader, tick_ms
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.builder import BarBuilder
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.market.universes import plain_universe
from tickstockpl.streaming.service import StreamingService

CHANNEL = "tickstock:market:ticks"
DAY: MarketDay = next(MarketCalendar().days_to_come(1_519_660_800_000))
NOW_MS = DAY.open_ms + 12_345


def feed_on(url: str, clock: RunningClock) -> RedisTicksFeed:
    return RedisTicksFeed(plain_universe("own:five", SYMBOLS), clock, MarketCalendar(), url, CHANNEL)


@asynccontextmanager
async def opened(url: str, clock: RunningClock) -> AsyncIterator[RedisTicksFeed]:
    feed = feed_on(url, clock)
    await feed.open()
    try:
        yield feed
    finally:
        await feed.close()


def tick(moment_ms: int, symbol: str = "AAPL", price: float = 100.0, volume: float = 10) -> dict[str, object]:
    iso = datetime.fromtimestamp(moment_ms / 1000, UTC).isoformat()
    return {"symbol": symbol, "price": price, "volume": volume, "timestamp": iso}


class Publisher:
    """Publishes ticks of the market's time, as a market does."""

    def __init__(self, url: str, clock: RunningClock) -> None:
        self._redis = redis.Redis.from_url(url)
        self._clock = clock
        self._count = 0
        self.sent: list[tuple[int, int, float, float]] = []

    def __call__(self, _: object) -> None:
        """A few ticks of this moment."""
        now_ms = self._clock.now_ms()
        ticks = []
        for _ in range(3):
            self._count += 1
            symbol = self._count % len(SYMBOLS)
            price = 100 + (self._count * 7 % 13) / 4
            ticks.append(tick(now_ms, SYMBOLS[symbol], price, self._count))
            if DAY.open_ms <= now_ms < DAY.open_ms + 3 * MINUTE_MS:
                self.sent.append((now_ms, symbol, price, float(self._count)))
        self._redis.publish(CHANNEL, json.dumps(ticks))

    def cut(self) -> int:
        """Have Redis end all connections that listen."""
        return int(self._redis.client_kill_filter(_type="pubsub"))


def bars_of(sent: list[tuple[int, int, float, float]]) -> dict[tuple[int, str], tuple[float, float, float, float, int]]:
    from tests.market.test_builder import columns

    builder = BarBuilder(len(SYMBOLS))
    builder.add(columns(sent))
    return by_key(SYMBOLS, builder.seal(1 << 60))


async def test_the_bars_are_those_of_the_ticks(redis_url: str) -> None:
    clock = RunningClock(DAY.open_ms - 10_000, 60)
    publish = Publisher(redis_url, clock)
    async with opened(redis_url, clock) as feed:
        heard = await hear(feed, DAY, DAY.open_ms, DAY.open_ms + 3 * MINUTE_MS, publish)
        assert feed.connection.status == "connected"
        assert (feed.source, feed.report.rejected) == ("redis", 0)
    assert heard.bars == bars_of(publish.sent)
    assert len(heard.bars) == 3 * len(SYMBOLS)
    assert heard.lost == []


async def test_a_lost_connection_is_told_with_its_gap_and_comes_back(redis_url: str) -> None:
    clock = RunningClock(DAY.open_ms - 10_000, 20)
    publish = Publisher(redis_url, clock)
    cuts: list[int] = []

    def market(batch: object) -> None:
        publish(batch)
        if not cuts and clock.now_ms() > DAY.open_ms + 90_000:
            cuts.append(publish.cut())

    async with opened(redis_url, clock) as feed:
        heard = await hear(feed, DAY, DAY.open_ms, DAY.open_ms + 6 * MINUTE_MS, market)
        connection = feed.connection
    assert cuts == [1]
    assert heard.statuses == ["connected", "reconnecting", "connected"]
    assert "was lost" in heard.reasons[1]
    ((since_ms, until_ms),) = heard.lost
    assert since_ms < DAY.open_ms + 90_000 < until_ms < DAY.open_ms + 6 * MINUTE_MS
    assert connection.component == "redis_ticks"


async def test_a_redis_that_is_not_there_at_the_start_is_tried_on() -> None:
    clock = RunningClock(DAY.open_ms - 10_000, 60)
    async with opened("redis://127.0.0.1:1/0", clock) as feed:
        assert feed.connection.status == "reconnecting"
        assert "cannot be reached" in feed.connection.reason


async def test_the_service_streams_them(redis_url: str, database_url: str) -> None:
    clock = RunningClock(DAY.open_ms - 20_000, 60)
    publish = Publisher(redis_url, clock)
    service = StreamingService(
        feed=feed_on(redis_url, clock),
        clock=clock,
        settings=quiet_settings(),
        redis_url=redis_url,
        database_url=database_url,
        duration_s=180,
    )
    with Subscriber(redis_url) as subscriber:
        async with running(service, redis_url):

            def ends() -> bool:
                publish(None)
                return bool(service.status.summaries)

            await eventually_async(ends, 30)
    bars = [json.loads(payload) for name, payload in subscriber.messages if name == Channel.BARS]
    told = {
        (minute["minute"], bar["symbol"]): (bar["open"], bar["high"], bar["low"], bar["close"], bar["volume"])
        for minute in bars
        for bar in minute["bars"]
    }
    expected = bars_of(publish.sent)
    assert len(told) == len(expected) == 3 * len(SYMBOLS)
    assert sorted(told.values()) == sorted(expected.values())


@pytest.mark.parametrize(
    "timestamp",
    [
        NOW_MS / 1000,
        NOW_MS,
        NOW_MS * 1000,
        NOW_MS * 1_000_000,
        str(NOW_MS),
        f"{NOW_MS / 1000:.3f}",
        "2018-02-26T14:30:12.345Z",
        "2018-02-26T14:30:12.345+00:00",
        "2018-02-26T14:30:12.345",
        "2018-02-26 09:30:12.345-05:00",
    ],
)
def test_a_time_may_be_written_in_many_ways(timestamp: float | str) -> None:
    assert tick_ms(timestamp) == pytest.approx(NOW_MS, abs=1)


@pytest.mark.parametrize("timestamp", ["", "noon", -5, 0, 1e300, "nan", "inf", "-1e400", "2018-02-26T25:00"])
def test_what_is_no_time_is_refused(timestamp: float | str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        tick_ms(timestamp)


def read(*payloads: bytes) -> tuple[int, FeedReport]:
    report = FeedReport()
    return len(TickReader(SYMBOLS, report).trades(payloads)), report


def test_hostile_messages_are_counted_and_told() -> None:
    count, report = read(
        json.dumps(tick(NOW_MS)).encode(),
        json.dumps([tick(NOW_MS), tick(NOW_MS, "ZZZ"), {**tick(NOW_MS), "timestamp": "noon"}]).encode(),
        b"not json",
        b'{"symbol": "AAPL"}',
        b'{"symbol": "AAPL", "price": "dear", "volume": 1, "timestamp": 1}',
        b"\xff",
        b"[" * 100_000,
    )
    assert count == 2
    assert (report.rejected, report.outside_universe) == (6, 1)
    assert report.messages[0].startswith("a tick of AAPL has no time: ")


@given(st.lists(st.one_of(st.binary(max_size=40), st.text(max_size=40).map(str.encode)), max_size=20))
def test_no_message_is_too_strange(payloads: list[bytes]) -> None:
    count, report = read(*payloads)
    assert count == 0
    assert report.rejected <= len(payloads)
