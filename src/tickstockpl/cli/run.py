"""``tickstockpl run``: producer and page on one machine, two processes that share only Redis and PostgreSQL."""

import asyncio
import socket

from rich.console import Console

from tickstockpl.cli.page import PageProcess, plain_address, say_page
from tickstockpl.cli.servers import Servers
from tickstockpl.cli.signals import stop_on_signals
from tickstockpl.cli.stream import ChosenFeed, StreamOptions, stream
from tickstockpl.dashboard.access.exposure import Exposure
from tickstockpl.errors import TickStockError
from tickstockpl.settings import Settings
from tickstockpl.streaming.plan import AnalysisPlan
from tickstockpl.streaming.status import ServiceStatus


def check_port(settings: Settings) -> None:
    """Find out before anything is started whether the page can be served there.

    Raises:
        TickStockError: if the port is taken, the address is not of this machine, or it would not be safe.
    """
    address = Exposure.of(settings).address
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, settings.port))
        except OSError as error:
            raise TickStockError(
                f"port {settings.port} on {settings.host} cannot be used ({error.strerror}); choose another with --port"
            ) from None


async def run(
    chosen: ChosenFeed,
    options: StreamOptions,
    settings: Settings,
    plan: AnalysisPlan,
    servers: Servers,
    console: Console,
) -> ServiceStatus:
    """Stream with a live page until the feed ends or the user does.

    After the feed's end the page stays up, until Ctrl-C, so that what came can be looked at.

    Raises:
        TickStockError: if a part cannot be had or fails.
    """
    stop = stop_on_signals(console)
    page = PageProcess(settings, servers)
    try:
        address = await page.start()
        say_page(console, address)
        watch = asyncio.create_task(page.ended(), name="watch the page's process")
        work = asyncio.create_task(stream(chosen, options, settings, plan, servers, console, stop), name="stream")
        try:
            await asyncio.wait({watch, work}, return_when=asyncio.FIRST_COMPLETED)
            if watch.done() and not work.done():
                stop.set()
                await asyncio.wait({work})
            status = await work
            if watch.done():
                await watch
            if not stop.is_set():
                console.print(f"The feed has ended; the page stays at {plain_address(address)} until Ctrl-C.")
                await _first(stop, watch)
        finally:
            for task in (watch, work):
                task.cancel()
            await asyncio.gather(watch, work, return_exceptions=True)
    finally:
        await page.stop()
    return status


async def _first(stop: asyncio.Event, watch: "asyncio.Task[None]") -> None:
    stopping = asyncio.create_task(stop.wait(), name="wait for Ctrl-C")
    try:
        await asyncio.wait({stopping, watch}, return_when=asyncio.FIRST_COMPLETED)
        if watch.done():
            await watch
    finally:
        stopping.cancel()
