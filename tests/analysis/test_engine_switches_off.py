"""A definition that raises is switched off and named, whenever it does; the rest goes on as if it were not there."""

import dataclasses
from collections.abc import Mapping, Sequence

import pytest

from tests.analysis.tape import Fact, facts, made_minutes
from tickstockpl.analysis.engine import Engine, SwitchedOff
from tickstockpl.analysis.indicators.definition import IndicatorDefinition, rsi, sma
from tickstockpl.analysis.indicators.entry import Parameter
from tickstockpl.analysis.indicators.formula import Window, formula_entry
from tickstockpl.analysis.patterns.candles import Candles
from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.analysis.patterns.conditions import Comparison
from tickstockpl.analysis.patterns.selection import ChosenPattern, select_patterns
from tickstockpl.market.bars import Floats

SYMBOLS = 3
MARKET = made_minutes(7, SYMBOLS, 60)
INDICATORS = (rsi(3, overbought=60, oversold=40), sma(2))
ALL_PATTERNS = select_patterns("all", 0.0)


class Fuse:
    """Lets some calls pass, then raises."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def burn(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise RuntimeError("the fuse is blown")


def fused_pattern(calls: int) -> ChosenPattern:
    """A pattern that is found on each bar, until it raises."""
    fuse = Fuse(calls)

    def close(candles: Candles) -> Floats:
        fuse.burn()
        return candles.close(0)

    always = Comparison("low_is_no_higher_than_close", lambda candles: candles.low(0), close, strict=False)
    definition = dataclasses.replace(PATTERNS["Doji"], name="Fused", source="this test", conditions=(always,))
    return ChosenPattern(definition, 0.0)


def fused_indicator(calls: int) -> IndicatorDefinition:
    """An indicator that is the high, until it raises."""
    fuse = Fuse(calls)

    def high(window: Window, period: int) -> Mapping[str, Floats]:
        fuse.burn()
        return {"value": window.high[period - 1]}

    return formula_entry(
        name="FUSED",
        title="Fused",
        family="Overlap Studies",
        meaning="The high.",
        source="this test",
        formula=high,
        bars=lambda period: period,
        inputs=("high",),
        outputs=("value",),
        parameters=(Parameter("period", 1, 1, 5),),
    ).usual


def engine(indicators: Sequence[IndicatorDefinition] = (), patterns: Sequence[ChosenPattern] = ()) -> Engine:
    """An engine in which some definitions come before sound ones."""
    return Engine(SYMBOLS, (*indicators, *INDICATORS), (*patterns, *ALL_PATTERNS))


def split(said: dict[int, list[Fact]], *names: str) -> tuple[int, dict[int, list[Fact]]]:
    """How often something was said of some definitions, and all that was said of the others."""
    others = {symbol: [fact for fact in of_symbol if fact[2] not in names] for symbol, of_symbol in said.items()}
    return sum(len(said[symbol]) - len(others[symbol]) for symbol in said), others


SOUND = facts(map(engine().update, MARKET))
BLOWN = "RuntimeError: the fuse is blown"


@pytest.mark.parametrize("calls", [0, 1, 17])
def test_a_pattern_that_raises_is_switched_off_and_the_rest_goes_on(calls: int) -> None:
    running = engine(patterns=[fused_pattern(calls)])
    said, others = split(facts(map(running.update, MARKET)), "Fused")
    assert running.take_switched_off() == [SwitchedOff("pattern", "Fused", BLOWN)]
    assert running.take_switched_off() == [], "told once"
    assert others == SOUND
    assert (said > 0) == (calls > 1)


@pytest.mark.parametrize("calls", [0, 1, 17])
def test_so_is_an_indicator(calls: int) -> None:
    fused = fused_indicator(calls)
    running = engine(indicators=[fused])
    said, others = split(facts(map(running.update, MARKET)), fused.instance)
    assert running.take_switched_off() == [SwitchedOff("indicator", fused.instance, BLOWN)]
    assert running.take_switched_off() == []
    assert others == SOUND
    assert said == sum(len(minute) for minute in MARKET[:calls])


@pytest.mark.parametrize("calls", [0, 5])
def test_an_indicator_that_raises_in_the_warm_up_is_named_and_the_warm_up_goes_on(calls: int) -> None:
    fused = fused_indicator(calls)
    running, sound = engine(indicators=[fused]), engine()
    assert running.warm_up(MARKET[:30]) == sound.warm_up(MARKET[:30]) == 30
    assert running.take_switched_off() == [SwitchedOff("indicator", fused.instance, BLOWN)]
    assert facts(map(running.update, MARKET[30:])) == facts(map(sound.update, MARKET[30:]))
    assert running.take_switched_off() == []


def test_patterns_are_not_looked_for_in_the_warm_up() -> None:
    running = engine(patterns=[fused_pattern(0)])
    running.warm_up(MARKET[:30])
    assert running.take_switched_off() == []


def test_several_are_told_in_the_order_in_which_they_raised() -> None:
    late, early = fused_pattern(20), fused_indicator(3)
    running = engine([early], [late])
    _, others = split(facts(map(running.update, MARKET)), "Fused", early.instance)
    assert [one.name for one in running.take_switched_off()] == [early.instance, "Fused"]
    assert others == SOUND
