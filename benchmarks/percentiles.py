"""The three figures by which a delay is told, and how results are printed for programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Delays in milliseconds: of 100 of them 50, 95 and 99 are no longer. Infinite where nothing was measured."""

    p50_ms: float
    p95_ms: float
    p99_ms: float

    @classmethod
    def of(cls, delays_ms: Sequence[float] | NDArray[np.floating]) -> Self:
        """Of all delays, in any order."""
        if not len(delays_ms):
            return cls(float("inf"), float("inf"), float("inf"))
        found = np.percentile(delays_ms, (50, 95, 99), method="inverted_cdf")
        return cls(*(round(float(value), 2) for value in found))

    def __str__(self) -> str:
        return f"p50 {self.p50_ms:.1f} ms, p95 {self.p95_ms:.1f} ms, p99 {self.p99_ms:.1f} ms"


def print_json(result: dict[str, object]) -> None:
    """Print one JSON object; dataclasses become objects, and what is not finite ``null``."""
    print(msgspec.json.encode(result).decode())
