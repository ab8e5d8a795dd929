"""Of which market time everything has been heard."""

import threading
from dataclasses import dataclass
from typing import Final

MOST_HOLES: Final = 100
"""Holes that are kept apart; beyond, the two oldest become one."""

EVER: Final = -(1 << 62)
"""Before any market time."""


@dataclass(frozen=True, slots=True)
class Hole:
    """Market time of which something may be missing, both ends included; ``until_ms`` is ``None`` while it lasts."""

    since_ms: int
    until_ms: int | None = None


class Coverage:
    """The holes in what a connection has delivered. Used by the thread that reads and the one that plays.

    Nothing is covered before the first :meth:`whole_from`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holes = [Hole(EVER)]

    def lost(self, since_ms: int) -> None:
        """From here on nothing is known; a hole that lasts already goes on."""
        with self._lock:
            if not self._holes or self._holes[-1].until_ms is not None:
                self._add(Hole(since_ms))

    def whole_from(self, at_ms: int) -> None:
        """From here on everything is heard again."""
        with self._lock:
            if self._holes and self._holes[-1].until_ms is None:
                hole = self._holes.pop()
                self._add(Hole(hole.since_ms, max(hole.since_ms, at_ms)))

    def doubt(self, since_ms: int, until_ms: int) -> None:
        """Between two moments, both included, something may have been missed."""
        with self._lock:
            last = self._holes[-1] if self._holes else None
            if last is not None and last.until_ms is None:
                return
            self._add(Hole(since_ms, until_ms))

    def first(self, from_ms: int) -> Hole | None:
        """The first hole that reaches to ``from_ms`` or beyond."""
        with self._lock:
            reaching = (hole for hole in self._holes if hole.until_ms is None or hole.until_ms >= from_ms)
            return min(reaching, key=lambda hole: hole.since_ms, default=None)

    def settle(self, until_ms: int) -> None:
        """What lies before ``until_ms`` has been dealt with."""
        with self._lock:
            self._holes = [
                Hole(max(hole.since_ms, until_ms), hole.until_ms)
                for hole in self._holes
                if hole.until_ms is None or hole.until_ms >= until_ms
            ]

    def _add(self, hole: Hole) -> None:
        last = self._holes[-1] if self._holes else None
        if last is not None and last.until_ms is not None and hole.since_ms <= last.until_ms:
            self._holes.pop()
            until_ms = None if hole.until_ms is None else max(hole.until_ms, last.until_ms)
            hole = Hole(min(hole.since_ms, last.since_ms), until_ms)
        self._holes.append(hole)
        if len(self._holes) > MOST_HOLES:
            oldest, second = self._holes[:2]
            self._holes[:2] = [Hole(oldest.since_ms, second.until_ms)]
