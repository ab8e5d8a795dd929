"""Confidence: how many of a pattern's occurrences in a calibration sample are less clear-cut than this one.

The sample is stratified: of every pattern, one occurrence in five stands outside of its context, four in five stand in
it, and whatever stands in its context counts as clearer than what does not. So a confidence of 0.85 says that 85 of 100
occurrences of this pattern in the sample are less clear-cut, 0.2 is where context begins, and one in four of those in
context reaches 0.8.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tickstockpl.market.bars import Floats

OUT_OF_CONTEXT: Final = 0.2
"""The share of the sample that stands outside of its context: the confidence from which a pattern stands in it."""

DECIMALS: Final = 4

_ABOVE: Final = 4.0
"""Clarities lie within -1 and 1: moved up by so much, those in context are above all others."""

_BETWEEN: Final = 2.0
"""Above every clarity out of context, below every one in context."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Ranks:
    """The clarity of a sample's occurrences, as quantiles at equal steps from the smallest to the largest.

    Attributes:
        within: of those in context, within -1 and 1, rising, at least two.
        without: of those out of context, likewise.
    """

    within: Floats
    without: Floats

    def confidence(self, clarity: Floats, in_context: Mask) -> Floats:
        """Grade detections.

        Laws: within 0 and 1; never lower when the clarity grows, or when context comes to hold.

        Args:
            clarity: within -1 and 1, shape (detections,).
            in_context: whether the whole context holds, same shape.

        Returns:
            The share of the sample that is less clear-cut, same shape, rounded to four decimals.
        """
        places, shares = self._falling
        return np.round(np.interp(-(clarity + _ABOVE * in_context), places, shares), DECIMALS)

    @cached_property
    def _falling(self) -> tuple[Floats, Floats]:
        """One scale for both strata, and the share of the sample below each of its marks.

        What is in context is moved above all that is not. The scale falls, because of equal marks the interpolation
        takes the last: on a falling scale that is the one with the smaller share, that of what is strictly less clear.
        """
        outside = np.linspace(0, OUT_OF_CONTEXT - 10.0**-DECIMALS, len(self.without))
        inside = np.linspace(OUT_OF_CONTEXT, 1, len(self.within))
        scale = np.concatenate([self.without, [_BETWEEN, np.nextafter(_BETWEEN, _ABOVE)], self.within + _ABOVE])
        shares = np.concatenate([outside, [outside[-1], inside[0]], inside])
        return -scale[::-1], shares[::-1]


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """The ranks of every pattern in one sample.

    Attributes:
        described: the sample's facts, in words.
        ranks: by pattern's name.
        pooled: of all patterns together, for those that the sample does not have often enough.
    """

    described: str
    ranks: Mapping[str, Ranks]
    pooled: Ranks

    def of(self, pattern: str) -> Ranks:
        """The ranks by which a pattern is graded."""
        return self.ranks.get(pattern, self.pooled)
