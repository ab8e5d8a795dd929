"""A run of trades, as columns in the order in which they happened."""

from dataclasses import dataclass

from tickstockpl.market.bars import Floats, Index, Integers


@dataclass(frozen=True, slots=True, eq=False)
class Trades:
    """Trades of a universe's symbols, oldest first.

    Attributes:
        time_ms: when each happened, milliseconds since the epoch; rises, not strictly.
        index: position of each trade's symbol in the universe.
        price: US dollars per share, finite and above zero.
        size: shares, finite and not negative; fractions are allowed.
    """

    time_ms: Integers
    index: Index
    price: Floats
    size: Floats

    def __len__(self) -> int:
        return len(self.time_ms)
