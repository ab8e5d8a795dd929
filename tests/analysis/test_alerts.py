"""Alerts fire on the crossing, once, and are armed again when the value has come back."""

import typing

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.analysis.alerts import ALERT_RULES, AlertTriggers
from tickstockpl.analysis.indicators.bank import IndicatorColumns
from tickstockpl.analysis.indicators.definition import IndicatorDefinition, bollinger_bands, macd, rsi
from tickstockpl.contract.events import AlertType

ONE = np.array([0])


def columns(definition: IndicatorDefinition, **outputs: float) -> IndicatorColumns:
    """An indicator of one symbol."""
    return IndicatorColumns(definition, ONE, {name: np.array([value]) for name, value in outputs.items()})


def fired(triggers: AlertTriggers, indicator: IndicatorColumns, close: float = 100.0) -> list[str]:
    return [alert.rule.alert_type for alert in triggers.update(indicator, ONE, np.array([close]))]


def rsi_alerts(values: list[float]) -> list[list[str]]:
    definition = rsi(14)
    triggers = AlertTriggers([definition], 1)
    return [fired(triggers, columns(definition, value=value)) for value in values]


def test_a_crossing_fires_once_and_again_after_the_value_came_back() -> None:
    over = ["RSI_OVERBOUGHT"]
    assert rsi_alerts([69, 71, 75, 71, 70, 70.1, 69, 90]) == [[], over, [], [], [], over, [], over]


def test_the_threshold_itself_is_no_crossing() -> None:
    assert rsi_alerts([50, 70, 30, 50]) == [[]] * 4


def test_both_sides_are_watched_apart() -> None:
    assert rsi_alerts([50, 25, 75, 25]) == [[], ["RSI_OVERSOLD"], ["RSI_OVERBOUGHT"], ["RSI_OVERSOLD"]]


def test_a_first_value_beyond_the_threshold_raises_nothing() -> None:
    assert rsi_alerts([80, 85]) == [[], []]
    assert rsi_alerts([80, 60, 80]) == [[], [], ["RSI_OVERBOUGHT"]]


def test_macd_crosses_its_signal_line_from_either_side() -> None:
    definition = macd()
    triggers = AlertTriggers([definition], 1)
    lines = [(-1.0, 0.0), (0.5, 0.0), (0.6, 0.7)]
    assert [
        fired(triggers, columns(definition, value=value, signal=signal, histogram=value - signal))
        for value, signal in lines
    ] == [[], ["MACD_BULLISH_CROSS"], ["MACD_BEARISH_CROSS"]]


def test_the_close_breaks_out_of_the_bands() -> None:
    definition = bollinger_bands()
    triggers = AlertTriggers([definition], 1)
    bands = columns(definition, upper=102.0, value=100.0, lower=98.0)
    closes = [100.0, 102.5, 103.0, 97.0]
    assert [fired(triggers, bands, close) for close in closes] == [[], ["BB_UPPER_BREAK"], [], ["BB_LOWER_BREAK"]]


def test_an_alert_carries_what_crossed_what() -> None:
    definition = bollinger_bands()
    triggers = AlertTriggers([definition], 1)
    bands = columns(definition, upper=102.0, value=100.0, lower=98.0)
    triggers.update(bands, ONE, np.array([100.0]))
    (alert,) = triggers.update(bands, ONE, np.array([102.5]))
    assert (alert.value.tolist(), alert.threshold.tolist()) == ([102.5], [102.0])
    assert alert.definition is definition
    assert alert.rule.direction == "above"


def test_thresholds_are_the_indicator_s_parameters() -> None:
    definition = rsi(14, overbought=80, oversold=20)
    triggers = AlertTriggers([definition], 1)
    assert [fired(triggers, columns(definition, value=value)) for value in (50, 75, 81)] == [
        [],
        [],
        ["RSI_OVERBOUGHT"],
    ]


def test_instances_of_one_indicator_are_armed_apart() -> None:
    fast, slow = rsi(7), rsi(21)
    triggers = AlertTriggers([fast, slow], 1)
    assert fired(triggers, columns(fast, value=60)) == []
    assert fired(triggers, columns(slow, value=80)) == []
    assert fired(triggers, columns(fast, value=80)) == ["RSI_OVERBOUGHT"]


@given(st.lists(st.sampled_from([20.0, 30.0, 50.0, 70.0, 80.0]), max_size=40))
def test_overbought_and_back_alternate(values: list[float]) -> None:
    alerts = rsi_alerts(values)
    above = [value > 70 for value in values]
    expected = [bar for bar in range(1, len(values)) if above[bar] and not above[bar - 1]]
    assert [bar for bar, said in enumerate(alerts) if "RSI_OVERBOUGHT" in said] == expected


def test_there_is_one_rule_for_each_alert_of_the_contract() -> None:
    declared = [rule.alert_type for rules in ALERT_RULES.values() for rule in rules]
    assert sorted(declared) == sorted(typing.get_args(AlertType))


@pytest.mark.parametrize("rule", [rule for rules in ALERT_RULES.values() for rule in rules])
def test_every_rule_says_what_it_means(rule: typing.Any) -> None:
    assert rule.meaning.endswith(".")
    assert rule.severity in {"info", "warning", "critical"}
