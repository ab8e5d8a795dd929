"""Trades that have come before."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tickstockpl.market.bars import Index, Integers
from tickstockpl.market.trades import Trades

SEQUENCE_BITS: Final = 46
"""Sequence numbers stay below 2 to this power; a whole market of a day has fewer than 2 to the 34th trades."""

RUN: Final = 4096
"""Keys that are kept sorted together."""

MOST_RUNS: Final = 1024
"""Runs that are kept: four million trades, more than the market has in an ordinary hour."""


class DuplicateSieve:
    """Lets each trade of a symbol pass once, by its sequence number.

    Trades that come in order cost one sort of small numbers; only those that do not are looked up. A trade without a
    sequence number (below zero) passes. How far back a trade is recognised is bounded; older ones are of minutes that
    are long out, and count as late.

    Cost: about 60 ns a trade.

    Args:
        symbol_count: symbols of the universe.
    """

    def __init__(self, symbol_count: int) -> None:
        self._newest: Integers = np.full(symbol_count, -1, np.int64)
        self._small = np.uint16 if symbol_count <= 1 << 16 else np.uint32
        self._runs: list[Integers] = []
        self._tail: list[Integers] = []
        self._tail_length = 0

    def pass_new(self, trades: Trades) -> Trades:
        """The trades that have not come before, in their order."""
        if trades.sequence is None or not len(trades):
            return trades
        # Sorted by symbol alone, and stably: within a symbol the order of arrival stays.
        order = np.argsort(trades.index.astype(self._small), kind="stable")
        index, sequence = trades.index[order], trades.sequence[order]
        keys = (index.astype(np.int64) << SEQUENCE_BITS) | np.maximum(sequence, 0)
        starts = np.concatenate(([True], index[1:] != index[:-1]))
        highest = np.maximum.accumulate(np.where(starts, np.maximum(keys, self._newest[index]), keys))
        before = np.concatenate(([-1], highest[:-1]))
        before[starts] = self._newest[index[starts]]
        suspicious = (keys <= before) & (sequence >= 0)
        ends = np.concatenate((starts[1:], [True]))
        self._newest[index[ends]] = highest[ends]
        numbered = sequence >= 0
        if not suspicious.any():
            self._remember(keys if numbered.all() else keys[numbered])
            return trades
        known = self._known(keys, suspicious)
        self._remember(np.sort(keys[numbered & ~known]))
        if not known.any():
            return trades
        is_new = np.ones(len(trades), np.bool_)
        is_new[order[known]] = False
        return trades.take(is_new)

    def newest(self, index: Index) -> Integers:
        """The highest sequence number of each of these symbols so far, 0 or more."""
        return np.maximum(self._newest[index], 0) & ((1 << SEQUENCE_BITS) - 1)

    def forget(self) -> None:
        """Begin anew: numbers start again each trading day."""
        self._newest.fill(-1)
        self._runs.clear()
        self._tail.clear()
        self._tail_length = 0

    def _known(self, keys: Integers, suspicious: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which of the suspicious keys have come before, in an earlier call or in this one."""
        known = np.zeros(len(keys), np.bool_)
        doubtful = np.flatnonzero(suspicious)
        _, first = np.unique(keys, return_index=True)
        repeated = np.ones(len(keys), np.bool_)
        repeated[first] = False
        known[doubtful] = repeated[doubtful]
        for run in (*reversed(self._runs), *self._tail):
            left = doubtful[~known[doubtful]]
            if not len(left):
                break
            places = np.searchsorted(run, keys[left])
            known[left] = run[np.minimum(places, len(run) - 1)] == keys[left]
        return known

    def _remember(self, keys: Integers) -> None:
        if not len(keys):
            return
        self._tail.append(keys)
        self._tail_length += len(keys)
        if self._tail_length >= RUN:
            self._runs.append(np.sort(np.concatenate(self._tail)) if len(self._tail) > 1 else keys)
            self._tail, self._tail_length = [], 0
            if len(self._runs) > MOST_RUNS:
                del self._runs[0]
