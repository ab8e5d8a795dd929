"""What an indicator is, and those with names, parameters and outputs of our own."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from talib import abstract

from tickstockpl.market.bars import Floats

Column = Literal["open", "high", "low", "close", "volume"]
"""What of a bar an indicator may be computed from."""

Derived = Callable[[tuple[Floats, ...], Floats], Floats]
"""A further output, from the outputs and the closes; NaN where it has no value."""

OVERBOUGHT: Final = 70.0
"""RSI above which an alert is raised, unless another threshold is chosen (Wilder 1978)."""

OVERSOLD: Final = 30.0
"""RSI below which an alert is raised, unless another threshold is chosen (Wilder 1978)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorDefinition(ABC):
    """One indicator with its parameters fixed.

    Attributes:
        name: the contract's name, ``SMA``.
        instance: the name that also tells the parameters, ``SMA_20``; unique among the enabled ones.
        parameters: as the event's metadata names them, with constants that belong to them.
        inputs: what of a bar it is computed from.
        outputs: names of what is computed; the one called ``value`` is the event's value.
        derived: further outputs by name.
    """

    name: str
    instance: str
    parameters: Mapping[str, float]
    inputs: tuple[Column, ...]
    outputs: tuple[str, ...]
    derived: Mapping[str, Derived] = field(default_factory=dict)

    @property
    @abstractmethod
    def lookback(self) -> int:
        """Bars that pass before there is a first value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TalibIndicator(IndicatorDefinition):
    """An indicator that TA-Lib computes; ``inputs`` and ``outputs`` are in the order of TA-Lib's.

    Attributes:
        function: TA-Lib's function.
        arguments: TA-Lib's parameters by TA-Lib's names.
    """

    function: str
    arguments: Mapping[str, float]

    @property
    def lookback(self) -> int:
        """Bars that pass before TA-Lib gives the first value; below 0 where it refuses the arguments."""
        return int(abstract.Function(self.function, **self.arguments).lookback)  # type: ignore[attr-defined]  # not in its stubs


def instance_name(name: str, *values: float) -> str:
    """An indicator's name with its parameters: ``MACD_12_26_9``."""
    return "_".join([name, *(str(value) if isinstance(value, int) else f"{value:g}" for value in values)])


def rsi(period: int = 14, overbought: float = OVERBOUGHT, oversold: float = OVERSOLD) -> TalibIndicator:
    """Relative Strength Index (Wilder 1978; TA-Lib ``RSI``)."""
    usual = (overbought, oversold) == (OVERBOUGHT, OVERSOLD)
    return TalibIndicator(
        name="RSI",
        instance=instance_name("RSI", period) if usual else instance_name("RSI", period, overbought, oversold),
        function="RSI",
        arguments={"timeperiod": period},
        parameters={"period": period, "overbought_threshold": overbought, "oversold_threshold": oversold},
        inputs=("close",),
        outputs=("value",),
    )


def sma(period: int) -> TalibIndicator:
    """Simple moving average of the close (TA-Lib ``SMA``)."""
    return TalibIndicator(
        name="SMA",
        instance=instance_name("SMA", period),
        function="SMA",
        arguments={"timeperiod": period},
        parameters={"period": period},
        inputs=("close",),
        outputs=("value",),
    )


def macd(fast: int = 12, slow: int = 26, signal: int = 9) -> TalibIndicator:
    """Moving average convergence divergence (Appel; TA-Lib ``MACD``)."""
    return TalibIndicator(
        name="MACD",
        instance=instance_name("MACD", fast, slow, signal),
        function="MACD",
        arguments={"fastperiod": fast, "slowperiod": slow, "signalperiod": signal},
        parameters={"fast_period": fast, "slow_period": slow, "signal_period": signal},
        inputs=("close",),
        outputs=("value", "signal", "histogram"),
    )


def bollinger_bands(period: int = 20, deviations: float = 2.0) -> TalibIndicator:
    """Bollinger Bands (Bollinger 2001; TA-Lib ``BBANDS`` on a simple moving average)."""
    deviations = float(deviations)  # an int is a float to whoever calls, but not to TA-Lib
    return TalibIndicator(
        name="BB",
        instance=instance_name("BB", period, deviations),
        function="BBANDS",
        arguments={"timeperiod": period, "nbdevup": deviations, "nbdevdn": deviations},
        parameters={"period": period, "std_dev": deviations},
        inputs=("close",),
        outputs=("upper", "value", "lower"),
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


DEFAULT_INDICATORS: tuple[TalibIndicator, ...] = (
    rsi(14),
    sma(20),
    sma(50),
    sma(200),
    macd(12, 26, 9),
    bollinger_bands(20, 2.0),
)
"""What is computed unless settings say otherwise."""
