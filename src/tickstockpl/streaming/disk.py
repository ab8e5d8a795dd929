"""Room on the disk that rows wait on while the database is away."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Final

from tickstockpl.clock import monotonic_s
from tickstockpl.contract.events import Critical
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.streaming.health import Trouble
from tickstockpl.streaming.latch import Latch
from tickstockpl.streaming.wording import duration

INTERVAL_S: Final = 5.0
"""The least time between two looks at the disk."""

COMPONENT: Final = "disk"


def free_bytes(folder: Path) -> int:
    """Room that is left to this process on the folder's file system; of a folder that is not there, its parent's.

    Raises:
        OSError: if the system does not tell.
    """
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


class DiskWatch:
    """Looks at the disk every five seconds, on a thread: one that hangs (a network's) must not stop the stream.

    Args:
        folder: where the spool lies.
        warning_mb: free MB below which the disk is nearly full; 0 never.
        hold_s: how long there must have been room again, wall seconds.
        free: tells how many bytes are free.
    """

    def __init__(self, folder: Path, warning_mb: int, hold_s: float, free: Callable[[Path], int] = free_bytes) -> None:
        self._folder = folder
        self._warning_mb = warning_mb
        self._free = free
        self._is_full = Latch.below(warning_mb, hold_s)
        self._full_since_s: float | None = None
        self._free_mb: int | None = None
        self._thread: Thread | None = None
        self._next_s = 0.0

    def look(self, market_ms: int) -> list[Critical]:
        """What has changed since the last look, as alerts of this moment; the figure is that of the last look."""
        if not self._warning_mb:
            return []
        now_s = monotonic_s()
        if now_s >= self._next_s and (self._thread is None or not self._thread.is_alive()):
            self._next_s = now_s + INTERVAL_S
            self._thread = Thread(target=self._measure, name="free disk space", daemon=True)
            self._thread.start()
        return list(self._alerts(to_iso(market_ms), now_s))

    def troubles(self) -> Iterator[Trouble]:
        """What was wrong at the last look."""
        if self._is_full.is_on:
            yield Trouble("warning", self._nearly_full())

    def _measure(self) -> None:
        try:
            self._free_mb = self._free(self._folder) >> 20
        except OSError:
            return  # not told: the last figure stands

    def _alerts(self, now: str, now_s: float) -> Iterator[Critical]:
        if self._free_mb is None:
            return
        was_full, is_full = self._is_full.is_on, self._is_full.update(self._free_mb, now_s)
        if is_full and not was_full:
            self._full_since_s = now_s
            yield Critical(
                severity="warning",
                message=self._nearly_full(),
                timestamp=now,
                component=COMPONENT,
                action_required="free room on the disk, or set TICKSTOCK_DATA_DIR to a folder on another",
                recovery=None,
            )
        if was_full and not is_full and self._full_since_s is not None:
            yield Critical(
                severity="info",
                message=f"Disk has room again: {self._free_mb} MB free in {self._folder}",
                timestamp=now,
                component=COMPONENT,
                action_required=None,
                recovery=f"Room on the disk again after {duration(now_s - self._full_since_s)}",
            )

    def _nearly_full(self) -> str:
        return f"Disk nearly full: {self._free_mb} MB free in {self._folder}"
