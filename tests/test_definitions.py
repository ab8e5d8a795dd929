"""Definitions of the user's own are found in packages and in a file; what is wrong with them is one sentence."""

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from pathlib import Path

import numpy as np
import pytest
import talib

from tests.analysis.tape import facts, made_minutes
from tickstockpl.analysis.engine import Engine
from tickstockpl.analysis.indicators.banks import open_bank
from tickstockpl.analysis.indicators.formula_bank import FormulaBank
from tickstockpl.analysis.indicators.selection import select_indicators
from tickstockpl.analysis.patterns.conditions import Comparison, Quantity
from tickstockpl.analysis.patterns.definition import PatternDefinition
from tickstockpl.analysis.patterns.selection import ChosenPattern, select_patterns
from tickstockpl.definitions import MODULE, Definitions, load_definitions
from tickstockpl.errors import TickStockError
from tickstockpl.market.bars import MinuteBars

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "definitions.py"

PREAMBLE = """\
from tickstockpl.analysis.indicators.entry import Parameter
from tickstockpl.analysis.indicators.formula import formula_entry
from tickstockpl.analysis.patterns.catalog import PATTERNS as BUILT_IN
from tickstockpl.analysis.patterns.conditions import Comparison
import dataclasses

def last(name, **changed):
    declared = dict(name=name, title="Last", family="Own", meaning="The last close.", source="this test",
                    formula=lambda window: {"value": window.close[0]}, bars=lambda: 1, inputs=["close"])
    return formula_entry(**{**declared, **changed})

def saying(words):
    held = Comparison("it_holds", lambda candles: candles.low(0), lambda candles: candles.high(0), says=words)
    return doji("Own", conditions=[held])

def doji(name, **changed):
    return dataclasses.replace(BUILT_IN["Doji"], name=name, **changed)

"""
BODY_LINE = PREAMBLE.count("\n") + 1


@pytest.fixture(autouse=True)
def forget_the_module() -> Iterator[None]:
    yield
    sys.modules.pop(MODULE, None)


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], Definitions]:
    """Load a file with some text after the preamble."""

    def load(body: str) -> Definitions:
        path = tmp_path / "own.py"
        path.write_text(PREAMBLE + body)
        return load_definitions(path)

    return load


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str, str], None]]:
    """Put a distribution of one module on the path; its entry points are of the given text."""
    names = []

    def install(name: str, module: str, points: str) -> None:
        folder = tmp_path / name
        metadata = folder / f"{name}-1.0.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(points)
        (folder / f"{name}.py").write_text(module)
        monkeypatch.syspath_prepend(folder)
        names.append(name)

    yield install
    for name in names:
        sys.modules.pop(name, None)


