"""The writer stores every job in order and once, whatever happens to its connection."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.store.samples import at, closing, minute, opening, session_id
from tests.support import eventually_async
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.errors import TickStockError
from tickstockpl.store.migrate import migrate
from tickstockpl.store.rows import CriticalAlertRow, HealthRow, SourceCatalog
from tickstockpl.store.sessions import count_rows
from tickstockpl.store.writer import StoreError, Writer

HEALTH = HealthRow(session_id(), "warning", 3, 12.345, 3, 45, 35.25, 512, b'["High CPU usage: 85%"]', at(1))


@asynccontextmanager
async def opened(url: str, queue_size: int = 64) -> AsyncIterator[Writer]:
    writer = Writer(url, queue_size)
    await writer.open()
    try:
        yield writer
    finally:
        await writer.close()


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def hang_up_writers(connection: psycopg.Connection) -> int:
    return connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'tickstockpl' AND datname = current_database() AND pid <> pg_backend_pid()"
    ).rowcount


async def test_a_session_lands_in_the_tables_as_it_was_put(database_url: str) -> None:
    alert = CriticalAlertRow(session_id(), "critical", "lost\tit", "feed", "check", None, at(1))
    async with opened(database_url) as writer:
        for job in (opening(), minute(0), HEALTH, alert, closing(patterns=1, indicators=6)):
            await writer.put(job)
        await writer.flush()
        assert (writer.depth, writer.committed_minutes, writer.last_error) == (0, 1, None)
    session = (
        "SELECT session_id::text, universe, symbol_count, total_patterns, total_indicators, final_status, "
        "stopped_at > started_at"
    )
    assert rows(database_url, f"{session} FROM streaming_sessions") == [
        (session_id(), "demo:test", 3, 1, 6, "completed", True)
    ]
    assert rows(database_url, "SELECT source, trading_date::text, ordinal FROM session_sources") == [
        ("replay:sample", "2025-10-06", 1)
    ]
    pattern = (
        "SELECT symbol, pattern_type, confidence, timeframe, bar_close, bar_volume, metadata FROM intraday_patterns"
    )
    assert rows(database_url, pattern) == [
        ("AAA", "Doji", Decimal("0.85"), "1min", Decimal("10.50"), 1200, {"why": "a\\b\t"})
    ]
    indicator = "SELECT symbol, indicator, value, timeframe, metadata FROM intraday_indicators ORDER BY id LIMIT 1"
    assert rows(database_url, indicator) == [("AAA", "RSI", Decimal("55.1235"), "1min", {"period": 14})]
    assert rows(database_url, "SELECT alert_type, value, threshold, direction, severity FROM indicator_alerts") == [
        ("RSI_OVERBOUGHT", 75.2, 70.0, "above", "warning")
    ]
    assert rows(database_url, "SELECT symbol, open, high, low, close, volume FROM bars_1min ORDER BY symbol") == [
        (symbol, 10.0, 11.0, 9.0, 10.5, 1200) for symbol in ("AAA", "BRK.B", "C-P")
    ]
    health = "SELECT status, ticks_per_second, cpu_percent, issues FROM streaming_health_metrics"
    assert rows(database_url, health) == [("warning", Decimal("12.35"), Decimal("35.25"), ["High CPU usage: 85%"])]
    assert rows(database_url, "SELECT message, action_required, recovery FROM critical_alerts") == [
        ("lost\tit", "check", None)
    ]
    times = "SELECT detected_at - minute FROM intraday_patterns JOIN bars_1min USING (session_id, symbol)"
    assert [str(row[0]) for row in rows(database_url, times)] == ["0:01:00"]


async def test_jobs_are_stored_in_the_order_in_which_they_were_put(database_url: str) -> None:
    async with opened(database_url, queue_size=4) as writer:
        await writer.put(opening())
        for number in range(30):
            await writer.put(minute(number))
            assert writer.depth <= 4
    stored = rows(database_url, "SELECT detected_at FROM intraday_patterns ORDER BY id")
    assert len(stored) == 30
    assert stored == sorted(stored)


async def test_totals_grow_with_their_rows(database_url: str) -> None:
    async with opened(database_url) as writer:
        for job in (opening(), minute(0), minute(1)):
            await writer.put(job)
    assert rows(database_url, "SELECT total_patterns, total_indicators FROM streaming_sessions") == [(2, 12)]


async def test_a_resumed_session_is_open_again_and_keeps_its_totals(database_url: str) -> None:
    async with opened(database_url) as writer:
        for job in (opening(), minute(0), closing(patterns=1, indicators=6), opening()):
            await writer.put(job)
    state = "SELECT stopped_at, final_status, total_patterns, total_indicators FROM streaming_sessions"
    assert rows(database_url, state) == [(None, None, 1, 6)]


async def test_a_catalog_takes_the_place_of_the_one_of_an_earlier_start(database_url: str) -> None:
    async with opened(database_url) as writer:
        for source, catalog in (("massive", b'{"v": 1}'), ("redis", b"{}"), ("massive", b'{"v": 2}')):
            await writer.put(SourceCatalog(source, catalog))
    assert rows(database_url, "SELECT source, catalog FROM streaming_catalogs ORDER BY 1") == [
        ("massive", {"v": 2}),
        ("redis", {}),
    ]


async def test_a_minute_put_twice_is_stored_once(database_url: str) -> None:
    async with opened(database_url) as writer:
        for job in (opening(), minute(0), minute(0), minute(1)):
            await writer.put(job)
        await writer.flush()
        assert (writer.committed_minutes, writer.duplicate_minutes) == (2, 1)
    assert count_rows(database_url, session_id())["intraday_indicators"] == 12
    assert rows(database_url, "SELECT total_indicators FROM streaming_sessions") == [(12,)]


async def test_two_writers_of_the_same_minutes_store_them_once(database_url: str) -> None:
    async with opened(database_url) as first, opened(database_url) as second:
        await first.put(opening())
        await first.flush()

        async def put_all(writer: Writer) -> None:
            for number in range(20):
                await writer.put(minute(number))
            await writer.flush()

        await asyncio.gather(put_all(first), put_all(second))
        assert first.committed_minutes + second.committed_minutes == 20
        assert first.duplicate_minutes + second.duplicate_minutes == 20
    assert count_rows(database_url, session_id())["intraday_indicators"] == 120


async def test_sessions_of_one_source_share_the_bars_of_their_common_symbols(database_url: str) -> None:
    wide, narrow = ("AAA", "BBB", "CCC"), ("AAA", "BBB")
    async with opened(database_url) as writer:
        await writer.put(opening(1, universe="demo:narrow"))
        await writer.put(opening(2, universe="demo:wide"))
        for job in (minute(0, 1, symbols=narrow), minute(0, 2, symbols=wide), minute(0, 2, symbols=wide)):
            await writer.put(job)
        await writer.put(minute(1, 2, symbols=wide))
        await writer.put(minute(1, 1, symbols=narrow))
        await writer.put(minute(1, 1, symbols=narrow))
        await writer.flush()
        assert (writer.committed_minutes, writer.duplicate_minutes) == (4, 2)
    assert count_rows(database_url, session_id(1))["intraday_indicators"] == 2 * 2 * 2
    assert count_rows(database_url, session_id(2))["intraday_indicators"] == 2 * 3 * 2
    assert len(rows(database_url, "SELECT 1 FROM bars_1min")) == 6


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (minute(0, close=10.75), "stored with other values"),
        (minute(0, symbols=("AAA", "BRK.B", "C-P", "NEW")), "stored without NEW"),
    ],
)
async def test_a_minute_that_contradicts_the_stored_one_stops_the_writer(
    database_url: str, other: Any, says: str
) -> None:
    writer = Writer(database_url)
    await writer.open()
    for job in (opening(), minute(0), other):
        await writer.put(job)
    with pytest.raises(TickStockError, match=says):
        await writer.flush()
    with pytest.raises(TickStockError, match=says):
        await writer.close()
    assert count_rows(database_url, session_id())["bars_1min"] == 3


async def test_a_lost_connection_is_made_again_and_nothing_is_lost_or_doubled(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as administrator:
        async with opened(database_url) as writer:
            await writer.put(opening())
            for number in range(40):
                await writer.put(minute(number))
                if number % 10 == 5:
                    await asyncio.to_thread(hang_up_writers, administrator)
            await writer.flush()
            assert (writer.connected, writer.last_error) == (True, None)
            assert writer.committed_minutes + writer.duplicate_minutes == 40
    assert count_rows(database_url, session_id())["bars_1min"] == 40 * 3
    assert rows(database_url, "SELECT total_patterns, total_indicators FROM streaming_sessions") == [(40, 240)]


async def test_a_connection_lost_in_the_middle_of_a_minute_leaves_no_half_of_it(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as administrator:
        async with opened(database_url) as writer:
            await writer.put(opening())
            await writer.flush()
            with psycopg.connect(database_url) as blocker:
                blocker.execute("LOCK TABLE intraday_indicators IN ACCESS EXCLUSIVE MODE")
                await writer.put(minute(0))
                waits = (
                    "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'tickstockpl'"
                )
                await eventually_async(lambda: administrator.execute(waits).fetchone())  # bars are copied by now
                assert hang_up_writers(administrator) == 1
                await eventually_async(lambda: writer.last_error)
                assert not writer.connected
            await writer.flush()
    counts = count_rows(database_url, session_id())
    assert (counts["bars_1min"], counts["intraday_indicators"], counts["indicator_alerts"]) == (3, 6, 1)


async def test_health_whose_commit_was_in_doubt_is_stored_once(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt: Callable[..., Awaitable[bool]] = Writer._attempt
    answers = iter(["lost after the commit"])

    async def lose_the_first_answer(self: Writer, job: Any, *, again: bool) -> bool:
        stored = await attempt(self, job, again=again)
        if isinstance(job, HealthRow) and (message := next(answers, None)):
            raise psycopg.OperationalError(message)
        return stored

    monkeypatch.setattr(Writer, "_attempt", lose_the_first_answer)
    async with opened(database_url) as writer:
        await writer.put(opening())
        await writer.put(HEALTH)
    assert len(rows(database_url, "SELECT 1 FROM streaming_health_metrics")) == 1


async def test_an_outage_is_waited_out(data_dir: Path) -> None:
    with EmbeddedServers(data_dir, need_redis=False) as servers:
        url = servers.database_url
        await asyncio.to_thread(migrate, url)
        writer = Writer(url)
        await writer.open()
        await writer.put(opening())
        await writer.flush()
    await writer.put(minute(0))
    await eventually_async(lambda: writer.last_error is not None and not writer.connected)
    assert "cannot reach the database" in str(writer.last_error)
    with EmbeddedServers(data_dir, need_redis=False) as servers:
        assert servers.database_url == url
        await writer.flush()
        await writer.close()
        assert count_rows(url, session_id())["bars_1min"] == 3


async def test_closing_while_the_database_is_away_says_what_was_not_stored(data_dir: Path) -> None:
    with EmbeddedServers(data_dir, need_redis=False) as servers:
        await asyncio.to_thread(migrate, servers.database_url)
        writer = Writer(servers.database_url)
        await writer.open()
    await writer.put(opening())
    await eventually_async(lambda: writer.last_error)
    with pytest.raises(TickStockError, match=r"1 writes were not stored within 0 s: cannot reach the database"):
        await writer.close(timeout_s=0.01)


async def test_closing_does_not_wait_for_a_locked_table(database_url: str) -> None:
    writer = Writer(database_url)
    await writer.open()
    with psycopg.connect(database_url) as blocker:
        blocker.execute("LOCK TABLE streaming_sessions IN ACCESS EXCLUSIVE MODE")
        await writer.put(opening())
        with pytest.raises(TickStockError, match="1 writes were not stored"):
            await writer.close(timeout_s=0.01)


async def test_a_refused_job_stops_the_writer_and_is_told(database_url: str) -> None:
    writer = Writer(database_url, queue_size=2)
    await writer.open()
    await writer.put(minute(0))  # its session was never opened
    with pytest.raises(StoreError, match="foreign key"):
        await writer.flush()
    with pytest.raises(StoreError, match="foreign key"):
        await writer.put(opening())
    assert "foreign key" in str(writer.last_error)
    with pytest.raises(StoreError):
        await writer.close()
    assert rows(database_url, "SELECT 1 FROM bars_1min") == []


async def test_whoever_waits_in_put_is_told_too(database_url: str) -> None:
    writer = Writer(database_url, queue_size=1)
    await writer.open()
    with psycopg.connect(database_url) as blocker:
        blocker.execute("LOCK TABLE streaming_sessions IN ACCESS EXCLUSIVE MODE")
        await writer.put(minute(0))
        waiting = asyncio.create_task(writer.put(opening()))
    with pytest.raises(StoreError, match="foreign key"):
        await waiting
    with pytest.raises(StoreError):
        await writer.close()


async def test_a_database_that_was_not_migrated_is_refused(empty_database_url: str) -> None:
    with pytest.raises(TickStockError, match="no tables of TickStockPL; run tickstockpl migrate"):
        await Writer(empty_database_url).open()


async def test_an_unreachable_database_is_one_sentence_without_the_password() -> None:
    with pytest.raises(TickStockError, match=r"cannot reach the database at 127\.0\.0\.1:1/market") as caught:
        await Writer("postgresql://someone:hush@127.0.0.1:1/market").open()
    assert "hush" not in str(caught.value)
