"""One indicator for all symbols, through TA-Lib's streaming handles."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import talib
from numpy.typing import NDArray
from talib import stream

from tickstockpl.analysis.indicators.definition import IndicatorDefinition
from tickstockpl.market.bars import Floats, Index

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

    def update(self, close: float, /) -> Any: ...


class IndicatorBank:
    """The handles of one indicator, one per symbol.

    A handle is opened on a symbol's first ``lookback + 1`` closes, so its numbers are those of TA-Lib's batch function
    over all closes since the first, bit for bit. Until then the closes are kept: at most ``lookback`` of them.
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
        self._closes: list[list[float]] = [[] for _ in range(symbol_count)]

    def update(self, index: Index, close: Floats) -> IndicatorColumns:
        """Give each of some symbols its newest close.

        Args:
            index: the symbols' positions in the universe, none twice.
            close: their closes, finite.

        Returns:
            The values of those symbols that are warm, this close included.
        """
        handles = self._handles
        rows: list[int] = []
        values: list[float | tuple[float, ...]] = []
        for row, (symbol, price) in enumerate(zip(index.tolist(), close.tolist(), strict=True)):
            handle = handles[symbol]
            if handle is not None:
                values.append(handle.update(price))
            elif (handle := self._try_open(symbol, price)) is not None:
                values.append(handle.value)
            else:
                continue
            rows.append(row)
        return self._columns(np.array(rows, dtype=np.intp), np.array(values), close)

    def _try_open(self, symbol: int, price: float) -> _Handle | None:
        closes = self._closes[symbol]
        closes.append(price)
        if len(closes) < self._needed:
            return None
        try:
            handle = self._open(np.array(closes), **self.definition.arguments)
        except _InsufficientHistory:  # some functions seed on more bars than their lookback says
            return None
        self._handles[symbol] = handle
        self._closes[symbol] = []
        return handle

    def _columns(self, rows: Index, values: NDArray[np.float64], close: Floats) -> IndicatorColumns:
        width = len(self.definition.outputs)
        table = values.reshape(len(rows), width)
        raw = tuple(np.ascontiguousarray(table[:, column]) for column in range(width))
        outputs = dict(zip(self.definition.outputs, raw, strict=True))
        for name, derive in self.definition.derived.items():
            outputs[name] = derive(raw, close[rows])
        return IndicatorColumns(self.definition, rows, outputs)
