"""Playing a day from a feed made by hand: trades to bars to events, late trades, ends in mid-day."""

import asyncio
from pathlib import Path

import psycopg
import pytest

from tests.streaming.hand_made import (
    MONDAY,
    TUESDAY,
    HandMadeFeed,
    at,
    events,
    health,
    listen,
    service_of,
    stopped,
    trades,
    wandering,
)
from tests.streaming.market_files import play
from tests.support import Subscriber, eventually_async
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.errors import TickStockError
from tickstockpl.feeds.base import Batch
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.streaming import runner as runner_module
from tickstockpl.streaming import service as service_module


class TestTrades:
    async def test_trades_become_the_bars_of_their_minute(self, redis_url: str, database_url: str) -> None:
        feed = HandMadeFeed(
            {
                MONDAY: [
                    Batch(at(30), trades((1, 0, 10.0, 100), (2, 1, 20.0, 50))),
                    Batch(at(60), trades((40, 0, 10.5, 200), (50, 0, 9.5, 1), (59.999, 0, 10.25, 9))),
                    Batch(at(120), trades((60, 1, 21.0, 5))),
                    Batch(at(180)),
                ]
            }
        )
        heard = await listen(feed, redis_url, database_url)
        assert [(event["minute"], event["bars"]) for event in events(heard, Channel.BARS)] == [
            (
                to_iso(at(0)),
                [
                    {"symbol": "AAA", "open": 10.0, "high": 10.5, "low": 9.5, "close": 10.25, "volume": 310},
                    {"symbol": "BBB", "open": 20.0, "high": 20.0, "low": 20.0, "close": 20.0, "volume": 50},
                ],
            ),
            (
                to_iso(at(60)),
                [{"symbol": "BBB", "open": 21.0, "high": 21.0, "low": 21.0, "close": 21.0, "volume": 5}],
            ),
        ]
        assert stopped(heard)["final_status"] == "completed"
        assert feed.closed

    @pytest.mark.parametrize("bad", [(59, 0, 11.0, 10.0), (61, 0, 0.0, 10.0)], ids=["late", "priceless"])
    async def test_a_trade_that_is_left_out_is_told_for_a_minute_and_then_no_more(
        self, bad: tuple[float, int, float, float], redis_url: str, database_url: str
    ) -> None:
        quiet = [Batch(at(second), trades((second - 1, 1, 20.0, 1))) for second in range(63, 200)]
        feed = HandMadeFeed(
            {MONDAY: [Batch(at(60), trades((1, 0, 10.0, 100))), Batch(at(62), trades((60, 1, 20.0, 1), bad)), *quiet]}
        )
        heard = await listen(feed, redis_url, database_url)
        changes = [(event["timestamp"], event["status"]) for event in health(heard)][:6]
        assert changes == [
            (to_iso(at(0)), "healthy"),
            (to_iso(at(60)), "healthy"),
            (to_iso(at(62)), "warning"),
            (to_iso(at(120)), "warning"),
            (to_iso(at(122)), "healthy"),
            (to_iso(at(180)), "healthy"),
        ]
        assert health(heard)[2]["issues"] == ["Trades late or unusable, left out of this session: 1"]
        assert events(heard, Channel.BARS)[0]["bars"][0]["close"] == 10.0, "the sealed bar has not changed"


class TestHealth:
    async def test_every_sixty_seconds_of_session_time(self, redis_url: str, database_url: str) -> None:
        heard = await listen(HandMadeFeed({MONDAY: wandering(5)}), redis_url, database_url, duration_s=300)
        assert [event["timestamp"] for event in health(heard)] == [to_iso(at(60 * minute)) for minute in range(6)]
        assert [event["data_flow"]["bars_per_minute"] for event in health(heard)] == [0, 1, 1, 1, 1, 1]
        assert {event["active_symbols"] for event in health(heard)[1:]} == {1}


