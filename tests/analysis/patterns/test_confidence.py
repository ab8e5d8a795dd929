"""Laws of the confidence: within bounds, never lower for a clearer pattern, and known in known cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.analysis.patterns.confidence import confidence
from tickstockpl.market.bars import Floats

margin = st.floats(-1e6, 1e6) | st.just(float("nan"))
detections = st.lists(margin, min_size=1, max_size=8)


def grade(margins: list[float]) -> float:
    column: Floats = np.array(margins)[:, np.newaxis]
    return float(confidence(column)[0])


@given(detections)
def test_it_lies_between_a_half_and_one(margins: list[float]) -> None:
    assert 0.5 <= grade(margins) <= 1


@given(detections, st.data())
def test_it_never_falls_when_one_margin_grows(margins: list[float], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(margins) - 1))
    more = data.draw(st.floats(0, 1e6))
    clearer = list(margins)
    clearer[position] = np.nan_to_num(margins[position]) + more
    assert grade(clearer) >= grade(margins)


@given(detections)
def test_what_cannot_be_told_counts_as_on_the_boundary(margins: list[float]) -> None:
    assert grade(margins) == grade([0.0 if np.isnan(one) else one for one in margins])


@given(st.lists(st.tuples(margin, margin), min_size=1, max_size=20))
def test_detections_are_graded_one_by_one(pairs: list[tuple[float, float]]) -> None:
    together = confidence(np.array(pairs).T)
    assert together.shape == (len(pairs),)
    assert together.tolist() == [grade(list(pair)) for pair in pairs]


@pytest.mark.parametrize(
    ("margins", "expected"),
    [
        ([0.0], 0.5),
        ([1.0], 0.875),  # clarity 3/4
        ([1.0, 0.0], 0.5938),  # least clarity 0, mean 3/8: 0.5 + 0.5 * 3/16
        ([1.0, -5.0], 0.5938),  # a context that does not hold counts as one on its boundary
        ([1e6, 1e6], 1.0),
    ],
)
def test_known_grades(margins: list[float], expected: float) -> None:
    assert grade(margins) == expected
