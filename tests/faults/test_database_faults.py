"""PostgreSQL behind a network that fails: every row is there once when it is healed, and health says what is wrong."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests.faults.proxy import FaultProxy
from tests.faults.tables import contents, sessions_with_wrong_totals
from tests.store.samples import at, minute, opening, session_id
from tests.streaming.market_files import FIVE_DAYS, Hold, cut, play, replay_service
from tests.support import Subscriber, eventually_async
from tickstockpl.contract.channels import Channel
from tickstockpl.store import read_pool
from tickstockpl.store.migrate import migrate
from tickstockpl.store.queries import DatabaseUnavailableError, Queries
from tickstockpl.store.rows import CriticalAlertRow, HealthRow, StoreJob
from tickstockpl.store.sessions import count_rows
from tickstockpl.store.writer import Writer
from tickstockpl.streaming.service import StreamingService

MANY = tuple(f"S{number}" for number in range(2000))
"""Symbols enough for a COPY that takes a while."""

JOBS: tuple[tuple[StoreJob, dict[str, int]], ...] = (
    (minute(0), {"bars_1min": 3, "intraday_patterns": 1, "intraday_indicators": 6, "indicator_alerts": 1}),
    (
        HealthRow(session_id(), "warning", 3, 12.345, 3, 45, 35.25, 512, b"[]", at(1)),
        {"streaming_health_metrics": 1},
    ),
    (
        CriticalAlertRow(session_id(), "critical", "feed lost", "feed", "check it", None, at(1)),
        {"critical_alerts": 1},
    ),
    (opening(2, universe="demo:other"), {}),
)
"""With the rows that each adds to the session of the tests."""

SEED = 20180226
CUTS = 8
SYMBOLS_OF_DAY = 3
MINUTES_A_DAY = 390
BARS_A_DAY = SYMBOLS_OF_DAY * MINUTES_A_DAY
MINUTES_MEANWHILE = 20
"""How far the market may go on beyond a cut, and again while the database is away."""

SESSION_TABLES = {"streaming_sessions", "session_sources"}


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[FaultProxy]:
    (folder,) = parse_qs(urlsplit(database_url).query)["host"]
    async with FaultProxy(Path(folder) / ".s.PGSQL.5432") as running:
        yield running


@pytest.fixture
def far_url(proxy: FaultProxy, database_url: str) -> str:
    """The test's database, as it is reached through the proxy."""
    parts = urlsplit(database_url)
    return f"postgresql://{parts.username}@127.0.0.1:{proxy.port}{parts.path}"


@pytest.fixture
async def writer(far_url: str) -> AsyncIterator[Writer]:
    """Open, behind the proxy, with a session that has begun."""
    writer = Writer(far_url)
    await writer.open()
    await writer.put(opening())
    await writer.flush()
    yield writer
    await writer.close()


@pytest.fixture
def one_day(test_data: Path, tmp_path: Path) -> Path:
    """Three symbols over one real trading day."""
    return cut(test_data / FIVE_DAYS, tmp_path / "one_day.csv", {"AAPL", "GOOG", "NVDA"}, days=1)


@pytest.fixture
def undisturbed_url(empty_database_url: str) -> str:
    """Another database with all tables, to hold the test's against."""
    migrate(empty_database_url)
    return empty_database_url


def has_streamed(service: StreamingService, bars: int) -> bool:
    return service.status.bars >= bars


def has_stored(database_url: str, bars: int) -> bool:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT count(*) FROM bars_1min").fetchone()
    return row is not None and row[0] >= bars


def has_accepted(proxy: FaultProxy, connections: int) -> bool:
    return proxy.accepted >= connections


async def flushed(writer: Writer) -> None:
    """Wait until all is stored, for no longer than a while."""
    async with asyncio.timeout(30):
        await writer.flush()
    assert (writer.connected, writer.last_error) == (True, None)


@pytest.mark.parametrize("table", ["bars_1min", "intraday_indicators"])
async def test_cut_in_the_middle_of_a_copy(table: str, proxy: FaultProxy, writer: Writer, database_url: str) -> None:
    under_way = f"SELECT 1 FROM pg_stat_progress_copy WHERE relid = '{table}'::regclass AND bytes_processed > 0"
    with psycopg.connect(database_url, autocommit=True) as observer:
        proxy.slow_down(bytes_per_s=300_000)
        await writer.put(minute(0, symbols=MANY))
        await eventually_async(lambda: observer.execute(under_way).fetchone())
        proxy.cut()
        await eventually_async(lambda: writer.last_error)
        assert not writer.connected
        assert count_rows(database_url, session_id())["bars_1min"] == 0
    proxy.heal()
    await flushed(writer)
    counts = count_rows(database_url, session_id())
    assert (counts["bars_1min"], counts["intraday_indicators"]) == (len(MANY), 2 * len(MANY))
    assert (writer.committed_minutes, writer.duplicate_minutes) == (1, 0)


