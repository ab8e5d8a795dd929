"""Servers that stand still: connections are accepted, and nothing is ever answered."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests.faults.proxy import FaultProxy
from tests.faults.tables import ROW_TABLES, contents, sessions_with_wrong_totals
from tests.servers import Machine
from tests.store.samples import minute, opening, session_id
from tests.store.storing import stored, whole_session
from tests.streaming.market_files import FIVE_DAYS, cut, play, quiet_settings, replay_service
from tests.support import Subscriber, eventually_async
from tickstockpl.contract.channels import Channel
from tickstockpl.store import link
from tickstockpl.store.migrate import migrate
from tickstockpl.store.sessions import count_rows
from tickstockpl.store.spool_folder import SpoolFolder
from tickstockpl.store.writer import Writer
from tickstockpl.streaming import pruning as pruning_module
from tickstockpl.streaming.pruning import Pruning
from tickstockpl.streaming.publisher import HEARTBEAT_S, REPLY_TIMEOUT_S
from tickstockpl.streaming.service import StreamingService

NOTICED_WITHIN_S = 5.0

SPEED = 600
"""A minute of the market in a tenth of a second."""

DURATION_S = 150 * 60

MANY = tuple(f"S{number}" for number in range(3500))
"""Symbols enough for a COPY that no socket's buffer takes whole: psycopg does not always see that it broke there."""

GATE = """
    CREATE FUNCTION pass_the_gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.symbol = 'S10' THEN PERFORM pg_advisory_xact_lock(1); END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER gate BEFORE INSERT ON intraday_indicators FOR EACH ROW EXECUTE FUNCTION pass_the_gate();
"""
"""Lets a COPY begin and go no further while somebody holds the lock."""

EVENTS = (
    Channel.SESSION_STARTED,
    Channel.PATTERNS,
    Channel.HIGH_CONFIDENCE_PATTERNS,
    Channel.INDICATOR_ALERTS,
    Channel.SESSION_STOPPED,
)


def test_silence_is_noticed_in_time() -> None:
    assert link.SILENCE_S + link.ANSWER_TIMEOUT_S < NOTICED_WITHIN_S
    assert HEARTBEAT_S + REPLY_TIMEOUT_S < NOTICED_WITHIN_S


@pytest.fixture
async def machine(data_dir: Path) -> AsyncIterator[Machine]:
    """With Redis and migrated tables."""
    made = Machine(data_dir)
    await made.start("redis", "database")
    await asyncio.to_thread(migrate, made.database_url)
    yield made
    await asyncio.to_thread(made.close)


