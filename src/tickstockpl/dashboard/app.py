"""The web application: the page, its stream and its REST API, behind one gate."""

import asyncio
import re
from collections.abc import Collection
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Final

import msgspec
import structlog
from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.exceptions import RequestValidationError
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope
from starlette.websockets import WebSocketDisconnect

from tickstockpl import __version__
from tickstockpl.dashboard.access import whoami
from tickstockpl.dashboard.access.callers import LOCAL, Caller
from tickstockpl.dashboard.access.exposure import LOOPBACK_NAMES
from tickstockpl.dashboard.access.identity import Identity
from tickstockpl.dashboard.access.keys import KeyStoreError
from tickstockpl.dashboard.access.pages import about_page
from tickstockpl.dashboard.access.proxies import TrustedProxies
from tickstockpl.dashboard.access.requests import caller_of
from tickstockpl.dashboard.access.signing_in import SigningIn
from tickstockpl.dashboard.answers import ErrorAnswer
from tickstockpl.dashboard.gate import Gate
from tickstockpl.dashboard.live.client import Client, Place
from tickstockpl.dashboard.live.filters import FilterError, StreamFilter
from tickstockpl.dashboard.live.hub import Hub
from tickstockpl.dashboard.live.protocol import SLOW_CLIENT
from tickstockpl.dashboard.live.wire import wire_of
from tickstockpl.dashboard.markets import Markets
from tickstockpl.dashboard.rest import routes
from tickstockpl.dashboard.rest.control import Administration
from tickstockpl.dashboard.rest.document import openapi_document
from tickstockpl.store.audit import AuditLog
from tickstockpl.store.queries import DatabaseUnavailableError, Queries

STATIC_DIR: Final = Path(__file__).with_name("static")
"""Where the build puts the page."""

CLOSE_PATIENCE_S: Final = 10.0
"""How long a client that has read nothing may take to read what is on its way to it and that it is closed."""

SIGNED_OUT: Final = 4003
"""Closing code: what the page has shown when it connected holds no more."""

RECHECK_S: Final = 15.0
"""How long a stream goes on after its page was signed out, at most."""

_POLICY_VIOLATION = 1008
_TRY_AGAIN_LATER = 1013

_log = structlog.get_logger(__name__)

_NO_PAGE = """<!doctype html>
<html lang="en">
<title>TickStock: the page is not built</title>
<h1>The page is not built</h1>
<p>The dashboard runs, but its front end is not in this installation. Build it, in the project's folder, with</p>
<pre>pip install .</pre>
<p>which brings its own Node, then start the dashboard again. The <a href="/api/streaming/status">status</a> and
the rest of the <a href="/api/openapi.json">API</a> work without it.</p>
</html>
"""


def create_app(
    hub: Hub,
    queries: Queries,
    audit: AuditLog,
    administration: Administration,
    identity: Identity,
    markets: Markets,
    *,
    hosts: Collection[str] = LOOPBACK_NAMES,
    proxies: TrustedProxies | None = None,
    static_dir: Path = STATIC_DIR,
) -> ASGIApp:
    """Put the application together, behind its gate; it opens and closes neither the hub nor the queries.

    Args:
        hub: opened by the caller.
        queries: opened by the caller.
        audit: where what administrators do goes on record.
        administration: what an administrator may ask of the services.
        identity: who is who.
        markets: what is known of universes and trading days.
        hosts: names by which the dashboard may be called.
        proxies: whose word on visitors is believed.
        static_dir: the built page.
    """
    inside = application(hub, queries, audit, administration, identity, markets, static_dir)
    return Gate(inside, identity, hosts, proxies)


def application(
    hub: Hub,
    queries: Queries,
    audit: AuditLog,
    administration: Administration,
    identity: Identity,
    markets: Markets,
    static_dir: Path = STATIC_DIR,
) -> FastAPI:
    """What is behind the gate."""
    signing_in = SigningIn(identity)
    app = FastAPI(
        title="TickStockPL dashboard",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,  # FastAPI's documentation pages load their script from another host
        redoc_url=None,
        routes=[
            Route("/", _index, methods=["GET", "HEAD"]),
            Route("/about", _about, methods=["GET", "HEAD"]),
            Route("/healthz", _healthz, methods=["GET", "HEAD"]),
            Route("/metrics", _metrics, methods=["GET", "HEAD"]),
            WebSocketRoute("/ws/live", _live),
            *signing_in.routes,
        ],
    )
    app.state.hub, app.state.queries, app.state.audit, app.state.static_dir = hub, queries, audit, static_dir
    app.state.administration, app.state.identity, app.state.signing_in = administration, identity, signing_in
    app.state.markets = markets
    app.include_router(routes.router)
    app.include_router(whoami.router)
    app.mount("/", _PageFiles(directory=static_dir, check_dir=False))
    app.exception_handler(HTTPException)(_http_error)
    app.exception_handler(RequestValidationError)(_validation_error)
    app.exception_handler(DatabaseUnavailableError)(_not_now)
    app.exception_handler(KeyStoreError)(_keys_unusable)

    app.openapi = partial(openapi_document, app)  # type: ignore[method-assign]
    return app


