"""How fast messages come, second by second."""

from collections import deque
from itertools import islice
from typing import Final

SECONDS_KEPT: Final = 60

WINDOW_S: Final = 5
"""Over so many whole seconds a rate is averaged."""

_BARS: Final = " ▁▂▃▄▅▆▇█"


class Rate:
    """Counts by second, the newest :data:`SECONDS_KEPT`."""

    def __init__(self) -> None:
        self._second = 0
        self._counts: deque[int] = deque([0] * SECONDS_KEPT, maxlen=SECONDS_KEPT)

    def add(self, now_s: float) -> None:
        """One more."""
        self._advance(int(now_s))
        self._counts[-1] += 1

    def per_second(self, now_s: float) -> float:
        """The average of the last whole seconds."""
        self._advance(int(now_s))
        return sum(islice(reversed(self._counts), 1, WINDOW_S + 1)) / WINDOW_S

    def sparkline(self, now_s: float, width: int) -> str:
        """The last whole seconds as a row of bars, the newest at its right; the highest fills its line."""
        self._advance(int(now_s))
        counts = list(self._counts)[:-1][-width:]
        most = max(counts, default=0)
        if not most:
            return " " * width
        return "".join(_BARS[-(-count * (len(_BARS) - 1) // most)] for count in counts).rjust(width)

    def _advance(self, second: int) -> None:
        passed = second - self._second
        if passed > 0:
            self._counts.extend([0] * min(passed, SECONDS_KEPT))
            self._second = second
