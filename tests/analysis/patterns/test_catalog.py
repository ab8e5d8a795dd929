"""The catalog of patterns: every entry complete, its words fit to be read, upside down too."""

import re
from collections import Counter

import pytest
import talib

from tickstockpl.analysis.catalog import make_catalog
from tickstockpl.analysis.indicators.definition import DEFAULT_INDICATORS
from tickstockpl.analysis.patterns.catalog import DEFAULT_PATTERNS, PATTERNS
from tickstockpl.analysis.patterns.conditions import Condition
from tickstockpl.analysis.patterns.definition import Talib
from tickstockpl.analysis.patterns.selection import select_patterns
from tickstockpl.analysis.patterns.words import turned

DIRECTIONS = {"bullish": "bearish", "bearish": "bullish", "neutral": "neutral"}


@pytest.mark.parametrize("name", PATTERNS)
def test_every_entry_is_complete(name: str) -> None:
    pattern = PATTERNS[name]
    assert isinstance(pattern.source, Talib)
    assert callable(getattr(talib, pattern.source.function))
    assert re.fullmatch(r"([A-Z][a-z]+)+", name)
    assert len(name) <= 50, "as long as the table's column"
    assert pattern.meaning.endswith(".")
    assert pattern.family
    assert 1 <= pattern.bars <= 5
    assert pattern.history == pattern.bars + 10
    assert len(set(pattern.margin_names)) == len(pattern.margin_names)


@pytest.mark.parametrize("name", PATTERNS)
def test_conditions_are_named_and_said_in_plain_words(name: str) -> None:
    pattern = PATTERNS[name]
    for condition in (*pattern.conditions, *pattern.context):
        assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", condition.name)
        assert condition.meaning.startswith(condition.name.replace("_", " "))
        assert "{" not in condition.said(0.5)


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_and_its_context_look_the_same_way(name: str) -> None:
    pattern = PATTERNS[name]
    told = {condition.name for condition in pattern.context}
    assert "formation_is_high" in told
    if pattern.role in ("reversal", "continuation"):
        falls = (pattern.direction == "bullish") == (pattern.role == "reversal")
        assert ("after_a_fall" if falls else "after_a_rise") in told
    elif pattern.role == "indecision":
        assert "after_a_move" in told
    else:
        assert told == {"formation_is_high"}


def test_directions_in_names_are_the_directions() -> None:
    for name, pattern in PATTERNS.items():
        for word, direction in (("Bullish", "bullish"), ("Bearish", "bearish"), ("White", "neutral")):
            if name.startswith(word):
                assert pattern.direction == direction


def test_words_turn_and_turn_back() -> None:
    for text in ("upper_shadow_1_ago_is_long", "gapped down by {} ranges", "bar_is_white", "closes above the top"):
        assert turned(text) != text
        assert turned(turned(text)) == text
    assert turned("a slower fallback, three whites") == "a slower fallback, three whites", "whole words only"


def test_a_mirrored_condition_mirrored_again_is_the_condition() -> None:
    def check(condition: Condition) -> None:
        assert condition.mirrored.mirrored.name == condition.name

    for pattern in PATTERNS.values():
        for condition in (*pattern.conditions, *pattern.context):
            check(condition)


def test_the_contract_s_catalog_says_what_is_looked_for() -> None:
    catalog = make_catalog(DEFAULT_INDICATORS, select_patterns("Doji:0.9, Hammer, MatHold", 0.2))
    assert [pattern.name for pattern in catalog.patterns] == list(PATTERNS)
    assert {one.name: one.threshold for one in catalog.patterns if one.enabled} == {
        "Doji": 0.9,
        "Hammer": 0.2,
        "MatHold": 0.2,
    }
    assert [one.name for one in catalog.patterns if one.default] == [
        name for name in PATTERNS if name in DEFAULT_PATTERNS
    ]
    hammer = next(one for one in catalog.patterns if one.name == "Hammer")
    assert (hammer.title, hammer.family, hammer.direction, hammer.bars) == ("Hammer", "hammer", "bullish", 1)
    assert hammer.source == "TA-Lib CDLHAMMER above 0"
    assert [one.name for one in hammer.conditions if not one.context] == [
        condition.name for condition in PATTERNS["Hammer"].conditions
    ]
    assert Counter(one.context for one in hammer.conditions) == {False: 4, True: 2}
    confirmed = next(one for one in catalog.patterns if one.name == "BearishHikkakeConfirmed")
    assert confirmed.source == "TA-Lib CDLHIKKAKE below -100"
    assert confirmed.title == "Bearish hikkake confirmed"
    assert len(catalog.alerts) == 6
    assert {instance for one in catalog.indicators for instance in one.instances} == {
        one.instance for one in DEFAULT_INDICATORS
    }