class _PageFiles(StaticFiles):
    """The built page's files. A name in ``assets`` changes with its content; everything else is asked for anew."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        fixed = path.startswith("assets/") and response.status_code in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED)
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if fixed else "no-cache"
        return response


async def _index(request: Request) -> Response:
    signing_in: SigningIn = request.app.state.signing_in
    if (instead := await signing_in.instead_of_the_page(request)) is not None:
        return instead
    static_dir: Path = request.app.state.static_dir
    try:
        page = (static_dir / "index.html").read_text("utf-8")
    except FileNotFoundError:
        return HTMLResponse(_NO_PAGE, HTTPStatus.SERVICE_UNAVAILABLE, headers={"cache-control": "no-store"})
    return HTMLResponse(page, headers={"cache-control": "no-cache"})


def _about(request: Request) -> Response:
    return HTMLResponse(about_page(request.app.state.static_dir), headers={"cache-control": "no-cache"})


async def _healthz(request: Request) -> Response:
    hub: Hub = request.app.state.hub
    redis = hub.state.measures.redis
    connected = redis == "connected"
    return JSONResponse(
        {"status": "ok" if connected else "degraded", "redis": redis},
        HTTPStatus.OK if connected else HTTPStatus.SERVICE_UNAVAILABLE,
    )


async def _metrics(request: Request) -> Response:
    hub: Hub = request.app.state.hub
    return Response(generate_latest(hub.metrics.registry), headers={"content-type": CONTENT_TYPE_LATEST})


async def _live(websocket: WebSocket) -> None:
    hub: Hub = websocket.app.state.hub
    await websocket.accept()
    try:
        wants = StreamFilter.of(websocket.query_params)
    except FilterError as error:
        await websocket.close(_POLICY_VIOLATION, str(error))
        return
    wire = wire_of(websocket)
    client = hub.join(wire, wants, _place(websocket))
    if client is None:
        await websocket.close(_TRY_AGAIN_LATER, "too many pages are open")
        return
    tasks = [asyncio.create_task(work(websocket, client)) for work in (_listen, _dismiss, _close_when_signed_out)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        hub.leave(client)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _place(websocket: WebSocket) -> Place | None:
    """Where a client that was here before left off, as it says."""
    epoch, seq = websocket.query_params.get("epoch"), websocket.query_params.get("seq", "")
    return Place(epoch, int(seq)) if epoch and re.fullmatch(r"[0-9]{1,15}", seq) else None


async def _listen(websocket: WebSocket, client: Client) -> None:
    """Ignore what the client says, until it leaves."""
    del client
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


async def _dismiss(websocket: WebSocket, client: Client) -> None:
    """Close the connection of a client that reads nothing: in order if it takes that, or else without it."""
    del websocket  # its own way out waits until the client has read
    await client.dismissed.wait()
    client.wire.close(SLOW_CLIENT, "the page has read nothing for too long")
    await asyncio.sleep(CLOSE_PATIENCE_S)
    client.wire.abort()


async def _close_when_signed_out(websocket: WebSocket, client: Client) -> None:
    del client
    identity: Identity = websocket.app.state.identity
    caller = caller_of(websocket) or LOCAL
    while _still_holds(identity, caller):  # noqa: ASYNC110 - another process may have revoked it
        await asyncio.sleep(RECHECK_S)
    with suppress(WebSocketDisconnect):
        await websocket.close(SIGNED_OUT, "this page has been signed out")


def _still_holds(identity: Identity, caller: Caller) -> bool:
    try:
        return identity.still_holds(caller)
    except KeyStoreError:  # who was let in stays, until it can be looked up again
        return True


def _error(status: int, sentence: str, headers: dict[str, str] | None = None) -> Response:
    content = msgspec.json.encode(ErrorAnswer(sentence))
    return Response(content, status, headers, media_type="application/json")


async def _http_error(request: Request, error: HTTPException) -> Response:
    nothing_there = error.detail == HTTPStatus.NOT_FOUND.phrase
    sentence = f"there is nothing at {request.url.path}" if nothing_there else error.detail
    return _error(error.status_code, sentence, dict(error.headers or {}))


async def _validation_error(_request: Request, error: RequestValidationError) -> Response:
    first = error.errors()[0]
    name = " ".join(str(part) for part in first["loc"])
    return _error(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name} was {first.get('input')!r}: {first['msg'].lower()}")


async def _keys_unusable(_request: Request, error: KeyStoreError) -> Response:
    _log.error("keys cannot be used", reason=str(error))
    return _error(HTTPStatus.SERVICE_UNAVAILABLE, "nobody can be signed in or out now", {"retry-after": "5"})


async def _not_now(_request: Request, error: DatabaseUnavailableError) -> Response:
    return _error(HTTPStatus.SERVICE_UNAVAILABLE, str(error), {"retry-after": "5"})
