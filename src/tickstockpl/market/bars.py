"""A minute of bars, as columns over symbols."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MINUTE_MS = 60_000
"""A bar's length in milliseconds."""

PRICE_LIMIT = 1e10
"""Prices stay below this: the tables' ``DECIMAL(12,2)`` holds no more."""

VOLUME_LIMIT = 1e15
"""Volumes and sizes stay below this: a double still counts single shares there."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class MinuteBars:
    """The 1-minute bars that some symbols of a universe have for one minute.

    All arrays have one length, at least 1. ``index`` rises strictly: the symbols' positions in the universe.

    Attributes:
        minute_ms: the minute's start, milliseconds since the epoch.
        index: position of each bar's symbol in the universe.
        open: first price, US dollars (``high``, ``low``, ``close`` alike).
        volume: whole shares.
    """

    minute_ms: int
    index: Index
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Integers

    @property
    def close_ms(self) -> int:
        """When the bars closed: one minute after their start."""
        return self.minute_ms + MINUTE_MS

    def __len__(self) -> int:
        return len(self.index)

    def take(self, rows: NDArray[np.bool_] | Index) -> "MinuteBars":
        """The same minute with only some of its rows."""
        return MinuteBars(
            self.minute_ms,
            self.index[rows],
            self.open[rows],
            self.high[rows],
            self.low[rows],
            self.close[rows],
            self.volume[rows],
        )

    def completed_by(self, other: "MinuteBars") -> "MinuteBars":
        """These bars, and those that ``other`` has of the same minute for symbols that are not among them."""
        more = other.take(~np.isin(other.index, self.index))
        order = np.argsort(np.concatenate((self.index, more.index)))
        both = MinuteBars(
            self.minute_ms,
            np.concatenate((self.index, more.index)),
            np.concatenate((self.open, more.open)),
            np.concatenate((self.high, more.high)),
            np.concatenate((self.low, more.low)),
            np.concatenate((self.close, more.close)),
            np.concatenate((self.volume, more.volume)),
        )
        return both.take(order)


def bar_defects(
    open_: Floats, high: Floats, low: Floats, close: Floats, volume: Floats
) -> list[tuple[str, NDArray[np.bool_]]]:
    """What can be wrong with bars, each reason with the mask of the bars that have it.

    A bar that no mask marks is sound: finite prices above zero, high the highest, low the lowest, volume finite and
    not negative, all of a size that the tables can hold.

    Args:
        open_: first prices; all five arrays have one shape.
        high: highest prices.
        low: lowest prices.
        close: last prices.
        volume: shares, as floats so that a fraction or NaN can be seen.
    """
    prices = (open_, high, low, close)
    with np.errstate(invalid="ignore"):
        return [
            ("a price is not a finite number", ~np.logical_and.reduce([np.isfinite(price) for price in prices])),
            ("a price is zero or negative", np.logical_or.reduce([price <= 0 for price in prices])),
            ("a price is 10,000,000,000 or more", np.logical_or.reduce([price >= PRICE_LIMIT for price in prices])),
            ("high is below low", high < low),
            (
                "open or close lies outside low to high",
                (np.minimum(open_, close) < low) | (np.maximum(open_, close) > high),
            ),
            ("volume is not a finite number of shares", ~np.isfinite(volume)),
            ("volume is negative", volume < 0),
            ("volume is 1,000,000,000,000,000 or more", volume >= VOLUME_LIMIT),
        ]


def first_defects(defects: Sequence[tuple[str, NDArray[np.bool_]]]) -> list[tuple[int, str]]:
    """The first reason for each marked row, by rising row: ``[(row, reason), ...]``."""
    reasons: dict[int, str] = {}
    for reason, mask in defects:
        for row in np.flatnonzero(mask):
            reasons.setdefault(int(row), reason)
    return sorted(reasons.items())