@pytest.mark.parametrize(("job", "its_rows"), JOBS, ids=[type(job).__name__ for job, _ in JOBS])
async def test_cut_when_a_commit_is_done_but_not_heard_of(
    job: StoreJob, its_rows: dict[str, int], proxy: FaultProxy, writer: Writer, database_url: str
) -> None:
    def keep_the_answer_back(data: bytes) -> bytes:
        if b"COMMIT\0" not in data:
            return data
        proxy.cut()
        return b""

    proxy.corrupt(keep_the_answer_back)
    await writer.put(job)
    await eventually_async(lambda: writer.last_error)
    stored = count_rows(database_url, session_id())
    assert {table: count for table, count in stored.items() if table not in SESSION_TABLES and count} == its_rows
    proxy.heal()
    await flushed(writer)
    assert count_rows(database_url, session_id()) == stored
    assert sessions_with_wrong_totals(database_url) == []


async def test_a_black_hole_is_waited_out(proxy: FaultProxy, writer: Writer, database_url: str) -> None:
    proxy.black_hole()
    for number in range(20):
        await writer.put(minute(number))
    assert writer.depth == 20
    proxy.heal()
    await flushed(writer)
    assert count_rows(database_url, session_id())["bars_1min"] == 20 * 3
    assert sessions_with_wrong_totals(database_url) == []


async def test_a_stream_whose_database_is_cut_off_again_and_again_stores_what_an_undisturbed_one_does(
    one_day: Path, proxy: FaultProxy, far_url: str, redis_url: str, database_url: str, undisturbed_url: str
) -> None:
    await play(replay_service(one_day, redis_url, undisturbed_url))
    hold = Hold()
    service = replay_service(one_day, redis_url, far_url, hold=hold)
    playing = asyncio.create_task(play(service))
    moments = random.Random(SEED)
    for bars in sorted(moments.sample(range(1, BARS_A_DAY - 200), CUTS)):
        # It is cut while the market runs, and the market has more to store when it has been.
        hold.let_go(bars // SYMBOLS_OF_DAY + MINUTES_MEANWHILE)
        await eventually_async(partial(has_streamed, service, bars), timeout=60)
        connections = proxy.accepted
        proxy.cut()
        hold.go_on(MINUTES_MEANWHILE)
        await eventually_async(partial(has_accepted, proxy, connections + 1), timeout=60)
        proxy.heal()
        await eventually_async(partial(has_stored, database_url, bars), timeout=60)
    hold.let_go(MINUTES_A_DAY)
    await playing
    stored, undisturbed = contents(database_url), contents(undisturbed_url)
    told = {alert[3] for alert in stored.pop("critical_alerts")}
    assert told == {"postgresql"}, "of the outages"
    assert undisturbed.pop("critical_alerts") == []
    assert stored == undisturbed


async def test_a_database_that_is_behind_is_told_by_health_until_it_has_caught_up(
    one_day: Path, proxy: FaultProxy, far_url: str, redis_url: str, database_url: str
) -> None:
    service = replay_service(one_day, redis_url, far_url, speed=3000)
    stop = asyncio.Event()
    with Subscriber(redis_url) as heard:

        def behind() -> bool:
            (*_, newest) = heard.on(Channel.HEALTH) or [b'{"health":{"issues":[]}}']
            return any("Database is behind" in issue for issue in json.loads(newest)["health"]["issues"])

        playing = asyncio.create_task(play(service, stop))
        await eventually_async(partial(has_streamed, service, 10), timeout=30)
        assert not behind()
        proxy.slow_down(bytes_per_s=5_000)
        await eventually_async(behind, timeout=30, what="an issue in health")
        proxy.heal()
        await eventually_async(lambda: not behind(), timeout=30, what="the end of the issue in health")
        stop.set()
        await playing
    assert sessions_with_wrong_totals(database_url) == []


class TestQuestionsOfTheDashboard:
    """To a database that has gone without a word; ``impatient`` makes the seconds short."""

    @pytest.fixture
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert read_pool._ANSWER_TIMEOUT_S > read_pool._STATEMENT_TIMEOUT_S, "the server's reason comes first"
        monkeypatch.setattr(read_pool, "_ANSWER_TIMEOUT_S", 0.5)
        monkeypatch.setattr(read_pool, "_CONNECTION_TIMEOUT_S", 0.5)
        monkeypatch.setattr(read_pool, "_WAIT_S", 0.5)

    @pytest.fixture
    async def queries(self, impatient: None, far_url: str) -> AsyncIterator[Queries]:
        """Open, with a connection that has served."""
        queries = Queries(far_url)
        await queries.open()
        assert await queries.sessions(1) == []
        yield queries
        await queries.close()

    async def test_a_connection_that_died_while_nobody_asked(self, queries: Queries, proxy: FaultProxy) -> None:
        proxy.black_hole()
        await self.is_refused_and_answered_after_the_healing(queries, proxy)

    async def test_a_connection_that_dies_under_the_question(self, queries: Queries, proxy: FaultProxy) -> None:
        def say_this_and_no_more(data: bytes) -> bytes:
            proxy.black_hole()
            return data

        proxy.corrupt(say_this_and_no_more)  # the answer to the check of the connection
        await self.is_refused_and_answered_after_the_healing(queries, proxy)

    async def is_refused_and_answered_after_the_healing(self, queries: Queries, proxy: FaultProxy) -> None:
        async with asyncio.timeout(5):
            with pytest.raises(DatabaseUnavailableError):
                await queries.sessions(1)
        proxy.heal()
        assert await queries.sessions(1) == []