class TestFile:
    def test_without_one_there_is_nothing(self) -> None:
        assert load_definitions(None) == Definitions()

    def test_one_definition_or_several_of_each_kind(self, load: Callable[[str], Definitions]) -> None:
        found = load("INDICATORS = last('LAST')\nPATTERNS = (doji('MyDoji'), doji('YourDoji'))")
        assert [one.name for one in found.indicators] == ["LAST"]
        assert [one.name for one in found.patterns] == ["MyDoji", "YourDoji"]
        assert found.origins == dict.fromkeys(["indicator LAST", "pattern MyDoji", "pattern YourDoji"], "own.py")

    def test_it_is_a_module_and_nothing_is_left_beside_it(
        self, load: Callable[[str], Definitions], tmp_path: Path
    ) -> None:
        load("@dataclasses.dataclass\nclass Settled:\n    name: 'str'\n\nINDICATORS = [last('LAST')]")
        assert [path.name for path in tmp_path.iterdir()] == ["own.py"]

    def test_what_it_defines_can_be_chosen(self, load: Callable[[str], Definitions]) -> None:
        found = load("INDICATORS = [last('LAST')]")
        assert [one.instance for one in select_indicators("LAST SMA:5", found.indicators)] == ["LAST", "SMA_5"]

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            ("INDICATORS = [last('LAST']", f"own.py, line {BODY_LINE}: closing parenthesis"),
            ("\n\nINDICATORS = [1 / 0]", f"own.py, line {BODY_LINE + 2}: ZeroDivisionError: division by zero"),
            ("import no_such_module", f"own.py, line {BODY_LINE}: ModuleNotFoundError: No module named"),
            ("raise SystemExit(3)", f"own.py, line {BODY_LINE}: SystemExit: 3"),
            ("INDICATOR = [last('LAST')]", "defines neither PATTERNS nor INDICATORS"),
            ("INDICATORS = ['LAST']", "INDICATORS of own.py holds 'LAST', which is of type str, not IndicatorEntry"),
            ("INDICATORS = 'LAST'", "INDICATORS of own.py holds 'LAST', which is of type str"),
            ("INDICATORS = None", "which is of type NoneType, not IndicatorEntry"),
            ("PATTERNS = [last('LAST')]", "which is of type IndicatorEntry, not PatternDefinition"),
            ("INDICATORS = [last('SMA')]", "indicator 'SMA' of own.py has a name that TickStockPL has already (SMA)"),
            ("INDICATORS = [last('BBANDS')]", "a name that TickStockPL has already (BBANDS)"),
            ("INDICATORS = 2 * [last('LAST')]", "indicator 'LAST' of own.py has a name that own.py has already (LAST)"),
            ("INDICATORS = [last('Last')]", "has a name that cannot be used; write a capital, then capitals"),
            (f"INDICATORS = [last('{51 * 'A'}')]", "50 characters at most"),
            (
                f"INDICATORS = [last('{50 * 'A'}', bars=lambda n: n, parameters=[Parameter('n', 1, 1, 2)])]",
                "longer than the 50 characters",
            ),
            (
                "INDICATORS = [last('LAST', bars=lambda: 0)]",
                "'LAST' of own.py cannot be made with its defaults: ValueErr",
            ),
            ("INDICATORS = [last('LAST', outputs=['last'])]", "ValueError: indicator LAST has the outputs ['last']"),
            ("PATTERNS = [doji('Doji')]", "pattern 'Doji' of own.py has a name that TickStockPL has already (Doji)"),
            ("PATTERNS = [doji('MyDoji'), doji('MYDOJI')]", "has a name that own.py has already (MYDOJI)"),
            ("PATTERNS = [doji('All')]", "a name that TickStockPL has already (All)"),
            ("INDICATORS = [last('DEFAULT')]", "a name that TickStockPL has already (DEFAULT)"),
            ("INDICATORS = [last(5)]", "indicator 5 of own.py has a name that cannot be used"),
            ("PATTERNS = [doji('My Doji')]", "write a capital, then letters and digits"),
            ("PATTERNS = [doji('myDoji')]", "write a capital, then letters and digits"),
            (f"PATTERNS = [doji('{51 * 'A'}')]", "write a capital, then letters and digits"),
            ("PATTERNS = [doji('Own', direction='up')]", "direction was 'up'; write bullish, bearish or neutral"),
            ("PATTERNS = [doji('Own', role='turn')]", "role was 'turn'; write reversal, continuation, indecision or"),
            ("PATTERNS = [doji('Own', bars=0)]", "bars was 0; a pattern is formed by 1 or more"),
            ("PATTERNS = [doji('Own', conditions=())]", "pattern Own: there is no condition"),
            (
                "PATTERNS = [doji('Own', conditions=2 * BUILT_IN['Doji'].conditions)]",
                "two conditions have one name (body_is_almost_nothing, body_is_almost_nothing,",
            ),
            (
                "PATTERNS = [doji('Own', meaning='a\\0b')]",
                "says 'a\\x00b', which cannot be shown; write it",
            ),
            ("PATTERNS = [saying('{} by {}')]", "condition it_holds says '{} by {}'; write {} where its figure goes"),
            ("INDICATORS = [last('LAST', title='a\\nb')]", "says 'a\\nb', which cannot be shown"),
        ],
    )
    def test_a_mistake_is_one_sentence(self, body: str, told: str, load: Callable[[str], Definitions]) -> None:
        with pytest.raises(TickStockError) as refusal:
            load(body)
        assert told in str(refusal.value)
        assert "\n" not in str(refusal.value)

    def test_a_file_that_cannot_be_read(self, tmp_path: Path) -> None:
        with pytest.raises(
            TickStockError, match=r"TICKSTOCK_DEFINITIONS names .*none\.py', which cannot be read: No such"
        ):
            load_definitions(tmp_path / "none.py")
        with pytest.raises(TickStockError, match="which cannot be read: Is a directory"):
            load_definitions(tmp_path)
        (tmp_path / "own.py").write_bytes(b"x = '\0'")
        with pytest.raises(TickStockError, match=r"own\.py: .*null bytes"):
            load_definitions(tmp_path / "own.py")


