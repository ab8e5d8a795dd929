"""The fused multiply-add is the exact result, rounded once."""

from fractions import Fraction

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from tickstockpl.analysis.indicators.kernels.fma import fused_multiply_add


def exact(a: float, b: float, c: float) -> float:
    """The sum of fractions; turning it into a double rounds it once."""
    return float(Fraction(a) * Fraction(b) + Fraction(c))


SIZES = st.floats(-1e100, 1e100)
PRICES = st.floats(1e-4, 1e9)


@given(st.lists(st.tuples(SIZES, SIZES), min_size=1, max_size=20), SIZES)
@example([(1.0 + 2**-52, -1.0 - 2**-51)], 1.0 + 2**-52)  # all but the error cancels
@example([(1.0, 2**53)], 1.0 + 2**-52)  # half way between two doubles, and a little more
@example([(1.0, 2**53)], 1.0 - 2**-53)
@example([(1e-200, 0.0), (5e-324, 5e-324)], 1e-120)
def test_any_numbers(pairs: list[tuple[float, float]], b: float) -> None:
    a, c = (np.array(column) for column in zip(*pairs, strict=True))
    assert fused_multiply_add(a, b, c).tolist() == [exact(one, b, other) for one, other in pairs]


@given(st.lists(st.tuples(PRICES, PRICES), min_size=1, max_size=20), st.integers(1, 400))
def test_a_step_of_an_exponential_average(pairs: list[tuple[float, float]], period: int) -> None:
    value, average = (np.array(column) for column in zip(*pairs, strict=True))
    factor = 2.0 / (period + 1)
    expected = [exact(one - other, factor, other) for one, other in pairs]
    assert fused_multiply_add(value - average, factor, average).tolist() == expected
