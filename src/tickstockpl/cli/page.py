"""The dashboard as a process of its own, held by ``tickstockpl run``."""

import asyncio
import os
import sys
from collections import deque
from contextlib import suppress

from rich.console import Console

from tickstockpl.cli.reporter import last_words
from tickstockpl.cli.servers import Servers
from tickstockpl.errors import TickStockError
from tickstockpl.settings import Settings

READY_TIMEOUT_S = 20.0
END_TIMEOUT_S = 5.0
KEPT_LINES = 20
LONGEST_LINE_BYTES = 1 << 20

READY = "ready "
"""What the dashboard's standard output begins with once the page can be opened; the address follows."""


def say_page(console: Console, address: str) -> None:
    """Tell where the page is.

    Args:
        console: standard output. Where that is the system's journal, which others may read and which is kept, the link
            is not told, but how to get one.
        address: the page's, with what signs a browser in.
    """
    plain = plain_address(address)
    if plain != address and _is_journal(sys.stdout.fileno()):
        console.print(f"Live page: {plain}   (sign in with the link of: tickstockpl dashboard link)", soft_wrap=True)
        return
    console.print(f"Live page: [bold][link={address}]{address}[/link][/bold]   (Ctrl-C ends it)", soft_wrap=True)


def plain_address(address: str) -> str:
    """The page's address without what signs a browser in."""
    return address.partition("/?")[0]


def _is_journal(descriptor: int) -> bool:
    """Whether systemd says that a stream goes to its journal."""
    status = os.fstat(descriptor)
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


class PageProcess:
    """The dashboard, started with :meth:`start` and ended with :meth:`stop`.

    It shares nothing with this process but Redis and PostgreSQL, whose addresses it is given by environment variables
    (a process list shows arguments, and an address may hold a password). It ends when its standard input does, so it
    does not outlive a parent that was killed.
    """

    def __init__(self, settings: Settings, servers: Servers) -> None:
        self._settings = settings
        self._servers = servers
        self._process: asyncio.subprocess.Process | None = None
        self._said: deque[str] = deque(maxlen=KEPT_LINES)
        self._listening: asyncio.Task[None] | None = None
        self._ready = False

    async def start(self) -> str:
        """Start it and wait until it answers.

        Returns:
            The page's address, with what signs a browser in.

        Raises:
            TickStockError: if it ends before it answers, with the reason it gave.
        """
        settings = self._settings
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tickstockpl",
            "dashboard",
            "--host",
            settings.host,
            "--port",
            str(settings.port),
            "--held",
            env={
                **os.environ,
                "TICKSTOCK_REDIS_URL": self._servers.redis_url,
                "TICKSTOCK_DATABASE_URL": self._servers.database_url,
                "TICKSTOCK_EXTENDED_HOURS": str(int(settings.extended_hours)),
            },
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE_BYTES,
            start_new_session=True,  # a Ctrl-C is for the parent, which then ends its parts in order
        )
        self._listening = asyncio.create_task(self._listen(), name="what the dashboard says")
        assert self._process.stdout is not None  # noqa: S101 - asked for above
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                line = (await self._process.stdout.readline()).decode()
        except TimeoutError:
            raise TickStockError(f"the page was not ready within {READY_TIMEOUT_S:g} s; {self._last_words()}") from None
        if not line.startswith(READY):
            await self._process.wait()
            await self._listening
            raise TickStockError(self._last_words())
        self._ready = True
        return line.removeprefix(READY).strip()

    async def ended(self) -> None:
        """Wait for it to end by itself.

        Raises:
            TickStockError: always, with the reason: it is not meant to.
        """
        assert self._process is not None  # noqa: S101 - started before it can end
        code = await self._process.wait()
        raise TickStockError(f"the page's process ended with code {code}; {self._last_words()}")

    async def stop(self) -> None:
        """End it and wait until it is gone."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(END_TIMEOUT_S):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._listening is not None:
            await self._listening

    async def _listen(self) -> None:
        """Pass on what it logs and keep the last lines: its reason, should it end."""
        assert self._process is not None  # noqa: S101 - started just before
        assert self._process.stderr is not None  # noqa: S101
        async for line in self._process.stderr:
            text = line.decode(errors="replace").rstrip()
            self._said.append(text)
            if self._ready and self._process.returncode is None:
                print(text, file=sys.stderr)  # noqa: T201 - a log line is its own format

    def _last_words(self) -> str:
        return last_words(self._said)
