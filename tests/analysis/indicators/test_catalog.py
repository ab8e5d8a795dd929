"""The catalog tells of every indicator what it is, and its ranges are TA-Lib's."""

import math
from collections.abc import Callable

import pytest

from tickstockpl.analysis.indicators.catalog import INDICATORS, catalog_indicators
from tickstockpl.analysis.indicators.definition import (
    DEFAULT_INDICATORS,
    IndicatorDefinition,
    TalibIndicator,
    bollinger_bands,
    macd,
    rsi,
)
from tickstockpl.analysis.indicators.entry import IndicatorEntry, Parameter
from tickstockpl.analysis.indicators.selection import select_indicators
from tickstockpl.analysis.indicators.talib_functions import FUNCTIONS

PARAMETERS = [(entry.name, one.name) for entry in INDICATORS.values() for one in entry.parameters]
THRESHOLDS = {("RSI", "overbought"), ("RSI", "oversold")}  # no parameters of TA-Lib's


def parameter(indicator: str, name: str) -> Parameter:
    (found,) = [one for one in INDICATORS[indicator].parameters if one.name == name]
    return found


def beyond(bound: float, direction: float) -> int | float:
    """The next number outside."""
    return bound + int(direction) if isinstance(bound, int) else math.nextafter(bound, math.inf * direction)


def accepts(entry: IndicatorEntry, **values: float) -> bool:
    """Whether TA-Lib takes an indicator's parameters."""
    defaults = {one.name: one.default for one in entry.parameters}
    return entry.define(**{**defaults, **values}).lookback >= 0


@pytest.mark.parametrize(("indicator", "name"), sorted(set(PARAMETERS) - THRESHOLDS))
def test_a_range_is_the_one_that_talib_allows(indicator: str, name: str) -> None:
    entry, one = INDICATORS[indicator], parameter(indicator, name)
    assert accepts(entry, **{name: one.minimum})
    assert accepts(entry, **{name: one.maximum})
    assert not accepts(entry, **{name: beyond(one.minimum, -1)})
    assert not accepts(entry, **{name: beyond(one.maximum, +1)})


@pytest.mark.parametrize("entry", INDICATORS.values(), ids=lambda entry: entry.name)
def test_every_entry_is_complete(entry: IndicatorEntry) -> None:
    assert entry.title
    assert entry.family
    assert entry.meaning.endswith(".")
    assert "TA-Lib" in entry.source
    assert entry.inputs
    assert entry.outputs[0] == "value"
    assert len(set(entry.outputs)) == len(entry.outputs)


def test_every_function_of_talib_is_in_the_catalog_once() -> None:
    functions = []
    for entry in INDICATORS.values():
        assert isinstance(entry.usual, TalibIndicator)
        functions.append(entry.usual.function)
    assert sorted(functions) == sorted(FUNCTIONS)
    names = [name for entry in INDICATORS.values() for name in (entry.name, *entry.aliases)]
    assert len(set(names)) == len(names)


def test_the_contracts_catalog_tells_what_is_computed_of_each() -> None:
    chosen: tuple[IndicatorDefinition, ...] = select_indicators("default ATR:14 ATR:7")
    listed = {entry.name: entry for entry in catalog_indicators(chosen)}
    assert list(listed) == list(INDICATORS)
    assert listed["SMA"].instances == ["SMA_20", "SMA_50", "SMA_200"]
    assert listed["ATR"].instances == ["ATR_14", "ATR_7"]
    assert listed["OBV"].instances == []
    assert {entry.name for entry in listed.values() if entry.default} == {one.name for one in DEFAULT_INDICATORS}
    bands = listed["BB"]
    assert bands.outputs == ["value", "upper", "lower", "percent_b", "bandwidth"]
    assert bands.bars == 20
    assert [(one.name, one.default, one.minimum) for one in bands.parameters] == [
        ("period", 20, parameter("BB", "period").minimum),
        ("deviations", 2.0, -3e37),
    ]


@pytest.mark.parametrize("make", [rsi, macd, bollinger_bands])
def test_who_writes_code_and_who_writes_settings_have_the_same_defaults(make: Callable[[], TalibIndicator]) -> None:
    definition = make()
    assert INDICATORS[definition.name].usual == definition


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("two words", 1, 1, 2), "'two words'"),
        (("period", 5, 10, 20), "default 5, outside of 10 to 20"),
    ],
)
def test_a_parameter_that_contradicts_itself_is_refused(arguments: tuple[str, int, int, int], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Parameter(*arguments)
