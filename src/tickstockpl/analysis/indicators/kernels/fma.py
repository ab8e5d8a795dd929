"""The fused multiply-add ``a * b + c``, rounded once, for arrays. NumPy has none, and TA-Lib's averages are made of it.

Product and sums are split into a double and its exact rounding error (Dekker 1971, Knuth 1969); the last two errors are
added with rounding to odd, so that the final addition rounds the exact result correctly (Boldo and Melquiond, Emulation
of a FMA and Correctly Rounded Sums, IEEE Transactions on Computers 57(4), 2008).
"""

from fractions import Fraction
from typing import Final

import numpy as np

from tickstockpl.market.bars import Floats

_SPLITTER: Final = 2.0**27 + 1
_SMALLEST_PRODUCT: Final = 2.0**-900
"""Below it, a product's rounding error may be no double any more."""


def fused_multiply_add(a: Floats, b: float, c: Floats) -> Floats:
    """``a * b + c`` with one rounding; a zero may have another sign.

    Args:
        a: shape (n,).
        b: for all of them.
        c: shape (n,); the size of this, of ``a``, ``b`` and ``a * b`` is below 2**900.

    Returns:
        Shape (n,). Cost: about 40 array operations.
    """
    product, product_error = _product(a, b)
    low, low_error = _sum(c, product_error)
    high, high_error = _sum(product, low)
    result = high + _sum_to_odd(low_error, high_error)
    tiny = np.abs(product) < _SMALLEST_PRODUCT
    if tiny.any():
        for lane in np.flatnonzero(tiny & (a != 0.0)).tolist():
            result[lane] = float(Fraction(a[lane]) * Fraction(b) + Fraction(c[lane]))
    return result


def _sum(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """The rounded sum and its error."""
    total = a + b
    of_b = total - a
    return total, (a - (total - of_b)) + (b - of_b)


def _product(a: Floats, b: float) -> tuple[Floats, Floats]:
    """The rounded product and its error."""
    product = a * b
    scaled = _SPLITTER * a
    a_high = scaled - (scaled - a)
    a_low = a - a_high
    scaled_b = _SPLITTER * b
    b_high = scaled_b - (scaled_b - b)
    b_low = b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def _sum_to_odd(a: Floats, b: Floats) -> Floats:
    """The sum, or where it is inexact the neighbour of the exact sum whose last bit is 1."""
    total, error = _sum(a, b)
    bits = total.view(np.int64)
    wrong = (error != 0.0) & (bits & 1 == 0)
    if wrong.any():
        outward = np.where((error > 0.0) == (total > 0.0), 1, -1)  # bits count away from zero
        total = np.where(wrong, (bits + outward).view(np.float64), total)
    return total
