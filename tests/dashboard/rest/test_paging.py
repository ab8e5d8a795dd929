"""Pages of every resource: together they are the whole, whatever shares a time and whatever comes meanwhile."""

import itertools
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from tests.dashboard.rest.asking import answers, refusal
from tests.dashboard.rows import INDICATOR, SESSION, SOURCE, insert_session
from tests.dashboard.running import dashboard
from tests.dashboard.samples import at, session_id

PATTERN = (
    "INSERT INTO intraday_patterns (session_id, symbol, pattern_type, confidence, detected_at, bar_open, bar_high, "
    "bar_low, bar_close, bar_volume, metadata) VALUES (%s, %s, 'Doji', 0.9, %s, 1, 2, 1, 2, 7, %s)"
)
ALERT = (
    "INSERT INTO indicator_alerts (session_id, symbol, alert_type, indicator, value, threshold, direction, severity, "
    "triggered_at) VALUES (%s, %s, 'RSI_OVERBOUGHT', 'RSI', %s, 70, 'above', 'warning', %s)"
)
HEALTH = (
    "INSERT INTO streaming_health_metrics (session_id, status, active_symbols, measured_at) "
    "VALUES (%s, 'healthy', %s, %s)"
)
CRITICAL_ALERT = (
    "INSERT INTO critical_alerts (session_id, severity, message, component, raised_at) "
    "VALUES (%s, 'critical', %s, 'feed', %s)"
)
_numbers = itertools.count()


def insert(connection: psycopg.Connection, number: int, minutes: Iterator[int] | range, each: int = 3) -> None:
    """Rows of a session, several at the same time."""
    session = session_id(number)
    for minute in minutes:
        for one in range(each):
            name = f"S{number}-{minute}-{one}"[:10]
            connection.execute(PATTERN, (session, name, at(minute), f'{{"pattern_id": "{number}-{minute}-{one}"}}'))
            connection.execute(ALERT, (session, name, 71 + next(_numbers), at(minute)))
            connection.execute(HEALTH, (session, next(_numbers), at(minute)))
            connection.execute(CRITICAL_ALERT, (session if one else None, f"number {next(_numbers)}", at(minute)))


@pytest.fixture
def stored_url(database_url: str) -> str:
    """Three sessions of a source, two of which overlap, and one of another."""
    with psycopg.connect(database_url) as connection:
        for number, first in ((1, 0), (2, 5), (3, 1440)):
            connection.execute(SESSION, (session_id(number), at(first)))
            connection.execute(SOURCE, (session_id(number), "massive", number))
            insert(connection, number, range(first + 1, first + 8))
        connection.execute(SESSION, (session_id(4), at(3)))
        connection.execute(SOURCE, (session_id(4), "replay:x", 1))
        insert(connection, 4, range(4, 8))
    return database_url


async def pages(url: str, path: str, name: str, limit: int) -> tuple[list[Any], int]:
    """All items of a resource, read page by page, and how many pages those were."""
    items: list[Any] = []
    before, count = "", 0
    while True:
        answer = await answers(url, f"{path}{'&' if '?' in path else '?'}limit={limit}{before}")
        assert len(answer[name]) <= limit
        items += answer[name]
        count += 1
        if answer["earlier"] is None:
            return items, count
        before = f"&before={quote(answer['earlier'])}"


