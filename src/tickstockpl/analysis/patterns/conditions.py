"""Named conditions with signed margins, and how they combine.

A condition holds or not, and says how clearly: its *margin* is a distance from the boundary without dimension, above 0
where it holds. Margins do not change when all prices are multiplied by a constant.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from math import copysign
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from tickstockpl.analysis.patterns.candles import Candles
from tickstockpl.analysis.patterns.words import turned
from tickstockpl.market.bars import Floats

Mask = NDArray[np.bool_]

Quantity = Callable[[Candles], Floats]
"""A price or a distance, one per lane."""

SMALLEST_SCALE: Final = 0.01
"""The least scale of a margin, in usual ranges: a body of nothing must not divide by zero."""

MOST_SAID: Final = 20.0
"""A figure beyond it is said to be over it."""

UNTOLD: Final = -0.0
"""The margin of an optional condition in a lane that lacks the bars to tell: 0, and by its sign another than that of a
lane exactly on the boundary, of which there is a figure to say."""

Figure = tuple[float, float]
"""How a margin is said: offset + slope · margin."""

DISTANCE: Final[Figure] = (0.0, 1.0)
"""The margin itself: a distance in usual ranges."""

TIMES: Final[Figure] = (1.0, 1.0)
"""A multiple of what must be exceeded."""

SHARE: Final[Figure] = (1.0, -1.0)
"""A share of what must not be reached."""


class Condition(Protocol):
    """What patterns are made of."""

    @property
    def name(self) -> str:
        """What must hold, as words joined by ``_``; unique within a pattern."""
        ...

    @property
    def meaning(self) -> str:
        """The same in words for people, with what it is measured by."""
        ...

    def holds(self, candles: Candles) -> Mask:
        """Where the condition is met; never where bars are missing, unless it is optional."""
        ...

    def margin(self, candles: Candles) -> Floats:
        """The signed margin of every lane; NaN where bars are missing and the condition is not optional."""
        ...

    def said(self, margin: float) -> str:
        """The condition with its figure, in words: ``lower shadow 3.1 × body``; empty where it goes without saying."""
        ...

    @property
    def mirrored(self) -> "Condition":
        """The same condition upside down."""
        ...


@dataclass(frozen=True, eq=False)
class Comparison:
    """``lower`` must lie below ``upper``.

    Attributes:
        name: what must hold, as words joined by ``_``.
        lower: the smaller quantity.
        upper: the larger quantity.
        scale: what their distance is measured in; where there is none, a usual bar's range.
        strict: whether equality fails.
        optional: whether a lane that lacks the bars to tell passes with a margin of 0: true of what looks only at the
            bars before the pattern, so that a cold start finds one-bar patterns on the first bar.
        colour: whether it compares a bar's open and close. TA-Lib counts a close at the open as white, so upside down
            strictness turns too.
        measured_by: what the name means exactly, for people; added to the name's words.
        says: how to say it with its figure, ``{}`` stands for the figure; empty where the name goes without saying.
        figure: which figure.
        symmetric: whether it is the same upside down, as what is said of a body's size is.
    """

    name: str
    lower: Quantity
    upper: Quantity
    scale: Quantity | None = None
    strict: bool = True
    optional: bool = False
    colour: bool = False
    measured_by: str = ""
    says: str = ""
    figure: Figure = DISTANCE
    symmetric: bool = False
    _upright: "Comparison | None" = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse words that could not be said."""
        try:
            self.says.format("1.0")
        except (IndexError, KeyError, ValueError):
            raise ValueError(f"condition {self.name} says {self.says!r}; write {{}} where its figure goes") from None

    @property
    def meaning(self) -> str:
        """The name in words, with what it is measured by."""
        words = self.name.replace("_", " ")
        return f"{words}: {self.measured_by}" if self.measured_by else words

    def holds(self, candles: Candles) -> Mask:
        """Where ``lower`` lies below ``upper``."""
        lower, upper = self.lower(candles), self.upper(candles)
        held: Mask = lower < upper if self.strict else lower <= upper
        return held | np.isnan(lower) | np.isnan(upper) if self.optional else held

    def margin(self, candles: Candles) -> Floats:
        """How far ``lower`` lies below ``upper``, in ``scale``."""
        scale = candles.unit
        if self.scale is not None:
            scale = np.maximum(self.scale(candles), SMALLEST_SCALE * scale)
        margin: Floats = (self.upper(candles) - self.lower(candles)) / scale
        if self.optional:
            margin[np.isnan(margin)] = UNTOLD
        return margin

    def said(self, margin: float) -> str:
        """The condition with its figure; nothing of what could not be told."""
        if self.optional and margin == UNTOLD and copysign(1, margin) < 0:
            return ""
        offset, slope = self.figure
        figure = offset + slope * margin
        return self.says.format(f"over {MOST_SAID:.0f}" if figure > MOST_SAID else f"{max(figure, 0.0):.1f}")

    @cached_property
    def mirrored(self) -> "Comparison":
        """The same comparison of candles that are upside down."""
        if self.symmetric:
            return self
        if self._upright is not None:
            return self._upright
        return replace(
            self,
            name=turned(self.name),
            lower=_turned(self.lower),
            upper=_turned(self.upper),
            scale=_turned(self.scale) if self.scale is not None else None,
            strict=self.strict != self.colour,
            measured_by=turned(self.measured_by),
            says=turned(self.says),
            _upright=self,
        )


