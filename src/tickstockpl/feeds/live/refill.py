"""What a source's history gives for minutes that were not heard whole."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from tickstockpl.market.bars import MinuteBars


@dataclass(frozen=True, slots=True)
class Refilled:
    """What was fetched of some minutes.

    Attributes:
        bars: of each minute in which something traded, by its start.
        missing: symbols of which nothing could be had.
        reason: why not, in words; empty where nothing is missing.
    """

    bars: Mapping[int, MinuteBars] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    reason: str = ""


Refill = Callable[[int, int], Awaitable[Refilled]]
"""Fetches the minutes that start at or after one market time and before another; ends in bounded time, and does not
raise where the history cannot be had."""
