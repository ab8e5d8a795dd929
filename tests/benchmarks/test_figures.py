"""What the benchmarks make of their measurements."""

import json

import pytest

from benchmarks.percentiles import Percentiles, print_json
from benchmarks.tab import Sample, slope_per_hour


def test_percentiles_are_delays_that_were_measured() -> None:
    assert Percentiles.of([float(number) for number in range(100, 0, -1)]) == Percentiles(50.0, 95.0, 99.0)


def test_nothing_measured_is_within_no_limit_and_null_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    nothing = Percentiles.of([])
    assert nothing.p95_ms > 1e9
    print_json({"delays": nothing})
    assert json.loads(capsys.readouterr().out) == {"delays": {"p50_ms": None, "p95_ms": None, "p99_ms": None}}


def test_a_heap_that_grows_steadily_is_told_with_little_doubt() -> None:
    slope, doubt = slope_per_hour([Sample(float(minute), 8 + minute / 30, 0, 0) for minute in range(20)])
    assert slope == pytest.approx(2)
    assert doubt == pytest.approx(0, abs=1e-6)


def test_a_heap_that_goes_up_and_down_is_told_with_its_doubt() -> None:
    slope, doubt = slope_per_hour([Sample(float(minute), 8 + minute % 2, 0, 0) for minute in range(20)])
    assert abs(slope) < doubt
