"""One indicator for all symbols, through TA-Lib's streaming handles."""

from itertools import chain
from typing import Any, Protocol

import numpy as np
import talib
from talib import stream

from tickstockpl.analysis.indicators.bank import IndicatorColumns
from tickstockpl.analysis.indicators.definition import TalibIndicator
from tickstockpl.market.bars import Floats, MinuteBars

_InsufficientHistory: type[Exception] = talib.InsufficientHistory  # type: ignore[attr-defined]  # not in its stubs

Given = tuple[float, ...]
"""One bar of one symbol: the indicator's inputs in the order of TA-Lib's arguments."""


class _Handle(Protocol):
    """TA-Lib's streaming state of one symbol."""

    @property
    def value(self) -> Any: ...

    def update(self, *inputs: float) -> Any: ...


class TalibBank:
    """The handles of one indicator, one per symbol.

    A handle is opened on a symbol's first ``lookback + 1`` bars, so its numbers are those of TA-Lib's batch function
    over all bars since the first, bit for bit. Until then the bars are kept: at most ``lookback`` of them.
    Cost: one call of a handle a symbol and minute, about 0.2 µs, or twice that where there are three outputs.

    Args:
        definition: which indicator.
        symbol_count: how many symbols the universe has.
    """

    def __init__(self, definition: TalibIndicator, symbol_count: int) -> None:
        self.definition = definition
        self._needed = definition.lookback + 1
        self._open: Any = getattr(stream, definition.function)
        self._update = self._open.update  # called through map(): a loop of Python's own would cost as much as TA-Lib
        self._handles: list[_Handle | None] = [None] * symbol_count
        self._cold = symbol_count
        self._pending: list[list[Given]] = [[] for _ in range(symbol_count)]

    def update(self, bars: MinuteBars) -> IndicatorColumns:
        """Give each of some symbols its newest bar; the values are of those that are warm."""
        columns = [getattr(bars, name).tolist() for name in self.definition.inputs]
        all_trade = len(bars) == len(self._handles)
        handles = self._handles if all_trade else [self._handles[symbol] for symbol in bars.index.tolist()]
        if self._cold and None in handles:
            rows, values = self._warm_up(bars.index.tolist(), list(zip(*columns, strict=True)))
        else:
            rows = np.arange(len(bars))
            values = list(map(self._update, handles, *columns))
        return IndicatorColumns.of(self.definition, rows, self._outputs(values), bars.close)

    def _warm_up(self, symbols: list[int], given: list[Given]) -> tuple[Any, list[Any]]:
        """As :meth:`update` while some symbol has no handle yet."""
        rows: list[int] = []
        values: list[Any] = []
        for row, (symbol, inputs) in enumerate(zip(symbols, given, strict=True)):
            handle = self._handles[symbol]
            if handle is not None:
                values.append(handle.update(*inputs))
            elif (handle := self._try_open(symbol, inputs)) is not None:
                values.append(handle.value)
            else:
                continue
            rows.append(row)
        return np.array(rows, dtype=np.intp), values

    def _try_open(self, symbol: int, given: Given) -> _Handle | None:
        pending = self._pending[symbol]
        pending.append(given)
        if len(pending) < self._needed:
            return None
        history = [np.array(column, dtype=np.float64) for column in zip(*pending, strict=True)]
        try:
            handle = self._open(*history, **self.definition.arguments)
        except _InsufficientHistory:  # some functions seed on more bars than their lookback says
            return None
        self._handles[symbol] = handle
        self._cold -= 1
        self._pending[symbol] = []
        return handle

    def _outputs(self, values: list[Any]) -> tuple[Floats, ...]:
        count = len(self.definition.outputs)
        if count == 1:
            return (np.fromiter(values, np.float64, len(values)),)
        # Many times faster than an array of tuples, which NumPy has to explore first.
        flat = np.fromiter(chain.from_iterable(values), np.float64, len(values) * count)
        return tuple(np.ascontiguousarray(column) for column in flat.reshape(len(values), count).T)
