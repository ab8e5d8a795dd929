"""A live feed that falls silent, goes and comes back, through the whole service: told though no batch comes."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest

from tests.streaming.hand_made import (
    MONDAY,
    HandMadeFeed,
    LiveFeed,
    at,
    events,
    health,
    listen,
    service_of,
    trades,
    wandering,
)
from tests.streaming.live import LiveFeed as WaitingFeed
from tests.streaming.live import RunningClock, live_service
from tests.streaming.live import running as waiting
from tests.streaming.market_files import play, quiet_settings
from tests.support import Subscriber, eventually_async
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.feeds.base import Batch
from tickstockpl.settings import Settings
from tickstockpl.store.migrate import migrate
from tickstockpl.streaming import player
from tickstockpl.streaming.service import StreamingService

DEADLINE_S = 30


def settings(**overrides: object) -> Settings:
    """Nothing warns but what a test is about, however busy the machine is."""
    calm = {"cpu_warning_percent": 100, "lag_warning_ms": 10**6, "lag_critical_ms": 10**6, "disk_warning_mb": 0}
    return quiet_settings(**{**calm, "stale_feed_s": 0, "health_hold_s": 0, "health_interval_s": 3600, **overrides})


class Heard:
    """What a running service has published so far."""

    def __init__(self, subscriber: Subscriber) -> None:
        self._subscriber = subscriber

    def health(self) -> list[dict[str, Any]]:
        return health(self._subscriber.messages)

    def alerts(self) -> list[dict[str, Any]]:
        return [event["alert"] for event in events(self._subscriber.messages, Channel.CRITICAL_ALERTS)]

    async def status(self, *expected: str) -> dict[str, Any]:
        """Wait until the first statuses told are these; the health that told the last of them."""
        count = len(expected)
        await eventually_async(
            lambda: len(self.health()) >= count,
            DEADLINE_S,
            what=lambda: f"{expected}; {[(one['status'], one['issues']) for one in self.health()]}",
        )
        told = self.health()[:count]
        assert [one["status"] for one in told] == list(expected), [one["issues"] for one in told]
        return told[-1]


@asynccontextmanager
async def running(service: StreamingService, redis_url: str) -> AsyncIterator[Heard]:
    """A service that plays until the end of the block."""
    stop = asyncio.Event()
    with Subscriber(redis_url) as subscriber:
        playing = asyncio.create_task(play(service, stop))
        try:
            await eventually_async(lambda: subscriber.on(Channel.HEALTH), DEADLINE_S)
            yield Heard(subscriber)
            stop.set()
            async with asyncio.timeout(DEADLINE_S):
                await playing
        finally:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)


def at_the_open(speed: float = 1) -> RunningClock:
    """It runs whether the service is ready or not, so the session begins a little late."""
    return RunningClock(MONDAY.open_ms, speed)


def stored_alerts(database_url: str) -> list[dict[str, Any]]:
    columns = "severity, message, component, action_required, recovery"
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(f"SELECT {columns} FROM critical_alerts ORDER BY id".encode()).fetchall()
    return [dict(zip(columns.split(", "), row, strict=True)) for row in rows]


def without_time(alerts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in alert.items() if name != "timestamp"} for alert in alerts]


async def test_health_is_told_at_its_interval_though_no_batch_comes(redis_url: str, database_url: str) -> None:
    service = service_of(
        LiveFeed(), redis_url, database_url, settings=settings(health_interval_s=1), clock=at_the_open()
    )
    async with running(service, redis_url) as heard:
        await eventually_async(lambda: len(heard.health()) >= 4, DEADLINE_S)
    times = [one["timestamp"] for one in heard.health()]
    assert times == sorted(times)
    assert len({time[:19] for time in times}) == len(times), "each in a second of its own"
    assert times[0].startswith("2018-02-26T14:30:0")


async def test_a_feed_that_falls_silent_is_stale_until_its_next_data(redis_url: str, database_url: str) -> None:
    feed = LiveFeed()
    service = service_of(feed, redis_url, database_url, settings=settings(stale_feed_s=1), clock=at_the_open())
    async with running(service, redis_url) as heard:
        feed.put(Batch(at(1), trades((0.5, 0, 10.0, 100))))  # a trade: silence counts from here
        stale = await heard.status("healthy", "warning")
        (issue,) = stale["issues"]
        assert re.fullmatch(r"Stale feed: nothing for \d+ s", issue)
        assert stale["connection_status"] == "connected"
        feed.put(Batch(at(20), trades((19.5, 0, 10.0, 100))))
        await heard.status("healthy", "warning", "healthy")
        assert heard.alerts() == []


async def test_a_feed_that_goes_and_comes_back(redis_url: str, database_url: str) -> None:
    feed = LiveFeed()
    service = service_of(feed, redis_url, database_url, settings=settings(), clock=at_the_open())
    service.parts.redactor.learn(["postgresql://sam:canary1234@db.example/market"])
    async with running(service, redis_url) as heard:
        feed.lose("reconnecting", "wss://sam:canary5678@socket.example said canary1234; token=canary9012")
        lost = await heard.status("healthy", "critical")
        assert lost["connection_status"] == "reconnecting"
        assert lost["issues"][0].startswith(
            "WebSocket connection lost to Massive for 0 s, reconnecting: wss://sam:***@"
        )
        feed.lose("disconnected", "the key was refused", "correct the key")
        given_up = await heard.status("healthy", "critical", "critical")
        assert given_up["connection_status"] == "disconnected"
        feed.connection = feed.connected
        back = await heard.status("healthy", "critical", "critical", "healthy")
        assert (back["connection_status"], back["issues"]) == ("connected", [])
    lost, given_up, restored = heard.alerts()
    assert lost["message"].startswith("WebSocket connection lost to Massive: ")
    assert (lost["severity"], lost["component"]) == ("critical", "polygon_websocket")
    assert (given_up["severity"], given_up["action_required"]) == ("critical", "correct the key")
    assert (restored["severity"], restored["message"]) == ("info", "WebSocket connection restored")
    assert restored["recovery"].startswith("Connection re-established successfully after ")
    assert stored_alerts(database_url) == without_time(heard.alerts())
    said = json.dumps([heard.alerts(), heard.health(), stored_alerts(database_url), list(service.status.notes)])
    assert "canary" not in said
    assert "***" in said


async def test_a_disk_that_is_nearly_full(redis_url: str, database_url: str, tmp_path: Path) -> None:
    """No disk has as much room as this warning asks for."""
    how = settings(disk_warning_mb=10**12, data_dir=tmp_path)
    service = service_of(LiveFeed(), redis_url, database_url, settings=how, clock=at_the_open())
    async with running(service, redis_url) as heard:
        await eventually_async(lambda: heard.health()[-1]["status"] == "warning", DEADLINE_S)
    (alert,) = heard.alerts()
    assert re.fullmatch(rf"Disk nearly full: \d+ MB free in {re.escape(str(tmp_path))}", alert["message"])
    assert (alert["severity"], alert["component"], alert["recovery"]) == ("warning", "disk", None)
    assert heard.health()[-1]["issues"] == [alert["message"]]
    assert stored_alerts(database_url) == without_time([alert])


async def test_a_gap_is_told_and_nothing_is_made_up_for_it(redis_url: str, database_url: str) -> None:
    before, after = wandering(3), wandering(20)[10:]
    gap = Batch(at(600), lost_since_ms=at(180))
    heard = await listen(
        HandMadeFeed({MONDAY: [*before, gap, *after]}), redis_url, database_url, settings=settings(health_interval_s=60)
    )
    (alert,) = (event["alert"] for event in events(heard, Channel.CRITICAL_ALERTS))
    assert alert == {
        "severity": "warning",
        "message": "No data from 14:33Z to 14:40Z: bars of this time are missing or incomplete",
        "timestamp": to_iso(at(600)),
        "component": "feed",
        "action_required": "none; indicators and patterns run on without what is missing",
        "recovery": None,
    }
    assert stored_alerts(database_url) == without_time([alert])
    warned = [one["timestamp"] for one in health(heard) if one["issues"] == ["No data from 14:33Z to 14:40Z"]]
    assert warned == [to_iso(at(60 * minute)) for minute in range(10, 15)]
    minutes = [event["minute"] for event in events(heard, Channel.BARS)]
    assert minutes == [to_iso(at(60 * minute)) for minute in (*range(3), *range(10, 20))]


async def test_a_session_ends_though_its_feed_never_says_so(
    redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(player, "SILENT_END_S", 3.0)
    feed = LiveFeed()
    service = service_of(feed, redis_url, database_url, settings=settings(), clock=at_the_open(60), duration_s=60)
    with Subscriber(redis_url) as subscriber:
        playing = asyncio.create_task(play(service))
        await eventually_async(lambda: subscriber.on(Channel.SESSION_STARTED), DEADLINE_S)
        begin_s = (service.status.market_ms - at(0)) / 1000
        feed.put(Batch(at(begin_s + 20), trades((begin_s + 5, 0, 10.0, 100))))
        async with asyncio.timeout(DEADLINE_S):
            status = await playing
    heard = Heard(subscriber)
    (summary,) = status.summaries
    end = summary.stopped_at[11:16]
    assert f"the feed has said nothing since the session's end, {end}Z" in status.notes
    assert [alert["severity"] for alert in heard.alerts()] == ["warning"]
    assert heard.alerts()[0]["message"].endswith(f"to {end}Z: bars of this time are missing or incomplete")
    ((bar,),) = [event["bars"] for event in events(subscriber.messages, Channel.BARS)]
    assert bar["close"] == 10.0, "what there was of the last minute has gone out"


async def test_a_service_that_waits_for_the_open_looks_round_too(redis_url: str, database_url: str) -> None:
    service = live_service(RunningClock(MONDAY.open_ms - 3_600_000, 1), [MONDAY], redis_url, database_url)
    feed = cast("WaitingFeed", service._feed)
    with Subscriber(redis_url) as subscriber:
        async with waiting(service, redis_url):
            heard = Heard(subscriber)
            await eventually_async(lambda: service.status.stage.startswith("waiting for the open"), DEADLINE_S)
            feed.connection = replace(LiveFeed.connected, status="disconnected", reason="the key was refused")
            await eventually_async(lambda: len(heard.alerts()) == 1, DEADLINE_S)
            feed.connection = LiveFeed.connected
            await eventually_async(lambda: len(heard.alerts()) == 2, DEADLINE_S)
    assert [(alert["severity"], alert["message"]) for alert in heard.alerts()] == [
        ("critical", "WebSocket connection lost to Massive: the key was refused"),
        ("info", "WebSocket connection restored"),
    ]
    assert {alert["timestamp"][:13] for alert in heard.alerts()} == {"2018-02-26T13"}
    assert stored_alerts(database_url) == without_time(heard.alerts())
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT DISTINCT session_id FROM critical_alerts").fetchall() == [(None,)]


async def test_a_session_that_starts_late_is_watched_before_its_first_whole_minute(
    redis_url: str, database_url: str
) -> None:
    service = live_service(RunningClock(at(1), 1), [MONDAY], redis_url, database_url)
    feed = cast("WaitingFeed", service._feed)
    with Subscriber(redis_url) as subscriber:
        async with waiting(service, redis_url):
            heard = Heard(subscriber)
            await eventually_async(heard.health, DEADLINE_S)
            feed.connection = replace(LiveFeed.connected, status="reconnecting")
            await eventually_async(lambda: heard.health()[-1]["status"] == "critical", DEADLINE_S)
    assert heard.health()[-1]["timestamp"] < to_iso(at(60)), "at the clock's time, which is before that minute"


class TestServers:
    """Servers of the test's own, which it stops and starts."""

    @pytest.fixture
    def database(self, data_dir: Path) -> Iterator[EmbeddedServers]:
        with EmbeddedServers(data_dir, need_redis=False) as servers:
            migrate(servers.database_url)
            yield servers

    async def test_a_database_that_goes_while_the_feed_is_silent(
        self, database: EmbeddedServers, redis_url: str
    ) -> None:
        how = settings(health_interval_s=1)
        service = service_of(LiveFeed(), redis_url, database.database_url, settings=how, clock=at_the_open())
        async with running(service, redis_url) as heard:
            await eventually_async(lambda: service.parts.writer.depth == 0)
            await asyncio.to_thread(database.stop)
            await eventually_async(heard.alerts, DEADLINE_S)
            assert [alert["component"] for alert in heard.alerts()] == ["postgresql"]
            await eventually_async(
                lambda: (
                    heard.health()[-1]["issues"][:1]
                    and heard.health()[-1]["issues"][0].startswith("Database unreachable for ")
                ),
                DEADLINE_S,
            )
            await asyncio.to_thread(database.start)
            await eventually_async(lambda: len(heard.alerts()) == 2, DEADLINE_S)
            await eventually_async(lambda: heard.health()[-1]["status"] == "healthy", DEADLINE_S)
        assert [alert["severity"] for alert in heard.alerts()] == ["critical", "info"]
        assert stored_alerts(database.database_url) == without_time(heard.alerts())
