"""Thresholds that do not flutter."""

from collections.abc import Callable
from typing import Final, Self

from tickstockpl.clock import MAX_SPEED, Clock

MARGIN: Final = 0.9
"""A figure has come back when it is below this share of its threshold."""


class Latch:
    """On as soon as a figure is beyond its threshold; off once it has been back by a margin for a while.

    A figure that wanders about its threshold, or dips below it for a moment, changes nothing while the latch is on.

    Attributes:
        is_on: whether the trouble lasts.
        worst: the worst figure since it began.

    Args:
        begins: whether a figure is beyond the threshold.
        has_come_back: whether it is back by the margin.
        worse: of two figures, the worse.
        hold_s: how long it must have been back, seconds.
    """

    def __init__(
        self,
        begins: Callable[[float], bool],
        has_come_back: Callable[[float], bool],
        worse: Callable[[float, float], float],
        hold_s: float,
    ) -> None:
        self._begins = begins
        self._has_come_back = has_come_back
        self._worse = worse
        self._hold_s = hold_s
        self._back_since_s: float | None = None
        self.is_on = False
        self.worst = 0.0

    @classmethod
    def above(cls, threshold: float, hold_s: float) -> Self:
        """Trouble is what lies above the threshold; back is what lies below 90 % of it, or is 0."""
        return cls(
            lambda figure: figure > threshold,
            lambda figure: figure < MARGIN * threshold or figure <= 0,
            max,
            hold_s,
        )

    @classmethod
    def below(cls, threshold: float, hold_s: float) -> Self:
        """Trouble is what lies below the threshold; back is what the threshold is 90 % of, or less."""
        return cls(lambda figure: figure < threshold, lambda figure: MARGIN * figure > threshold, min, hold_s)

    def update(self, figure: float, now_s: float) -> bool:
        """Take a figure; whether the latch is on now.

        Args:
            figure: what is measured.
            now_s: seconds of a clock that never jumps.
        """
        if self._begins(figure):
            self.worst = self._worse(self.worst, figure) if self.is_on else figure
            self.is_on, self._back_since_s = True, None
        elif not self._has_come_back(figure):
            self._back_since_s = None
        elif self.is_on:
            if self._back_since_s is None:
                self._back_since_s = now_s
            if now_s - self._back_since_s >= self._hold_s:
                self.is_on, self._back_since_s = False, None
        return self.is_on


def hold_s(clock: Clock, seconds: float) -> float:
    """How long a figure must have been back: so many seconds of wall time, which say nothing where nothing paces it."""
    return 0.0 if clock.speed == MAX_SPEED else seconds
