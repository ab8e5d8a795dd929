"""How long to wait before the next try."""

import random
from typing import Final

FACTOR: Final = 2.0
"""By how much each wait may be longer than the one before."""


class Backoff:
    """Waits that grow, with jitter, so that a thousand clients do not come back at the same moment.

    Each wait is drawn from the upper half of a span that doubles from ``first_s`` to ``longest_s``.

    Args:
        first_s: the first span, seconds.
        longest_s: the longest span, seconds.
        rng: draws the jitter.
    """

    def __init__(self, first_s: float = 0.5, longest_s: float = 30.0, rng: random.Random | None = None) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._span_s = first_s
        self._rng = rng if rng is not None else random.Random()  # noqa: S311 - jitter is no secret

    def next_s(self) -> float:
        """The next wait, seconds."""
        span_s, self._span_s = self._span_s, min(self._span_s * FACTOR, self._longest_s)
        return span_s * self._rng.uniform(0.5, 1.0)

    def at_least(self, span_s: float) -> None:
        """Let the next span be this long or longer: the other side has said that it wants to be left alone."""
        self._span_s = min(max(self._span_s, span_s), self._longest_s)

    def reset(self) -> None:
        """It works again."""
        self._span_s = self._first_s
