"""Sale conditions: what a trade may change of its bar.

The consolidated tapes mark trades that are not ordinary: odd lots, averages, trades reported late or out of sequence.
Which of them update a bar's open and close, its high and low, and its volume, is the rule of the tapes, in the vendor's
numbering; where a trade has several conditions, each takes something away.
"""

from typing import Final

from tickstockpl.market.trades import EVERYTHING, HIGH_LOW, OPEN_CLOSE, VOLUME

VOLUME_ONLY: Final = frozenset({2, 7, 13, 20, 21, 29, 37, 52, 53})
"""Average price, cash and next-day sales, prior reference prices, odd lots, contingent trades: volume, but no price."""

NOT_OPEN_CLOSE: Final = frozenset({5, 10, 22, 32, 33})
"""Trades that may be a bar's highest or lowest, but not its first or last."""

NOTHING: Final = frozenset({15, 16})
"""The exchange's official close and open: they repeat trades that were told already."""

NO_VOLUME: Final = frozenset({38})
"""A corrected consolidated close: a price, without shares."""

EXTENDED_HOURS: Final = 12
"""Traded before the open or after the close: during the regular session such a trade counts for volume alone, outside
it makes bars like any other."""

OUTSIDE_ONLY: Final = 8
"""A bit beside those of :mod:`tickstockpl.market.trades`: has :data:`EXTENDED_HOURS`."""

_MOST_KNOWN: Final = 4096


def counts_for(conditions: tuple[int, ...] | None) -> int:
    """What a trade with these conditions counts for, as bits, and whether :data:`OUTSIDE_ONLY`."""
    bits = EVERYTHING
    for condition in conditions or ():
        if condition in NOTHING:
            return 0
        if condition in VOLUME_ONLY:
            bits &= VOLUME
        elif condition in NOT_OPEN_CLOSE:
            bits &= HIGH_LOW | VOLUME
        elif condition in NO_VOLUME:
            bits &= OPEN_CLOSE | HIGH_LOW
    return bits | OUTSIDE_ONLY if conditions and EXTENDED_HOURS in conditions else bits


class KnownConditions(dict[tuple[int, ...] | None, int]):
    """What each combination of conditions that has come counts for; the market has a few hundred of them."""

    def __missing__(self, conditions: tuple[int, ...] | None) -> int:
        if len(self) >= _MOST_KNOWN:
            self.clear()  # no market has so many: somebody sends nonsense
        bits = self[conditions] = counts_for(conditions)
        return bits