@pytest.mark.parametrize(
    ("path", "name", "count"),
    [
        ("patterns?source=massive", "patterns", 63),
        ("alerts?source=massive", "alerts", 63),
        ("health?source=massive", "health", 63),
        ("critical", "critical", 75),
        ("sessions", "sessions", 4),
    ],
)
async def test_pages_together_are_the_whole(redis_url: str, stored_url: str, path: str, name: str, count: int) -> None:
    async with dashboard(redis_url, stored_url) as url:
        whole, _ = await pages(url, path, name, 200)
        assert len(whole) == count
        for limit in (2, 7, count, count + 1):
            found, number = await pages(url, path, name, limit)
            assert found == whole, limit
            assert number == -(-count // limit)


async def test_what_comes_meanwhile_is_on_no_later_page(redis_url: str, stored_url: str) -> None:
    async with dashboard(redis_url, stored_url) as url:
        whole, _ = await pages(url, "patterns?source=massive", "patterns", 200)
        first = await answers(url, "patterns?source=massive&limit=10")
        with psycopg.connect(stored_url) as connection:
            insert(connection, 3, range(1447, 1449))  # of the very minute, and after it
            connection.execute(SESSION, (session_id(5), at(2880)))
            connection.execute(SOURCE, (session_id(5), "massive", 5))
            insert(connection, 5, range(2881, 2883))
        rest = await answers(url, f"patterns?source=massive&limit=200&before={quote(first['earlier'])}")
        assert first["patterns"] + rest["patterns"] == whole


async def test_a_page_goes_on_where_its_session_has_been_deleted(redis_url: str, stored_url: str) -> None:
    async with dashboard(redis_url, stored_url) as url:
        first = await answers(url, "patterns?source=massive&limit=10")
        with psycopg.connect(stored_url) as connection:
            for table in (
                "intraday_patterns",
                "indicator_alerts",
                "streaming_health_metrics",
                "critical_alerts",
                "session_sources",
                "streaming_sessions",
            ):
                connection.execute(f"DELETE FROM {table} WHERE session_id = %s", (session_id(3),))
        rest = await answers(url, f"patterns?source=massive&limit=200&before={quote(first['earlier'])}")
        assert len(rest["patterns"]) == 42


async def test_a_page_may_be_empty_and_there_may_be_more(redis_url: str, database_url: str) -> None:
    insert_session(database_url, 1, minutes=2)
    with psycopg.connect(database_url) as connection:
        for number in range(2, 32):
            connection.execute(SESSION, (session_id(number), at(1440 * number)))
            connection.execute(SOURCE, (session_id(number), "simulator:1", number))
    async with dashboard(redis_url, database_url) as url:
        first = await answers(url, "patterns/AAA")
        assert first["patterns"] == []
        second = await answers(url, f"patterns/AAA?before={quote(first['earlier'])}")
        assert (len(second["patterns"]), second["earlier"]) == (2, None)
        values = await answers(url, "indicators/AAA")
        assert values["indicators"] == {}
        assert values["earlier"] == "2025-11-04T13:30:00.000000Z~0"  # the third newest session's start
        found, number = values["indicators"], 1
        while values["earlier"] is not None:
            values = await answers(url, f"indicators/AAA?before={quote(values['earlier'])}")
            found, number = values["indicators"] or found, number + 1
        assert len(found["RSI_14"]) == 2
        assert number < 20


async def test_a_time_asks_for_what_is_before_it_and_since_for_what_is_not(redis_url: str, stored_url: str) -> None:
    async with dashboard(redis_url, stored_url) as url:
        for path, name in (("patterns", "patterns"), ("alerts", "alerts"), ("health", "health")):
            found = await answers(url, f"{path}?source=replay:x&before={at(6)}&since={at(5)}")
            assert len(found[name]) == 3
            (of,) = {item.get("timestamp") for item in found[name]}
            assert of == at(5)
        (session,) = (await answers(url, "sessions?source=replay:x&before=2999-01-01T00:00:00Z"))["sessions"]
        assert session["session_id"] == session_id(4)
        assert (await answers(url, "sessions?before=2025-01-01T00:00:00Z"))["sessions"] == []


async def test_an_indicators_pages_begin_at_one_moment_for_all_instances(redis_url: str, database_url: str) -> None:
    insert_session(database_url, 1, minutes=70)
    with psycopg.connect(database_url) as connection:
        connection.execute(SESSION, (session_id(2), at(60)))
        connection.execute(SOURCE, (session_id(2), "simulator:1", 2))
        for minute in range(61, 81):  # the newer values of their minutes
            connection.execute(INDICATOR, (session_id(2), 99, at(minute)))
        for minute in (2, 40, 75):
            connection.execute(
                "INSERT INTO intraday_indicators (session_id, symbol, indicator, value, calculated_at, metadata) "
                """VALUES (%s, 'AAA', 'ATR', %s, %s, '{"instance": "ATR_14"}')""",
                (session_id(1), minute, at(minute)),
            )
    async with dashboard(redis_url, database_url) as url:
        seen: dict[str, list[str]] = {"RSI_14": [], "ATR_14": []}
        before, sizes = "", []
        while True:
            answer = await answers(url, f"indicators/AAA?limit=30{before}")
            sizes.append({name: len(values) for name, values in answer["indicators"].items()})
            for name, values in answer["indicators"].items():
                seen[name] += [value["timestamp"] for value in values]
            if answer["earlier"] is None:
                break
            before = f"&before={quote(answer['earlier'])}"
        assert sizes == [{"RSI_14": 30, "ATR_14": 1}, {"RSI_14": 30, "ATR_14": 1}, {"RSI_14": 20, "ATR_14": 1}]
        assert seen == {
            "RSI_14": [at(minute) for minute in range(80, 0, -1)],
            "ATR_14": [at(minute) for minute in (75, 40, 2)],
        }
        only = await answers(url, "indicators/AAA?indicator=ATR")
        assert list(only["indicators"]) == ["ATR_14"]
        assert len(only["indicators"]["ATR_14"]) == 3


async def test_what_is_no_place_is_refused(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url:
        for path in ("patterns", "patterns/A", "indicators/A", "bars/A", "alerts", "health", "sessions"):
            sentence = await refusal(url, f"{path}?before=yesterday", 422)
            assert sentence == (
                "query before was 'yesterday'; write a time with its zone, as 2025-10-06T13:30:00.000Z, or what "
                "earlier of an answer said"
            )
        assert "query since was ''" in await refusal(url, "alerts?since=", 422)
