"""The web application: the page, its stream and its REST API, behind one gate."""

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import msgspec
from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from starlette.websockets import WebSocketDisconnect

from tickstockpl import __version__
from tickstockpl.dashboard import api, control
from tickstockpl.dashboard.answers import ErrorAnswer, schemas
from tickstockpl.dashboard.client import Client
from tickstockpl.dashboard.control import Administration
from tickstockpl.dashboard.gate import Gate
from tickstockpl.dashboard.hub import Hub
from tickstockpl.dashboard.protocol import SLOW_CLIENT
from tickstockpl.store.queries import DatabaseUnavailableError, Queries

STATIC_DIR: Final = Path(__file__).with_name("static")
"""Where the build puts the page."""

CLOSE_PATIENCE_S: Final = 10.0
"""How long a client that was too slow may take to read what is on its way to it and that it is closed."""

_TRY_AGAIN_LATER = 1013

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
    administration: Administration,
    *,
    hosts: Iterable[str] = (),
    static_dir: Path = STATIC_DIR,
) -> FastAPI:
    """Put the application together; it opens and closes neither the hub nor the queries.

    Args:
        hub: opened by the caller.
        queries: opened by the caller.
        administration: what an administrator may ask of the services.
        hosts: names by which the dashboard may be called, beside the loopback's.
        static_dir: the built page.
    """
    app = FastAPI(
        title="TickStockPL dashboard",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,  # FastAPI's documentation pages load their script from another host
        redoc_url=None,
        routes=[
            Route("/", _index, methods=["GET", "HEAD"]),
            Route("/healthz", _healthz, methods=["GET", "HEAD"]),
            Route("/metrics", _metrics, methods=["GET", "HEAD"]),
            WebSocketRoute("/ws/live", _live),
        ],
    )
    app.state.hub, app.state.queries, app.state.index = hub, queries, static_dir / "index.html"
    app.state.administration = administration
    app.include_router(api.router)
    app.include_router(control.router)
    app.mount("/", _PageFiles(directory=static_dir, check_dir=False))
    app.exception_handler(HTTPException)(_http_error)
    app.exception_handler(RequestValidationError)(_validation_error)
    app.exception_handler(DatabaseUnavailableError)(_database_error)
    app.add_middleware(Gate, hosts=tuple(hosts))

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, routes=app.routes)
            document["components"] = {"schemas": schemas(), "securitySchemes": control.SECURITY_SCHEMES}
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    return app


class _PageFiles(StaticFiles):
    """The built page's files. A name in ``assets`` changes with its content; everything else is asked for anew."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        fixed = path.startswith("assets/") and response.status_code in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED)
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if fixed else "no-cache"
        return response


def _index(request: Request) -> Response:
    index: Path = request.app.state.index
    try:
        page = index.read_text("utf-8")
    except FileNotFoundError:
        return HTMLResponse(_NO_PAGE, HTTPStatus.SERVICE_UNAVAILABLE, headers={"cache-control": "no-store"})
    return HTMLResponse(page, headers={"cache-control": "no-cache"})


async def _healthz(request: Request) -> Response:
    hub: Hub = request.app.state.hub
    connected = hub.state.redis == "connected"
    return JSONResponse(
        {"status": "ok" if connected else "degraded", "redis": hub.state.redis},
        HTTPStatus.OK if connected else HTTPStatus.SERVICE_UNAVAILABLE,
    )


async def _metrics(request: Request) -> Response:
    hub: Hub = request.app.state.hub
    return Response(generate_latest(hub.metrics.registry), headers={"content-type": CONTENT_TYPE_LATEST})


async def _live(websocket: WebSocket) -> None:
    hub: Hub = websocket.app.state.hub
    await websocket.accept()
    client = hub.join()
    if client is None:
        await websocket.close(_TRY_AGAIN_LATER, "too many pages are open")
        return
    tasks = [asyncio.create_task(_listen(websocket)), asyncio.create_task(_send(websocket, client))]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        hub.leave(client)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _listen(websocket: WebSocket) -> None:
    """Ignore what the client says, until it leaves."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


async def _send(websocket: WebSocket, client: Client) -> None:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(None) as limit:
            client.on_overflow = lambda: limit.reschedule(loop.time() + CLOSE_PATIENCE_S)
            while (frame := await client.next_frame()) is not None:
                await websocket.send_text(frame)
            await websocket.close(SLOW_CLIENT, "the page reads too slowly")
    except (WebSocketDisconnect, TimeoutError):
        return


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


async def _database_error(_request: Request, error: DatabaseUnavailableError) -> Response:
    return _error(HTTPStatus.SERVICE_UNAVAILABLE, str(error), {"retry-after": "5"})
