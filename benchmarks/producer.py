"""The command line as processes of their own, as a user has it, on embedded servers that may go away."""

import asyncio
import os
import socket
import sys
import urllib.request
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
from prometheus_client.parser import text_string_to_metric_families

from tickstockpl.embedded import EmbeddedServers


class Server:
    """An embedded server that can stand still, die and come back, at the same address.

    Args:
        folder: the data folder.
        name: ``redis`` or ``postgresql``.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._is_redis = name == "redis"
        self._running: EmbeddedServers | None = None
        self.url = ""

    def start(self) -> None:
        """Start it; returns when it answers."""
        self._running = EmbeddedServers(self._folder, need_redis=self._is_redis, need_database=not self._is_redis)
        self._running.start()
        self.url = self._running.redis_url if self._is_redis else self._running.database_url

    def stop(self) -> None:
        """End it in order."""
        if self._running is not None:
            self._running.stop()
            self._running = None

    def freeze(self) -> None:
        """Let it stand still: it accepts connections, and says nothing."""
        for process in self.processes():
            process.suspend()

    def thaw(self) -> None:
        """Let it go on."""
        for process in reversed(self.processes()):
            process.resume()

    def kill(self) -> None:
        """End it without a word."""
        for process in self.processes():
            process.kill()
        self.stop()

    def processes(self) -> list[psutil.Process]:
        """Its own processes, the one that makes the others first."""
        pids = [] if self._running is None else self._running.pids
        parents = [psutil.Process(pid) for pid in pids]
        return parents + [child for parent in parents for child in parent.children(recursive=True)]


@asynccontextmanager
async def command(
    *arguments: str, settings: dict[str, str], log: Path | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A command of the package; asked to end, if it still runs, at the end of the ``with`` block.

    Args:
        arguments: of the command line.
        settings: ``TICKSTOCK_*`` variables.
        log: what takes standard error; else it is this process's. Standard output is piped.
    """
    with (log or Path(os.devnull)).open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tickstockpl", *arguments),
            env={**os.environ, **settings},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=None if log is None else errors,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


async def figures(address: str) -> dict[str, float]:
    """What a process answers Prometheus, labels left out: sums over them. Empty while it does not answer."""
    try:
        text = await asyncio.to_thread(_read, address)
    except OSError:
        return {}
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name] = found.get(sample.name, 0.0) + sample.value
    return found


def _read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=5) as answer:
        return str(answer.read(), "utf-8")


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