def _turned(quantity: Quantity) -> Quantity:
    return lambda candles: quantity(candles.mirror)


@dataclass(frozen=True, eq=False)
class Combination:
    """Several conditions as one: all of them, or any.

    The margin is the smallest, or the largest, of the parts'.
    """

    name: str
    parts: tuple[Condition, ...]
    needs: Literal["all", "any"]
    measured_by: str = ""

    @property
    def meaning(self) -> str:
        """The name in words, with what it is measured by."""
        words = self.name.replace("_", " ")
        return f"{words}: {self.measured_by}" if self.measured_by else words

    def holds(self, candles: Candles) -> Mask:
        """Where all parts hold, or any."""
        combine = np.logical_and if self.needs == "all" else np.logical_or
        held: Mask = reduce(combine, map(candles.holds, self.parts))
        return held

    def margin(self, candles: Candles) -> Floats:
        """The smallest margin, or the largest."""
        # Of any, a part that cannot be told does not hide another that holds.
        combine = np.minimum if self.needs == "all" else np.fmax
        margin: Floats = reduce(combine, map(candles.margin, self.parts))
        return margin

    def said(self, margin: float) -> str:
        """Nothing: no one figure tells of several conditions."""
        del margin
        return ""

    @cached_property
    def mirrored(self) -> "Combination":
        """All parts upside down."""
        return Combination(
            turned(self.name), tuple(part.mirrored for part in self.parts), self.needs, turned(self.measured_by)
        )


@dataclass(frozen=True, eq=False)
class Negation:
    """A condition must not hold."""

    name: str
    of: Condition

    @property
    def meaning(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ")

    def holds(self, candles: Candles) -> Mask:
        """Where the other condition does not hold."""
        return ~candles.holds(self.of)

    def margin(self, candles: Candles) -> Floats:
        """The other condition's margin, turned round."""
        return -candles.margin(self.of)

    def said(self, margin: float) -> str:
        """Nothing: what is not there goes without saying."""
        del margin
        return ""

    @cached_property
    def mirrored(self) -> "Negation":
        """The other condition upside down must not hold."""
        return Negation(turned(self.name), self.of.mirrored)


def all_of(name: str, *parts: Condition, measured_by: str = "") -> Combination:
    """A condition that holds where all parts do."""
    return Combination(name, parts, "all", measured_by)


def any_of(name: str, *parts: Condition, measured_by: str = "") -> Combination:
    """A condition that holds where any part does."""
    return Combination(name, parts, "any", measured_by)


def none_of(name: str, *parts: Condition) -> Negation:
    """A condition that holds where no part does."""
    return Negation(name, Combination(name, parts, "any"))
