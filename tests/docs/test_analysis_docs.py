"""The documents on patterns and indicators say what the catalogs say."""

import re
from pathlib import Path

import numpy as np
import pytest

from tickstockpl.analysis.alerts import ALERT_RULES, AlertRule
from tickstockpl.analysis.indicators.definition import DEFAULT_INDICATORS, TalibIndicator
from tickstockpl.analysis.patterns import context, settings
from tickstockpl.analysis.patterns.candles import USUAL_PERIOD
from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.analysis.patterns.clarity import clarity
from tickstockpl.analysis.patterns.confidence import OUT_OF_CONTEXT, Ranks
from tickstockpl.analysis.patterns.families.hikkakes import CONFIRMED_WITHIN
from tickstockpl.analysis.patterns.selection import select_patterns
from tickstockpl.analysis.patterns.survey import FEWEST
from tickstockpl.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
PATTERNS_TEXT = (DOCS / "patterns.md").read_text("utf-8")
PATTERNS_PROSE = " ".join(PATTERNS_TEXT.split())
INDICATORS_TEXT = (DOCS / "indicators.md").read_text("utf-8")


def rows(text: str, first_cell: str) -> list[list[str]]:
    """The cells of the table rows that begin with a cell."""
    table = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return [cells for cells in table if cells[0] == first_cell]


def named(text: str) -> set[str]:
    """The words in code style that look like a pattern's name."""
    return set(re.findall(r"`((?:[A-Z][a-z]+)+)`", text))


CANDLE_SETTINGS = {name: value for name, value in vars(settings).items() if isinstance(value, settings.CandleSetting)}


@pytest.mark.parametrize("name", CANDLE_SETTINGS)
def test_every_candle_setting_has_its_row(name: str) -> None:
    setting = CANDLE_SETTINGS[name]
    (cells,) = rows(PATTERNS_TEXT, f"`{name.title().replace('_', '')}`")
    assert cells[1:] == [f"{setting.factor:g}", setting.measure.removesuffix("s"), str(setting.period)]


def test_the_examples_of_patterns_exist() -> None:
    settings_named = {name.title().replace("_", "") for name in CANDLE_SETTINGS}
    assert named(PATTERNS_TEXT) - settings_named <= set(PATTERNS)
    for choice in re.findall(r"^TICKSTOCK_PATTERNS=(\"[^\"]+\"|\S+)", PATTERNS_TEXT, re.MULTILINE):
        select_patterns(choice.strip('"'), 0.0)


def test_the_examples_of_clarity_are_right() -> None:
    _, _, text = PATTERNS_TEXT.partition("| margins | clarity |")
    table, _, _ = text.partition("\n\n")
    examples = [[cell.strip() for cell in line.split("|")[1:3]] for line in table.splitlines()[2:]]
    assert len(examples) == 5
    for margins, expected in examples:
        column = np.array([float(one) for one in margins.split(" and ")])[:, np.newaxis]
        assert np.round(clarity(column), 4).tolist() == [float(expected)]


def test_the_constants_are_those_of_the_code() -> None:
    assert f"at least {context.LEAST_MOVE:g} usual ranges" in PATTERNS_PROSE
    assert f"at least {context.LEAST_HEIGHT:g} × as far" in PATTERNS_PROSE
    assert f"of the {context.AVERAGED} bars before the formation" in PATTERNS_PROSE
    assert f"mean true range of the {USUAL_PERIOD} bars before" in PATTERNS_PROSE
    assert f"at least {FEWEST} times in context and {FEWEST} times out of it" in PATTERNS_PROSE
    assert f"one of the next {CONFIRMED_WITHIN} bars" in PATTERNS_PROSE
    assert rows(PATTERNS_TEXT, f"below {OUT_OF_CONTEXT:g}") == [[f"below {OUT_OF_CONTEXT:g}", "out of context"]]
    assert f"It is {Settings.model_fields['min_confidence'].default:g} unless set" in PATTERNS_PROSE


def test_the_grades_mean_what_the_table_says() -> None:
    even = Ranks(within=np.linspace(0, 1, 5), without=np.linspace(-1, 0, 5))
    in_context = np.array([True] * 3)
    grades = even.confidence(np.array([0.0, 0.5, 0.75]), in_context)
    assert grades.tolist() == [0.2, 0.6, 0.8]
    assert [rows(PATTERNS_TEXT, f"{grade:g}")[0][1].split(";")[0] for grade in grades] == [
        "where context begins",
        "clearer than half of those in context",
        "clearer than three in four of those in context",
    ]


@pytest.mark.parametrize("definition", DEFAULT_INDICATORS, ids=lambda one: one.instance)
def test_every_indicator_has_its_row(definition: TalibIndicator) -> None:
    (cells,) = rows(INDICATORS_TEXT, f"`{definition.instance}`")
    parameters = ", ".join(f"`{name}` {value:g}" for name, value in definition.parameters.items())
    assert cells[1:] == [
        f"`{definition.name}`",
        f"`{definition.function}`",
        parameters,
        str(definition.lookback + 1),
    ]


@pytest.mark.parametrize("definition", DEFAULT_INDICATORS, ids=lambda one: one.instance)
def test_every_further_output_is_named(definition: TalibIndicator) -> None:
    (cells,) = [row for row in rows(INDICATORS_TEXT, f"`{definition.name}`") if len(row) == 3]
    named = set(re.findall(r"`([a-z_]+)`", cells[2])) - {"null"}
    assert named == {*definition.outputs, *definition.derived} - {"value"}


@pytest.mark.parametrize("rule", [rule for rules in ALERT_RULES.values() for rule in rules])
def test_every_alert_has_its_row(rule: AlertRule) -> None:
    (cells,) = rows(INDICATORS_TEXT, f"`{rule.alert_type}`")
    assert cells[1:3] == [rule.severity, rule.meaning]


@pytest.mark.parametrize("indicator", ALERT_RULES)
def test_every_unit_of_hysteresis_has_its_row(indicator: str) -> None:
    _, _, text = INDICATORS_TEXT.partition("| indicator | unit of its hysteresis |")
    assert rows(text, f"`{indicator}`") == [[f"`{indicator}`", ALERT_RULES[indicator][0].unit.words]]
