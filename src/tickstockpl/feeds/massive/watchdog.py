"""Connected, and yet mute: how long a silence is one too many."""

from collections import deque
from typing import Final

USUAL_LULLS: Final = 60
"""Lulls that are remembered."""

TOO_LONG: Final = 3.0
"""A silence of so many times the longest of the usual lulls is no lull any more."""

ENOUGH: Final = 10
"""Lulls after which it is known what is usual."""

BUSY_S: Final = 2.0
"""A feed that is hardly ever quiet for so long is busy, and one long lull of it is no habit."""

FIRST_DATA_S: Final = 75.0
"""How long the first data may take where nothing is known: a minute bar comes within a minute of anything trading."""


class Watchdog:
    """Learns how long a feed is usually quiet, in a market that is open, and says when it has been quiet too long.

    A busy feed is never quiet for a second; one of a few thin symbols may be for minutes. Where a pulse is subscribed
    to, a topic that is never quiet, silence means something from the first moment on.

    Args:
        shortest_s: silence of less is never too long.
    """

    def __init__(self, shortest_s: float) -> None:
        self._shortest_s = shortest_s
        self._lulls: deque[float] = deque(maxlen=USUAL_LULLS)
        self._heard_s: float | None = None
        self._active_s = 0.0
        self._has_pulse = False

    def forget(self) -> None:
        """Begin to learn anew: the market opens, and what was usual before the open says nothing."""
        self._lulls.clear()

    def start(self, now_s: float, *, has_pulse: bool) -> None:
        """Silence counts from here: a connection stands, or the market has opened."""
        self._heard_s = now_s
        self._active_s = now_s
        self._has_pulse = has_pulse

    def hear(self, now_s: float) -> None:
        """There is data."""
        self._heard_s = now_s
        if now_s - self._active_s >= 1.0:
            # Second by second: a burst of a thousand frames is one sign of life, not a thousand.
            self._lulls.append(now_s - self._active_s)
            self._active_s = now_s

    @property
    def limit_s(self) -> float:
        """How long a silence may be."""
        if len(self._lulls) >= ENOUGH:
            lulls = sorted(self._lulls)
            if lulls[len(lulls) * 9 // 10] < BUSY_S:
                return self._shortest_s
            # Of few lulls the longest is not as long as it will be of many.
            return max(self._shortest_s, TOO_LONG * lulls[-1] * (USUAL_LULLS / len(lulls)) ** 0.5)
        return self._shortest_s if self._has_pulse else max(self._shortest_s, FIRST_DATA_S)

    def silence_s(self, now_s: float) -> float:
        """How long nothing has been heard."""
        return 0.0 if self._heard_s is None else now_s - self._heard_s

    def is_mute(self, now_s: float) -> bool:
        """Whether it has been quiet for too long."""
        return self.silence_s(now_s) > self.limit_s
