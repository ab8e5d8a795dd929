"""From Redis to an open page, on real servers."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.dashboard.rows import insert_session
from tests.dashboard.running import PATIENCE_S, LivePage, dashboard, get, opened, publish
from tests.dashboard.samples import (
    HOSTILE_PAYLOADS,
    INCOMPLETE_PATTERN,
    alert,
    at,
    bars,
    checkpoint,
    critical,
    detection,
    forming,
    health,
    indicator,
    message,
    pattern,
    session,
    session_id,
    started,
    stopped,
)
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import StreamingPattern
from tickstockpl.dashboard.live.hub import pause_s
from tickstockpl.dashboard.live.protocol import SLOW_CLIENT
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.store.migrate import migrate


def health_measurements(count: int) -> Callable[[dict[str, Any]], bool]:
    return lambda has: len(has["health_history"]) == count


async def read_to_the_end(connection: ClientConnection) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await connection.recv()


async def test_hostile_messages_on_every_channel_are_counted_and_the_page_goes_on(
    redis_url: str, database_url: str
) -> None:
    payloads = [*HOSTILE_PAYLOADS, b"x" * 5_000_000]
    hostile = [(channel.value, payload) for payload in payloads for channel in Channel]
    async with dashboard(redis_url, database_url) as url, opened(url) as live:
        publish(redis_url, started(), *hostile, pattern(1))
        has = await live.until(lambda has: has["patterns"] and has["status"]["invalid"] >= len(hostile))
        assert has["status"]["invalid"] == len(hostile)
        assert len(has["status"]["last_invalid"]) <= 300
        assert (has["session"]["session_id"], has["status"]["redis"]) == (session_id(1), "connected")
        assert [found["metadata"]["pattern_id"] for found in has["patterns"]] == ["pattern-1"]


async def test_every_kind_of_event_reaches_an_open_page(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url, opened(url) as live:
        assert live.page.has["session"] is None
        publish(
            redis_url,
            started(),
            bars(45, "NVDA", "AAPL"),
            forming(46, "AAPL"),
            pattern(1),
            pattern(1, Channel.HIGH_CONFIDENCE_PATTERNS),
            alert(),
            indicator("NVDA", 61.25, instance="RSI_14"),
            health(),
            INCOMPLETE_PATTERN,
            critical(),
            checkpoint(),
        )
        has = await live.until(lambda has: has["critical"] and has["status"]["invalid"])
        assert [found["metadata"]["pattern_id"] for found in has["patterns"]] == ["pattern-1"]
        assert [found["symbol"] for found in has["alerts"]] == ["AAPL"]
        assert has["health"] == has["health_history"][-1]
        assert has["critical"][0]["message"] == "connection lost"
        assert has["symbols"]["NVDA"] == {
            "bar": [10.0, 11.0, 9.0, 10.5, 1200],
            "minute": at(45),
            "first_open": 10.0,
            "indicators": {"RSI_14": {"value": 61.25}},
        }
        assert has["symbols"]["AAPL"]["forming_minute"] == at(46)
        assert has["status"]["totals"] == {"patterns": 1, "indicators": 1, "alerts": 1, "bars": 2}
        assert (has["status"]["redis"], has["status"]["source"], has["status"]["clients"]) == (
            "connected",
            "simulator:1",
            1,
        )
        publish(redis_url, stopped())
        has = await live.until(lambda has: has["summary"])
        assert has["session"] is None
        assert has["summary"]["total_patterns"] == 12


async def test_a_page_that_joins_later_has_what_the_first_one_has(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url, opened(url) as first:
        publish(redis_url, started(), *(pattern(number) for number in range(100)), bars(1, "AAA"))
        await first.until(lambda has: len(has["patterns"]) == 100 and has["symbols"])
        async with opened(url) as late:
            publish(redis_url, *(pattern(number) for number in range(100, 200)), bars(2, "AAA"), indicator("BBB"))
            for live in (first, late):
                await live.until(lambda has: len(has["patterns"]) == 200 and "BBB" in has["symbols"])
            first.page.has.pop("status")
            late.page.has.pop("status")
            assert late.page.has == first.page.has
            assert (late.epoch, late.frames < first.frames) == (first.epoch, True)


async def test_a_burst_arrives_whole_in_few_frames(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url, opened(url) as live:
        burst = [indicator(f"S{number % 500}", float(number), f"X{number // 500}") for number in range(3000)]
        assert publish(redis_url, *burst, *(pattern(number) for number in range(500))) == 3500
        has = await live.until(lambda has: len(has["patterns"]) == 500)
        assert sum(len(state["indicators"]) for state in has["symbols"].values()) == 3000
        assert live.frames < 100


async def test_a_page_that_does_not_read_is_closed_and_the_others_miss_nothing(
    redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickstockpl.dashboard.live.client.UNREAD_LIMIT_S", 0.3)
    heavy = [health(number, ("x" * 200_000,)) for number in range(200)]
    async with dashboard(redis_url, database_url) as url, opened(url) as good:
        address = url.removeprefix("http://").split(":")
        with socket.socket() as wire:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
            wire.connect((address[0], int(address[1])))
            async with connect(
                url.replace("http", "ws", 1) + "/ws/live", sock=wire, max_size=None, max_queue=1, ping_interval=None
            ) as stalled:
                await good.until(lambda has: has["status"]["clients"] == 2)
                for end in range(20, len(heavy) + 1, 20):
                    publish(redis_url, *heavy[end - 20 : end])
                    await good.until(health_measurements(end))
                await good.until(lambda has: has["status"]["clients"] == 1)
                with pytest.raises(ConnectionClosed) as closed:
                    await read_to_the_end(stalled)
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == SLOW_CLIENT


async def test_what_a_page_says_is_ignored_and_too_much_of_it_closes_it(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url, opened(url) as live:
        await live.connection.send("hello")
        await live.connection.send(b"\x00")
        publish(redis_url, alert())
        await live.until(lambda has: has["alerts"])
        await live.connection.send("x" * 70_000)
        with pytest.raises(ConnectionClosed) as closed:
            await live.until(lambda has: False)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009


async def test_a_restarted_redis_is_found_again_and_what_was_missed_is_counted(
    data_dir: Path, database_url: str
) -> None:
    patterns = Channel.PATTERNS.value
    servers = EmbeddedServers(data_dir, need_database=False)
    servers.start()
    try:
        redis_url = servers.redis_url
        async with dashboard(redis_url, database_url) as url, opened(url) as live:
            publish(redis_url, started(), pattern(1), checkpoint(1, session(), {patterns: 1}))
            await live.until(lambda has: has["status"]["source"])
            servers.stop()
            await live.until(lambda has: has["status"]["redis"] == "lost")
            assert (await get(url, "/healthz")).status_code == 503
            servers.start()
            assert servers.redis_url == redis_url
            await live.until(lambda has: has["status"]["redis"] == "connected")
            publish(redis_url, pattern(5), checkpoint(2, session(), {patterns: 5}))
            has = await live.until(lambda has: has["status"]["missed"])
            assert has["status"]["missed"] == 3
            assert len(has["patterns"]) == 2
            assert (await get(url, "/healthz")).status_code == 200
    finally:
        servers.stop()


async def test_the_dashboard_ends_by_signal_and_says_so_to_its_pages(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url, opened(url) as live:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as closed:
            await live.until(lambda has: False)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code in (1001, 1012)


async def test_a_dashboard_started_in_mid_session_shows_all_of_it_at_once(redis_url: str, database_url: str) -> None:
    insert_session(database_url)
    async with dashboard(redis_url, database_url) as url, opened(url) as live:
        has = live.page.has
        assert has["session"]["session_id"] == session_id(1)
        assert [found["metadata"]["pattern_id"] for found in has["patterns"]] == ["pattern-0", "pattern-1", "pattern-2"]
        assert [found["timestamp"] for found in has["alerts"]] == [at(1), at(2), at(3)]
        assert [found["timestamp"] for found in has["health_history"]] == [at(0), at(1), at(2)]
        assert has["health"]["connection_status"] is None, "the tables do not say"
        assert has["critical"][0]["message"] == "lost"
        assert has["symbols"]["AAA"] == {
            "bar": [12.0, 30.0, 5.0, 20.0, 100],
            "minute": at(2),
            "first_open": 10.0,
            "indicators": {"RSI_14": {"value": 52.0}},
        }
        assert has["status"]["totals"] == {"patterns": 3, "indicators": 3, "alerts": 3, "bars": 3}
        assert has["status"]["source"] is None, "no producer has been heard yet"


async def test_a_session_found_running_is_read_from_the_database(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url, opened(url) as live:
        insert_session(database_url)
        publish(redis_url, checkpoint(running=session(1)))
        has = await live.until(lambda has: len(has["patterns"]) == 3)
        assert live.snapshots == 2, "what goes before the rest is told by a snapshot"
        assert has["symbols"]["AAA"]["first_open"] == 10.0


async def test_the_page_is_served_without_tables_and_filled_when_they_are_there(
    redis_url: str, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickstockpl.dashboard.live.hub.FIRST_HISTORY_S", 0.2)
    monkeypatch.setattr("tickstockpl.dashboard.live.tables.RETRY_S", 0.05)
    async with dashboard(redis_url, empty_database_url) as url:
        answer = await get(url, "/api/streaming/sessions")
        assert answer.status_code == 503
        assert "run tickstockpl migrate" in answer.json()["error"]
        async with opened(url) as live:
            publish(redis_url, alert())
            await live.until(lambda has: has["alerts"])
            migrate(empty_database_url)
            insert_session(empty_database_url)
            await live.until(lambda has: len(has["patterns"]) == 3)


async def test_a_page_that_reads_slowly_misses_no_event_and_gets_the_newest_of_the_rest(
    redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More is published than fits between dashboard and page; what waits is conflated, not queued."""
    monkeypatch.setattr("tickstockpl.dashboard.live.client.UNREAD_LIMIT_S", 600.0)
    async with dashboard(redis_url, database_url) as url, opened(url) as good:
        address = url.removeprefix("http://").split(":")
        with socket.socket() as wire:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
            wire.connect((address[0], int(address[1])))
            async with connect(
                url.replace("http", "ws", 1) + "/ws/live", sock=wire, max_size=None, max_queue=1, ping_interval=None
            ) as slow:
                publish(redis_url, started())
                for number in range(60):
                    publish(
                        redis_url,
                        *(pattern(5 * number + one) for one in range(5)),
                        *(indicator(f"S{one}", float(number), instance=f"X{number % 8}") for one in range(500)),
                    )
                    await good.until(lambda has, count=5 * number + 5: len(has["patterns"]) == count)  # type: ignore[misc]
                page = LivePage(slow)
                has = await page.until(lambda has: len(has["patterns"]) == 300)
                assert [one["metadata"]["pattern_id"] for one in has["patterns"]] == [
                    f"pattern-{number}" for number in range(300)
                ]
                assert has["symbols"] == good.page.has["symbols"]
                assert page.frames < good.frames / 2


