"""The rules of alerts, and how the catalog tells them."""

import typing

import numpy as np
import pytest

from tickstockpl.analysis.alerts import ALERT_RULES, AlertRule, catalog_alerts
from tickstockpl.analysis.indicators.bank import IndicatorColumns
from tickstockpl.analysis.indicators.definition import bollinger_bands, macd, rsi
from tickstockpl.contract.catalog import Catalog, decode_catalog, encode_catalog
from tickstockpl.contract.events import AlertType

RULES = [rule for rules in ALERT_RULES.values() for rule in rules]
CLOSE = np.array([50.0])
COLUMNS = {
    "RSI": IndicatorColumns(rsi(), np.array([0]), {"value": np.array([65.0])}),
    "MACD": IndicatorColumns(macd(), np.array([0]), {"value": np.array([0.1]), "signal": np.array([0.2])}),
    "BB": IndicatorColumns(
        bollinger_bands(),
        np.array([0]),
        {"value": np.array([50.0]), "upper": np.array([54.0]), "lower": np.array([46.0])},
    ),
}


def test_there_is_one_rule_for_each_alert_of_the_contract() -> None:
    assert sorted(rule.alert_type for rule in RULES) == sorted(typing.get_args(AlertType))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.alert_type)
def test_every_rule_says_what_it_means(rule: AlertRule) -> None:
    assert rule.meaning.endswith(".")
    assert rule.severity in {"info", "warning", "critical"}


@pytest.mark.parametrize(("indicator", "size"), [("RSI", 1.0), ("MACD", 0.005), ("BB", 0.08)])
def test_hysteresis_has_one_unit_for_all_rules_of_an_indicator(indicator: str, size: float) -> None:
    (unit,) = {rule.unit for rule in ALERT_RULES[indicator]}
    assert unit.size(COLUMNS[indicator], CLOSE).tolist() == [pytest.approx(size)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.alert_type)
def test_what_is_true_does_not_fall_short(rule: AlertRule) -> None:
    value, threshold = np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 2.0])
    short = rule.falls_short(value, threshold)
    assert (rule.is_true(value, threshold) == (short < 0)).all()
    assert sorted(short) == [-1, 0, 1]


def test_the_catalog_lists_every_alert_once() -> None:
    entries = {entry.alert_type: entry for entry in catalog_alerts()}
    assert len(entries) == len(catalog_alerts()) == len(RULES)
    assert (entries["BB_LOWER_BREAK"].indicator, entries["BB_LOWER_BREAK"].direction) == ("BB", "below")
    for rule in RULES:
        entry = entries[rule.alert_type]
        assert (entry.direction, entry.severity, entry.meaning) == (rule.direction, rule.severity, rule.meaning)
    catalog = Catalog([], [], catalog_alerts())
    assert decode_catalog(encode_catalog(catalog)) == catalog
