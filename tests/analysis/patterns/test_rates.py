"""Counting how often patterns occur, by hand."""

import numpy as np

from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.analysis.patterns.confidence import Calibration, Ranks
from tickstockpl.analysis.patterns.rates import PatternCounts, count_patterns, total
from tickstockpl.analysis.patterns.selection import ChosenPattern
from tickstockpl.analysis.patterns.survey import Occurrences

EVEN = Ranks(within=np.array([0.0, 1.0]), without=np.array([-1.0, 0.0]))
"""In context a clarity c is graded 0.2 + 0.8 · c."""

CALIBRATION = Calibration("made by hand", {}, EVEN)

OCCURRENCES = {
    "Doji": Occurrences(np.array([0.1, 0.74, 0.76, -0.5, 1.0]), np.array([True, True, True, False, False])),
    "Hammer": Occurrences(np.array([0.9]), np.array([True])),
    "MatHold": Occurrences(np.array([]), np.array([], dtype=np.bool_)),
}


def test_grades_are_counted_against_the_thresholds() -> None:
    chosen = [ChosenPattern(PATTERNS["Doji"], 0.5), ChosenPattern(PATTERNS["MatHold"], 0.0)]
    counts = count_patterns(OCCURRENCES, CALIBRATION, chosen)
    assert counts == {
        "Doji": PatternCounts(found=5, in_context=3, published=2, clear=1),
        "Hammer": PatternCounts(found=1, in_context=1, published=0, clear=1),
        "MatHold": PatternCounts(found=0, in_context=0, published=0, clear=0),
    }


def test_what_is_out_of_context_is_published_where_the_threshold_is_low_enough() -> None:
    counts = count_patterns(OCCURRENCES, CALIBRATION, [ChosenPattern(PATTERNS["Doji"], 0.0)])
    assert counts["Doji"].published == 5


def test_the_share_of_clear_ones_is_of_those_in_context() -> None:
    assert PatternCounts(found=9, in_context=4, published=0, clear=1).clear_share == 0.25
    assert PatternCounts(found=9).clear_share is None


def test_a_total_is_the_sum() -> None:
    assert total([PatternCounts(5, 3, 2, 1), PatternCounts(1, 1, 0, 1)]) == PatternCounts(6, 4, 2, 2)
    assert total([]) == PatternCounts()
