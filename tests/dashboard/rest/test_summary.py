"""A session in figures over REST."""

from typing import Any

import psycopg
import pytest

from tests.dashboard.rest.asking import answers, refusal
from tests.dashboard.rows import ALERT, SESSION, SOURCE, insert_session
from tests.dashboard.running import dashboard
from tests.dashboard.samples import at, session_id
from tickstockpl.store import read_pool

PATTERN = (
    "INSERT INTO intraday_patterns (session_id, symbol, pattern_type, confidence, detected_at) VALUES (%s, %s, %s, %s, "
    "%s)"
)


async def test_patterns_and_alerts_are_counted_by_type_symbol_and_hour(redis_url: str, database_url: str) -> None:
    session = session_id(1)
    rows = (
        ("AAA", "Doji", 0.5, at(1)),
        ("AAA", "Doji", 0.8, at(30)),  # closes at ten: belongs to the hour before
        ("BBB", "Hammer", 0.9, at(31)),
        ("BBB", "Doji", 0.2, at(91)),
        ("BBB", "Doji", 85.0, at(91)),  # another producer's, which is not of the contract
    )
    with psycopg.connect(database_url) as connection:
        connection.execute(SESSION, (session, at(0)))
        connection.execute(SOURCE, (session, "simulator:1", 1))
        for row in rows:
            connection.execute(PATTERN, (session, *row))
        for minute in (1, 95):
            connection.execute(ALERT, (session, at(minute)))
    async with dashboard(redis_url, database_url) as url:
        found = await answers(url, "summary")
        assert found.pop("session")["session_id"] == session
        assert found == {
            "patterns": [
                {"pattern_type": "Doji", "count": 3, "high_confidence": 1, "mean_confidence": 0.5},
                {"pattern_type": "Hammer", "count": 1, "high_confidence": 1, "mean_confidence": 0.9},
            ],
            "alerts": [{"alert_type": "RSI_OVERBOUGHT", "count": 2}],
            "top_symbols": [
                {"symbol": "AAA", "patterns": 2, "alerts": 2},
                {"symbol": "BBB", "patterns": 2, "alerts": 0},
            ],
            "hours": [
                {"hour": "2025-10-06T13:00:00.000Z", "patterns": {"Doji": 2}, "alerts": 1},
                {"hour": "2025-10-06T14:00:00.000Z", "patterns": {"Hammer": 1}, "alerts": 0},
                {"hour": "2025-10-06T15:00:00.000Z", "patterns": {"Doji": 1}, "alerts": 1},
            ],
        }
        top = (await answers(url, "summary?limit=1"))["top_symbols"]
        assert [symbol["symbol"] for symbol in top] == ["AAA"]


async def test_a_session_is_the_sources_newest_unless_it_is_named(redis_url: str, database_url: str) -> None:
    insert_session(database_url, 1, "massive", minutes=5)
    insert_session(database_url, 2, "simulator:1", minutes=2)
    async with dashboard(redis_url, database_url) as url:
        for query, count in (("", 2), ("?source=massive", 5), (f"?session={session_id(1)}", 5)):
            assert (await answers(url, f"summary{query}"))["patterns"][0]["count"] == count, query
        unknown = await refusal(url, f"summary?session={session_id(3)}", 404)
        assert (
            unknown
            == f"query session was {session_id(3)}: there is no such session; /api/streaming/sessions lists them"
        )
        assert "query session was 'x'" in await refusal(url, "summary?session=x", 422)


async def test_without_a_session_it_is_empty(redis_url: str, database_url: str) -> None:
    nothing: dict[str, Any] = {"session": None, "patterns": [], "alerts": [], "top_symbols": [], "hours": []}
    async with dashboard(redis_url, database_url) as url:
        assert await answers(url, "summary") == nothing
        assert await answers(url, "summary?source=none") == nothing


async def test_a_database_that_takes_too_long_is_told(
    redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_pool, "_STATEMENT_TIMEOUT_S", 1)
    insert_session(database_url)
    async with dashboard(redis_url, database_url) as url:
        with psycopg.connect(database_url) as connection:
            connection.execute("LOCK TABLE intraday_patterns IN ACCESS EXCLUSIVE MODE")
            sentence = await refusal(url, "summary", 503)
        assert sentence.startswith("the database at ")
        assert sentence.endswith(" took longer than 1 s")
        assert (await answers(url, "summary"))["patterns"][0]["count"] == 3
