"""A run of trades, as columns in the order in which they happened."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tickstockpl.market.bars import PRICE_LIMIT, VOLUME_LIMIT, Floats, Index, Integers

OPEN_CLOSE: Final = 1
"""Bit of :attr:`Trades.counts_for`: the trade may be a bar's first or last price."""

HIGH_LOW: Final = 2
"""Bit of :attr:`Trades.counts_for`: the trade may be a bar's highest or lowest price."""

VOLUME: Final = 4
"""Bit of :attr:`Trades.counts_for`: the trade's size is part of a bar's volume."""

EVERYTHING: Final = OPEN_CLOSE | HIGH_LOW | VOLUME
"""What a trade without a sale condition counts for."""


@dataclass(frozen=True, slots=True, eq=False)
class Trades:
    """Trades of a universe's symbols, in the order in which they came.

    Attributes:
        time_ms: when each happened, milliseconds since the epoch; of a file it rises, not strictly.
        index: position of each trade's symbol in the universe.
        price: US dollars per share, finite and above zero.
        size: shares, finite and not negative; fractions are allowed.
        counts_for: what each trade may change of its bar, by its sale conditions: bits :data:`OPEN_CLOSE`,
            :data:`HIGH_LOW` and :data:`VOLUME`. ``None``: each changes everything.
        sequence: rises with each trade of a symbol, and tells which was first though they came in another order.
            ``None``: the order of arrival does.
    """

    time_ms: Integers
    index: Index
    price: Floats
    size: Floats
    counts_for: NDArray[np.uint8] | None = None
    sequence: Integers | None = None

    def __len__(self) -> int:
        return len(self.time_ms)

    def take(self, rows: NDArray[np.bool_] | Index | slice) -> "Trades":
        """Only some of the trades."""
        return Trades(
            self.time_ms[rows],
            self.index[rows],
            self.price[rows],
            self.size[rows],
            None if self.counts_for is None else self.counts_for[rows],
            None if self.sequence is None else self.sequence[rows],
        )

    @property
    def sound(self) -> NDArray[np.bool_]:
        """Which trades can be part of a bar, shape (trades,).

        Their price is above zero, their size zero or more, both within the limits of :mod:`tickstockpl.market.bars`.
        """
        price, size = self.price, self.size
        with np.errstate(invalid="ignore"):
            return (price > 0) & (price < PRICE_LIMIT) & (size >= 0) & (size < VOLUME_LIMIT)
