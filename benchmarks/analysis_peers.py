"""What else one would compute a minute's indicators and patterns with, each symbol with state of its own."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, ClassVar, Protocol

import numpy as np
import talib
from talib import stream

from tickstockpl.analysis.indicators.definition import DEFAULT_INDICATORS
from tickstockpl.market.bars import Floats, MinuteBars


class Peer(Protocol):
    """A contestant; made warm, on the bars of the past."""

    name: ClassVar[str]

    def __init__(self, symbols: int, history: Sequence[MinuteBars]) -> None: ...

    def update(self, bars: MinuteBars) -> None:
        """Take in a minute in which every symbol has a bar."""

    @staticmethod
    def missing() -> str:
        """Why it cannot take part; empty where it can."""


def _series(history: Sequence[MinuteBars], column: str) -> Floats:
    """A column of the past, shape (symbols, minutes)."""
    return np.ascontiguousarray(np.array([getattr(bars, column) for bars in history], dtype=np.float64).T)


class _Handles:
    """One function's streaming handles, called as fast as Python can."""

    def __init__(self, function: str, inputs: Sequence[str], history: dict[str, Floats], **arguments: float) -> None:
        opened: Any = getattr(stream, function)
        columns = [history[name] for name in inputs]
        self._inputs = inputs
        self._update: Callable[..., Any] = opened.update
        self._handles = [opened(*series, **arguments) for series in zip(*columns, strict=True)]

    def update(self, lists: dict[str, list[float]]) -> None:
        list(map(self._update, self._handles, *(lists[name] for name in self._inputs)))


class TalibIndicators:
    """TA-Lib's streaming handles for the default indicators."""

    name: ClassVar[str] = "TA-Lib handles, indicators"

    def __init__(self, symbols: int, history: Sequence[MinuteBars]) -> None:
        del symbols
        close = {"close": _series(history, "close")}
        self._banks = [_Handles(one.function, one.inputs, close, **one.arguments) for one in DEFAULT_INDICATORS]

    def update(self, bars: MinuteBars) -> None:
        """Take in a minute in which every symbol has a bar."""
        close = {"close": bars.close.tolist()}
        for bank in self._banks:
            bank.update(close)

    @staticmethod
    def missing() -> str:
        """It is always there."""
        return ""


class TalibPatterns:
    """TA-Lib's streaming handles for all of its candlestick functions."""

    name: ClassVar[str] = "TA-Lib handles, patterns"

    def __init__(self, symbols: int, history: Sequence[MinuteBars]) -> None:
        del symbols
        prices = {name: _series(history, name) for name in ("open", "high", "low", "close")}
        functions = talib.get_function_groups()["Pattern Recognition"]  # type: ignore[no-untyped-call]
        self._banks = [_Handles(function, tuple(prices), prices) for function in functions]

    def update(self, bars: MinuteBars) -> None:
        """Take in a minute in which every symbol has a bar."""
        prices = {name: getattr(bars, name).tolist() for name in ("open", "high", "low", "close")}
        for bank in self._banks:
            bank.update(prices)

    @staticmethod
    def missing() -> str:
        """It is always there."""
        return ""


class Talipp:
    """Talipp's incremental indicators, the same as the default ones."""

    name: ClassVar[str] = "talipp, indicators"

    def __init__(self, symbols: int, history: Sequence[MinuteBars]) -> None:
        from talipp import indicators

        makers = {"RSI": indicators.RSI, "SMA": indicators.SMA, "MACD": indicators.MACD, "BBANDS": indicators.BB}
        self._states: list[list[Any]] = []
        for one in DEFAULT_INDICATORS:
            arguments = list(one.arguments.values())
            if one.function == "BBANDS":
                arguments.pop()  # one width for both bands
            self._states.append([makers[one.function](*arguments) for _ in range(symbols)])
        for bars in history:
            self.update(bars)

    def update(self, bars: MinuteBars) -> None:
        """Take in a minute in which every symbol has a bar."""
        close = bars.close.tolist()
        for states in self._states:
            for state, value in zip(states, close, strict=True):
                state.add(value)

    @staticmethod
    def missing() -> str:
        """Whether the package is not installed."""
        return "" if find_spec("talipp") else "talipp is not installed: pip install 'tickstockpl[bench]'"
