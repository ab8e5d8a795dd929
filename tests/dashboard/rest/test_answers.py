"""The REST API on real rows: what it answers, how much of it, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import psycopg

from tests.contract.catalogs import CATALOG
from tests.dashboard.rows import SESSION, insert_catalog, insert_session
from tests.dashboard.running import dashboard, get
from tests.dashboard.samples import at, session_id
from tickstockpl.contract.catalog import Catalog, encode_catalog
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.store.migrate import migrate

ROUTES = (
    "/api/streaming/status",
    "/api/streaming/catalog",
    "/api/streaming/patterns/AAA",
    "/api/streaming/indicators/AAA",
    "/api/streaming/bars/AAA?indicators=RSI",
    "/api/streaming/alerts",
    "/api/streaming/health",
    "/api/streaming/critical",
    "/api/streaming/patterns",
    "/api/streaming/sessions",
    f"/api/streaming/sessions/{session_id(1)}",
    "/api/streaming/universe",
    "/api/streaming/universes",
    "/api/streaming/calendar",
    "/api/streaming/summary",
)


def template(route: str) -> str:
    return route.partition("?")[0].replace("AAA", "{symbol}").replace(session_id(1), "{session}")


async def answers(url: str, path: str) -> dict[str, Any]:
    answer = await get(url, path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_answers_hold_the_contracts_objects(redis_url: str, database_url: str) -> None:
    insert_session(database_url)
    async with dashboard(redis_url, database_url) as url:
        assert (await answers(url, "/api/streaming/patterns/AAA?limit=1"))["patterns"] == [
            {
                "symbol": "AAA",
                "pattern_type": "Doji",
                "confidence": 0.9,
                "timestamp": at(3),
                "timeframe": "1min",
                "bar_data": {"open": 1.0, "high": 2.0, "low": 1.0, "close": 2.0, "volume": 7},
                "metadata": {
                    "session_id": session_id(1),
                    "detection_method": "test",
                    "pattern_id": "pattern-2",
                    "explanation": "no body",
                },
            }
        ]
        assert (await answers(url, "/api/streaming/indicators/AAA?limit=1"))["indicators"] == {
            "RSI_14": [
                {
                    "symbol": "AAA",
                    "indicator": "RSI",
                    "value": 52.0,
                    "timestamp": at(3),
                    "timeframe": "1min",
                    "metadata": {"instance": "RSI_14", "period": 14},
                }
            ]
        }
        assert (await answers(url, "/api/streaming/alerts?limit=1"))["alerts"] == [
            {
                "symbol": "AAA",
                "alert_type": "RSI_OVERBOUGHT",
                "timestamp": at(3),
                "data": {"indicator": "RSI", "value": 71.0, "threshold": 70.0, "direction": "above"},
                "severity": "warning",
            }
        ]
        measured = (await answers(url, "/api/streaming/health"))["health"]
        assert [found["timestamp"] for found in measured] == [at(2), at(1), at(0)]
        (session,) = (await answers(url, "/api/streaming/sessions"))["sessions"]
        assert (session["session_id"], session["source"], session["stopped_at"]) == (
            session_id(1),
            "simulator:1",
            None,
        )
        status = await answers(url, "/api/streaming/status")
        assert status["session"]["session_id"] == session_id(1)
        assert status["health"]["status"] == "healthy"
        assert status["status"]["redis"] == "connected"


async def test_rows_of_the_newest_sessions_source_are_answered_unless_another_is_named(
    redis_url: str, database_url: str
) -> None:
    insert_session(database_url, 1, "massive", minutes=5)
    insert_session(database_url, 2, "simulator:1", minutes=2)
    async with dashboard(redis_url, database_url) as url:
        newest = await answers(url, "/api/streaming/patterns/AAA")
        assert (newest["source"], len(newest["patterns"])) == ("simulator:1", 2)
        for path, name in (("patterns/AAA", "patterns"), ("alerts", "alerts"), ("health", "health")):
            named = await answers(url, f"/api/streaming/{path}?source=massive")
            assert (named["source"], len(named[name])) == ("massive", 5)
        indicators = await answers(url, "/api/streaming/indicators/AAA?source=massive")
        assert len(indicators["indicators"]["RSI_14"]) == 5
        assert len((await answers(url, "/api/streaming/sessions"))["sessions"]) == 2
        assert len((await answers(url, "/api/streaming/sessions?source=massive"))["sessions"]) == 1


async def test_the_catalog_is_that_of_the_newest_source_unless_another_is_named(
    redis_url: str, database_url: str
) -> None:
    insert_session(database_url, 1, "massive", minutes=1)
    insert_session(database_url, 2, "simulator:1", minutes=1)
    insert_catalog(database_url, CATALOG)
    insert_catalog(database_url, Catalog([], CATALOG.indicators, []), "massive")
    async with dashboard(redis_url, database_url) as url:
        newest = await answers(url, "/api/streaming/catalog")
        assert newest == {"source": "simulator:1", **json.loads(encode_catalog(CATALOG))}
        named = await answers(url, "/api/streaming/catalog?source=massive")
        assert (named["source"], named["patterns"], len(named["indicators"])) == ("massive", [], 1)
        assert (await get(url, "/api/streaming/catalog")).headers["cache-control"] == "private, no-cache"
        assert (await get(url, "/api/streaming/alerts")).headers["cache-control"] == "no-store"


async def test_the_catalog_of_a_producer_that_has_stored_none_is_empty(redis_url: str, database_url: str) -> None:
    nothing: dict[str, Any] = {"patterns": [], "indicators": [], "alerts": []}
    async with dashboard(redis_url, database_url) as url:
        assert await answers(url, "/api/streaming/catalog") == {"source": None, **nothing}
        assert await answers(url, "/api/streaming/catalog?source=none") == {"source": "none", **nothing}
        with psycopg.connect(database_url) as connection:
            connection.execute("""INSERT INTO streaming_catalogs VALUES ('other', '{"patterns": 3}')""")
        assert await answers(url, "/api/streaming/catalog?source=other") == {"source": "other", **nothing}


async def test_history_reaches_back_over_sessions_of_one_source(redis_url: str, database_url: str) -> None:
    insert_session(database_url, 1, minutes=120)
    insert_session(database_url, 2, minutes=30, first_minute=1440)
    async with dashboard(redis_url, database_url) as url:
        patterns = (await answers(url, "/api/streaming/patterns/AAA"))["patterns"]
        assert len(patterns) == 100
        assert (patterns[0]["timestamp"], patterns[29]["timestamp"]) == (at(1470), at(1441))
        assert (patterns[30]["timestamp"], patterns[99]["timestamp"]) == (at(120), at(51))
        values = (await answers(url, "/api/streaming/indicators/AAA"))["indicators"]["RSI_14"]
        assert len(values) == 50
        assert [value["timestamp"] for value in values[29:31]] == [at(1441), at(120)]


async def test_alerts_are_chosen_by_symbol_type_and_severity(redis_url: str, database_url: str) -> None:
    insert_session(database_url)
    async with dashboard(redis_url, database_url) as url:
        for query, count in (
            ("symbol=AAA", 3),
            ("symbol=BBB", 0),
            ("alert_type=RSI_OVERBOUGHT", 3),
            ("alert_type=BB_LOWER_BREAK", 0),
            ("severity=warning&symbol=AAA", 3),
            ("severity=critical", 0),
        ):
            assert len((await answers(url, f"/api/streaming/alerts?{query}"))["alerts"]) == count, query


async def test_sessions_of_another_producer_have_no_source_and_are_answered(redis_url: str, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(SESSION, (session_id(1), at(0)))
        connection.execute(
            "INSERT INTO intraday_patterns (session_id, symbol, pattern_type, confidence, detected_at, bar_open, "
            "bar_high, bar_low, bar_close, bar_volume) VALUES "
            "(%(session)s, 'AAA', 'Doji', 0.5, %(at)s, 1, 2, 1, 2, 7), "
            "(%(session)s, 'AAA', 'Doji', 85.0, %(at)s, 1, 2, 1, 2, 7), "
            "(%(session)s, 'AAA', 'Doji', 0.7, %(at)s, NULL, NULL, NULL, NULL, NULL)",
            {"session": session_id(1), "at": at(1)},
        )
    async with dashboard(redis_url, database_url) as url:
        found = await answers(url, "/api/streaming/patterns/AAA")
        assert found["source"] is None
        assert [pattern["confidence"] for pattern in found["patterns"]] == [0.5], (
            "what is not of the contract is left out"
        )


WRONG = {
    "/api/streaming/patterns/nvda": "'nvda' is not a symbol",
    "/api/streaming/patterns/ABCDEFGHIJK": "'ABCDEFGHIJK' is not a symbol",
    "/api/streaming/indicators/A'B": "is not a symbol",
    "/api/streaming/bars/nvda": "'nvda' is not a symbol",
    "/api/streaming/alerts?symbol=%3Cb%3E": "'<b>' is not a symbol",
    "/api/streaming/patterns/AAA?limit=101": "query limit was '101'",
    "/api/streaming/patterns/AAA?limit=0": "query limit was '0'",
    "/api/streaming/indicators/AAA?limit=51": "query limit was '51'",
    "/api/streaming/alerts?limit=x": "query limit was 'x'",
    "/api/streaming/alerts?alert_type=NO": "query alert_type was 'NO'",
    "/api/streaming/alerts?severity=loud": "query severity was 'loud'",
    "/api/streaming/health?source=a%00b": "query source was 'a\\x00b'",
    "/api/streaming/sessions?source=%00": "query source was '\\x00'",
}


async def test_a_wrong_parameter_is_named_and_so_is_a_wrong_path(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url:
        for path, sentence in WRONG.items():
            answer = await get(url, path)
            assert answer.status_code == 422, path
            assert sentence in answer.json()["error"]
        answer = await get(url, "/api/streaming/none")
        assert (answer.status_code, answer.json()) == (404, {"error": "there is nothing at /api/streaming/none"})


async def test_without_its_database_the_page_goes_on_and_the_api_says_so(redis_url: str, data_dir: Path) -> None:
    servers = EmbeddedServers(data_dir, need_redis=False)
    servers.start()
    try:
        migrate(servers.database_url)
        insert_session(servers.database_url)
        async with dashboard(redis_url, servers.database_url) as url:
            assert len((await answers(url, "/api/streaming/alerts"))["alerts"]) == 3
            servers.stop()
            answer = await get(url, "/api/streaming/alerts")
            assert answer.status_code == 503
            assert "the database at" in answer.json()["error"]
            assert (await get(url, "/api/streaming/status")).status_code == 200
            assert (await get(url, "/")).status_code in (200, 503)
            servers.start()
            assert len((await answers(url, "/api/streaming/alerts"))["alerts"]) == 3
    finally:
        servers.stop()


async def test_every_answer_is_what_openapi_says(redis_url: str, database_url: str) -> None:
    insert_session(database_url)
    insert_catalog(database_url, CATALOG)
    async with dashboard(redis_url, database_url) as url:
        document = await answers(url, "/api/openapi.json")
        for route in ROUTES:
            operation = document["paths"][template(route)]["get"]
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            jsonschema.validate(await answers(url, route), {**schema, "components": document["components"]})
            assert {"200", "422", "503"} <= set(operation["responses"])
        described = {template(route) for route in ROUTES}
        others = {"/api/streaming/session", "/api/streaming/critical/acknowledgements", "/api/access"}
        assert set(document["paths"]) == described | others
