"""What a pattern is: a name and a list of named conditions, each with a signed margin."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tickstockpl.analysis.patterns.candles import Candles
from tickstockpl.market.bars import Floats

Quantity = Callable[[Candles], Floats]
"""A price or a distance, one per lane."""

Direction = Literal["bullish", "bearish", "neutral"]


@dataclass(frozen=True, slots=True)
class Condition:
    """``lower`` must lie below ``upper``.

    The margin is the distance between the two, divided by ``scale``: positive where the condition holds, and the
    larger the more clearly. It has no dimension, so it does not change when all prices are multiplied by a constant.

    Attributes:
        name: what must hold, as words joined by ``_``; unique within a pattern.
        lower: the smaller quantity.
        upper: the larger quantity.
        scale: what the distance is measured in; the lane's usual range unless another quantity says more.
        strict: whether equality fails.
        optional: whether a lane that lacks the bars to tell passes with a margin of 0: true of what only looks at
            the bars before the pattern, so that a cold start finds one-bar patterns on the first bar.
    """

    name: str
    lower: Quantity
    upper: Quantity
    scale: Quantity = lambda candles: candles.unit
    strict: bool = True
    optional: bool = False

    def margin(self, candles: Candles) -> Floats:
        """The signed margin of every lane; NaN where bars are missing and the condition is not optional."""
        distance = self.upper(candles) - self.lower(candles)
        # A reference of zero (bars without body or range) would turn the sign into NaN: measure in usual ranges then.
        scale = self.scale(candles)
        margin: Floats = distance / np.where(scale > 0, scale, candles.unit)
        return np.nan_to_num(margin, nan=0.0) if self.optional else margin

    def holds(self, margin: Floats) -> NDArray[np.bool_]:
        """Where a margin means that the condition is met; never where it is NaN."""
        return margin > 0 if self.strict else margin >= 0


@dataclass(frozen=True, slots=True)
class PatternDefinition:
    """A candlestick pattern.

    Attributes:
        name: PascalCase, direction included where the formation has two.
        direction: what it is read as.
        bars: how many bars form it.
        meaning: one sentence.
        source: TA-Lib's function, and the sign with which it reports this direction: the definition followed here.
        conditions: all must hold.
        context: what makes the formation worth more without deciding whether it is one; enters the confidence only.
    """

    name: str
    direction: Direction
    bars: int
    meaning: str
    source: tuple[str, int]
    conditions: tuple[Condition, ...]
    context: tuple[Condition, ...] = ()

    @property
    def margin_names(self) -> tuple[str, ...]:
        """The names of all margins, in the order in which :meth:`find` gives them."""
        return tuple(condition.name for condition in (*self.conditions, *self.context))

    def find(self, candles: Candles) -> tuple[NDArray[np.intp], Floats]:
        """The lanes in which the newest bar completes the pattern, and their margins.

        Returns:
            lanes: rising positions, shape (found,).
            margins: of the conditions and then of the context, shape (conditions + context, found).
        """
        margins = [condition.margin(candles) for condition in self.conditions]
        found = np.logical_and.reduce(
            [condition.holds(margin) for condition, margin in zip(self.conditions, margins, strict=True)]
        )
        lanes = np.flatnonzero(found)
        margins += [condition.margin(candles) for condition in self.context] if len(lanes) else []
        return lanes, np.array([margin[lanes] for margin in margins])