async def test_a_page_that_comes_back_is_sent_what_came_since(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url:
        async with opened(url) as live:
            publish(redis_url, started(), bars(1, "AAA", "BBB"), pattern(1))
            await live.until(lambda has: has["patterns"] and has["symbols"])
        publish(redis_url, bars(2, "BBB"), *(pattern(number) for number in range(2, 500)))
        async with opened(url, before=live) as back:
            has = await back.until(lambda has: len(has["patterns"]) == 499)
            assert back.snapshots == 0
            assert [has["symbols"][symbol]["minute"] for symbol in ("AAA", "BBB")] == [at(1), at(2)]


@pytest.mark.parametrize("place", [{"epoch": "another", "seq": 1}, {"seq": 1}, {"epoch": "x", "seq": "many"}])
async def test_a_page_that_was_elsewhere_before_begins_anew(
    redis_url: str, database_url: str, place: dict[str, str | float]
) -> None:
    async with dashboard(redis_url, database_url) as url, opened(url, None, **place) as live:
        assert live.snapshots == 1


async def test_clients_are_sent_what_they_ask_for(redis_url: str, database_url: str) -> None:
    async with (
        dashboard(redis_url, database_url) as url,
        opened(url) as everything,
        opened(url, symbols="NVDA,AAPL", parts="patterns,symbols", min_confidence=0.9) as few,
    ):
        doubtful, clear = detection(1), msgspec.structs.replace(detection(2), confidence=0.95)
        publish(
            redis_url,
            started(),
            *(message(Channel.PATTERNS, StreamingPattern(one)) for one in (doubtful, clear)),
            pattern(3, symbol="TSLA"),
            bars(1, "NVDA", "TSLA"),
            alert("AAPL"),
            health(),
        )
        await everything.until(lambda has: has["alerts"] and len(has["patterns"]) == 3)
        has = await few.until(lambda has: has["patterns"] and has["symbols"])
        assert [one["metadata"]["pattern_id"] for one in has["patterns"]] == ["pattern-2"]
        assert list(has["symbols"]) == ["NVDA"]
        assert not has.get("alerts")
        assert "health" not in has
        assert has["session"]["session_id"] == session_id(1)


@pytest.mark.parametrize(
    ("query", "word"),
    [("parts=all", "all"), ("symbols=nvda", "nvda"), ("symbols=", "leave it out"), ("min_confidence=2", "'2'")],
)
async def test_what_is_not_to_be_had_is_refused_in_one_sentence(
    redis_url: str, database_url: str, query: str, word: str
) -> None:
    async with (
        dashboard(redis_url, database_url) as url,
        connect(f"{url.replace('http', 'ws', 1)}/ws/live?{query}", origin=url) as connection,  # type: ignore[arg-type]
    ):
        with pytest.raises(ConnectionClosed) as closed:
            await read_to_the_end(connection)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
        assert word in closed.value.rcvd.reason


async def test_what_did_not_arrive_is_repaired_from_the_tables_and_told(
    redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickstockpl.dashboard.live.tables.FIRST_LOOK_S", 0.05)
    patterns, alerts = Channel.PATTERNS.value, Channel.INDICATOR_ALERTS.value
    async with dashboard(redis_url, database_url) as url, opened(url) as live:
        publish(redis_url, started(), checkpoint(1, session(), {patterns: 0, alerts: 0}))
        publish(redis_url, checkpoint(2, session(), {patterns: 3, alerts: 3}))
        has = await live.until(lambda has: has["gaps"])
        assert (has["gaps"][0]["missed"], has["gaps"][0]["state"]) == ({"patterns": 3, "alerts": 3}, "repairing")
        insert_session(database_url)  # rows may be stored late
        has = await live.until(lambda has: has["gaps"][0]["state"] == "repaired")
        assert has["gaps"][0]["found"] == {"patterns": 3, "alerts": 3, "critical": 1}
        assert [found["metadata"]["pattern_id"] for found in has["patterns"]] == ["pattern-0", "pattern-1", "pattern-2"]
        assert len(has["alerts"]) == 3
        assert live.snapshots == 1
        async with opened(url) as late:
            assert late.page.has["patterns"] == has["patterns"]
            assert late.page.has["gaps"] == has["gaps"]


async def test_what_the_tables_do_not_have_is_told_as_lost(
    redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickstockpl.dashboard.live.tables.FIRST_LOOK_S", 0.05)
    monkeypatch.setattr("tickstockpl.dashboard.live.tables.GIVE_UP_S", 0.2)
    patterns = Channel.PATTERNS.value
    insert_session(database_url)
    async with dashboard(redis_url, database_url) as url, opened(url) as live:
        publish(redis_url, checkpoint(1, session(), {patterns: 3}), checkpoint(2, session(), {patterns: 7}))
        has = await live.until(lambda has: has["gaps"] and has["gaps"][0]["state"] == "lost")
        assert (has["gaps"][0]["missed"], has["gaps"][0]["found"]) == ({"patterns": 4}, {})


def test_frames_come_often_while_that_is_cheap_and_leave_time_where_it_is_not() -> None:
    assert pause_s(0.0) == 0.010
    assert 0.003 + pause_s(0.003) == pytest.approx(0.015)
    assert 0.010 + pause_s(0.010) == pytest.approx(0.025)
    assert pause_s(0.100) == 0.050
