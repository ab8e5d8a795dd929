"""A service whose database or Redis goes and comes back: events on time, every row in the tables."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.servers import Machine
from tests.streaming.hand_made import MONDAY, TUESDAY, HandMadeFeed, service_of, wandering
from tests.streaming.market_files import play, quiet_settings, replay_service
from tests.support import ReturningSubscriber, Subscriber, eventually_async
from tickstockpl.clock import MAX_SPEED, VirtualClock
from tickstockpl.contract.channels import Channel
from tickstockpl.feeds.base import Batch
from tickstockpl.market.calendar import MarketDay
from tickstockpl.settings import Settings
from tickstockpl.store.migrate import migrate
from tickstockpl.store.rows import SessionClosing, SourceCatalog
from tickstockpl.store.writer import Writer
from tickstockpl.streaming.health import Trouble
from tickstockpl.streaming.outages import OutageWatch, Turns
from tickstockpl.streaming.publisher import Publisher
from tickstockpl.streaming.service import StreamingService

SPEED = 600
"""A minute of the market in a tenth of a second."""

DURATION_S = 150 * 60

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


class StreamingMachine(Machine):
    """With services that find every pattern."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        self.settings: Settings = quiet_settings(data_dir=data_dir, patterns="all", min_confidence=0)

    def service(self, path: Path, **how: Any) -> StreamingService:
        how = {"settings": self.settings, "duration_s": DURATION_S, **how}
        return replay_service(path, self.redis_url, self.database_url, **how)


@pytest.fixture
def machine(data_dir: Path) -> Iterator[StreamingMachine]:
    made = StreamingMachine(data_dir)
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
def undisturbed(
    one_day: Path, machine: StreamingMachine, redis_url: str, database_url: str
) -> list[list[tuple[Any, ...]]]:
    """The tables of the same hours when nothing happens."""
    service = replay_service(one_day, redis_url, database_url, settings=machine.settings, duration_s=DURATION_S)
    asyncio.run(play(service))
    return tables(database_url)


def events(subscriber: Subscriber | ReturningSubscriber, channel: Channel) -> list[dict[str, Any]]:
    return [json.loads(payload) for payload in subscriber.on(channel)]


class TestDatabaseAway:
    async def test_events_go_out_on_time_and_the_tables_are_those_of_an_undisturbed_run(
        self,
        one_day: Path,
        machine: StreamingMachine,
        undisturbed: list[list[tuple[Any, ...]]],
    ) -> None:
        await machine.start("redis", "database")
        await asyncio.to_thread(migrate, machine.database_url)
        service = machine.service(one_day, speed=SPEED)
        with Subscriber(machine.redis_url) as subscriber:
            async with running(service):
                await eventually_async(lambda: len(subscriber.on(Channel.BARS)) >= 20)
                await machine.stop("database")
                heard = len(subscriber.on(Channel.BARS))
                await eventually_async(lambda: service.parts.writer.spooled_minutes >= 20, 30)
                # While the database was away; how late they are is for `python -m benchmarks outages` to say.
                await eventually_async(lambda: len(subscriber.on(Channel.BARS)) >= heard + 20, 30)
                assert not service.parts.writer.connected
                await machine.start("database")
        assert tables(machine.database_url) == undisturbed
        assert service.status.summaries[0].final_status == "stopped"
        assert_lost_and_restored("postgresql", machine, subscriber)
        issues = [issue for event in events(subscriber, Channel.HEALTH) for issue in event["health"]["issues"]]
        assert any(
            re.match(r"Database unreachable for \d+ s, \d+ minutes are spooled \(\d+\.\d MB\): ", issue)
            for issue in issues
        )

    async def test_a_service_that_ends_in_the_outage_leaves_its_rows_to_the_next(
        self, one_day: Path, machine: StreamingMachine, undisturbed: list[list[tuple[Any, ...]]]
    ) -> None:
        await machine.start("redis", "database")
        await asyncio.to_thread(migrate, machine.database_url)
        service = machine.service(one_day, speed=SPEED)
        stop = asyncio.Event()
        async with running(service, stop):
            await eventually_async(lambda: service.status.bars >= 30)
            await machine.stop("database")
            await eventually_async(lambda: service.parts.writer.spooled_minutes >= 5)
            stop.set()
        assert any("wait in the spool" in note for note in service.status.notes)
        streamed_s = service.status.summaries[0].duration_seconds
        await machine.start("database")
        second = await play(machine.service(one_day, duration_s=DURATION_S - streamed_s))
        assert any("left in its spool are stored now" in note for note in second.notes)
        assert any("resumed at" in note for note in second.notes)
        assert tables(machine.database_url) == undisturbed

    async def test_a_day_that_begins_in_the_outage_is_streamed_and_stored(self, machine: StreamingMachine) -> None:
        await machine.start("redis", "database")
        await asyncio.to_thread(migrate, machine.database_url)

        class Feed(HandMadeFeed):
            """The database goes before Monday's first bar and is back before Tuesday's close."""

            async def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
                if day == MONDAY:
                    await machine.stop("database")
                async for batch in super().batches(day, from_ms):
                    if day == TUESDAY and batch.until_ms == day.close_ms:
                        await machine.start("database")
                    yield batch

        feed = Feed({MONDAY: wandering(10), TUESDAY: wandering(20, TUESDAY)})
        status = await play(service_of(feed, machine.redis_url, machine.database_url, settings=machine.settings))
        assert [summary.final_status for summary in status.summaries] == ["completed", "completed"]
        assert any("2018-02-27: streamed from its open" in note for note in status.notes)
        # What had not landed when the service ended does so at the next start.
        await play(service_of(HandMadeFeed({}), machine.redis_url, machine.database_url, settings=machine.settings))
        with psycopg.connect(machine.database_url) as connection:
            stored = connection.execute(
                """SELECT trading_date::text, final_status, count(*)
                   FROM streaming_sessions JOIN session_sources USING (session_id) JOIN bars_1min USING (session_id)
                   GROUP BY 1, 2 ORDER BY 1"""
            ).fetchall()
        assert stored == [("2018-02-26", "completed", 10), ("2018-02-27", "completed", 20)]


