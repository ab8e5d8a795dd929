"""An indicator of the user's own is a formula over a window of bars, for all symbols at once."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.tape import made_minutes
from tickstockpl.analysis.engine import Engine
from tickstockpl.analysis.indicators.catalog import catalog_indicators
from tickstockpl.analysis.indicators.definition import sma
from tickstockpl.analysis.indicators.entry import IndicatorEntry, Parameter
from tickstockpl.analysis.indicators.formula import MOST_BARS, FormulaIndicator, Window, formula_entry
from tickstockpl.analysis.indicators.formula_bank import FormulaBank
from tickstockpl.analysis.indicators.selection import select_indicators
from tickstockpl.errors import TickStockError
from tickstockpl.market.bars import Floats, MinuteBars


def highest(window: Window, period: int) -> Mapping[str, Floats]:
    """The highest high, and how long ago the window began."""
    return {"value": window.high.max(axis=0), "first": window.close[period - 1]}


def entry(formula: Callable[..., Any] = highest, **changed: Any) -> IndicatorEntry:
    """A declaration, with something changed."""
    declared: dict[str, Any] = {
        "name": "HIGHEST",
        "title": "Highest high",
        "family": "Overlap Studies",
        "meaning": "The highest high.",
        "source": "this test",
        "formula": formula,
        "bars": lambda period: period,
        "inputs": ("high", "close"),
        "outputs": ("value", "first"),
        "parameters": (Parameter("period", 3, 2, 100),),
    }
    return formula_entry(**{**declared, **changed})


def bank(symbols: int, formula: Callable[..., Any] = highest, period: int = 3) -> FormulaBank:
    definition = entry(formula).define(period=period)
    assert isinstance(definition, FormulaIndicator)
    return FormulaBank(definition, symbols)


def minute(highs: dict[int, float]) -> MinuteBars:
    """A minute in which some symbols stood at one price."""
    price = np.array(list(highs.values()))
    return MinuteBars(0, np.array(list(highs)), price, price, price, price, np.full(len(highs), 7))


def test_a_window_is_full_before_anything_is_said_each_symbol_for_itself() -> None:
    three = bank(3)
    assert three.update(minute({0: 5.0, 2: 1.0})).rows.tolist() == []
    assert three.update(minute({0: 4.0, 1: 9.0, 2: 2.0})).rows.tolist() == []
    columns = three.update(minute({0: 3.0, 1: 8.0}))
    assert columns.rows.tolist() == [0]
    assert {name: values.tolist() for name, values in columns.outputs.items()} == {"value": [5.0], "first": [5.0]}
    columns = three.update(minute({0: 2.0, 1: 7.0, 2: 3.0}))
    assert columns.rows.tolist() == [0, 1, 2]
    assert {name: values.tolist() for name, values in columns.outputs.items()} == {
        "value": [4.0, 9.0, 3.0],
        "first": [4.0, 9.0, 1.0],
    }


@given(seed=st.integers(0, 2**32), symbols=st.integers(1, 6), minutes=st.integers(1, 40), period=st.integers(2, 9))
def test_it_is_what_the_formula_gives_of_each_symbols_last_bars(
    seed: int, symbols: int, minutes: int, period: int
) -> None:
    played: list[list[tuple[float, float]]] = [[] for _ in range(symbols)]
    tested = bank(symbols, period=period)
    for bars in made_minutes(seed, symbols, minutes):
        columns = tested.update(bars)
        expected = []
        for row, symbol in enumerate(bars.index.tolist()):
            played[symbol].append((float(bars.high[row]), float(bars.close[row])))
            if len(last := played[symbol][-period:]) == period:
                expected.append((row, max(high for high, _ in last), last[0][1]))
        said = zip(columns.rows.tolist(), *(values.tolist() for values in columns.outputs.values()), strict=True)
        assert list(said) == expected


def test_a_formula_sees_the_newest_bar_first_and_cannot_write() -> None:
    seen = []

    def look(window: Window, period: int) -> Mapping[str, Floats]:
        seen.append(window.high.tolist())
        with pytest.raises(ValueError, match="read-only"):
            window.high[0] = 0.0
        with pytest.raises(LookupError, match="volume is not among the inputs"):
            _ = window.volume
        return {"value": window.high[0], "first": window.high[-1]}

    one = bank(1, look)
    for high in (1.0, 2.0, 3.0, 4.0):
        one.update(minute({0: high}))
    assert seen == [[[3.0], [2.0], [1.0]], [[4.0], [3.0], [2.0]]]


def test_what_is_no_number_is_no_value() -> None:
    def ratio(window: Window, period: int) -> Mapping[str, Floats]:
        return {"value": 1 / (window.high[0] - 1), "first": np.log(window.close[0] - 2)}

    three = bank(3, ratio, period=2)
    three.update(minute({0: 5.0, 1: 5.0, 2: 5.0}))
    columns = three.update(minute({0: 1.0, 1: 3.0, 2: 2.0}))
    assert columns.rows.tolist() == [1, 2]
    assert columns.outputs["value"].tolist() == [0.5, 1.0]
    assert np.isnan(columns.outputs["first"]).tolist() == [False, True]


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        (lambda window, period: window.high[0], "the formula gave ndarray, not a dict of"),
        (lambda window, period: {"value": window.high[0]}, r"gave \['value'\], not a dict of \['first', 'value'\]"),
        (lambda window, period: {"value": window.high, "first": window.high[0]}, r"'value' has the shape \(3, 2\)"),
        (lambda window, period: {"value": 1.0, "first": window.high[0]}, "'value' is float, not an array of floats"),
        (lambda window, period: {"value": window.high[0], "first": window.high[0] > 1}, "'first' is an array of bool"),
    ],
)
def test_a_formula_that_gives_something_else_is_switched_off_and_says_why(
    formula: Callable[..., Any], told: str
) -> None:
    engine = Engine(2, (entry(formula).usual, sma(2)), ())
    for high in (1.0, 2.0, 3.0):
        analysis = engine.update(minute({0: high, 1: high}))
    (off,) = engine.take_switched_off()
    assert (off.kind, off.name) == ("indicator", "HIGHEST_3")
    with pytest.raises(ValueError, match=told):
        raise ValueError(off.reason)
    assert [columns.definition.instance for columns in analysis.indicators] == ["SMA_2"]


def test_it_is_chosen_by_name_and_parameters_and_computed_only_then() -> None:
    extra = (entry(),)
    assert [one.instance for one in select_indicators("default", extra)][-1] == "BB_20_2"
    chosen = select_indicators("highest:5 HIGHEST SMA:5", extra)
    assert [one.instance for one in chosen] == ["HIGHEST_5", "HIGHEST_3", "SMA_5"]
    assert [one.lookback for one in chosen] == [4, 2, 4]
    listed = {one.name: one for one in catalog_indicators(chosen, extra)}["HIGHEST"]
    assert listed.instances == ["HIGHEST_5", "HIGHEST_3"]
    assert (listed.bars, listed.outputs, listed.default) == (3, ["value", "first"], False)
    with pytest.raises(TickStockError, match=r"'HIGHEST:1' has 1 for period, outside of 2 to 100; HIGHEST takes"):
        select_indicators("HIGHEST:1", extra)
    with pytest.raises(TickStockError, match=r"did you mean HIGHEST\?"):
        select_indicators("HIGEST", extra)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"outputs": ("first", "second")}, "one must be 'value'"),
        ({"outputs": ("value", "value")}, "one must be 'value', and all differ"),
        ({"inputs": ()}, "no inputs"),
        ({"inputs": ("close", "hihg")}, r"the inputs \['hihg'\]"),
        ({"parameters": (Parameter("a", 1, 1, 2), Parameter("a", 1, 1, 2))}, "two parameters of one name"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=f"indicator HIGHEST has .*{told}"):
        entry(**changed)


@pytest.mark.parametrize(
    ("bars", "told"),
    [
        (lambda period: 1 // 0, "cannot say how many bars it needs: ZeroDivisionError"),
        (lambda period: period / 2, r"says that it needs 1\.5 bars"),
        (lambda period: MOST_BARS + 1, f"it can have 1 to {MOST_BARS}"),
    ],
)
def test_bars_that_make_no_sense_are_told_where_the_indicator_is_chosen(bars: Callable[..., Any], told: str) -> None:
    with pytest.raises(TickStockError, match=f"'HIGHEST' .*{told}"):
        select_indicators("HIGHEST", (entry(bars=bars),))
