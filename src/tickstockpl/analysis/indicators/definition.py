"""What an indicator is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from talib import abstract

from tickstockpl.market.bars import Floats

Column = Literal["open", "high", "low", "close", "volume"]
"""What of a bar an indicator may be computed from."""

Derived = Callable[[tuple[Floats, ...], Floats], Floats]
"""A further output, from TA-Lib's outputs and the closes; NaN where it has no value."""


@dataclass(frozen=True, slots=True)
class IndicatorDefinition:
    """One indicator with its parameters fixed.

    Attributes:
        name: the contract's name, ``SMA``.
        instance: the name that also tells the parameters, ``SMA_20``; unique among the enabled ones.
        function: TA-Lib's function.
        arguments: TA-Lib's parameters by TA-Lib's names.
        parameters: the same as the event's metadata names them, with constants that belong to them.
        outputs: names of TA-Lib's outputs, in its order; the one called ``value`` is the event's value.
        inputs: what of a bar it is computed from, in the order of TA-Lib's arguments.
        derived: further outputs by name.
        meaning: one sentence.
    """

    name: str
    instance: str
    function: str
    arguments: Mapping[str, float]
    parameters: Mapping[str, float]
    outputs: tuple[str, ...]
    meaning: str
    inputs: tuple[Column, ...] = ("close",)
    derived: Mapping[str, Derived] = field(default_factory=dict)

    @property
    def lookback(self) -> int:
        """Bars that pass before TA-Lib gives the first value."""
        return int(abstract.Function(self.function, **self.arguments).lookback)  # type: ignore[attr-defined]  # not in its stubs


def rsi(period: int = 14, overbought: float = 70, oversold: float = 30) -> IndicatorDefinition:
    """Relative Strength Index (Wilder 1978; TA-Lib ``RSI``)."""
    usual = (overbought, oversold) == (70, 30)
    return IndicatorDefinition(
        name="RSI",
        instance=f"RSI_{period}" if usual else f"RSI_{period}_{overbought:g}_{oversold:g}",
        function="RSI",
        arguments={"timeperiod": period},
        parameters={"period": period, "overbought_threshold": overbought, "oversold_threshold": oversold},
        outputs=("value",),
        meaning="How much of the recent movement was upward, 0 to 100.",
    )


def sma(period: int) -> IndicatorDefinition:
    """Simple moving average of the close (TA-Lib ``SMA``)."""
    return IndicatorDefinition(
        name="SMA",
        instance=f"SMA_{period}",
        function="SMA",
        arguments={"timeperiod": period},
        parameters={"period": period},
        outputs=("value",),
        meaning=f"Mean of the last {period} closes.",
    )


def macd(fast: int = 12, slow: int = 26, signal: int = 9) -> IndicatorDefinition:
    """Moving average convergence divergence (Appel; TA-Lib ``MACD``)."""
    return IndicatorDefinition(
        name="MACD",
        instance=f"MACD_{fast}_{slow}_{signal}",
        function="MACD",
        arguments={"fastperiod": fast, "slowperiod": slow, "signalperiod": signal},
        parameters={"fast_period": fast, "slow_period": slow, "signal_period": signal},
        outputs=("value", "signal", "histogram"),
        meaning="Fast minus slow exponential average, with its own average as signal line.",
    )


def bollinger_bands(period: int = 20, deviations: float = 2.0) -> IndicatorDefinition:
    """Bollinger Bands (Bollinger 2001; TA-Lib ``BBANDS`` on a simple moving average)."""
    deviations = float(deviations)  # an int is a float to whoever calls, but not to TA-Lib
    return IndicatorDefinition(
        name="BB",
        instance=f"BB_{period}_{deviations:g}",
        function="BBANDS",
        arguments={"timeperiod": period, "nbdevup": deviations, "nbdevdn": deviations},
        parameters={"period": period, "std_dev": deviations},
        outputs=("upper", "value", "lower"),
        meaning=f"Mean of the last {period} closes and {deviations:g} standard deviations to either side.",
        derived={"percent_b": _percent_b, "bandwidth": _bandwidth},
    )


def _percent_b(bands: tuple[Floats, ...], close: Floats) -> Floats:
    """Where the close stands between the bands: 0 on the lower, 1 on the upper; NaN where they coincide."""
    upper, _, lower = bands
    width = upper - lower
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(width > 0, (close - lower) / width, np.nan)


def _bandwidth(bands: tuple[Floats, ...], close: Floats) -> Floats:
    """How far the bands are apart, as a share of the middle one."""
    del close
    upper, middle, lower = bands
    width: Floats = (upper - lower) / middle
    return width


DEFAULT_INDICATORS: tuple[IndicatorDefinition, ...] = (
    rsi(14),
    sma(20),
    sma(50),
    sma(200),
    macd(12, 26, 9),
    bollinger_bands(20, 2.0),
)
"""What is computed unless settings say otherwise."""
