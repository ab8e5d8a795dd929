"""Stored bars come back as the minutes they were, to the last bit."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import numpy as np
import psycopg
import pytest

from tests.support import eventually
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.errors import TickStockError
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.store.history import stored_bars
from tickstockpl.store.rows import BarRow, MinuteRows, SessionOpening
from tickstockpl.store.writer import Writer

_DAYS = MarketCalendar().days_from(date(2018, 2, 22))  # a Thursday
THURSDAY, FRIDAY, MONDAY, TUESDAY = (next(_DAYS) for _ in range(4))
SOURCE = "replay:sample"


def bar(symbol: str, close: float) -> BarRow:
    return symbol, close - 0.1, close + 1 / 3, close - 1 / 7, close, round(close * 1e9)


def rows(day: MarketDay, minute: int, bars: Sequence[BarRow], source: str, session: str) -> MinuteRows:
    start_ms = day.open_ms + minute * MINUTE_MS
    return MinuteRows(source, session, to_iso(start_ms), to_iso(start_ms + MINUTE_MS), list(bars))


async def store(
    url: str, number: int, day: MarketDay, minutes: Sequence[Sequence[BarRow]], source: str = SOURCE
) -> None:
    """Store a session's bars, from the open on; a minute without any is none."""
    session = str(UUID(int=number))
    writer = Writer(url)
    await writer.open()
    await writer.put(SessionOpening(session, f"own:{number}", to_iso(day.open_ms), 2, source, day.date, ordinal=1))
    for minute, bars in enumerate(minutes):
        if bars:
            await writer.put(rows(day, minute, bars, source, session))
    await writer.close()


def minutes(url: str, symbols: Sequence[str], before: MarketDay, days: int = 3) -> list[MinuteBars]:
    return list(stored_bars(url, SOURCE, symbols, before, days))


def closes(history: Sequence[MinuteBars]) -> list[list[float]]:
    return [bars.close.tolist() for bars in history]


async def test_minute_by_minute_with_every_bit(database_url: str) -> None:
    close = 100.1
    await store(database_url, 1, MONDAY, [[bar("AAA", close), bar("BRK.B", 2.2)], [], [bar("BRK.B", 1 / 3)]])
    first, second = minutes(database_url, ["AAA", "BRK.B"], TUESDAY)
    assert (first.minute_ms, second.minute_ms) == (MONDAY.open_ms, MONDAY.open_ms + 2 * MINUTE_MS)
    assert (first.index.tolist(), second.index.tolist()) == ([0, 1], [1])
    prices = first.open, first.high, first.low, first.close
    assert [column[0] for column in prices] == [close - 0.1, close + 1 / 3, close - 1 / 7, close]
    assert first.volume.tolist() == [100_100_000_000, 2_200_000_000]
    assert (first.close.dtype, first.volume.dtype) == (np.dtype(np.float64), np.dtype(np.int64))


async def test_positions_are_the_universe_s_and_other_symbols_are_passed_over(database_url: str) -> None:
    await store(database_url, 1, MONDAY, [[bar("AAA", 1), bar("BBB", 2), bar("CCC", 3)], [bar("BBB", 4)]])
    (only,) = minutes(database_url, ["CCC", "ZZZ", "AAA"], TUESDAY)
    assert only.index.tolist() == [0, 2]
    assert only.close.tolist() == [3, 1]


async def test_the_newest_days_before_the_day_oldest_first(database_url: str) -> None:
    for number, day in enumerate((TUESDAY, FRIDAY, MONDAY, THURSDAY), start=1):
        await store(database_url, number, day, [[bar("AAA", number)]])
    assert closes(minutes(database_url, ["AAA"], TUESDAY)) == [[4], [2], [3]]
    assert closes(minutes(database_url, ["AAA"], TUESDAY, days=2)) == [[2], [3]]
    assert closes(minutes(database_url, ["AAA"], MONDAY, days=1)) == [[2]]
    assert minutes(database_url, ["AAA"], THURSDAY) == []


async def test_a_day_without_a_session_does_not_count(database_url: str) -> None:
    await store(database_url, 1, THURSDAY, [[bar("AAA", 1)]])
    await store(database_url, 2, MONDAY, [[bar("AAA", 2)]])
    assert closes(minutes(database_url, ["AAA"], TUESDAY, days=2)) == [[1], [2]]


async def test_two_universes_of_one_source_share_their_bars(database_url: str) -> None:
    await store(database_url, 1, MONDAY, [[bar("AAA", 1), bar("BBB", 2)]])
    await store(database_url, 2, MONDAY, [[bar("BBB", 2), bar("CCC", 3)]])
    assert closes(minutes(database_url, ["AAA", "BBB", "CCC"], TUESDAY, days=1)) == [[1, 2, 3]]


async def test_other_sources_are_other_markets(database_url: str) -> None:
    await store(database_url, 1, MONDAY, [[bar("AAA", 1)]], source="simulator:one")
    assert minutes(database_url, ["AAA"], TUESDAY) == []


async def test_who_stops_reading_leaves_no_connection_behind(database_url: str) -> None:
    await store(database_url, 1, MONDAY, [[bar("AAA", 1)]] * 30)
    history = stored_bars(database_url, SOURCE, ["AAA"], TUESDAY, 1)
    assert next(history).close.tolist() == [1]
    history.close()
    with psycopg.connect(database_url) as connection:

        def others() -> int:
            query = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            row = connection.execute(query).fetchone()
            return 0 if row is None else int(row[0])

        eventually(lambda: others() == 0, what="the end of the connection")


def test_an_unreachable_database_is_one_sentence() -> None:
    with pytest.raises(TickStockError, match=r"cannot reach the database at 127\.0\.0\.1:1/market"):
        minutes("postgresql://someone:hush@127.0.0.1:1/market", ["AAA"], TUESDAY)
