"""How long things took, in a histogram by the millisecond: exact, and bounded however many there were."""

from collections import Counter
from typing import Final

from msgspec import Struct

LONGEST_MS: Final = 600_000


class Percentiles(Struct, frozen=True):
    """Milliseconds; ``count`` is of how many."""

    count: int
    p50: int
    p95: int
    p99: int
    max: int


class Durations:
    """Milliseconds, counted."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, ms: int) -> None:
        """Take one; longer than ten minutes counts as ten minutes, either way."""
        self._counts[max(-LONGEST_MS, min(ms, LONGEST_MS))] += 1

    def percentiles(self) -> Percentiles | None:
        """The nearest ranks; ``None`` if there were none."""
        total = self._counts.total()
        if not total:
            return None
        rising = sorted(self._counts.items())
        wanted = [-(-total * share // 100) for share in (50, 95, 99, 100)]
        found: list[int] = []
        passed = 0
        for ms, count in rising:
            passed += count
            while len(found) < len(wanted) and passed >= wanted[len(found)]:
                found.append(ms)
        return Percentiles(total, *found)
