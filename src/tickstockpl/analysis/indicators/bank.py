"""One indicator for all symbols, through TA-Lib's streaming handles."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import talib
from talib import stream

from tickstockpl.analysis.indicators.definition import IndicatorDefinition
from tickstockpl.market.bars import Floats, Index, MinuteBars

_InsufficientHistory: type[Exception] = talib.InsufficientHistory  # type: ignore[attr-defined]  # not in its stubs


@dataclass(frozen=True, slots=True, eq=False)
class IndicatorColumns:
    """An indicator after a minute, for the symbols in which it is warm.

    Attributes:
        definition: which indicator.
        rows: rising positions within the minute's bars, shape (warm,).
        outputs: by output name, each of shape (warm,); ``value`` is the event's value. NaN: no value.
    """

    definition: IndicatorDefinition
    rows: Index
    outputs: dict[str, Floats]


class _Handle(Protocol):
    """TA-Lib's streaming state of one symbol."""

    @property
    def value(self) -> Any: ...

    def update(self, *inputs: float) -> Any: ...


class IndicatorBank:
    """The handles of one indicator, one per symbol.

    A handle is opened on a symbol's first ``lookback + 1`` bars, so its numbers are those of TA-Lib's batch function
    over all bars since the first, bit for bit. Until then the bars are kept: at most ``lookback`` of them.
    Cost: about 0.3 µs a symbol and minute.

    Args:
        definition: which indicator.
        symbol_count: how many symbols the universe has.
    """

    def __init__(self, definition: IndicatorDefinition, symbol_count: int) -> None:
        self.definition = definition
        self._needed = definition.lookback + 1
        self._open: Callable[..., _Handle] = getattr(stream, definition.function)
        self._handles: list[_Handle | None] = [None] * symbol_count
        self._pending: list[list[tuple[float, ...]]] = [[] for _ in range(symbol_count)]

    def update(self, bars: MinuteBars) -> IndicatorColumns:
        """Give each of some symbols its newest bar.

        Returns:
            The values of those symbols that are warm, this bar included. A symbol whose value is not a finite number
            (a logarithm of what fell below zero, say) is left out: there is nothing to publish.
        """
        handles = self._handles
        rows: list[int] = []
        values: list[float | tuple[float, ...]] = []
        inputs = zip(*(getattr(bars, name).tolist() for name in self.definition.inputs), strict=True)
        for row, (symbol, given) in enumerate(zip(bars.index.tolist(), inputs, strict=True)):
            handle = handles[symbol]
            if handle is not None:
                values.append(handle.update(*given))
            elif (handle := self._try_open(symbol, given)) is not None:
                values.append(handle.value)
            else:
                continue
            rows.append(row)
        return self._columns(np.array(rows, dtype=np.intp), np.array(values, dtype=np.float64), bars.close)

    def _try_open(self, symbol: int, given: tuple[float, ...]) -> _Handle | None:
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
        self._pending[symbol] = []
        return handle

    def _columns(self, rows: Index, values: Floats, close: Floats) -> IndicatorColumns:
        table = values.reshape(len(rows), len(self.definition.outputs))
        finite = np.isfinite(table[:, self.definition.outputs.index("value")])
        if not finite.all():
            rows, table = rows[finite], table[finite]
        raw = tuple(np.ascontiguousarray(column) for column in table.T)
        outputs = dict(zip(self.definition.outputs, raw, strict=True))
        for name, derive in self.definition.derived.items():
            outputs[name] = derive(raw, close[rows])
        return IndicatorColumns(self.definition, rows, outputs)
