"""Alerts: the rules by which an indicator, or the price, crosses a threshold.

What fires when is :mod:`tickstockpl.analysis.triggers`' business.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tickstockpl.analysis.indicators.bank import IndicatorColumns
from tickstockpl.contract.catalog import CatalogAlert
from tickstockpl.contract.events import AlertType
from tickstockpl.market.bars import Floats

Operand = Callable[[IndicatorColumns, Floats], Floats]
"""A quantity, one per warm symbol, from the indicator and those symbols' closes."""


@dataclass(frozen=True, slots=True)
class HysteresisUnit:
    """What the hysteresis of an alert is counted in.

    Attributes:
        words: its name, as it follows a number.
        size: how much one unit is, in the units of what is compared.
    """

    words: str
    size: Operand


@dataclass(frozen=True, slots=True)
class AlertRule:
    """``value`` is above (or below) ``threshold``.

    Attributes:
        alert_type: the contract's name.
        direction: the side of the threshold on which the alert's statement is true.
        severity: the contract's severity.
        meaning: one sentence.
        value: what crosses.
        threshold: what is crossed.
        unit: what a hysteresis is counted in.
    """

    alert_type: AlertType
    direction: Literal["above", "below"]
    severity: Literal["info", "warning", "critical"]
    meaning: str
    value: Operand
    threshold: Operand
    unit: HysteresisUnit

    def is_true(self, value: Floats, threshold: Floats) -> NDArray[np.bool_]:
        """Where the statement holds; equality does not."""
        return value > threshold if self.direction == "above" else value < threshold

    def falls_short(self, value: Floats, threshold: Floats) -> Floats:
        """By how much the statement is false; negative where it is true."""
        return threshold - value if self.direction == "above" else value - threshold


def _output(name: str) -> Operand:
    return lambda columns, close: columns.outputs[name]  # noqa: ARG005


def _parameter(name: str) -> Operand:
    return lambda columns, close: np.full(len(close), float(columns.definition.parameters[name]))


def _close(columns: IndicatorColumns, close: Floats) -> Floats:
    del columns
    return close


_RSI_POINTS = HysteresisUnit("points of RSI", lambda columns, close: np.ones(len(close)))  # noqa: ARG005
_BASIS_POINTS = HysteresisUnit("basis points of the close", lambda columns, close: close / 10_000)  # noqa: ARG005
_BAND_PERCENT = HysteresisUnit(
    "per cent of the width between the bands",
    lambda columns, close: (columns.outputs["upper"] - columns.outputs["lower"]) / 100,  # noqa: ARG005
)

ALERT_RULES: Mapping[str, tuple[AlertRule, ...]] = MappingProxyType(
    {
        "RSI": (
            AlertRule(
                "RSI_OVERBOUGHT",
                "above",
                "warning",
                "RSI rose above its overbought threshold.",
                _output("value"),
                _parameter("overbought_threshold"),
                _RSI_POINTS,
            ),
            AlertRule(
                "RSI_OVERSOLD",
                "below",
                "warning",
                "RSI fell below its oversold threshold.",
                _output("value"),
                _parameter("oversold_threshold"),
                _RSI_POINTS,
            ),
        ),
        "MACD": (
            AlertRule(
                "MACD_BULLISH_CROSS",
                "above",
                "info",
                "The MACD line crossed above its signal line.",
                _output("value"),
                _output("signal"),
                _BASIS_POINTS,
            ),
            AlertRule(
                "MACD_BEARISH_CROSS",
                "below",
                "info",
                "The MACD line crossed below its signal line.",
                _output("value"),
                _output("signal"),
                _BASIS_POINTS,
            ),
        ),
        "BB": (
            AlertRule(
                "BB_UPPER_BREAK",
                "above",
                "info",
                "The close broke above the upper Bollinger band.",
                _close,
                _output("upper"),
                _BAND_PERCENT,
            ),
            AlertRule(
                "BB_LOWER_BREAK",
                "below",
                "info",
                "The close broke below the lower Bollinger band.",
                _close,
                _output("lower"),
                _BAND_PERCENT,
            ),
        ),
    }
)
"""The rules of each indicator, by the indicator's name. Those of one indicator have one unit of hysteresis."""


def catalog_alerts() -> list[CatalogAlert]:
    """Every alert as the catalog describes it."""
    return [
        CatalogAlert(rule.alert_type, indicator, rule.direction, rule.severity, rule.meaning)
        for indicator, rules in ALERT_RULES.items()
        for rule in rules
    ]
