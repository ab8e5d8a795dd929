"""Laws of clarity and confidence: bounds, order, and what the number says of a sample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.analysis.patterns.calibration_table import shipped_calibration
from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.analysis.patterns.clarity import clarity
from tickstockpl.analysis.patterns.confidence import OUT_OF_CONTEXT, Ranks
from tickstockpl.analysis.patterns.survey import FEWEST, STEPS, Occurrences, calibrate
from tickstockpl.market.bars import Floats

margin = st.floats(-1e6, 1e6) | st.just(0.0)
detections = st.lists(margin, min_size=1, max_size=18)
clarities = st.floats(-1, 1)
strata = st.lists(st.floats(-1, 1) | st.sampled_from([-0.5, 0.0, 0.25]), min_size=2, max_size=60)


@st.composite
def ranks(draw: st.DrawFn) -> Ranks:
    within, without = (np.sort(np.round(draw(strata), 6)) for _ in range(2))
    return Ranks(within, without)


def clear(margins: list[float]) -> float:
    return float(clarity(np.array(margins)[:, np.newaxis])[0])


def graded(ranks: Ranks, clarities: list[float], in_context: bool) -> list[float]:
    return ranks.confidence(np.array(clarities), np.full(len(clarities), in_context)).tolist()


@given(detections)
def test_clarity_lies_between_minus_one_and_one(margins: list[float]) -> None:
    assert -1 <= clear(margins) <= 1
    assert clear(margins) >= 0 or min(margins) < 0


@given(detections, st.data())
def test_clarity_never_falls_when_one_margin_grows(margins: list[float], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(margins) - 1))
    clearer = list(margins)
    clearer[position] += data.draw(st.floats(0, 1e6))
    assert clear(clearer) >= clear(margins)


@given(detections, st.data())
def test_nor_when_it_grows_by_the_least_that_there_is(margins: list[float], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(margins) - 1))
    clearer = list(margins)
    clearer[position] = float(np.nextafter(margins[position], np.inf))
    assert clear(clearer) >= clear(margins)


@given(detections)
def test_what_cannot_be_told_counts_as_on_the_boundary(margins: list[float]) -> None:
    assert clear([*margins, float("nan")]) == clear([*margins, 0.0])


@given(ranks(), clarities, st.booleans())
def test_confidence_lies_between_zero_and_one_and_context_begins_at_a_fifth(
    ranks: Ranks, clearness: float, in_context: bool
) -> None:
    (grade,) = graded(ranks, [clearness], in_context)
    if in_context:
        assert OUT_OF_CONTEXT <= grade <= 1
    else:
        assert 0 <= grade < OUT_OF_CONTEXT


@given(ranks(), clarities, clarities, st.booleans())
def test_confidence_never_falls_when_clarity_grows(ranks: Ranks, one: float, other: float, in_context: bool) -> None:
    grades = graded(ranks, sorted([one, float(np.nextafter(one, 1)), other]), in_context)
    assert grades == sorted(grades)


@given(ranks(), st.data())
def test_confidence_never_falls_along_the_sample_s_own_values(ranks: Ranks, data: st.DataObject) -> None:
    mark = data.draw(st.sampled_from([*ranks.within.tolist(), *ranks.without.tolist()]))
    around = [float(np.nextafter(mark, -2)), mark, float(np.nextafter(mark, 2))]
    for in_context in (False, True):
        grades = graded(ranks, np.clip(around, -1, 1).tolist(), in_context)
        assert grades == sorted(grades)


@given(st.sampled_from(list(PATTERNS)), st.data())
def test_a_pattern_s_confidence_never_falls_when_one_of_its_margins_grows(name: str, data: st.DataObject) -> None:
    # Formation and context alike: a context that comes to hold moves a detection up, never down.
    pattern = PATTERNS[name]
    formation = data.draw(st.lists(st.floats(0, 5), min_size=len(pattern.conditions), max_size=len(pattern.conditions)))
    context = data.draw(st.lists(st.floats(-3, 3), min_size=len(pattern.context), max_size=len(pattern.context)))
    column = np.array([*formation, *context])[:, np.newaxis]
    clearer = column.copy()
    position = data.draw(st.integers(0, len(column) - 1))
    clearer[position] += data.draw(st.floats(0, 4))

    def grade(margins: Floats) -> float:
        ranks = shipped_calibration().of(name)
        return float(ranks.confidence(clarity(margins), pattern.in_context(margins))[0])

    assert grade(clearer) >= grade(column)


@given(st.lists(st.tuples(clarities, st.booleans()), min_size=1, max_size=20), ranks())
def test_detections_are_graded_one_by_one(given_: list[tuple[float, bool]], ranks: Ranks) -> None:
    values, contexts = zip(*given_, strict=True)
    together = ranks.confidence(np.array(values), np.array(contexts)).tolist()
    assert together == [graded(ranks, [value], context)[0] for value, context in given_]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("digits", [6, 2, 1])
def test_in_its_own_sample_confidence_is_the_share_that_is_less_clear(seed: int, digits: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.tanh(rng.normal(0.2, 0.4, 4000)).round(digits)
    in_context = rng.random(4000) < 0.3
    sample = {"Doji": Occurrences(values, in_context)}
    ranks = calibrate(sample, "made").of("Doji")
    grades = ranks.confidence(values, in_context)
    within = values[in_context]
    share = np.searchsorted(np.sort(within), within, side="left") / len(within)
    expected = OUT_OF_CONTEXT + (1 - OUT_OF_CONTEXT) * share
    # Between two quantiles the share is taken to grow evenly.
    step = (1 - OUT_OF_CONTEXT) / STEPS
    assert np.abs(grades[in_context] - expected).max() <= step + 1e-3
    if digits == 6:
        assert (grades[in_context] >= 0.8).mean() == pytest.approx(0.25, abs=0.03)
    assert grades[~in_context].max() < OUT_OF_CONTEXT


def test_a_pattern_that_the_sample_hardly_has_is_graded_by_all_together() -> None:
    rng = np.random.default_rng(3)
    many = Occurrences(rng.random(1000), rng.random(1000) < 0.5)
    few = Occurrences(rng.random(FEWEST), np.arange(FEWEST) < FEWEST - 1)
    calibration = calibrate({"Doji": many, "MatHold": few}, "made")
    assert list(calibration.ranks) == ["Doji"]
    assert calibration.of("MatHold") is calibration.pooled
    assert calibration.of("Doji") is not calibration.pooled


def test_a_sample_without_occurrences_grades_nothing() -> None:
    nothing = Occurrences(np.array([]), np.array([], dtype=np.bool_))
    with pytest.raises(ValueError, match="at least 20 occurrences in context"):
        calibrate({"Doji": nothing}, "made")
