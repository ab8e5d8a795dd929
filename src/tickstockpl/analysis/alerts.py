"""Alerts: an indicator, or the price, crosses a threshold.

An alert fires on the bar on which its statement becomes true, once, and is armed again by the first bar on which it is
false. What was true on the first bar that could tell is no crossing: nobody knows when it happened.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from tickstockpl.analysis.indicators.bank import IndicatorColumns
from tickstockpl.analysis.indicators.definition import IndicatorDefinition
from tickstockpl.contract.events import AlertType
from tickstockpl.market.bars import Floats, Index

_UNKNOWN, _FALSE, _TRUE = np.int8(-1), np.int8(0), np.int8(1)

Operand = Callable[[IndicatorColumns, Floats], Floats]
"""What is compared, one per warm symbol, from the indicator and those symbols' closes."""


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
    """

    alert_type: AlertType
    direction: Literal["above", "below"]
    severity: Literal["info", "warning", "critical"]
    meaning: str
    value: Operand
    threshold: Operand

    def is_true(self, value: Floats, threshold: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Where the statement holds; equality does not."""
        return value > threshold if self.direction == "above" else value < threshold


def _output(name: str) -> Operand:
    return lambda columns, close: columns.outputs[name]  # noqa: ARG005


def _parameter(name: str) -> Operand:
    return lambda columns, close: np.full(len(close), float(columns.definition.parameters[name]))


def _close(columns: IndicatorColumns, close: Floats) -> Floats:
    del columns
    return close


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
            ),
            AlertRule(
                "RSI_OVERSOLD",
                "below",
                "warning",
                "RSI fell below its oversold threshold.",
                _output("value"),
                _parameter("oversold_threshold"),
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
            ),
            AlertRule(
                "MACD_BEARISH_CROSS",
                "below",
                "info",
                "The MACD line crossed below its signal line.",
                _output("value"),
                _output("signal"),
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
            ),
            AlertRule(
                "BB_LOWER_BREAK",
                "below",
                "info",
                "The close broke below the lower Bollinger band.",
                _close,
                _output("lower"),
            ),
        ),
    }
)
"""The rules of each indicator, by the indicator's name."""


@dataclass(frozen=True, slots=True, eq=False)
class AlertColumns:
    """One rule's crossings of a minute.

    Attributes:
        rule: which alert.
        definition: the indicator that raised it.
        rows: rising positions within the minute's bars, shape (fired,).
        value: what crossed, shape (fired,).
        threshold: what was crossed, shape (fired,).
    """

    rule: AlertRule
    definition: IndicatorDefinition
    rows: Index
    value: Floats
    threshold: Floats


class AlertTriggers:
    """Which alerts are armed, for every symbol, rule and indicator instance.

    Args:
        definitions: the enabled indicators.
        symbol_count: how many symbols the universe has.
    """

    def __init__(self, definitions: Sequence[IndicatorDefinition], symbol_count: int) -> None:
        self._states = {
            (definition.instance, rule.alert_type): np.full(symbol_count, _UNKNOWN)
            for definition in definitions
            for rule in ALERT_RULES.get(definition.name, ())
        }

    def update(self, columns: IndicatorColumns, index: Index, close: Floats) -> list[AlertColumns]:
        """Take in an indicator after a minute and say what crossed.

        Args:
            columns: the indicator.
            index: positions in the universe of the minute's bars.
            close: closes of the minute's bars.
        """
        fired: list[AlertColumns] = []
        symbols = index[columns.rows]
        close = close[columns.rows]
        for rule in ALERT_RULES.get(columns.definition.name, ()):
            state = self._states[columns.definition.instance, rule.alert_type]
            value = rule.value(columns, close)
            threshold = rule.threshold(columns, close)
            now = rule.is_true(value, threshold)
            crossed = np.flatnonzero(now & (state[symbols] == _FALSE))
            state[symbols] = np.where(now, _TRUE, _FALSE)
            if len(crossed):
                fired.append(
                    AlertColumns(rule, columns.definition, columns.rows[crossed], value[crossed], threshold[crossed])
                )
        return fired
