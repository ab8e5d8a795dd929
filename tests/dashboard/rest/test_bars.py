"""A symbol's bars over REST, with the values of its indicators: in pages, of one source, in the live stream's form."""

import itertools
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from tests.dashboard.rows import insert_session
from tests.dashboard.running import dashboard, get, opened, publish
from tests.dashboard.samples import at, bars, indicator, session_id, started
from tickstockpl.store import selects

BARS = "/api/streaming/bars/AAA"

VALUE = (
    "INSERT INTO intraday_indicators (session_id, symbol, indicator, value, calculated_at, metadata) "
    "VALUES (%s, %s, %s, %s, %s, %s)"
)


async def page(url: str, query: str = "") -> dict[str, Any]:
    answer = await get(url, f"{BARS}?{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def minutes(found: dict[str, Any]) -> list[str]:
    return [bar["minute"] for bar in found["bars"]]


def insert_value(database_url: str, minute: int, indicator: str, value: float, metadata: str, **of: Any) -> None:
    """An indicator's value on the bar of a minute."""
    with psycopg.connect(database_url) as connection:
        row = (session_id(of.get("session", 1)), of.get("symbol", "AAA"), indicator, value, at(minute + 1), metadata)
        connection.execute(VALUE, row)


async def test_bars_come_oldest_first_a_trading_day_of_them_unless_told_otherwise(
    redis_url: str, database_url: str
) -> None:
    insert_session(database_url, minutes=400)
    async with dashboard(redis_url, database_url) as url:
        found = await page(url)
        assert (found["symbol"], found["source"]) == ("AAA", "simulator:1")
        assert minutes(found) == [at(minute) for minute in range(10, 400)]
        assert found["bars"][0] == {
            "minute": at(10),
            "open": 20.0,
            "high": 30.0,
            "low": 5.0,
            "close": 20.0,
            "volume": 100,
            "indicators": {},
        }
        assert minutes(await page(url, "limit=2")) == [at(398), at(399)]
        assert len((await page(url, "limit=2000"))["bars"]) == 400


async def test_pages_join_without_a_gap_or_a_double(redis_url: str, database_url: str) -> None:
    insert_session(database_url, 1, minutes=7)
    insert_session(database_url, 2, minutes=4, first_minute=1440)
    async with dashboard(redis_url, database_url) as url:
        found = await page(url, "limit=4")
        pages = [minutes(found)]
        while found["earlier"] is not None:
            found = await page(url, f"limit=4&before={found['earlier']}")
            pages.insert(0, minutes(found))
        assert [len(each) for each in pages] == [3, 4, 4]
        joined = list(itertools.chain.from_iterable(pages))
        assert joined == [at(minute) for minute in (*range(7), *range(1440, 1444))]


async def test_a_time_may_be_written_in_any_zone(redis_url: str, database_url: str) -> None:
    insert_session(database_url, minutes=5)
    async with dashboard(redis_url, database_url) as url:
        for written in ("2025-10-06T13:32:00Z", "2025-10-06T09:32-04:00", "2025-10-06T13:31:00.001Z"):
            assert minutes(await page(url, f"before={quote(written)}")) == [at(0), at(1)]
        assert await page(url, "before=0001-01-01T00:00:00Z") == {
            "symbol": "AAA",
            "source": "simulator:1",
            "bars": [],
            "earlier": None,
        }
        assert len((await page(url, "before=9999-12-31T23:59:59Z"))["bars"]) == 5


async def test_bars_are_of_one_source_and_one_symbol(redis_url: str, database_url: str) -> None:
    insert_session(database_url, 1, "massive", minutes=5)
    insert_session(database_url, 2, "simulator:1", minutes=2)
    async with dashboard(redis_url, database_url) as url:
        assert len((await page(url))["bars"]) == 2
        named = await page(url, "source=massive")
        assert (named["source"], len(named["bars"])) == ("massive", 5)
        assert (await page(url, "source=none"))["bars"] == []
        assert (await get(url, "/api/streaming/bars/BBB")).json()["bars"] == []


async def test_the_values_that_are_asked_for_stand_with_their_bar(redis_url: str, database_url: str) -> None:
    insert_session(database_url, minutes=3)
    for period in (20, 50):
        insert_value(database_url, 1, "SMA", period, f'{{"instance": "SMA_{period}", "period": {period}}}')
    bands = '{"instance": "BB_20_2", "upper": 12.5, "lower": 9.25, "percent_b": null, "bandwidth": 0.3}'
    insert_value(database_url, 2, "BB", 11, bands)
    insert_value(database_url, 2, "SMA", 99, '{"instance": "SMA_20"}', symbol="BBB")
    async with dashboard(redis_url, database_url) as url:
        found = await page(url, "indicators=SMA,BB")
        assert [bar["indicators"] for bar in found["bars"]] == [
            {},
            {"SMA_20": {"value": 20.0}, "SMA_50": {"value": 50.0}},
            {"BB_20_2": {"value": 11.0, "upper": 12.5, "lower": 9.25}},
        ]
        assert [bar["indicators"] for bar in (await page(url, "indicators=RSI,NONE&limit=2"))["bars"]] == [
            {"RSI_14": {"value": 51.0}},
            {"RSI_14": {"value": 52.0}},
        ]


async def test_values_reach_back_over_sessions_and_those_of_the_newest_come_first(
    redis_url: str, database_url: str
) -> None:
    insert_session(database_url, 1, minutes=3)
    insert_session(database_url, 2, minutes=2, first_minute=1440)
    insert_value(database_url, 1, "RSI", 1.0, '{"instance": "RSI_14"}', session=2)
    async with dashboard(redis_url, database_url) as url:
        values = [bar["indicators"]["RSI_14"]["value"] for bar in (await page(url, "indicators=RSI"))["bars"]]
        assert values == [50.0, 1.0, 52.0, 1490.0, 1491.0]


async def test_a_stored_value_has_the_form_of_a_live_one(redis_url: str, database_url: str) -> None:
    metadata = '{"instance": "MACD_12_26_9", "signal": 0.1234567, "histogram": -0.5, "fast_period": 12}'
    insert_session(database_url, minutes=1)
    insert_value(database_url, 0, "MACD", 0.25, metadata)
    async with dashboard(redis_url, database_url) as url, opened(url) as live:
        stored = (await page(url, "indicators=MACD"))["bars"][0]["indicators"]
        macd = {"signal": 0.1234567, "histogram": -0.5, "fast_period": 12.0}
        value = indicator("AAA", 0.25, "MACD", instance="MACD_12_26_9", **macd)
        publish(redis_url, started(2), bars(0, "AAA"), value)
        await live.until(lambda has: has["session"] and has["session"]["session_id"] == session_id(2))
        has = await live.until(lambda has: has["symbols"].get("AAA", {}).get("indicators"))
        assert has["symbols"]["AAA"]["indicators"] == stored


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("limit=0", "query limit was '0'"),
        ("limit=2001", "query limit was '2001'"),
        ("before=yesterday", "query before was 'yesterday'; write a time with its zone"),
        ("before=2025-10-06T13:30:00", "query before was '2025-10-06T13:30:00'; write a time with its zone"),
        ("before=", "query before was ''"),
        ("indicators=SMA;DROP", "query indicators was 'SMA;DROP'; write at most 32 names"),
        ("indicators=" + ",".join(["SMA"] * 33), "write at most 32 names"),
    ],
)
async def test_a_wrong_parameter_is_named_with_what_would_be_right(
    redis_url: str, database_url: str, query: str, sentence: str
) -> None:
    async with dashboard(redis_url, database_url) as url:
        answer = await get(url, f"{BARS}?{query}")
        assert answer.status_code == 422
        assert sentence in answer.json()["error"]


async def test_the_key_of_the_table_finds_the_bars(database_url: str) -> None:
    """Of a source with years of bars a page reads its own rows only."""
    insert_session(database_url, minutes=50)
    asked = {"source": "simulator:1", "symbol": "AAA", "before": at(40), "limit": 10}
    with psycopg.connect(database_url) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = "\n".join(row[0] for row in connection.execute("EXPLAIN " + selects.BARS, asked))
    assert "Index Scan Backward using bars_1min_pkey" in plan
    assert "Sort" not in plan
