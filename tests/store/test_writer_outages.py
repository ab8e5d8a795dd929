"""While the database is away the writer takes everything at once, and nothing is lost or stored twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.store.samples import closing, minute, opening, session_id
from tests.support import eventually_async
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.errors import TickStockError
from tickstockpl.store.left_behind import store_left_behind
from tickstockpl.store.migrate import migrate
from tickstockpl.store.rows import StoreJob
from tickstockpl.store.sessions import count_rows, find_session
from tickstockpl.store.spool_folder import SpoolFolder
from tickstockpl.store.writer import Writer

MIB = 1 << 20


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


class Outage:
    """A database of the test's own that is there, goes and comes back."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._server: EmbeddedServers | None = None
        self.url = ""

    async def begin(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await asyncio.to_thread(server.stop)

    async def end(self) -> None:
        self._server = EmbeddedServers(self._data_dir, need_redis=False)
        await asyncio.to_thread(self._server.start)
        self.url = self._server.database_url


@pytest.fixture
async def outage(data_dir: Path) -> AsyncIterator[Outage]:
    made = Outage(data_dir)
    await made.end()
    await asyncio.to_thread(migrate, made.url)
    yield made
    await made.begin()


@asynccontextmanager
async def opened(url: str, folder: SpoolFolder, **how: Any) -> AsyncIterator[Writer]:
    writer = Writer(url, spools=folder, **how)
    await writer.open()
    try:
        yield writer
    finally:
        await writer.close()


async def put(writer: Writer, *jobs: Any) -> None:
    """Put jobs, none of which may wait."""
    async with asyncio.timeout(10):
        for job in jobs:
            await writer.put(job)


async def test_an_outage_is_spooled_and_stored_in_order_on_return(outage: Outage, tmp_path: Path) -> None:
    folder = SpoolFolder(tmp_path, outage.url, 100 * MIB)
    async with opened(outage.url, folder, queue_size=4) as writer:
        await put(writer, opening(), minute(0))
        await writer.flush()
        assert writer.away_s == 0
        await outage.begin()
        await put(writer, *(minute(number) for number in range(1, 40)))
        await eventually_async(lambda: writer.is_kept)
        await put(writer, *(minute(number) for number in range(40, 60)))
        await writer.flush()  # all is safe: that is all there is to wait for
        assert (writer.depth, writer.spooled, writer.spooled_minutes) == (59, 59, 59)
        assert writer.spooled_bytes > 0
        assert writer.away_s > 0
        assert "cannot reach the database" in str(writer.last_error)
        await outage.end()
        await put(writer, *(minute(number) for number in range(60, 70)))
        await eventually_async(lambda: writer.depth == 0, timeout=30)
        assert (writer.connected, writer.last_error, writer.away_s) == (True, None, 0)
        await put(writer, minute(70), closing(patterns=71, indicators=426))
        await writer.flush()
        assert writer.spooled == 0
        assert writer.committed_minutes + writer.duplicate_minutes == 71
    stored = rows(outage.url, "SELECT detected_at FROM intraday_patterns ORDER BY id")
    assert len(stored) == 71
    assert stored == sorted(stored)
    assert rows(outage.url, "SELECT total_patterns, total_indicators, final_status FROM streaming_sessions") == [
        (71, 426, "completed")
    ]
    assert list(folder.path.iterdir()) == []


async def test_what_a_service_leaves_in_an_outage_is_stored_by_the_next_start(outage: Outage, tmp_path: Path) -> None:
    folder = SpoolFolder(tmp_path, outage.url, 100 * MIB)
    async with opened(outage.url, folder) as writer:
        await put(writer, opening(), minute(0))
        await writer.flush()
        await outage.begin()
        await put(writer, minute(1), minute(2))
        await writer.flush()
    with pytest.raises(TickStockError, match="cannot reach the database"):
        store_left_behind(outage.url, folder)
    await outage.end()
    assert store_left_behind(outage.url, folder) == [
        "2 writes that an earlier run had left in its spool are stored now"
    ]
    found = find_session(outage.url, session_id())
    assert found is not None
    assert found.last_minute == minute(2).minute
    assert store_left_behind(outage.url, folder) == []


async def test_what_was_stored_before_it_could_be_forgotten_is_there_once(database_url: str, tmp_path: Path) -> None:
    folder = SpoolFolder(tmp_path, database_url, 100 * MIB)
    jobs: list[StoreJob] = [opening(), minute(0), minute(1), closing(patterns=2, indicators=12)]
    async with opened(database_url, folder) as writer:
        await put(writer, *jobs)
    with folder.new() as spool:
        for position, job in enumerate(jobs, 1):
            spool.put(position, job)
    assert store_left_behind(database_url, folder) == [
        "4 writes that an earlier run had left in its spool are stored now"
    ]
    assert count_rows(database_url, session_id())["bars_1min"] == 6
    assert rows(database_url, "SELECT total_patterns, final_status FROM streaming_sessions") == [(2, "completed")]


async def test_a_left_job_that_the_database_refuses_is_told_with_its_file(database_url: str, tmp_path: Path) -> None:
    folder = SpoolFolder(tmp_path, database_url, 100 * MIB)
    with folder.new() as spool:
        spool.put(1, minute(0))  # its session was never opened
    with pytest.raises(TickStockError, match=rf"{spool.path}: .*foreign key.*; move that file away"):
        store_left_behind(database_url, folder)
    assert spool.path.exists()


async def test_a_full_spool_keeps_the_oldest_and_counts_what_is_lost(outage: Outage, tmp_path: Path) -> None:
    folder = SpoolFolder(tmp_path, outage.url, 3000)
    async with opened(outage.url, folder) as writer:
        await put(writer, opening())
        await writer.flush()
        await outage.begin()
        await put(writer, *(minute(number) for number in range(30)), closing())
        await writer.flush()
        kept = writer.spooled_minutes
        assert 0 < kept < 30
        assert writer.lost == {"MinuteRows": 30 - kept}
        await outage.end()
        await eventually_async(lambda: writer.depth == 0, timeout=30)
    assert count_rows(outage.url, session_id())["bars_1min"] == 3 * kept
    assert rows(outage.url, "SELECT final_status FROM streaming_sessions") == [("completed",)]


class TestSlowDatabase:
    @asynccontextmanager
    async def slow(self, database_url: str, folder: SpoolFolder, *, waits: bool) -> AsyncIterator[tuple[Writer, Any]]:
        """A writer of four places whose first minute waits for a lock; and what lifts the lock."""
        async with opened(database_url, folder, queue_size=4, wait_for_slow_database=waits) as writer:
            await writer.put(opening())
            await writer.flush()
            with psycopg.connect(database_url) as blocker:
                blocker.execute("LOCK TABLE intraday_indicators IN ACCESS EXCLUSIVE MODE")
                yield writer, blocker.rollback
            await writer.flush()

    async def test_a_paced_market_does_not_wait_for_it(self, database_url: str, tmp_path: Path) -> None:
        folder = SpoolFolder(tmp_path, database_url, 100 * MIB)
        async with self.slow(database_url, folder, waits=False) as (writer, lift):
            await put(writer, *(minute(number) for number in range(30)))
            assert (writer.spooled, writer.depth, writer.connected) == (26, 30, True)
            lift()
            await put(writer, minute(30))
        stored = rows(database_url, "SELECT detected_at FROM intraday_patterns ORDER BY id")
        assert len(stored) == 31
        assert stored == sorted(stored)

    async def test_where_nothing_else_paces_it_it_does(self, database_url: str, tmp_path: Path) -> None:
        folder = SpoolFolder(tmp_path, database_url, 100 * MIB)
        async with self.slow(database_url, folder, waits=True) as (writer, lift):
            await put(writer, *(minute(number) for number in range(4)))
            waiting = asyncio.create_task(writer.put(minute(4)))
            done, _ = await asyncio.wait({waiting}, timeout=0.1)
            assert not done
            assert writer.spooled == 0
            lift()
            await waiting

    async def test_what_is_not_stored_in_time_stays_in_the_spool(self, database_url: str, tmp_path: Path) -> None:
        folder = SpoolFolder(tmp_path, database_url, 100 * MIB)
        writer = Writer(database_url, spools=folder)
        await writer.open()
        with psycopg.connect(database_url) as blocker:
            blocker.execute("LOCK TABLE streaming_sessions IN ACCESS EXCLUSIVE MODE")
            await put(writer, opening(), minute(0))
            await writer.close(timeout_s=0.01)
        assert store_left_behind(database_url, folder) != []
        assert count_rows(database_url, session_id())["bars_1min"] == 3
