"""The real command line as a process of its own, which a test may kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support import eventually


class StreamProcess:
    """``tickstockpl stream --file …``; killed, if it still runs, at the end of its ``with`` block.

    Args:
        path: the file that is replayed.
        redis_url: where its events go.
        database_url: where its rows go; without tables, the process makes them.
        settings: ``TICKSTOCK_*`` variables; the machine's own are not handed on.
        log: what the process says is added here.
        speed: of the replay.
        within: a command that runs the one which follows it.
    """

    def __init__(
        self,
        path: Path,
        redis_url: str,
        database_url: str,
        settings: Mapping[str, str],
        log: Path,
        *,
        speed: str = "max",
        within: Sequence[str] = (),
    ) -> None:
        self._command = [
            *within,
            *(sys.executable, "-m", "tickstockpl", "stream", "--file", str(path), "--speed", speed),
            *("--redis-url", redis_url, "--database-url", database_url),
        ]
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TICKSTOCK_")},
            **settings,
        }
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def ended(self) -> bool:
        """Whether the process has ended, of itself or not."""
        return self._running.poll() is not None

    def kill(self) -> bool:
        """SIGKILL; whether the process was still at work."""
        self._running.kill()
        return self._running.wait(timeout=10) == -signal.SIGKILL

    def wait(self, timeout_s: float) -> None:
        """Wait until it ends of itself; an ``AssertionError`` shows what it has said, if that is not success."""
        eventually(lambda: self.ended, timeout_s, what=lambda: f"the end of the stream; it says: {self.said()}")
        assert self._running.returncode == 0, self.said()

    def wait_until(self, predicate: Callable[[], bool], timeout_s: float) -> None:
        """Wait until something comes about or the process ends."""
        eventually(lambda: predicate() or self.ended, timeout_s, what=lambda: f"it; the stream says: {self.said()}")

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.ended:
            self.kill()

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the process has not been started"
        return self._process

    def said(self) -> str:
        return self._log.read_text()[-2000:]
