"""The setting that chooses patterns and how clear-cut each must be."""

import dataclasses

import pytest

from tickstockpl.analysis.patterns.catalog import DEFAULT_PATTERNS, PATTERNS
from tickstockpl.analysis.patterns.selection import select_patterns
from tickstockpl.errors import TickStockError

OWN = dataclasses.replace(PATTERNS["Doji"], name="MyDoji")


def chosen(choice: str) -> dict[str, float]:
    return {one.definition.name: one.threshold for one in select_patterns(choice, 0.2)}


def test_all_and_default() -> None:
    assert list(chosen("all")) == list(PATTERNS)
    assert set(chosen(" Default ")) == set(DEFAULT_PATTERNS)
    assert set(chosen("all").values()) == {0.2}


@pytest.mark.parametrize("choice", ["Hammer,Doji", "doji, HAMMER,", "Doji Hammer,Doji"])
def test_names_in_any_order_and_case_give_the_catalog_s_order(choice: str) -> None:
    assert list(chosen(choice)) == ["Doji", "Hammer"]


def test_a_threshold_per_pattern_or_group() -> None:
    assert chosen("Doji:0.9,Hammer") == {"Doji": 0.9, "Hammer": 0.2}
    assert chosen("default,Doji:0.9")["Doji"] == 0.9
    assert chosen("default,Doji:0.9")["Hammer"] == 0.2
    assert set(chosen("all:0").values()) == {0.0}
    assert chosen("default:0.5 MatHold:1") == {name: 0.5 for name in PATTERNS if name in DEFAULT_PATTERNS} | {
        "MatHold": 1.0
    }


def test_of_several_thresholds_the_last_counts() -> None:
    assert chosen("Doji:0.9,Doji:0.4") == {"Doji": 0.4}
    assert chosen("Doji:0.9,all:0.1")["Doji"] == 0.1


def test_own_patterns_belong_to_default_and_all_and_can_be_named() -> None:
    for choice in ("default", "all", "mydoji:0.5"):
        names = [one.definition.name for one in select_patterns(choice, 0.2, [OWN])]
        assert names[-1] == "MyDoji"
    assert "MyDoji" not in chosen("all")


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("Hamer", "names the pattern 'Hamer', which does not exist (did you mean Hammer?)"),
        (
            "Doji,xyz",
            "names the pattern 'xyz', which does not exist; write default, all, or some of Doji, DragonflyDoji",
        ),
        ("", "is empty"),
        (" , ", "is empty"),
        ("Doji:", "'Doji:' has the threshold ''; write a confidence from 0 to 1"),
        ("Doji:high", "'Doji:high' has the threshold 'high'"),
        ("Doji:1.1", "'Doji:1.1' has the threshold '1.1'"),
        ("Doji:-0.1", "'Doji:-0.1' has the threshold '-0.1'"),
        ("Doji:nan", "'Doji:nan' has the threshold 'nan'"),
    ],
)
def test_a_wrong_choice_is_named_and_the_remedy_too(choice: str, said: str) -> None:
    with pytest.raises(TickStockError) as caught:
        select_patterns(choice, 0.2)
    assert str(caught.value).startswith("setting TICKSTOCK_PATTERNS")
    assert said in str(caught.value)
