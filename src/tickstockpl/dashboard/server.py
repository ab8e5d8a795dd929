"""Running the dashboard: socket, hub, web server, and a clean end."""

import asyncio
import errno
import logging
import os
import signal
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from typing import Final

import structlog
import uvicorn
from starlette.types import ASGIApp

from tickstockpl.dashboard.access.callers import Role
from tickstockpl.dashboard.access.exposure import Exposure
from tickstockpl.dashboard.access.identity import Identity
from tickstockpl.dashboard.access.keys import KeyStore
from tickstockpl.dashboard.access.links import new_link
from tickstockpl.dashboard.app import create_app
from tickstockpl.dashboard.live.hub import Hub
from tickstockpl.dashboard.live.wire import WireProtocol
from tickstockpl.dashboard.markets import Markets
from tickstockpl.dashboard.rest.control import Administration
from tickstockpl.errors import TickStockError
from tickstockpl.settings import Settings
from tickstockpl.store.audit import AuditLog
from tickstockpl.store.queries import Queries

SHUTDOWN_S: Final = 2
"""How long open connections may take to end after the dashboard was told to."""

MAX_CLIENT_MESSAGE_BYTES: Final = 65_536

_PING_S = 10.0
_PONG_S = 20.0  # a ping waits behind what a slow page has yet to read
_SEND_BUFFER_BYTES = 131_072
_UNREAD_LIMIT_MS = 30_000
_BACKLOG = 1_024  # so many pages may come back in the same instant
_SIGNALS = (signal.SIGINT, signal.SIGTERM)

_log = structlog.get_logger(__name__)


def run_dashboard(
    settings: Settings,
    redis_url: str,
    database_url: str,
    on_ready: Callable[[str], None],
    *,
    exit_with_stdin: bool = False,
) -> None:
    """Serve the page until SIGINT or SIGTERM; then close every page's connection and return, within two seconds.

    Args:
        settings: where to listen, and who may open the page.
        redis_url: where the events come from.
        database_url: where the history is.
        on_ready: called once the page can be opened, with its address: a link that signs one browser in, unless nobody
            is asked.
        exit_with_stdin: end as well when standard input, a pipe, is closed: so a child ends when its parent dies.

    Raises:
        TickStockError: if the address cannot be used or would not be safe, or Redis or PostgreSQL cannot be reached
            at the start.
    """
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # who asked in vain is told; a log line adds nothing
    asyncio.run(serve(settings, redis_url, database_url, on_ready, exit_with_stdin=exit_with_stdin))


async def serve(
    settings: Settings,
    redis_url: str,
    database_url: str,
    on_ready: Callable[[str], None],
    *,
    exit_with_stdin: bool = False,
) -> None:
    """:func:`run_dashboard`, for an event loop that runs already (of the main thread, which hears the signals)."""
    async with AsyncExitStack() as stack:
        exposure = Exposure.of(settings)
        listener = stack.enter_context(_listen(settings, exposure))
        keys = stack.enter_context(closing(KeyStore(settings.data_dir))) if settings.auth == "on" else None
        queries = Queries(database_url)
        stack.push_async_callback(queries.close)
        await queries.open()
        audit = AuditLog(database_url)
        hub = Hub(redis_url, queries, audit)
        stack.push_async_callback(hub.close)
        await hub.subscribe()
        await queries.check()
        await hub.open()
        app = create_app(
            hub,
            queries,
            audit,
            Administration(redis_url),
            Identity(keys, settings),
            Markets(settings.universes, settings.extended_hours),
            hosts=exposure.hosts,
            proxies=exposure.proxies,
        )
        server = _Server(app, exposure, lambda: on_ready(_link(exposure, keys, listener)))
        stack.enter_context(_ending(server, exit_with_stdin=exit_with_stdin))
        await _serve(server, listener, hub)


async def _serve(server: "_Server", listener: socket.socket, hub: Hub) -> None:
    """Serve until told to end, or until the hub fails."""
    tasks = (asyncio.create_task(server.serve([listener])), asyncio.create_task(hub.run()))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        server.should_exit = True
        tasks[1].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, which raise the signals anew at the end; says when it listens."""

    def __init__(self, app: ASGIApp, exposure: Exposure, on_listening: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                ws=WireProtocol,
                ws_max_size=MAX_CLIENT_MESSAGE_BYTES,
                ws_ping_interval=_PING_S,
                ws_ping_timeout=_PONG_S,
                ws_per_message_deflate=False,
                lifespan="off",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,  # the gate reads them, and believes whom it may
                ssl_certfile=exposure.certificate,
                ssl_keyfile=exposure.key,
                timeout_graceful_shutdown=SHUTDOWN_S,
            )
        )
        self._on_listening = on_listening

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to :func:`serve`."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, and say so."""
        await super().startup(sockets)
        self._on_listening()

    def end(self) -> None:
        """Stop serving; a second call does not wait for open connections."""
        self.force_exit = self.should_exit
        self.should_exit = True


@contextmanager
def _ending(server: _Server, *, exit_with_stdin: bool) -> Iterator[None]:
    """What ends the server: a signal, and the end of standard input where that is asked for."""
    loop = asyncio.get_running_loop()
    stdin = sys.stdin.fileno() if exit_with_stdin else None

    def read_stdin() -> None:
        if stdin is not None and not os.read(stdin, 4096):
            loop.remove_reader(stdin)
            _log.info("standard input was closed; the dashboard ends")
            server.end()

    if stdin is not None:
        if not stat.S_ISFIFO(os.fstat(stdin).st_mode) and not stat.S_ISSOCK(os.fstat(stdin).st_mode):
            raise TickStockError("standard input is not a pipe, so its end cannot end the dashboard; give it a pipe")
        loop.add_reader(stdin, read_stdin)
    for number in _SIGNALS:
        loop.add_signal_handler(number, server.end)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
        if stdin is not None:
            loop.remove_reader(stdin)


def _link(exposure: Exposure, keys: KeyStore | None, listener: socket.socket) -> str:
    address = exposure.url(listener.getsockname()[1])
    if keys is None:
        return address
    keys.set_address(address)
    return new_link(keys, address, Role.ADMIN)


@contextmanager
def _listen(settings: Settings, exposure: Exposure) -> Iterator[socket.socket]:
    host, port, address = settings.host, settings.port, exposure.address
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections inherit these two: a page that does not read is noticed while little is on its way to it, and
        # one that reads nothing at all for half a minute is dropped by the kernel.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD_LIMIT_MS)
        try:
            listener.bind((address, port))
            listener.listen(_BACKLOG)
        except PermissionError:
            raise TickStockError(f"port {port} on {host} is reserved; choose one above 1023 with --port") from None
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise TickStockError(f"port {port} on {host} is in use; choose another with --port") from None
            raise TickStockError(
                f"cannot listen on {host}, port {port}: {error.strerror}; choose another with --host or --port"
            ) from None
        listener.setblocking(False)
        yield listener