class TestPackages:
    def test_entry_points_are_found(self, install: Callable[[str, str, str], None]) -> None:
        install(
            "tickstock_extra",
            PREAMBLE + "ALL = [last('LAST'), last('FINAL')]\nDOJI = doji('MyDoji')",
            "[tickstockpl.indicators]\nall = tickstock_extra:ALL\n[tickstockpl.patterns]\nd = tickstock_extra:DOJI\n",
        )
        found = load_definitions(None)
        assert [one.name for one in found.indicators] == ["LAST", "FINAL"]
        assert [one.name for one in found.patterns] == ["MyDoji"]
        assert set(found.origins.values()) == {"package tickstock_extra"}

    def test_a_name_of_a_package_is_not_free_for_the_file(
        self, install: Callable[[str, str, str], None], load: Callable[[str], Definitions]
    ) -> None:
        install(
            "tickstock_extra", PREAMBLE + "ONE = last('LAST')", "[tickstockpl.indicators]\n1 = tickstock_extra:ONE\n"
        )
        with pytest.raises(
            TickStockError, match=r"'LAST' of own\.py has a name that package tickstock_extra has already"
        ):
            load("INDICATORS = [last('LAST')]")

    @pytest.mark.parametrize(
        ("module", "told"),
        [
            (
                "1 / 0",
                r"entry point one \(tickstock_extra:ONE, .*\) raised ZeroDivisionError: division by zero; correct",
            ),
            ("", "raised AttributeError: module 'tickstock_extra' has no attribute 'ONE'"),
            ("ONE = 1", "tickstock_extra:ONE of package tickstock_extra holds 1, which is of type int"),
        ],
    )
    def test_a_mistake_names_the_package(
        self, module: str, told: str, install: Callable[[str, str, str], None]
    ) -> None:
        install("tickstock_extra", module, "[tickstockpl.indicators]\none = tickstock_extra:ONE\n")
        with pytest.raises(TickStockError, match=told):
            load_definitions(None)


def narrow_range_breaks(ranges: Sequence[float], bars: Sequence[tuple[float, float, float]]) -> list[tuple[int, str]]:
    """Where Crabel's narrow range of seven is broken, told plainly: bar by bar, from highs, lows and closes."""
    found = []
    for newest in range(7, len(bars)):
        narrow_high, narrow_low, _ = bars[newest - 1]
        close = bars[newest][2]
        if ranges[newest - 1] < min(ranges[newest - 7 : newest - 1]):
            if close > narrow_high:
                found.append((newest, "NarrowRangeBreakUp"))
            if close < narrow_low:
                found.append((newest, "NarrowRangeBreakDown"))
    return found


def test_the_examples_patterns_are_found_where_a_plain_reading_finds_them() -> None:
    own = load_definitions(EXAMPLE).patterns
    engine = Engine(1, indicators=(), patterns=select_patterns("NarrowRangeBreakUp NarrowRangeBreakDown", 0.0, own))
    walk = made_minutes(11, 1, 800)
    found = [
        (number, pattern.definition.name)
        for number, minute in enumerate(walk)
        for pattern in engine.update(minute).patterns
    ]
    bars = [(float(one.high[0]), float(one.low[0]), float(one.close[0])) for one in walk]
    assert found == narrow_range_breaks([high - low for high, low, _ in bars], bars)
    assert len(found) > 20
    assert not engine.take_switched_off()


