"""The catalog of patterns, and the setting that chooses among them."""

import pytest
import talib

from tickstockpl.analysis.patterns.catalog import DEFAULT_PATTERNS, PATTERNS, select_patterns
from tickstockpl.errors import TickStockError


def names(choice: str) -> list[str]:
    return [pattern.name for pattern in select_patterns(choice)]


def test_all_and_default() -> None:
    assert names("all") == list(PATTERNS)
    assert names(" Default ") == list(DEFAULT_PATTERNS)


@pytest.mark.parametrize("choice", ["Hammer,Doji", "doji, HAMMER,", "Doji,Hammer,Doji"])
def test_names_in_any_order_and_case_give_the_catalog_s_order(choice: str) -> None:
    assert names(choice) == ["Doji", "Hammer"]


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("Hamer", "names the pattern 'Hamer', which does not exist (did you mean Hammer?)"),
        ("Doji,xyz", "names the pattern 'xyz', which does not exist; write default, all, or some of Doji, Hammer,"),
        ("", "is empty"),
        (" , ", "is empty"),
    ],
)
def test_a_wrong_choice_is_named_and_the_remedy_too(choice: str, said: str) -> None:
    with pytest.raises(TickStockError) as caught:
        select_patterns(choice)
    assert str(caught.value).startswith("setting TICKSTOCK_PATTERNS ")
    assert said in str(caught.value)


@pytest.mark.parametrize("name", PATTERNS)
def test_every_entry_is_complete(name: str) -> None:
    definition = PATTERNS[name]
    function, sign = definition.source
    assert callable(getattr(talib, function))
    assert function.startswith("CDL")
    assert sign in (1, -1)
    assert definition.meaning.endswith(".")
    assert definition.name.isidentifier()
    assert definition.name[0].isupper()
    assert 1 <= definition.bars <= 5
    assert definition.conditions
