"""Every route there is, asked by nobody, by foreigners, by a viewer and by an administrator."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from tests.dashboard.access.visiting import (
    ADMIN_TOKEN,
    a_link,
    a_token,
    bearer,
    browser,
    plain,
    sentence,
    stream_status,
)
from tickstockpl.dashboard.access.callers import Role
from tickstockpl.dashboard.access.identity import Identity
from tickstockpl.dashboard.access.keys import KeyStore, Kind
from tickstockpl.dashboard.app import application
from tickstockpl.dashboard.gate import OPEN, VIEWERS_CHANGES, Gate
from tickstockpl.dashboard.live.hub import Hub
from tickstockpl.dashboard.markets import Markets
from tickstockpl.dashboard.rest.control import Administration
from tickstockpl.settings import load_settings
from tickstockpl.store.audit import AuditLog
from tickstockpl.store.queries import Queries

READING = {"GET", "HEAD"}
FOREIGN = ("http://evil.example", "null", "https://{host}", "http://localhost:1", "http://{host}.evil.example", "")


PARAMETERS = {"{symbol}": "AAPL", "{session}": "00000000-0000-0000-0000-000000000001"}


def application_() -> FastAPI:
    redis_url, database_url = "redis://127.0.0.1:1", "postgresql://127.0.0.1:1/x"
    queries = Queries(database_url)
    identity = Identity(None, load_settings(auth="off"))
    return application(
        Hub(redis_url, queries),
        queries,
        AuditLog(database_url),
        Administration(redis_url),
        identity,
        Markets(Path("/none")),
    )


def flat(found: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, BaseRoute]]:
    """Routes with their paths, those of included routers too."""
    for route in found:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from flat(inner.routes, prefix + route.include_context.prefix)  # type: ignore[attr-defined]
        else:
            yield prefix + getattr(route, "path", ""), route


def requests() -> list[tuple[str, str]]:
    """Method and path of everything that can be asked over HTTP."""
    found = []
    for path, route in flat(application_().routes):
        if isinstance(route, WebSocketRoute):
            continue
        if isinstance(route, Mount):
            found += [("GET", f"{path}/{name}") for name in ("favicon.svg", "theme.js", "assets/index.js", "none")]
            continue
        assert isinstance(route, Route), route
        for name, value in PARAMETERS.items():
            path = path.replace(name, value)
        assert "{" not in path, f"{path}: put something in the place of its parameter"
        found += [(method, path) for method in sorted(route.methods or ())]
    return found


REQUESTS = requests()
CHANGES = [(method, path) for method, path in REQUESTS if method not in READING]


def test_the_list_is_not_empty() -> None:
    assert {("GET", "/"), ("GET", "/metrics"), ("POST", "/api/streaming/session"), ("GET", "/api/openapi.json")} <= {
        *REQUESTS
    }
    streams = [path for path, route in flat(application_().routes) if isinstance(route, WebSocketRoute)]
    assert streams == ["/ws/live"]


def test_the_list_has_all_that_the_api_describes() -> None:
    described = set()
    for path, operations in application_().openapi()["paths"].items():
        for name, value in PARAMETERS.items():
            path = path.replace(name, value)
        described |= {(method.upper(), path) for method in operations}
    assert len(described) > 15
    assert described <= set(REQUESTS)


def test_what_is_open_and_what_viewers_change_is_short() -> None:
    assert {"/", "/access.css", "/healthz", "/sign-in"} == OPEN
    assert {"/sign-out"} == VIEWERS_CHANGES


async def test_without_a_key_nothing_is_answered_but_the_sign_in_and_the_health(link: str) -> None:
    async with httpx.AsyncClient(base_url=plain(link), headers={"origin": plain(link)}) as nobody:
        for method, path in REQUESTS:
            answer = await nobody.request(method, path)
            if path in ("/healthz", "/access.css"):
                assert answer.status_code == 200, path
            elif path == "/sign-in":
                assert answer.status_code == 404, "there is no password"
            else:
                assert answer.status_code == 401, (method, path)
                assert answer.headers["www-authenticate"] == "Bearer"
                if method != "HEAD":
                    assert "tickstockpl dashboard link" in answer.text, path
            assert "content-security-policy" in answer.headers
            assert "set-cookie" not in answer.headers
    assert await stream_status(link) == 401
    assert await stream_status(link, Origin=plain(link)) == 401


async def test_a_key_that_is_nobodys_opens_nothing(link: str) -> None:
    async with httpx.AsyncClient(base_url=plain(link)) as nobody:
        key = link.partition("token=")[2]
        for wrong in ("x", key, "é"):
            sent = {"authorization": f"Bearer {wrong}".encode()}
            assert (await nobody.get("/api/streaming/status", headers=sent)).status_code == 401  # type: ignore[arg-type]
        for cookie in (f"tickstock_page={key}", f"tickstock_{nobody.base_url.port}={key}", "é", "=;=;"):
            sent = {"cookie": cookie.encode()}
            assert (await nobody.get("/api/streaming/status", headers=sent)).status_code == 401, cookie  # type: ignore[arg-type]


@pytest.mark.parametrize("role", ["viewer", "admin"])
async def test_with_a_token_of_a_script_all_is_read(link: str, tmp_path: Path, role: str) -> None:
    token = ADMIN_TOKEN if role == "admin" else a_token(tmp_path, "viewer")
    async with httpx.AsyncClient(base_url=plain(link), headers=bearer(token), timeout=30) as script:
        for method, path in REQUESTS:
            if method not in READING:
                continue
            status = (await script.request(method, path)).status_code
            if path == "/api/streaming/session":
                assert status == (503 if role == "admin" else 403), "no service runs"
            else:
                # 404 is no file or session; 503 a page that is not built
                assert status in (200, 404, 503), (method, path)
    assert await stream_status(link, **bearer(token)) == 101
    assert await stream_status(link, Origin="http://evil.example", **bearer(token)) == 403


async def test_a_viewer_changes_nothing(link: str, tmp_path: Path) -> None:
    token = a_token(tmp_path, "viewer", "grafana")
    async with httpx.AsyncClient(base_url=plain(link), headers=bearer(token)) as script:
        for method, path in CHANGES:
            answer = await script.request(method, path, json={"action": "stop"})
            if path not in ("/sign-in", "/sign-out"):
                assert sentence(answer, 403) == "grafana is a viewer, and only an administrator may do this", path
    async with browser(a_link(tmp_path, link, "viewer")) as viewer:
        for method, path in CHANGES:
            if path not in ("/sign-in", "/sign-out"):
                assert "is a viewer" in sentence(await viewer.request(method, path, json={"action": "stop"}), 403)


async def test_a_browser_changes_something_from_our_own_page_only(link: str) -> None:
    async with browser(link) as admin:
        host = plain(link).removeprefix("http://")
        for method, path in CHANGES:
            for origin in FOREIGN:
                answer = await admin.request(method, path, headers={"origin": origin.format(host=host)})
                assert "may not change anything here" in sentence(answer, 403), (path, origin)
            bare = admin.build_request(method, path, json={"action": "stop"})
            del bare.headers["origin"]
            assert "no Origin" in sentence(await admin.send(bare), 403), path


async def test_a_browser_opens_a_stream_from_our_own_page_only(link: str) -> None:
    async with browser(link) as admin:
        cookie = "; ".join(f"{name}={value}" for name, value in admin.cookies.items())
        assert await stream_status(link, Cookie=cookie, Origin=plain(link)) == 101
        for origin in FOREIGN:
            foreign = origin.format(host=plain(link).removeprefix("http://"))
            assert await stream_status(link, Cookie=cookie, Origin=foreign) == 403, origin
        assert await stream_status(link, Cookie=cookie) == 403


async def test_a_route_that_does_not_ask_is_for_administrators_if_it_changes_something(tmp_path: Path) -> None:
    async def forgotten(request: Request) -> Response:
        return Response("done")

    inside = Starlette(routes=[Route("/forgotten", forgotten, methods=["GET", "POST", "DELETE"])])
    with closing(KeyStore(tmp_path)) as keys:
        gate = Gate(inside, Identity(keys, load_settings(data_dir=tmp_path)))
        tokens = {role: keys.create(Kind.TOKEN, role, f"some-{role}", None) for role in Role}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url="http://127.0.0.1") as client:
            for method in ("POST", "DELETE"):
                assert (await client.request(method, "/forgotten")).status_code == 401
                viewers = await client.request(method, "/forgotten", headers=bearer(tokens[Role.VIEWER]))
                assert "is a viewer" in sentence(viewers, 403)
                admins = await client.request(method, "/forgotten", headers=bearer(tokens[Role.ADMIN]))
                assert admins.status_code == 200
            assert (await client.get("/forgotten")).status_code == 401
            assert (await client.get("/forgotten", headers=bearer(tokens[Role.VIEWER]))).status_code == 200
