"""Starting and stopping sessions over REST: who may, what comes of it, and what is refused."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jsonschema
import pytest

from tests.dashboard.running import dashboard, get
from tests.made_service import MadeService, answers
from tickstockpl import session_commands
from tickstockpl.dashboard.rest import control

TOKEN = "tests-0123456789"
ADMIN = {"authorization": f"Bearer {TOKEN}"}
PATH = "/api/streaming/session"


@pytest.fixture(autouse=True)
def _brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made services are heard ten times a second."""
    monkeypatch.setattr(session_commands, "LISTEN_S", 0.75)


@pytest.fixture
async def url(redis_url: str, database_url: str) -> AsyncIterator[str]:
    """A dashboard with a token."""
    async with dashboard(redis_url, database_url, admin_token=TOKEN) as address:
        yield address


async def post(url: str, content: Any, headers: dict[str, str] | None = None, path: str = PATH) -> httpx.Response:
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        given = {**ADMIN, **(headers or {})}
        if isinstance(content, str | bytes):
            return await client.post(path, content=content, headers={"content-type": "application/json", **given})
        return await client.post(path, json=content, headers=given)


def sentence(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    said: str = answer.json()["error"]
    assert said.isprintable()
    return said


async def test_a_session_is_started_stopped_and_looked_at(url: str, redis_url: str) -> None:
    with MadeService(redis_url) as service:
        started = await post(url, {"action": "start", "universe": "demo:two"})
        stopped = await post(url, {"action": "stop", "source": service.source})
        shown = await get(url, PATH, **ADMIN)
    for answer in (started, stopped):
        assert answer.status_code == 200
        assert answer.json()["service"]["service_id"] == service.service_id
        assert answer.headers["cache-control"] == "no-store"
    asked = [(command.action, command.universe, command.requested_by) for command in service.commands]
    assert asked == [
        ("start", "demo:two", "rest:admin@127.0.0.1"),
        ("stop", None, "rest:admin@127.0.0.1"),
        ("status", None, "rest:admin@127.0.0.1"),
    ]
    assert shown.status_code == 200
    assert shown.json()["errors"] == []
    (state,) = shown.json()["services"]
    assert (state["phase"], state["total_indicators"]) == ("running", 2_000)


async def test_without_a_token_of_its_own_the_dashboard_does_not_do_it(redis_url: str, database_url: str) -> None:
    with MadeService(redis_url) as service:
        async with dashboard(redis_url, database_url) as url:
            for answer in (await get(url, PATH, **ADMIN), await post(url, {"action": "stop"})):
                assert "tickstockpl dashboard token" in sentence(answer, 401)
    assert service.commands == []


async def test_who_has_no_token_or_a_wrong_one_is_not_let_in(url: str, redis_url: str) -> None:
    with MadeService(redis_url) as service:
        for header in ("", TOKEN, "Basic dGVzdHM6dGVzdHM=", "Bearer"):
            answer = await post(url, {"action": "stop"}, {"authorization": header})
            assert "Authorization: Bearer" in sentence(answer, 401)
            assert answer.headers["www-authenticate"] == "Bearer"
        assert "administrator's token" in sentence(await get(url, PATH), 401)
        for wrong in (TOKEN[:-1], f"{TOKEN}x", TOKEN.upper(), "\xe9" * 16):
            answer = await post(url, {"action": "stop"}, {"authorization": f"Bearer {wrong}".encode("latin-1")})  # type: ignore[dict-item]
            assert sentence(answer, 401).startswith("that token is nobody's here")
        two = [("authorization", f"Bearer {TOKEN}"), ("authorization", "Bearer x")]
        async with httpx.AsyncClient(base_url=url) as client:
            assert (await client.get(PATH, headers=two)).status_code == 401
    assert service.commands == []


async def test_a_foreign_page_cannot_have_it_done(url: str, redis_url: str) -> None:
    with MadeService(redis_url) as service:
        for origin in ("https://evil.example", "null", url.replace("http:", "https:"), f"{url}.evil.example"):
            answer = await post(url, {"action": "stop"}, {"origin": origin})
            assert sentence(answer, 403) == f"a page of origin {origin!r} may not change anything here"
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
            answer = await post(url, '{"action": "stop"}', {"content-type": kind})
            assert "send application/json" in sentence(answer, 415)
        assert service.commands == []
        assert (await post(url, {"action": "stop"}, {"origin": url})).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[",
        "null",
        "{}",
        '{"action": "restart"}',
        '{"action": "status"}',
        '{"action": "stop", "force": true}',
        '{"action": "start", "universe": 5}',
        f'{{"action": "start", "universe": "{"x" * 201}"}}',
        b'{"action": "stop\xff"}',
        "[" * 4_000,
    ],
)
async def test_what_is_no_order_is_refused(body: str | bytes, url: str) -> None:
    said = sentence(await post(url, body), 422)
    assert said.startswith("the body is no order (")
    assert len(said) < 500


