"""Sessions by the calendar and by operators, on a market that runs by itself, with real Redis and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import numpy as np
import psycopg

from tests.streaming.hand_made import MONDAY, TUESDAY, HandMadeFeed, events, wandering
from tests.streaming.live import LiveFeed, RunningClock, live_service, running
from tests.streaming.market_files import quiet_settings
from tests.support import Subscriber, eventually_async
from tickstockpl.clock import VirtualClock
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.errors import TickStockError
from tickstockpl.feeds.base import Batch
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.market.trades import Trades
from tickstockpl.streaming.service import StreamingService

FAST = 6_000  # a day of 390 minutes in four seconds
SLOW = 1
PACED = 600


def rows(database_url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database_url) as connection:
        return connection.execute(query).fetchall()


def sessions(database_url: str) -> list[tuple[Any, ...]]:
    return rows(
        database_url,
        "SELECT universe, ordinal, final_status "
        "FROM streaming_sessions JOIN session_sources USING (session_id, universe) "
        "ORDER BY trading_date, created_at, ordinal",
    )


class TestByTheCalendar:
    async def test_sessions_start_at_the_open_and_stop_at_the_close(self, redis_url: str, database_url: str) -> None:
        clock = RunningClock(MONDAY.open_ms - 3_600_000, SLOW)
        service = live_service(clock, [MONDAY, TUESDAY], redis_url, database_url)
        with Subscriber(redis_url) as heard:
            async with running(service, redis_url):
                waiting = "waiting for the open, Mon 2018-02-26 09:30 New York (14:30Z)"
                await eventually_async(lambda: service.status.stage == waiting)
                assert waiting in service.status.notes
                clock.set(MONDAY.open_ms - MINUTE_MS, FAST)
                await asyncio.to_thread(heard.wait_for, Channel.SESSION_STOPPED)
                next_wait = "waiting for the open, Tue 2018-02-27 09:30 New York (14:30Z)"
                await eventually_async(lambda: service.status.stage == next_wait)
                clock.set(TUESDAY.open_ms - MINUTE_MS)
                await asyncio.to_thread(heard.wait_for, Channel.SESSION_STOPPED, 2)
        started = [event["session"]["started_at"] for event in events(heard.messages, Channel.SESSION_STARTED)]
        assert started == [to_iso(MONDAY.open_ms), to_iso(TUESDAY.open_ms)]
        stopped = [event["session"] for event in events(heard.messages, Channel.SESSION_STOPPED)]
        assert [session["stopped_at"] for session in stopped] == [to_iso(MONDAY.close_ms), to_iso(TUESDAY.close_ms)]
        assert {session["final_status"] for session in stopped} == {"completed"}
        assert {session["duration_seconds"] for session in stopped} == {6.5 * 3600}
        assert sessions(database_url) == [("own:two", 1, "completed")] * 2
        assert rows(database_url, "SELECT count(*) FROM bars_1min") == [(780,)]

    async def test_an_early_close_ends_the_session(self, redis_url: str, database_url: str) -> None:
        half_day = MarketCalendar().day(date(2018, 11, 23))
        assert half_day is not None
        clock = RunningClock(half_day.open_ms - MINUTE_MS, SLOW)
        service = live_service(clock, [half_day], redis_url, database_url)
        with Subscriber(redis_url) as heard:
            async with running(service, redis_url):
                await eventually_async(lambda: service.status.stage.startswith("waiting"))
                clock.set(half_day.open_ms, FAST)
                await asyncio.to_thread(heard.wait_for, Channel.SESSION_STOPPED)
        (stopped,) = events(heard.messages, Channel.SESSION_STOPPED)
        assert stopped["session"]["stopped_at"] == "2018-11-23T18:00:00.000Z"

    async def test_a_service_that_comes_late_starts_late(self, redis_url: str, database_url: str) -> None:
        late_ms = MONDAY.open_ms + 100 * MINUTE_MS + 30_000
        clock = RunningClock(late_ms, PACED)
        with Subscriber(redis_url) as heard:
            async with running(live_service(clock, [MONDAY], redis_url, database_url), redis_url):
                await asyncio.to_thread(heard.wait_for, Channel.BARS)
        (started,) = events(heard.messages, Channel.SESSION_STARTED)
        assert to_iso(late_ms) <= started["session"]["started_at"] < to_iso(MONDAY.close_ms)
        first = events(heard.messages, Channel.BARS)[0]["minute"]
        assert first >= started["session"]["started_at"]  # the minute in which it started is not whole

    async def test_the_minute_in_which_a_live_session_starts_is_no_history(
        self, redis_url: str, database_url: str
    ) -> None:
        class Trading(LiveFeed):
            async def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
                first_ms = from_ms - MINUTE_MS
                for number in range(30):
                    end_ms = first_ms + (number + 1) * MINUTE_MS
                    await clock.sleep_until(end_ms)
                    time, price = np.array([end_ms - 1000]), np.array([999.0 if number == 0 else 100.0])
                    yield Batch(end_ms, Trades(time, np.array([0]), price, np.array([100.0])))

        clock = RunningClock(MONDAY.open_ms + 100 * MINUTE_MS + 30_000, PACED)
        service = StreamingService(
            feed=Trading(clock, [MONDAY]),
            clock=clock,
            settings=quiet_settings(),
            redis_url=redis_url,
            database_url=database_url,
        )
        with Subscriber(redis_url) as heard:
            async with running(service, redis_url):
                await asyncio.to_thread(heard.wait_for, Channel.BARS, 25)
        closes = {event["bars"][0]["close"] for event in events(heard.messages, Channel.BARS)}
        assert closes == {100.0}
        averages = [
            event["calculation"]
            for event in events(heard.messages, Channel.INDICATORS)
            if event["calculation"]["metadata"]["instance"] == "SMA_20"
        ]
        twentieth = events(heard.messages, Channel.BARS)[19]["timestamp"]
        assert (averages[0]["timestamp"], averages[0]["value"]) == (twentieth, 100.0)

    async def test_a_live_session_is_resumed_with_what_is_stored_of_the_day(
        self, redis_url: str, database_url: str
    ) -> None:
        clock = RunningClock(MONDAY.open_ms, PACED)
        with Subscriber(redis_url) as heard:
            for bars in (30, 32):
                service = live_service(clock, [MONDAY], redis_url, database_url)
                async with running(service, redis_url):
                    await asyncio.to_thread(heard.wait_for, Channel.BARS, bars)
        started = events(heard.messages, Channel.SESSION_STARTED)
        assert len({event["session"]["session_id"] for event in started}) == 1
        assert len({event["session"]["started_at"] for event in started}) == 1
        # The second service knows what the first has stored: its SMA 20 is there with its first bar.
        channels = [channel for channel, _ in heard.messages]
        second = channels.index(Channel.SESSION_STARTED, 1 + channels.index(Channel.SESSION_STARTED))
        first_bars = channels.index(Channel.BARS, second)
        values = [payload for channel, payload in heard.messages[first_bars:] if channel == Channel.INDICATORS]
        assert any(b'"SMA_20"' in payload for payload in values[:6])
        minutes = [event["minute"] for event in events(heard.messages, Channel.BARS)]
        assert minutes == sorted(set(minutes))

    async def test_a_session_that_was_cut_off_and_never_resumed_has_failed(
        self, redis_url: str, database_url: str
    ) -> None:
        clock = RunningClock(MONDAY.open_ms, PACED)
        with Subscriber(redis_url) as heard:
            async with running(live_service(clock, [MONDAY], redis_url, database_url), redis_url):
                await asyncio.to_thread(heard.wait_for, Channel.BARS, 2)
        with psycopg.connect(database_url) as connection:
            connection.execute("UPDATE streaming_sessions SET final_status = NULL, stopped_at = NULL")
        clock.set(TUESDAY.open_ms - 3_600_000, SLOW)
        service = live_service(clock, [TUESDAY], redis_url, database_url)
        async with running(service, redis_url):
            await eventually_async(lambda: service.status.stage.startswith("waiting"))
        minutes = len(events(heard.messages, Channel.BARS))
        cut_off = rows(
            database_url,
            "SELECT final_status, stopped_at = (SELECT max(minute) + interval '1 minute' FROM bars_1min) "
            "FROM streaming_sessions",
        )
        assert minutes >= 2
        assert cut_off[0] == ("failed", True)
        assert "2018-02-26: the session was cut off" in " ".join(service.status.notes)


class TestByOperators:
    async def test_a_session_is_stopped_and_another_started(self, redis_url: str, database_url: str) -> None:
        clock = RunningClock(MONDAY.open_ms, PACED)
        service = live_service(clock, [MONDAY, TUESDAY], redis_url, database_url)
        with Subscriber(redis_url) as heard:
            async with running(service, redis_url) as operator:
                await asyncio.to_thread(heard.wait_for, Channel.BARS)
                refused = await operator.ask("start")
                assert refused.outcome == "refused"
                assert "a session runs already" in str(refused.reason)
                stopped = await operator.ask("stop")
                assert (stopped.outcome, stopped.reason) == ("done", None)
                (event,) = heard.wait_for(Channel.SESSION_STOPPED)
                assert b'"final_status":"stopped"' in event

                refused = await operator.ask("stop")
                assert refused.outcome == "refused"
                assert "no session runs that could be stopped: streaming was stopped by trader@desk" in str(
                    refused.reason
                )
                state = (await operator.ask("status")).service
                assert (state.phase, state.session, state.next_open) == ("stopped", None, to_iso(TUESDAY.open_ms))

                started = await operator.ask("start")
                assert (started.outcome, started.service.phase) == ("done", "running")
                assert started.service.session is not None
                await asyncio.to_thread(heard.wait_for, Channel.SESSION_STARTED, 2)
                count = len(heard.on(Channel.BARS))
                await asyncio.to_thread(heard.wait_for, Channel.BARS, count + 1)
        first, second = (event["session"] for event in events(heard.messages, Channel.SESSION_STARTED))
        assert first["session_id"] != second["session_id"]
        assert first["started_at"] < second["started_at"]
        minutes = [event["minute"] for event in events(heard.messages, Channel.BARS)]
        assert minutes == sorted(set(minutes))
        assert sessions(database_url) == [("own:two", 1, "stopped"), ("own:two", 2, "stopped")]
        said = rows(
            database_url,
            "SELECT action, accepted, requested_by, reason IS NULL, trading_date "
            "FROM session_commands ORDER BY handled_at",
        )
        assert said == [
            ("start", False, "trader@desk", False, MONDAY.date),
            ("stop", True, "trader@desk", True, MONDAY.date),
            ("stop", False, "trader@desk", False, MONDAY.date),
            ("start", True, "trader@desk", True, MONDAY.date),
        ]

    async def test_a_session_of_another_universe(self, redis_url: str, database_url: str) -> None:
        clock = RunningClock(MONDAY.open_ms, PACED)

        def feed_of(universe: str) -> LiveFeed:
            if universe != "own:other":
                raise TickStockError(f"there is no universe {universe!r}")
            return LiveFeed(clock, [MONDAY], universe)

        service = live_service(clock, [MONDAY], redis_url, database_url, feed_of=feed_of)
        with Subscriber(redis_url) as heard:
            async with running(service, redis_url) as operator:
                await asyncio.to_thread(heard.wait_for, Channel.BARS)
                await operator.ask("stop")
                refused = await operator.ask("start", "own:none")
                assert (refused.outcome, refused.reason) == ("refused", "there is no universe 'own:none'")
                started = await operator.ask("start", "own:other")
                assert started.outcome == "done"
                assert started.service.universe == "own:other"
        assert sessions(database_url) == [("own:two", 1, "stopped"), ("own:other", 1, "stopped")]

    async def test_a_session_of_another_universe_is_resumed_after_a_restart_while_there_is_one(
        self, redis_url: str, database_url: str
    ) -> None:
        clock = RunningClock(MONDAY.open_ms, PACED)

        def feed_of(universe: str) -> LiveFeed:
            return LiveFeed(clock, [MONDAY], universe)

        with Subscriber(redis_url) as heard:
            async with running(
                live_service(clock, [MONDAY], redis_url, database_url, feed_of=feed_of), redis_url
            ) as operator:
                await asyncio.to_thread(heard.wait_for, Channel.BARS)
                await operator.ask("stop")
                await operator.ask("start", "own:other")
            resumed = live_service(clock, [MONDAY], redis_url, database_url, feed_of=feed_of)
            async with running(resumed, redis_url):
                await asyncio.to_thread(heard.wait_for, Channel.SESSION_STARTED, 3)
            without = live_service(clock, [MONDAY], redis_url, database_url)
            async with running(without, redis_url):
                await asyncio.to_thread(heard.wait_for, Channel.SESSION_STARTED, 4)
        started = [event["session"] for event in events(heard.messages, Channel.SESSION_STARTED)]
        assert [session["universe"] for session in started] == ["own:two", "own:other", "own:other", "own:two"]
        assert started[1]["session_id"] == started[2]["session_id"]
        assert "trader@desk had started own:other, but this service streams own:two only" in " ".join(
            without.status.notes
        )

    async def test_what_was_stopped_stays_stopped_after_a_restart_and_the_next_day_starts(
        self, redis_url: str, database_url: str
    ) -> None:
        clock = RunningClock(MONDAY.open_ms, PACED)
        with Subscriber(redis_url) as heard:
            async with running(live_service(clock, [MONDAY, TUESDAY], redis_url, database_url), redis_url) as operator:
                await asyncio.to_thread(heard.wait_for, Channel.BARS)
                await operator.ask("stop")
            service = live_service(clock, [MONDAY, TUESDAY], redis_url, database_url)
            async with running(service, redis_url):
                await eventually_async(lambda: service.status.stage.startswith("streaming was stopped by trader@desk"))
                clock.set(MONDAY.close_ms)
                await eventually_async(lambda: service.status.stage.startswith("waiting for the open, Tue"))
                clock.set(TUESDAY.open_ms)
                await asyncio.to_thread(heard.wait_for, Channel.SESSION_STARTED, 2)
        assert len(events(heard.messages, Channel.SESSION_STARTED)) == 2

    async def test_before_the_open_a_start_is_refused_with_when_it_will_be(
        self, redis_url: str, database_url: str
    ) -> None:
        clock = RunningClock(MONDAY.open_ms - 3_600_000, 1)
        service = live_service(clock, [MONDAY], redis_url, database_url)
        async with running(service, redis_url) as operator:
            await eventually_async(lambda: service.status.stage.startswith("waiting"))
            refused = await operator.ask("start")
            state = (await operator.ask("status")).service
        assert refused.outcome == "refused"
        assert "the session starts by itself: waiting for the open, Mon 2018-02-26 09:30 New York" in str(
            refused.reason
        )
        assert (state.phase, state.next_open) == ("waiting", to_iso(MONDAY.open_ms))

    async def test_a_replay_stands_still_while_it_is_stopped_and_loses_nothing(
        self, redis_url: str, database_url: str
    ) -> None:
        class Paced(HandMadeFeed):
            async def batches(self, day: MarketDay, from_ms: int) -> Any:
                async for batch in HandMadeFeed.batches(self, day, from_ms):
                    if batch.until_ms > from_ms:
                        await clock.sleep_until(batch.until_ms)
                    yield batch

        clock = VirtualClock(FAST)
        feed = Paced({MONDAY: wandering(390)})
        service = StreamingService(
            feed=feed, clock=clock, settings=quiet_settings(), redis_url=redis_url, database_url=database_url
        )
        with Subscriber(redis_url) as heard:
            async with running(service, redis_url) as operator:
                await asyncio.to_thread(heard.wait_for, Channel.BARS, 30)
                await operator.ask("stop")
                stood = clock.now_ms()
                assert (await operator.ask("status")).service.next_open is None
                assert clock.now_ms() == stood
                await operator.ask("start")
                await asyncio.to_thread(heard.wait_for, Channel.SESSION_STOPPED, 2)
        minutes = [event["minute"] for event in events(heard.messages, Channel.BARS)]
        assert minutes == [to_iso(MONDAY.open_ms + number * MINUTE_MS) for number in range(390)]
        assert sessions(database_url) == [("own:two", 1, "stopped"), ("own:two", 2, "completed")]
        averages = [payload for payload in heard.on(Channel.INDICATORS) if b'"SMA_20"' in payload]
        assert len(averages) == 390 - 19  # they ran on through the pause
