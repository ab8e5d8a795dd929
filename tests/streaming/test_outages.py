"""A service whose database or Redis goes and comes back: events on time, every row in the tables."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
import pytest

from tests.streaming.market_files import play, quiet_settings, replay_service
from tests.support import Subscriber, eventually_async
from tickstockpl.contract.channels import Channel
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.settings import Settings
from tickstockpl.store.migrate import migrate
from tickstockpl.streaming.health import HealthMonitor
from tickstockpl.streaming.service import StreamingService

SPEED = 600
"""A minute of the market in a tenth of a second."""

DURATION_S = 90 * 60

ROW_QUERIES = (
    "SELECT source, minute, symbol, open, high, low, close, volume, session_id FROM bars_1min ORDER BY 1, 2, 3",
    "SELECT session_id, symbol, pattern_type, confidence, detected_at, metadata FROM intraday_patterns ORDER BY 2,3,5",
    "SELECT session_id, symbol, indicator, value, calculated_at, metadata FROM intraday_indicators ORDER BY 2, 3, 5, 6",
    "SELECT session_id, symbol, alert_type, value, threshold, triggered_at FROM indicator_alerts ORDER BY 2, 3, 6",
    "SELECT session_id, started_at, stopped_at, total_patterns, total_indicators, final_status FROM streaming_sessions",
    "SELECT session_id, source, trading_date, universe, ordinal FROM session_sources",
    "SELECT source, catalog FROM streaming_catalogs",
)


def tables(database_url: str) -> list[list[tuple[Any, ...]]]:
    """All that the market gave; ids and created_at aside."""
    with psycopg.connect(database_url) as connection:
        return [connection.execute(query).fetchall() for query in ROW_QUERIES]


class Machine:
    """A data folder and servers of the test's own, each of which can be stopped and started."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._running: dict[str, EmbeddedServers] = {}
        self.settings: Settings = quiet_settings(data_dir=data_dir, patterns="all", min_confidence=0)

    async def start(self, *names: str) -> None:
        for name in names:
            server = EmbeddedServers(self._data_dir, need_redis=name == "redis", need_database=name == "database")
            await asyncio.to_thread(server.start)
            self._running[name] = server
        if "redis" in names:
            self.redis_url = self._running["redis"].redis_url
        if "database" in names:
            self.database_url = self._running["database"].database_url

    async def stop(self, name: str) -> None:
        await asyncio.to_thread(self._running.pop(name).stop)

    def close(self) -> None:
        for server in self._running.values():
            server.stop()

    def service(self, path: Path, **how: Any) -> StreamingService:
        how = {"settings": self.settings, "duration_s": DURATION_S, **how}
        return replay_service(path, self.redis_url, self.database_url, **how)


@pytest.fixture
def machine(data_dir: Path) -> Iterator[Machine]:
    made = Machine(data_dir)
    yield made
    made.close()


@asynccontextmanager
async def running(service: StreamingService, stop: asyncio.Event | None = None) -> AsyncIterator[None]:
    """Play a service in the background; at the end of the block it is waited for."""
    playing = asyncio.create_task(play(service, stop))
    try:
        yield
        async with asyncio.timeout(60):
            await playing
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)


@pytest.fixture
def undisturbed(one_day: Path, machine: Machine, redis_url: str, database_url: str) -> list[list[tuple[Any, ...]]]:
    """The tables of the same hour and a half when nothing happens."""
    service = replay_service(one_day, redis_url, database_url, settings=machine.settings, duration_s=DURATION_S)
    asyncio.run(play(service))
    return tables(database_url)


def events(subscriber: Subscriber, channel: Channel) -> list[dict[str, Any]]:
    return [json.loads(payload) for payload in subscriber.on(channel)]


class TestDatabaseAway:
    async def test_events_go_out_on_time_and_the_tables_are_those_of_an_undisturbed_run(
        self,
        one_day: Path,
        machine: Machine,
        undisturbed: list[list[tuple[Any, ...]]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        await machine.start("redis", "database")
        await asyncio.to_thread(migrate, machine.database_url)
        service = machine.service(one_day, speed=SPEED)
        lags_ms: dict[bool, list[float]] = {True: [], False: []}
        count_lag = HealthMonitor.count_lag

        def note_lag(self: HealthMonitor, lag_ms: float) -> None:
            lags_ms[service._writer.connected].append(lag_ms)
            count_lag(self, lag_ms)

        monkeypatch.setattr(HealthMonitor, "count_lag", note_lag)
        with Subscriber(machine.redis_url) as subscriber:
            async with running(service):
                await eventually_async(lambda: len(subscriber.on(Channel.BARS)) >= 20)
                await machine.stop("database")
                await eventually_async(lambda: service._writer.spooled_minutes >= 20)
                await machine.start("database")
        assert len(lags_ms[False]) >= 20
        # Generous: a scheduler's whim is some milliseconds; waiting for the database would be seconds.
        assert median(lags_ms[False]) < 3 * median(lags_ms[True]) + 10
        assert tables(machine.database_url) == undisturbed
        assert service.status.summaries[0].final_status == "stopped"

    async def test_a_service_that_ends_in_the_outage_leaves_its_rows_to_the_next(
        self, one_day: Path, machine: Machine, undisturbed: list[list[tuple[Any, ...]]]
    ) -> None:
        await machine.start("redis", "database")
        await asyncio.to_thread(migrate, machine.database_url)
        service = machine.service(one_day, speed=SPEED)
        stop = asyncio.Event()
        async with running(service, stop):
            await eventually_async(lambda: service.status.bars >= 30)
            await machine.stop("database")
            await eventually_async(lambda: service._writer.spooled_minutes >= 5)
            stop.set()
        assert any("wait in the spool" in note for note in service.status.notes)
        streamed_s = service.status.summaries[0].duration_seconds
        await machine.start("database")
        second = await play(machine.service(one_day, duration_s=DURATION_S - streamed_s))
        assert any("left in its spool are stored now" in note for note in second.notes)
        assert any("resumed at" in note for note in second.notes)
        assert tables(machine.database_url) == undisturbed