class TestRedisAway:
    async def test_no_row_is_missing_and_every_event_arrives_once_and_in_order(
        self, one_day: Path, machine: StreamingMachine, undisturbed: list[list[tuple[Any, ...]]]
    ) -> None:
        await machine.start("redis", "database")
        await asyncio.to_thread(migrate, machine.database_url)
        with Subscriber(machine.redis_url) as whole:
            await play(machine.service(one_day))
        service = machine.service(one_day, speed=SPEED, again=True)
        with ReturningSubscriber(machine.redis_url) as heard:
            async with running(service):
                await eventually_async(lambda: service.status.bars >= 60)
                await machine.kill("redis")
                bars = service.status.bars
                await eventually_async(lambda: service.status.bars >= bars + 60)
                await machine.start("redis")
            await eventually_async(lambda: heard.on(Channel.SESSION_STOPPED))
        for channel in (
            Channel.SESSION_STARTED,
            Channel.PATTERNS,
            Channel.HIGH_CONFIDENCE_PATTERNS,
            Channel.INDICATOR_ALERTS,
            Channel.SESSION_STOPPED,
        ):
            assert heard.on(channel) == whole.on(channel), channel
        assert len(heard.on(Channel.INDICATORS)) < len(whole.on(Channel.INDICATORS))
        assert heard.on(Channel.INDICATORS)[-1] == whole.on(Channel.INDICATORS)[-1]
        assert tables(machine.database_url) == undisturbed
        assert_lost_and_restored("redis", machine, heard)


class TestOutagesBetweenTwoLooks:
    """Nothing paces the market, so the player looks round with each batch and never between."""

    async def test_of_redis(self, machine: StreamingMachine) -> None:
        await machine.start("redis", "database")
        await asyncio.to_thread(migrate, machine.database_url)

        class Feed(HandMadeFeed):
            """Redis is another before the sixth bar."""

            async def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
                for number, batch in enumerate(wandering(10)):
                    if number == 5:
                        await machine.kill("redis")
                        heard.messages.clear()
                        await machine.start("redis")
                        await eventually_async(lambda: heard.on(Channel.CHECKPOINT))
                        assert service.parts.publisher.away_s == 0
                    yield batch
                yield Batch(day.close_ms)

        service = service_of(Feed({MONDAY: ()}), machine.redis_url, machine.database_url, settings=machine.settings)
        with ReturningSubscriber(machine.redis_url) as heard:
            await play(service)
            await eventually_async(lambda: heard.on(Channel.SESSION_STOPPED))
        assert service.parts.publisher.outages == 1
        assert_lost_and_restored("redis", machine, heard)

    async def test_of_the_database(self, machine: StreamingMachine) -> None:
        await machine.start("redis", "database")
        await asyncio.to_thread(migrate, machine.database_url)

        class Feed(HandMadeFeed):
            """The database is another before the sixth bar, and the writer has noticed by then."""

            async def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
                for number, batch in enumerate(wandering(10)):
                    if number == 5:
                        await machine.stop("database")
                        await machine.start("database")
                        await service.parts.writer.put(SourceCatalog("replay:hand-made", b"{}"))
                        await eventually_async(lambda: service.parts.writer.outages and service.parts.writer.connected)
                    yield batch
                yield Batch(day.close_ms)

        service = service_of(Feed({MONDAY: ()}), machine.redis_url, machine.database_url, settings=machine.settings)
        with Subscriber(machine.redis_url) as heard:
            await play(service)
        assert service.parts.writer.outages == 1
        assert_lost_and_restored("postgresql", machine, heard)


