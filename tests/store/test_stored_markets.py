"""A source's stored bars, all of them, as a market."""

import asyncio
from collections.abc import Sequence
from datetime import date

import pytest

from tests.store.samples import OPEN, minute, opening
from tickstockpl.errors import TickStockError
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.store.rows import StoreJob
from tickstockpl.store.stored_markets import StoredMarket, find_stored_market, stored_market_bars
from tickstockpl.store.writer import Writer

MONDAY = int(OPEN.timestamp() * 1000)


def store(url: str, jobs: Sequence[StoreJob]) -> None:
    async def write() -> None:
        writer = Writer(url)
        await writer.open()
        for job in jobs:
            await writer.put(job)
        await writer.close()

    asyncio.run(write())


def test_a_market_is_all_that_is_stored_of_a_source_and_nothing_else(database_url: str) -> None:
    store(
        database_url,
        [
            opening(1, "replay:one"),
            minute(0, 1, "replay:one", symbols=("C-P", "AAA")),
            minute(2, 1, "replay:one", symbols=("BRK.B",), close=10.1),
            opening(2, "replay:two"),
            minute(0, 2, "replay:two", symbols=("ZZZ",)),
        ],
    )
    market = find_stored_market(database_url, "replay:one")
    assert market == StoredMarket("replay:one", ("AAA", "BRK.B", "C-P"), 2, 1, date(2025, 10, 6))
    first, second = stored_market_bars(database_url, market)
    assert [first.minute_ms, second.minute_ms] == [MONDAY, MONDAY + 2 * MINUTE_MS]
    assert (first.index.tolist(), second.index.tolist()) == ([0, 2], [1])
    assert second.close.tolist() == [10.1]


def test_a_source_without_bars_is_told_with_those_that_have_some(database_url: str) -> None:
    with pytest.raises(TickStockError, match="no bars of source 'massive' are stored, nor of any other"):
        find_stored_market(database_url, "massive")
    store(database_url, [job for number in range(1, 13) for job in (opening(number, f"replay:{number:02}"), minute(0))])
    with pytest.raises(TickStockError, match=r"there are: replay:01, .*, replay:10 …$"):
        find_stored_market(database_url, "massive")


def test_a_database_that_is_not_there_is_told() -> None:
    with pytest.raises(TickStockError, match=r"127\.0\.0\.1"):
        find_stored_market("postgresql://nobody@127.0.0.1:9/nothing", "massive")