async def test_a_long_body_is_not_read_whole(url: str) -> None:
    assert "longer than 4,096 bytes" in sentence(await post(url, " " * 1_000_000), 413)


async def test_a_service_that_refuses_fails_or_is_silent_is_told_apart(
    url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_commands, "ANSWER_S", 0.5)
    stop = {"action": "stop"}
    assert "no service was heard" in sentence(await post(url, stop), 503)
    assert "no service was heard" in sentence(await get(url, PATH, **ADMIN), 503)
    with MadeService(redis_url, answer=answers("refused", reason="no session runs; start one")):
        assert sentence(await post(url, stop), 409) == "no session runs; start one"
    with MadeService(redis_url, answer=answers("acknowledged", "failed", reason="the disk is full; make room")):
        assert sentence(await post(url, stop), 502) == "the disk is full; make room"
    with MadeService(redis_url, answer=lambda *_: []):
        assert "did not answer within" in sentence(await post(url, stop), 504)
        assert "did not answer within" in sentence(await get(url, PATH, **ADMIN), 504)
    with MadeService(redis_url, "replay:a"), MadeService(redis_url, "replay:b"):
        assert "replay:a, replay:b" in sentence(await post(url, stop), 409)
        assert "there are: replay:a, replay:b" in sentence(await post(url, {**stop, "source": "x"}), 503)
        shown = await get(url, f"{PATH}?source=replay:b", **ADMIN)
        assert [state["source"] for state in shown.json()["services"]] == ["replay:b"]


async def test_so_many_may_wait_and_no_more(url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "MOST_AT_ONCE", 2)
    with MadeService(redis_url):
        found = await asyncio.gather(*(get(url, PATH, **ADMIN) for _ in range(6)))
        assert sorted(answer.status_code for answer in found)[:2] == [200, 200]
        assert {answer.status_code for answer in found} == {200, 503}
        assert (await get(url, PATH, **ADMIN)).status_code == 200, "a turn ends"


async def test_openapi_tells_it(url: str, redis_url: str) -> None:
    document = (await get(url, "/api/openapi.json")).json()
    operations = document["paths"][PATH]
    assert document["components"]["securitySchemes"]["admin"]["scheme"] == "bearer"
    for operation in operations.values():
        assert operation["security"] == [{"admin": []}]
        assert {"200", "401", "403", "409", "503", "504"} <= set(operation["responses"])
    components = {"components": document["components"]}
    order = operations["post"]["requestBody"]["content"]["application/json"]["schema"]
    for good in ({"action": "stop"}, {"action": "start", "universe": "demo:two", "source": None}):
        jsonschema.validate(good, {**order, **components})
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"action": "restart"}, {**order, **components})
    with MadeService(redis_url):
        for method, answer in (("get", await get(url, PATH, **ADMIN)), ("post", await post(url, {"action": "stop"}))):
            schema = operations[method]["responses"]["200"]["content"]["application/json"]["schema"]
            jsonschema.validate(answer.json(), {**schema, **components})
