"""What keeps an indicator that trembles on its threshold from raising alert after alert. Off unless chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from types import MappingProxyType
from typing import Final

from tickstockpl.analysis.alerts import ALERT_RULES
from tickstockpl.errors import TickStockError

SETTING = "TICKSTOCK_ALERT_HYSTERESIS"

_UNITS = ", ".join(f"{indicator} in {rules[0].unit.words}" for indicator, rules in ALERT_RULES.items())


@dataclass(frozen=True, slots=True)
class AlertDamping:
    """How alerts are damped.

    Attributes:
        hysteresis: by how much a statement must have been false to arm its alert again, by the indicator's name, in the
            unit of the rule; 0 for an indicator that is not there.
        cooldown_minutes: a crossing less than so many minutes of market time after the same alert's last is no alert.
    """

    hysteresis: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    cooldown_minutes: int = 0


UNDAMPED: Final = AlertDamping()
"""Every crossing is an alert."""


def read_hysteresis(choice: str | None) -> Mapping[str, float]:
    """Read the setting ``TICKSTOCK_ALERT_HYSTERESIS``.

    Args:
        choice: items separated by spaces or semicolons, each the name of an indicator that raises alerts, in any letter
            case, a colon, and an amount; ``None`` for none.

    Raises:
        TickStockError: if an item is wrong or stands twice; says what is allowed.
    """
    found: dict[str, float] = {}
    for item in (choice or "").replace(";", " ").split():
        name, _, written = item.partition(":")
        indicator = name.upper()
        if indicator not in ALERT_RULES:
            raise _wrong(item, "names no indicator that raises alerts")
        if indicator in found:
            raise _wrong(item, f"names {indicator} a second time")
        found[indicator] = _amount(item, written)
    return MappingProxyType(found)


def _amount(item: str, written: str) -> float:
    try:
        amount = float(written)
    except ValueError:
        amount = inf
    if not 0 <= amount < inf:
        raise _wrong(item, "does not end in an amount, a number of 0 or more")
    return amount


def _wrong(item: str, what: str) -> TickStockError:
    return TickStockError(f"setting {SETTING}: {item!r} {what}; write RSI:2, say, or several: {_UNITS}")
