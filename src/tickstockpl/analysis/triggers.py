"""When alerts fire.

An alert fires on the bar on which its statement becomes true, once, and is armed again by the first bar on which it is
false (by the hysteresis at least, where there is one). What was true on the first bar that could tell is no crossing:
nobody knows when it happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tickstockpl.analysis.alerts import ALERT_RULES, AlertRule
from tickstockpl.analysis.damping import UNDAMPED, AlertDamping
from tickstockpl.analysis.indicators.bank import IndicatorColumns
from tickstockpl.analysis.indicators.definition import IndicatorDefinition
from tickstockpl.market.bars import MINUTE_MS, Floats, Index, Integers, MinuteBars

_UNKNOWN, _ARMED, _SPENT = np.int8(-1), np.int8(0), np.int8(1)

_NEVER_MS: Final = -(2**62)


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
        damping: hysteresis and cool-down.
    """

    def __init__(
        self, definitions: Sequence[IndicatorDefinition], symbol_count: int, damping: AlertDamping = UNDAMPED
    ) -> None:
        self._triggers = {
            definition.instance: [
                _Trigger(rule, symbol_count, damping.hysteresis.get(definition.name, 0.0), damping.cooldown_minutes)
                for rule in ALERT_RULES.get(definition.name, ())
            ]
            for definition in definitions
        }

    def update(self, columns: IndicatorColumns, bars: MinuteBars) -> list[AlertColumns]:
        """Take in an indicator after a minute and say what crossed.

        Args:
            columns: the indicator.
            bars: the minute.
        """
        symbols = bars.index[columns.rows]
        close = bars.close[columns.rows]
        fired: list[AlertColumns] = []
        for trigger in self._triggers[columns.definition.instance]:
            rule = trigger.rule
            value, threshold = rule.value(columns, close), rule.threshold(columns, close)
            crossed = trigger.update(symbols, value, threshold, rule.unit.size(columns, close), bars.minute_ms)
            if len(crossed):
                rows = columns.rows[crossed]
                fired.append(AlertColumns(rule, columns.definition, rows, value[crossed], threshold[crossed]))
        return fired


class _Trigger:
    """One rule of one indicator instance, for every symbol."""

    def __init__(self, rule: AlertRule, symbol_count: int, hysteresis: float, cooldown_minutes: int) -> None:
        self.rule = rule
        self._hysteresis = hysteresis
        self._cooldown_ms = cooldown_minutes * MINUTE_MS
        self._state: NDArray[np.int8] = np.full(symbol_count, _UNKNOWN)
        self._fired_ms: Integers = np.full(symbol_count, _NEVER_MS, np.int64)

    def update(self, symbols: Index, value: Floats, threshold: Floats, unit: Floats, minute_ms: int) -> Index:
        """Take in some symbols' newest values; positions among them of those for which the alert fires."""
        before = self._state[symbols]
        true = self.rule.is_true(value, threshold)
        # Too little to arm again what has fired; what was not known before is armed by any bar on which it is false.
        nearly = ~true & (before == _SPENT) & (self.rule.falls_short(value, threshold) < self._hysteresis * unit)
        self._state[symbols] = np.where(true | nearly, _SPENT, _ARMED)
        cool = minute_ms - self._fired_ms[symbols] >= self._cooldown_ms
        fires = np.flatnonzero(true & (before == _ARMED) & cool)
        self._fired_ms[symbols[fires]] = minute_ms
        return fires