class TestWriter:
    async def test_what_waits_for_a_silent_database_goes_to_disk_and_lands_once_when_it_speaks(
        self, machine: Machine, tmp_path: Path
    ) -> None:
        writer = Writer(machine.database_url, spools=SpoolFolder(tmp_path, machine.database_url, 1 << 20))
        await writer.open()
        await writer.put(opening())
        await writer.flush()
        with machine.frozen("database"):
            for number in range(3):
                await writer.put(minute(number))
            await eventually_async(lambda: writer.is_kept, timeout=30)
            assert "it has not answered for " in str(writer.last_error)
            await writer.put(minute(3))
            assert writer.spooled_minutes == 4
        await eventually_async(lambda: writer.depth == 0, timeout=60)
        await writer.close()
        assert count_rows(machine.database_url, session_id())["bars_1min"] == 4 * 3
        assert sessions_with_wrong_totals(machine.database_url) == []

    async def test_silence_in_the_middle_of_a_copy(self, machine: Machine, tmp_path: Path) -> None:
        writer = Writer(machine.database_url, spools=SpoolFolder(tmp_path, machine.database_url, 1 << 26))
        await writer.open()
        await writer.put(opening())
        await writer.flush()
        with psycopg.connect(machine.database_url, autocommit=True) as gate:
            gate.execute(GATE)
            gate.execute("SELECT pg_advisory_lock(1)")
            await writer.put(minute(0, symbols=MANY))
            waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            await eventually_async(lambda: gate.execute(waits).fetchone())
            with machine.frozen("database"):
                await eventually_async(lambda: writer.is_kept, timeout=30)
            gate.execute("SELECT pg_advisory_unlock(1)")
        await eventually_async(lambda: writer.depth == 0, timeout=60)
        await writer.close()
        counts = count_rows(machine.database_url, session_id())
        assert (counts["bars_1min"], counts["intraday_indicators"]) == (len(MANY), 2 * len(MANY))
        assert sessions_with_wrong_totals(machine.database_url) == []

    async def test_closing_in_the_silence_leaves_everything_in_the_spool(
        self, machine: Machine, tmp_path: Path
    ) -> None:
        writer = Writer(machine.database_url, spools=SpoolFolder(tmp_path, machine.database_url, 1 << 20))
        await writer.open()
        with machine.frozen("database"):
            await writer.put(opening())
            async with asyncio.timeout(60):
                await writer.close()
        assert writer.spooled == 1

    async def test_a_slow_database_is_waited_for(self, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(link, "SILENCE_S", 0.05)
        (folder,) = parse_qs(urlsplit(database_url).query)["host"]
        async with FaultProxy(Path(folder) / ".s.PGSQL.5432") as proxy:
            parts = urlsplit(database_url)
            writer = Writer(f"postgresql://{parts.username}@127.0.0.1:{proxy.port}{parts.path}")
            await writer.open()
            with psycopg.connect(database_url) as blocker:
                blocker.execute("LOCK TABLE streaming_sessions IN ACCESS EXCLUSIVE MODE")
                await writer.put(opening())
                asked = proxy.accepted
                await eventually_async(lambda: proxy.accepted >= asked + 3, what="three questions whether it is there")
                assert (writer.connected, writer.last_error) == (True, None)
            await writer.flush()
            await eventually_async(lambda: proxy.open_connections == 1, what="the end of all but its own connection")
            await writer.close()


async def test_a_pruning_does_not_keep_the_service_from_ending(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning_module, "CLOSE_TIMEOUT_S", 0.2)
    await stored(machine.database_url, whole_session(1, "simulator:old"))
    pruning = Pruning(machine.database_url, kept=0)
    with (
        psycopg.connect(machine.database_url) as blocker,
        psycopg.connect(machine.database_url, autocommit=True) as observer,
    ):
        blocker.execute("SELECT 1 FROM bars_1min FOR UPDATE")
        pruning.start_for("simulator:new")
        waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        await eventually_async(lambda: observer.execute(waits).fetchone())
        with machine.frozen("database"):
            async with asyncio.timeout(10):
                await pruning.close()


class TestService:
    @pytest.fixture
    def one_day(self, test_data: Path, tmp_path: Path) -> Path:
        """Three symbols over one real trading day."""
        return cut(test_data / FIVE_DAYS, tmp_path / "one_day.csv", {"AAPL", "GOOG", "NVDA"}, days=1)

    @pytest.fixture
    def undisturbed(self, one_day: Path, redis_url: str, database_url: str) -> tuple[Subscriber, str]:
        """What is heard when nothing happens, and the database that it is stored in."""
        with Subscriber(redis_url) as heard:
            asyncio.run(play(self.service(one_day, redis_url, database_url)))
        return heard, database_url

    def service(self, path: Path, redis_url: str, database_url: str, **how: Any) -> StreamingService:
        settings = quiet_settings(patterns="all", min_confidence=0)
        return replay_service(path, redis_url, database_url, settings=settings, duration_s=DURATION_S, **how)

    @asynccontextmanager
    async def streaming(self, path: Path, machine: Machine) -> AsyncIterator[tuple[StreamingService, Subscriber]]:
        """A service under way, and what is heard of it; played to its end when the block ends."""
        service = self.service(path, machine.redis_url, machine.database_url, speed=SPEED)
        with Subscriber(machine.redis_url) as heard:
            playing = asyncio.create_task(play(service))
            await eventually_async(lambda: service.status.bars >= 30)
            yield service, heard
            async with asyncio.timeout(60):
                await playing

    async def test_events_go_out_while_postgresql_is_silent_and_every_row_lands(
        self, one_day: Path, undisturbed: tuple[Subscriber, str], machine: Machine
    ) -> None:
        async with self.streaming(one_day, machine) as (service, heard):
            with machine.frozen("database"):
                (lost,) = await asyncio.to_thread(heard.wait_for, Channel.CRITICAL_ALERTS, timeout=30)
                assert "it has not answered for " in json.loads(lost)["alert"]["message"]
                bars = len(heard.on(Channel.BARS))
                await asyncio.to_thread(heard.wait_for, Channel.BARS, bars + 10)
                assert any(
                    "Database unreachable" in issue
                    for issue in json.loads(heard.on(Channel.HEALTH)[-1])["health"]["issues"]
                )
            assert service.status.summaries == [], "the session ended before the silence did"
        everything, undisturbed_url = undisturbed
        for channel in EVENTS:
            assert heard.on(channel) == everything.on(channel), channel
        self.same_rows(undisturbed_url, machine.database_url, told_of="postgresql")

    async def test_rows_land_while_redis_is_silent_and_every_event_goes_out(
        self, one_day: Path, undisturbed: tuple[Subscriber, str], machine: Machine
    ) -> None:
        async with self.streaming(one_day, machine) as (service, heard):
            with machine.frozen("redis"), psycopg.connect(machine.database_url, autocommit=True) as connection:

                def told() -> bool:
                    query = "SELECT count(*) FROM critical_alerts WHERE component = 'redis' AND severity = 'critical'"
                    return connection.execute(query).fetchone() == (1,)

                await eventually_async(told, timeout=30, what="the alert in its table")
                minutes = service.parts.writer.committed_minutes
                await eventually_async(lambda: service.parts.writer.committed_minutes >= minutes + 10)
            assert service.status.summaries == [], "the session ended before the silence did"
        everything, undisturbed_url = undisturbed
        for channel in EVENTS:
            # What was on its way is sent again: a stretch of them may have been heard twice.
            assert list(dict.fromkeys(heard.on(channel))) == everything.on(channel), channel
        alerts = [json.loads(payload)["alert"] for payload in dict.fromkeys(heard.on(Channel.CRITICAL_ALERTS))]
        assert [(alert["component"], alert["severity"]) for alert in alerts] == [
            ("redis", "critical"),
            ("redis", "info"),
        ]
        self.same_rows(undisturbed_url, machine.database_url, told_of="redis")

    def same_rows(self, undisturbed_url: str, database_url: str, *, told_of: str) -> None:
        expected, stored = contents(undisturbed_url), contents(database_url)
        for table in ROW_TABLES:
            if table != "critical_alerts":
                assert stored[table] == expected[table], table
        assert [alert[3] for alert in stored["critical_alerts"]] == [told_of, told_of]
