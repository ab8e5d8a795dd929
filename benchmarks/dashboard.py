"""The dashboard as a process of its own that asks nobody who they are, for the benchmarks that are its pages."""

import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil


class Dashboard:
    """``tickstockpl dashboard`` for the length of a ``with``; it ends with this process, even when that is killed.

    Args:
        redis_url: where its events come from.
        database_url: where its history is; the tables are there.
        folder: its data folder; its log goes there too.
    """

    def __init__(self, redis_url: str, database_url: str, folder: Path) -> None:
        self._settings = {
            "TICKSTOCK_REDIS_URL": redis_url,
            "TICKSTOCK_DATABASE_URL": database_url,
            "TICKSTOCK_DATA_DIR": str(folder),
            "TICKSTOCK_AUTH": "off",
        }
        self._log = folder / "dashboard.log"
        self._child: subprocess.Popen[str] | None = None
        self.url = ""
        self.port = 0

    @property
    def process(self) -> psutil.Process:
        """The process that runs now."""
        assert self._child is not None
        return psutil.Process(self._child.pid)

    @property
    def memory_mb(self) -> float:
        """Its resident set."""
        return self.process.memory_info().rss / (1 << 20)

    def start(self) -> None:
        """Start it, a second time on the same port; returns when the page can be opened."""
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(
                (sys.executable, "-m", "tickstockpl", "dashboard", "--port", str(self.port), "--held"),
                env={**os.environ, **self._settings},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._child.stdout is not None
        ready, _, self.url = self._child.stdout.readline().strip().partition(" ")
        if ready != "ready":
            raise RuntimeError(f"the dashboard did not start: {self._log.read_text('utf-8')}")
        self.port = int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        """End it without a word."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()

    def stop(self) -> None:
        """End it in order."""
        if self._child is not None and self._child.returncode is None:
            self._child.communicate(timeout=10)  # closes standard input

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
