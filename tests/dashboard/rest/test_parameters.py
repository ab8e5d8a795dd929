"""Parameters of the REST API: those that there are, once each."""

import httpx

from tests.contract.catalogs import CATALOG
from tests.dashboard.rest.asking import answers, refusal
from tests.dashboard.rows import insert_catalog, insert_session
from tests.dashboard.running import dashboard
from tests.dashboard.samples import at, session_id

MISTYPED = (
    ("alerts?limt=5", "there is no query parameter 'limt' here; did you mean limit? There are: alert_type, before"),
    ("bars/AAA?limit=5&x=1", "there is no query parameter 'x' here; There are: before, indicators, limit, source"),
    ("status?source=massive", "there is no query parameter 'source' here; There are none"),
    ("sessions/00000000-0000-0000-0000-000000000001?limit=1", "here; There are none"),
    ("alerts?limit=5&limit=6", "query limit was given 2 times; give it once"),
    ("patterns?type=Doji", "did you mean pattern_type?"),
    ("critical/acknowledgements?limits=1", "did you mean limit?"),
)


async def test_what_is_mistyped_is_told(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url:
        for path, sentence in MISTYPED:
            assert sentence in await refusal(url, path, 422)


async def test_an_order_takes_no_parameters(redis_url: str, database_url: str) -> None:
    token = "tests-0123456789"
    async with (
        dashboard(redis_url, database_url, admin_token=token) as url,
        httpx.AsyncClient(base_url=url, headers={"authorization": f"Bearer {token}"}) as client,
    ):
        answer = await client.post("/api/streaming/session?action=stop", json={"action": "stop"})
        assert (answer.status_code, "There are none" in answer.text) == (422, True)


async def test_patterns_are_chosen_by_whatever_is_given(redis_url: str, database_url: str) -> None:
    insert_session(database_url, 1, "massive", minutes=5)
    insert_session(database_url, 2, "simulator:1", minutes=3)  # Doji, 0.9
    insert_catalog(database_url, CATALOG)
    directions = {of.name: of.direction for of in CATALOG.patterns}
    async with dashboard(redis_url, database_url) as url:
        for query, count in (
            ("", 3),
            ("symbol=AAA", 3),
            ("symbol=BBB", 0),
            ("pattern_type=Doji", 3),
            ("pattern_type=Hammer", 0),
            ("min_confidence=0.9", 3),
            ("min_confidence=0.91", 0),
            (f"direction={directions['Doji']}", 3),
            (f"direction={directions['Doji']}&pattern_type=Hammer", 0),
            ("direction=bullish&pattern_type=Doji", 0),
            (f"since={at(2)}", 2),
            ("source=massive", 5),
            ("source=massive&direction=neutral", 0),  # it has no catalog
            (f"session={session_id(1)}", 5),
            (f"session={session_id(9)}", 0),
        ):
            found = await answers(url, f"patterns?{query}")
            assert len(found["patterns"]) == count, query


async def test_one_session_is_answered(redis_url: str, database_url: str) -> None:
    insert_session(database_url, 1)
    async with dashboard(redis_url, database_url) as url:
        (listed,) = (await answers(url, "sessions"))["sessions"]
        assert await answers(url, f"sessions/{session_id(1)}") == {"session": listed}
        unknown = await refusal(url, f"sessions/{session_id(2)}", 404)
        assert unknown == f"there is no session {session_id(2)}; /api/streaming/sessions lists them"
        assert "path session was 'x'" in await refusal(url, "sessions/x", 422)