class TestEnds:
    async def test_a_duration_ends_in_the_middle_of_the_day(self, redis_url: str, database_url: str) -> None:
        heard = await listen(
            HandMadeFeed({MONDAY: wandering(10), TUESDAY: wandering(10, TUESDAY)}),
            redis_url,
            database_url,
            duration_s=180,
        )
        assert [event["minute"] for event in events(heard, Channel.BARS)] == [to_iso(at(60 * n)) for n in range(3)]
        assert (stopped(heard)["final_status"], stopped(heard)["duration_seconds"]) == ("stopped", 180)
        assert stopped(heard)["stopped_at"] == to_iso(at(180))

    async def test_what_is_left_of_a_duration_goes_to_the_next_day(self, redis_url: str, database_url: str) -> None:
        day_s = (MONDAY.close_ms - MONDAY.open_ms) // 1000
        heard = await listen(
            HandMadeFeed({MONDAY: wandering(2), TUESDAY: wandering(10, TUESDAY)}),
            redis_url,
            database_url,
            duration_s=day_s + 60,
        )
        ends = [event["session"] for event in events(heard, Channel.SESSION_STOPPED)]
        assert [(end["final_status"], end["duration_seconds"]) for end in ends] == [
            ("completed", day_s),
            ("stopped", 60),
        ]

    async def test_a_stop_ends_the_wait_for_a_silent_feed(self, redis_url: str, database_url: str) -> None:
        feed = HandMadeFeed({MONDAY: wandering(2)}, hangs=True)
        service = service_of(feed, redis_url, database_url)
        stop = asyncio.Event()
        with Subscriber(redis_url) as subscriber:
            running = asyncio.create_task(play(service, stop))
            await eventually_async(lambda: feed.waiting)
            stop.set()
            async with asyncio.timeout(10):
                status = await running
        assert stopped(subscriber.messages)["final_status"] == "stopped"
        assert [summary.final_status for summary in status.summaries] == ["stopped"]

    async def test_a_feed_that_breaks_fails_its_session_and_says_why(self, redis_url: str, database_url: str) -> None:
        feed = HandMadeFeed({MONDAY: [*wandering(2), RuntimeError("the line is dead")]})
        service = service_of(feed, redis_url, database_url)
        with Subscriber(redis_url) as subscriber:
            await service.open()
            with pytest.raises(RuntimeError, match="the line is dead"):
                await service.run(asyncio.Event())
            await service.close()
        assert (stopped(subscriber.messages)["final_status"], stopped(subscriber.messages)["duration_seconds"]) == (
            "failed",
            120,
        )
        with psycopg.connect(database_url) as connection:
            row = connection.execute("SELECT final_status, total_indicators FROM streaming_sessions").fetchone()
        assert row == ("failed", stopped(subscriber.messages)["total_indicators"])

    async def test_an_end_by_force_fails_the_session_too(self, redis_url: str, database_url: str) -> None:
        feed = HandMadeFeed({MONDAY: wandering(2)}, hangs=True)
        with Subscriber(redis_url) as subscriber:
            running = asyncio.create_task(play(service_of(feed, redis_url, database_url)))
            await eventually_async(lambda: feed.waiting)
            running.cancel()
            await asyncio.wait({running}, timeout=10)
            assert running.cancelled()
        assert stopped(subscriber.messages)["final_status"] == "failed"
        assert feed.closed


class TestStoppingWithoutAServer:
    async def test_a_stop_does_not_wait_for_a_dead_redis(
        self, data_dir: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service_module, "STOP_TIMEOUT_S", 0.2)
        monkeypatch.setattr(runner_module, "FAREWELL_TIMEOUT_S", 0.2)
        feed = HandMadeFeed({MONDAY: wandering(2)}, hangs=True)
        with EmbeddedServers(data_dir, need_database=False) as own:
            service = service_of(feed, own.redis_url, database_url)
            await service.open()
            stop = asyncio.Event()
            running = asyncio.create_task(service.run(stop))
            await eventually_async(lambda: feed.waiting)
            await asyncio.to_thread(own.stop)
            stop.set()
            with pytest.raises(TickStockError, match=r"not be closed within 0\.2 s of the stop: Redis at .* reached"):
                async with asyncio.timeout(10):
                    await running
            await service.close()
        with psycopg.connect(database_url) as connection:
            assert connection.execute("SELECT final_status FROM streaming_sessions").fetchone() == ("failed",)


async def test_a_day_that_is_passed_over_is_still_history(redis_url: str, database_url: str) -> None:
    """The second day's events are the same whether the first was played or was there already."""
    both = {MONDAY: wandering(40), TUESDAY: wandering(40, TUESDAY)}
    await listen(HandMadeFeed({MONDAY: both[MONDAY]}), redis_url, database_url)
    passed_over = await listen(HandMadeFeed(both), redis_url, database_url)
    played = await listen(HandMadeFeed(both), redis_url, database_url, again=True)

    assert {event["session"]["started_at"] for event in events(passed_over, Channel.SESSION_STARTED)} == {
        to_iso(TUESDAY.open_ms)
    }
    for channel in (Channel.BARS, Channel.INDICATORS, Channel.PATTERNS, Channel.INDICATOR_ALERTS):
        of_tuesday = [payload for name, payload in played if name == channel and b"2018-02-27T" in payload]
        assert [payload for name, payload in passed_over if name == channel] == of_tuesday
    first = events(passed_over, Channel.INDICATORS)[0]["calculation"]
    assert first["timestamp"] == to_iso(TUESDAY.open_ms + MINUTE_MS), "warm on the second day's first bar"
