"""The documents on patterns and indicators say what the catalogs say."""

import re
from pathlib import Path

import numpy as np
import pytest

from tickstockpl.analysis.alerts import ALERT_RULES, AlertRule
from tickstockpl.analysis.indicators.definition import DEFAULT_INDICATORS, TalibIndicator
from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.analysis.patterns.confidence import confidence

DOCS = Path(__file__).parents[2] / "docs"
PATTERNS_TEXT = (DOCS / "patterns.md").read_text("utf-8")
INDICATORS_TEXT = (DOCS / "indicators.md").read_text("utf-8")


def rows(text: str, first_cell: str) -> list[list[str]]:
    """The cells of the table rows that begin with a cell."""
    table = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return [cells for cells in table if cells[0] == first_cell]


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_has_its_row(name: str) -> None:
    pattern = PATTERNS[name]
    (cells,) = rows(PATTERNS_TEXT, f"[`{name}`](#{name.lower()})")
    assert cells[1:3] == [pattern.direction, str(pattern.bars)]
    function, sign = pattern.source
    both_ways = [other for other in PATTERNS.values() if other.source[0] == function]
    side = "" if len(both_ways) == 1 else " above 0" if sign > 0 else " below 0"
    assert cells[3] == f"`{function}`{side}"


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_has_a_section_with_its_meaning_and_conditions(name: str) -> None:
    (section,) = re.findall(rf"^### {name}\n(.*?)(?=^##)", PATTERNS_TEXT, re.DOTALL | re.MULTILINE)
    assert PATTERNS[name].meaning in " ".join(section.split())
    named = re.findall(r"`([a-z_0-9]+)`", section)
    assert sorted(named) == sorted(PATTERNS[name].margin_names)


def test_no_pattern_is_described_that_does_not_exist() -> None:
    assert re.findall(r"^### (\w+)$", PATTERNS_TEXT, re.MULTILINE) == list(PATTERNS)


def test_the_examples_of_confidence_are_right() -> None:
    _, _, text = PATTERNS_TEXT.partition("| margins | clarities | confidence |")
    examples = [[cell.strip() for cell in line.split("|")[1:4]] for line in text.splitlines()[2:] if "|" in line]
    assert len(examples) == 5
    for margins, _, expected in examples:
        column = np.array([float(one) for one in margins.split(" and ")])[:, np.newaxis]
        assert confidence(column).tolist() == [float(expected)]


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
