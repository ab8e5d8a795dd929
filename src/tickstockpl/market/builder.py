"""The one bar builder: trades in, 1-minute bars out."""

from dataclasses import replace

import numpy as np

from tickstockpl.market.bars import MINUTE_MS, Integers, MinuteBars
from tickstockpl.market.forming import FormingMinute
from tickstockpl.market.trades import Trades

_NEVER = np.iinfo(np.int64).min


class BarBuilder:
    """Gathers the trades of a universe into 1-minute bars and hands them out when their minute is over.

    Open and close are a minute's first and last trade that count for them, by their sequence or, without one, in order
    of arrival; volume is the sum of the sizes, rounded to whole shares when the bar is sealed. A symbol without a trade
    that counts for open and close has no bar. How the trades were cut into calls of :meth:`add` makes no difference, to
    the last bit.

    Cost: about 60 ns a trade, and one set of columns over the universe for each minute that is still open.

    Attributes:
        late_trades: trades that came after their minute was sealed; they are in no bar.
        rejected_trades: trades whose price or size is no number, negative, a price of zero, or beyond the limits of
            :mod:`tickstockpl.market.bars`; they are in no bar.
    """

    def __init__(self, symbol_count: int) -> None:
        self._symbol_count = symbol_count
        self._forming: dict[int, FormingMinute] = {}
        # One entry a symbol, so that a symbol's bar can be sealed before the others' are.
        self._sealed_ms: Integers = np.full(symbol_count, _NEVER, np.int64)
        self._arrived = 0
        self.late_trades = 0
        self.rejected_trades = 0

    def add(self, trades: Trades) -> None:
        """Take trades in order of arrival, of one minute or of several."""
        if trades.sequence is None:
            sequence = np.arange(self._arrived, self._arrived + len(trades))
            self._arrived += len(trades)
            trades = replace(trades, sequence=sequence)
        minutes = trades.time_ms - trades.time_ms % MINUTE_MS
        sound = trades.sound
        late = sound & (minutes < self._sealed_ms[trades.index])
        wanted = sound & ~late
        if not wanted.all():
            self.rejected_trades += int(np.count_nonzero(~sound))
            self.late_trades += int(np.count_nonzero(late))
            minutes, trades = minutes[wanted], trades.take(wanted)
        if not len(minutes):
            return
        if (minutes[1:] < minutes[:-1]).any():
            by_minute = np.argsort(minutes, kind="stable")
            minutes, trades = minutes[by_minute], trades.take(by_minute)
        starts = np.concatenate(([0], np.flatnonzero(minutes[1:] != minutes[:-1]) + 1, [len(minutes)]))
        for first, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
            minute_ms = int(minutes[first])
            forming = self._forming.get(minute_ms)
            if forming is None:
                forming = self._forming[minute_ms] = FormingMinute(self._symbol_count)
            forming.merge(trades.take(slice(first, end)))

    def forming(self) -> MinuteBars | None:
        """The newest minute that is not over, as it stands; ``None`` where nothing has traded in it."""
        if not self._forming:
            return None
        minute_ms = max(self._forming)
        bars = self._forming[minute_ms].bars(minute_ms)
        return bars if len(bars) else None

    def seal(self, until_ms: int) -> list[MinuteBars]:
        """Close every minute that ends at or before ``until_ms`` and return its bars, oldest minute first."""
        sealed_ms = until_ms - until_ms % MINUTE_MS
        np.maximum(self._sealed_ms, sealed_ms, out=self._sealed_ms)
        over = sorted(minute_ms for minute_ms in self._forming if minute_ms < sealed_ms)
        # Where nothing counted for open and close there is no bar.
        return [bars for minute_ms in over if len(bars := self._forming.pop(minute_ms).bars(minute_ms))]

    def complete(self, until_ms: int, bars: MinuteBars | None) -> list[MinuteBars]:
        """Close minutes as :meth:`seal` does, one of which others know better.

        Args:
            until_ms: when the last of the minutes ends.
            bars: ready-made ones of that minute: each takes the place of what trades have made of its symbol's.
        """
        sealed = self.seal(until_ms)
        if bars is None:
            return sealed
        built = next((one for one in sealed if one.minute_ms == bars.minute_ms), None)
        others = [one for one in sealed if one is not built]
        return sorted(
            [*others, bars if built is None else bars.completed_by(built)], key=lambda minute: minute.minute_ms
        )
