"""What the hub measures: rate and latency. Time is passed in, as wall-clock milliseconds."""

from collections import deque

from tickstockpl.dashboard.live.protocol import Latency

_RATE_WINDOW_S = 5
_LATENCY_WINDOW_MS = 60_000
_LATENCY_SAMPLES = 4096


class RateMeter:
    """Messages a second, averaged over the last five seconds."""

    def __init__(self) -> None:
        self._seconds: deque[tuple[int, int]] = deque(maxlen=_RATE_WINDOW_S + 1)

    def add(self, count: int, now_ms: int) -> None:
        """Count messages that arrived at ``now_ms``."""
        second = now_ms // 1000
        if self._seconds and self._seconds[-1][0] == second:
            count += self._seconds.pop()[1]
        self._seconds.append((second, count))

    def per_second(self, now_ms: int) -> float:
        """The rate over the five seconds before the one that runs."""
        second = now_ms // 1000
        recent = sum(count for when, count in self._seconds if second - _RATE_WINDOW_S <= when < second)
        return round(recent / _RATE_WINDOW_S, 1)


class LatencyMeter:
    """Percentiles of the last minute's samples, of the newest 4,096 where there are more."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, int]] = deque(maxlen=_LATENCY_SAMPLES)

    def add(self, latency_ms: int, now_ms: int) -> None:
        """Keep a sample; a negative one (clocks that disagree) counts as 0."""
        self._samples.append((now_ms, max(0, latency_ms)))

    def percentiles(self, now_ms: int) -> Latency | None:
        """``None`` when the last minute brought no sample."""
        while self._samples and self._samples[0][0] < now_ms - _LATENCY_WINDOW_MS:
            self._samples.popleft()
        if not self._samples:
            return None
        ordered = sorted(latency for _, latency in self._samples)

        def percentile(percent: int) -> int:  # nearest rank
            return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]

        return Latency(percentile(50), percentile(95), percentile(99))
