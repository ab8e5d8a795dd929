"""Servers of a test's own, which it may stop, kill, or let stand still."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tickstockpl.embedded import EmbeddedServers


class Machine:
    """A Redis (``"redis"``) and a PostgreSQL (``"database"``) on one data folder, each of which comes and goes.

    Their addresses stay the same.

    Args:
        data_dir: of the servers; see the fixture of that name.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self._running: dict[str, EmbeddedServers] = {}
        self.redis_url = ""
        self.database_url = ""

    async def start(self, *names: str) -> None:
        """Start servers that do not run."""
        for name in names:
            server = EmbeddedServers(self.data_dir, need_redis=name == "redis", need_database=name == "database")
            await asyncio.to_thread(server.start)
            self._running[name] = server
        if "redis" in names:
            self.redis_url = self._running["redis"].redis_url
        if "database" in names:
            self.database_url = self._running["database"].database_url

    async def stop(self, name: str) -> None:
        """End a server in order."""
        await asyncio.to_thread(self._running.pop(name).stop)

    async def kill(self, name: str) -> None:
        """End a server without a word."""
        for process in self._processes(name):
            os.kill(process.pid, signal.SIGKILL)
        await self.stop(name)

    @contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """Let a server stand still for the length of a ``with``: it accepts connections, and says nothing."""
        processes = self._processes(name)
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in reversed(processes):
                process.resume()

    def close(self) -> None:
        """Stop whatever runs."""
        for server in self._running.values():
            server.stop()

    def _processes(self, name: str) -> list[psutil.Process]:
        """A server's own processes, the one that makes the others first."""
        parents = [psutil.Process(pid) for pid in self._running[name].pids]
        return parents + [child for parent in parents for child in parent.children(recursive=True)]