def assert_lost_and_restored(component: str, machine: Machine, heard: Subscriber | ReturningSubscriber) -> None:
    """Two alerts, heard and stored."""
    lost, restored = (event["alert"] for event in events(heard, Channel.CRITICAL_ALERTS))
    assert (lost["severity"], lost["component"], lost["recovery"]) == ("critical", component, None)
    assert lost["action_required"].startswith("start ")
    assert (restored["severity"], restored["component"], restored["action_required"]) == ("info", component, None)
    assert re.fullmatch(r"Connection re-established successfully after \d+ s", restored["recovery"])
    with psycopg.connect(machine.database_url) as connection:
        stored = connection.execute("SELECT message, recovery FROM critical_alerts ORDER BY id").fetchall()
    assert stored == [(lost["message"], None), (restored["message"], restored["recovery"])]


class TestWhatIsTold:
    """A writer and a publisher that are not open, in the states which an outage leaves them in."""

    @pytest.fixture
    def writer(self) -> Writer:
        writer = Writer("postgresql://market.example/prices")
        writer.connected = True
        return writer

    @pytest.fixture
    def publisher(self) -> Publisher:
        return Publisher("redis://market.example", "service-1", "replay:test", VirtualClock(1))

    @pytest.fixture
    def watch(self, writer: Writer, publisher: Publisher) -> OutageWatch:
        return OutageWatch(VirtualClock(1), writer, publisher, hold_s=0)

    def test_nothing_while_nothing_happens(self, watch: OutageWatch) -> None:
        assert watch.look(0) == []
        assert watch.troubles() == []

    def test_an_outage_and_its_end_are_each_told_once(self, watch: OutageWatch, writer: Writer) -> None:
        writer.connected, writer.last_error = False, "cannot reach the database"
        (lost,) = watch.look(60_000)
        assert (lost.component, lost.severity, lost.timestamp) == ("postgresql", "critical", "1970-01-01T00:01:00.000Z")
        assert lost.message.endswith("cannot reach the database")
        assert watch.look(120_000) == []
        writer.connected, writer.last_error, writer.last_outage_s = True, None, 300
        (restored,) = watch.look(180_000)
        assert (restored.component, restored.severity) == ("postgresql", "info")
        assert restored.recovery == "Connection re-established successfully after 5 minutes"
        assert watch.look(240_000) == []

    def test_an_outage_between_two_looks_is_told_with_its_end(
        self, watch: OutageWatch, writer: Writer, publisher: Publisher
    ) -> None:
        writer.outages, writer.last_outage_s = 1, 3
        publisher.outages, publisher.last_outage_s = 2, 4
        told = [(alert.component, alert.recovery) for alert in watch.look(60_000)]
        after = "Connection re-established successfully after"
        assert told == [
            ("postgresql", None),
            ("postgresql", f"{after} 3 s"),
            ("redis", None),
            ("redis", f"{after} 4 s"),
        ]
        assert watch.look(120_000) == []

    def test_a_full_spool_is_told_once_and_health_stays_critical(self, watch: OutageWatch, writer: Writer) -> None:
        writer.lost.update(MinuteRows=2, HealthRow=1)
        (full,) = watch.look(0)
        assert (full.component, full.severity) == ("spool", "critical")
        assert "TICKSTOCK_SPOOL_MAX_MB" in str(full.action_required)
        assert watch.look(0) == []
        assert watch.troubles() == [Trouble("critical", "Spool full, not stored: 1 HealthRow, 2 MinuteRows")]

    @pytest.mark.parametrize(("speed", "is_told"), [(1, True), (MAX_SPEED, False)])
    async def test_a_database_that_falls_behind_is_told_where_the_market_does_not_wait_for_it(
        self, speed: float, is_told: bool, writer: Writer, publisher: Publisher
    ) -> None:
        watch = OutageWatch(VirtualClock(speed), writer, publisher, hold_s=0)
        for position in range(33):
            await writer._jobs.add(
                SessionClosing("s", "2018-02-26T14:30:00.000Z", position, 0, "stopped"), to_disk=False
            )
        watch.look(0)
        behind = "Database is behind: 33 writes wait, 0 minutes are spooled (0.0 MB)"
        assert watch.troubles() == ([Trouble("warning", behind)] if is_told else [])
        for _ in range(4):
            await writer._jobs.forget(0)
        watch.look(0)
        was = "Database was behind: 33 writes waited, now 29"
        assert watch.troubles() == ([Trouble("warning", was)] if is_told else [])
        await writer._jobs.forget(0)
        watch.look(0)
        assert watch.troubles() == []


outages = st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=30)
"""Whether it is away at a look, and how many outages have begun since the last."""


@given(outages)
def test_losses_and_returns_alternate_and_end_with_what_is(story: list[tuple[bool, int]]) -> None:
    turns, told, begun, was_away = Turns(), [], 0, False
    for is_away, more in story:
        # Who is away and was not, has gone meanwhile.
        begun += max(more, int(is_away and not was_away))
        new = list(turns.look(is_away, begun))
        assert bool(new) == (more > 0 or is_away != was_away)
        told += new
        was_away = is_away
    assert told == ["lost" if number % 2 == 0 else "back" for number in range(len(told))]
    assert was_away == (len(told) % 2 == 1)
