"""How much of the machine's processors the service takes."""

from collections import deque
from typing import Final

from tickstockpl.clock import cpu_s, monotonic_s

SPAN_S: Final = 10.0
"""Wall time over which the share is averaged: one noisy second is no news."""

SAMPLE_S: Final = 1.0
"""The least time between two samples: the system counts processor time in steps of several milliseconds."""


class CpuMeter:
    """The process's share of all cores over the last ten seconds, in percent.

    Attributes:
        percent: the share; until a whole span has passed, of the time since the start.
        is_settled: whether a whole span has passed.

    Args:
        cores: how many the machine has.
    """

    def __init__(self, cores: int) -> None:
        self._cores = cores
        self._samples = deque([(monotonic_s(), cpu_s())])
        self.percent = 0.0
        self.is_settled = False

    def sample(self, now_s: float) -> None:
        """Look at the clocks; within a second of the last look nothing changes.

        Args:
            now_s: the wall's, as :func:`~tickstockpl.clock.monotonic_s` gives it.
        """
        samples = self._samples
        if now_s - samples[-1][0] < SAMPLE_S:
            return
        samples.append((now_s, cpu_s()))
        while samples[1][0] <= now_s - SPAN_S:
            samples.popleft()
        (since_s, used_s), (until_s, used_until_s) = samples[0], samples[-1]
        span_s = until_s - since_s
        self.percent = round(min(100.0, max(0.0, 100 * (used_until_s - used_s) / span_s / self._cores)), 1)
        self.is_settled = span_s >= SPAN_S
