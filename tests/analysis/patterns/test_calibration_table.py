"""A calibration as a file: what is written is read, and what is none is refused in one sentence."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.analysis.patterns.calibration_table import read_table, shipped_calibration, write_table
from tickstockpl.analysis.patterns.catalog import DEFAULT_PATTERNS, PATTERNS
from tickstockpl.analysis.patterns.confidence import Calibration, Ranks
from tickstockpl.errors import TickStockError

quantiles = st.lists(st.floats(-1, 1), min_size=2, max_size=60).map(lambda values: np.array(sorted(values)))
ranks = st.builds(Ranks, quantiles, quantiles)
calibrations = st.builds(Calibration, st.text(), st.dictionaries(st.sampled_from(list(PATTERNS)), ranks), ranks)

RISING = {"within": [0.0, 0.5, 0.5, 1.0], "without": [-1.0, 0.25]}
TABLE: dict[str, Any] = {"format": 1, "sample": "made by hand", "pooled": RISING, "patterns": {"Doji": RISING}}


def values(calibration: Calibration) -> dict[str, tuple[list[float], list[float]]]:
    named = {**calibration.ranks, "pooled": calibration.pooled}
    return {name: (one.within.tolist(), one.without.tolist()) for name, one in named.items()}


def read(**changed: Any) -> Calibration:
    return read_table(json.dumps(TABLE | changed).encode(), "own.json")


@given(calibrations)
def test_what_is_written_is_read(calibration: Calibration) -> None:
    again = read_table(write_table(calibration), "own.json")
    assert again.described == calibration.described
    assert values(again) == values(calibration)
    assert list(again.ranks) == list(calibration.ranks)


def test_a_line_of_the_file_is_a_pattern() -> None:
    lines = write_table(shipped_calibration()).decode().splitlines()
    assert sum(line.startswith(tuple(f'"{name}":' for name in PATTERNS)) for line in lines) == len(
        shipped_calibration().ranks
    )


def test_what_is_written_by_hand_is_read() -> None:
    assert values(read()) == {
        "Doji": ([0.0, 0.5, 0.5, 1.0], [-1.0, 0.25]),
        "pooled": ([0.0, 0.5, 0.5, 1.0], [-1, 0.25]),
    }


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"format": 2}, "own.json has format 2, this release reads 1"),
        ({"format": "1"}, "own.json is not a calibration: Expected `int`, got `str`"),
        ({"sample": None}, "own.json is not a calibration: Expected `str`, got `null`"),
        ({"made_by": "hand"}, "own.json is not a calibration: Object contains unknown field `made_by`"),
        ({"pooled": {"within": [0, 1]}}, "own.json is not a calibration: Object missing required field `without`"),
        ({"pooled": {"within": [0.5, 0.4], "without": [0, 1]}}, "own.json: the quantiles of pooled "),
        ({"patterns": {"Doji": {"within": [0, 1], "without": [0.1, 0.3, 0.2]}}}, "own.json: the quantiles of Doji "),
        ({"patterns": {"Doji": {"within": [0.1], "without": [0, 1]}}}, "own.json: the quantiles of Doji "),
        ({"patterns": {"Doji": {"within": [], "without": [0, 1]}}}, "own.json: the quantiles of Doji "),
        ({"patterns": {"Doji": {"within": [0, 1.5], "without": [0, 1]}}}, "own.json: the quantiles of Doji "),
        ({"patterns": {"Doji": {"within": [0, 1], "without": [-7, 0]}}}, "own.json: the quantiles of Doji "),
    ],
)
def test_what_is_no_calibration_is_refused_in_one_sentence(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(TickStockError) as caught:
        read(**changed)
    told = str(caught.value)
    assert told.startswith(said)
    assert told.endswith("; make it anew with tickstockpl calibrate")
    assert "\n" not in told


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[]", b"null"])
def test_nor_is_what_is_no_table(text: bytes) -> None:
    with pytest.raises(TickStockError, match=r"^own\.json is not a calibration: .*; make it anew with tickstockpl"):
        read_table(text, "own.json")


def test_the_shipped_table_grades_the_patterns_that_there_are() -> None:
    shipped = shipped_calibration()
    assert shipped.described
    assert shipped.ranks.keys() <= PATTERNS.keys()
    assert {"Doji", "Hammer"} <= shipped.ranks.keys() & set(DEFAULT_PATTERNS)
    for one in (*shipped.ranks.values(), shipped.pooled):
        for stratum in (one.within, one.without):
            assert (np.diff(stratum) >= 0).all()
            assert -1 <= stratum[0] < stratum[-1] <= 1
        assert one.within[0] >= 0, "of a formation in its context no margin is below 0"