def test_a_pattern_may_be_longer_than_any_of_talibs() -> None:
    highest = Comparison(
        "close_is_the_highest_of_forty",
        lower=lambda candles: reduce(np.maximum, (candles.close(ago) for ago in range(1, 40))),
        upper=lambda candles: candles.close(0),
    )
    own = PatternDefinition("FortyHigh", "own", "bullish", "strength", 40, "A new high.", "this test", (highest,))
    engine = Engine(1, indicators=(), patterns=[ChosenPattern(own, 0.0)])
    walk = made_minutes(12, 1, 300)
    found = [number for number, minute in enumerate(walk) if engine.update(minute).patterns]
    closes = [float(one.close[0]) for one in walk]
    assert found == [bar for bar in range(39, len(walk)) if closes[bar] > max(closes[bar - 39 : bar])]
    assert found


def test_a_pattern_that_looks_further_back_than_it_declares_is_switched_off_and_told_why() -> None:
    far = Comparison("looks_far", lower=lambda candles: candles.low(30), upper=lambda candles: candles.high(0))
    own = PatternDefinition("LooksFar", "own", "bullish", "strength", 2, "It looks too far.", "this test", (far,))
    engine = Engine(1, indicators=(), patterns=[ChosenPattern(own, 0.0)])
    engine.update(made_minutes(13, 1, 20)[0])
    (off,) = engine.take_switched_off()
    assert off.name == "LooksFar"
    assert "the low 30 bars ago was asked for, where 16 bars are kept" in off.reason


@pytest.mark.parametrize(
    ("lower", "reason"),
    [
        (lambda candles: candles.low(0) - np.inf, "the margin of it_holds was not a finite number"),
        (lambda candles: 0.0, "the conditions gave shape (7,) where"),
        (lambda candles: candles.low(0).__imul__(2), "output array is read-only"),
        (lambda candles: candles.body("0"), "TypeError"),
    ],
)
def test_a_pattern_that_goes_wrong_harms_no_other(lower: Quantity, reason: str) -> None:
    wrong = Comparison("it_holds", lower, lambda candles: candles.high(0))
    if "shape" in reason:
        wrong = Comparison("it_holds", lower, lambda candles: np.ones(7))
    own = PatternDefinition("GoesWrong", "own", "bullish", "strength", 1, "It goes wrong.", "this test", (wrong,))
    chosen = [ChosenPattern(own, 0.0), *select_patterns("all", 0.0)]
    with_it, without = Engine(4, indicators=(), patterns=chosen), Engine(4, indicators=(), patterns=chosen[1:])
    market = made_minutes(14, 4, 40)
    assert facts(map(with_it.update, market)) == facts(map(without.update, market))
    (off,) = with_it.take_switched_off()
    assert off.name == "GoesWrong"
    assert reason in off.reason


def test_the_example_says_what_talibs_channel_says() -> None:
    (definition,) = select_indicators("PRICE_CHANNEL:5", load_definitions(EXAMPLE).indicators)
    bank = open_bank(definition, 1)
    assert isinstance(bank, FormulaBank)
    rng = np.random.default_rng(7)
    middles = rng.integers(900, 1100, 60) / 10
    highs, lows = middles + rng.integers(1, 20, 60) / 10, middles - rng.integers(1, 20, 60) / 10

    def bar(row: int) -> MinuteBars:
        middle, high, low = (column[[row]] for column in (middles, highs, lows))
        return MinuteBars(0, np.array([0]), middle, high, low, middle, np.array([1]))

    said = [bank.update(bar(row)) for row in range(60)]
    expected = talib.DONCHIAN(highs, lows, timeperiod=5)
    for name, column in zip(("upper", "value", "lower"), expected, strict=True):
        assert [one.outputs[name][0] for one in said if len(one.rows)] == column[4:].tolist()
    positions = [one.outputs["position"][0] for one in said if len(one.rows)]
    assert 0 <= min(positions) < max(positions) <= 1
