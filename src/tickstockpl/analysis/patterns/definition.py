"""What a pattern is: a name and a list of named conditions, each with a signed margin."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Literal

import numpy as np

from tickstockpl.analysis.patterns.candles import Candles
from tickstockpl.analysis.patterns.conditions import Condition, Mask
from tickstockpl.analysis.patterns.context import AVERAGED, ROLES, Role, context_of
from tickstockpl.contract.catalog import Direction
from tickstockpl.market.bars import Floats, Index

_OPPOSITE: dict[Direction, Direction] = {"bullish": "bearish", "bearish": "bullish", "neutral": "neutral"}


def _or(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}"


@dataclass(frozen=True, slots=True)
class Talib:
    """What TA-Lib says where it finds the pattern.

    Attributes:
        function: its name.
        sign: of the number that it returns.
        confirms: whether the number is 200, with which the hikkakes report that one before is confirmed.
    """

    function: str
    sign: Literal[1, -1]
    confirms: bool = False

    def __str__(self) -> str:
        """In words."""
        side = "above" if self.sign > 0 else "below"
        return f"TA-Lib {self.function} {side} {100 * self.sign if self.confirms else 0}"


@dataclass(frozen=True)
class PatternDefinition:
    """A candlestick pattern.

    Attributes:
        name: PascalCase, direction included where the formation has two.
        family: patterns of one kind.
        direction: what it is read as.
        role: what it is said to do to the move before it; decides the context.
        bars: how many bars form it.
        meaning: one sentence.
        source: what defines it: TA-Lib, or for a definition of one's own a reference in words.
        conditions: all must hold.
    """

    name: str
    family: str
    direction: Direction
    role: Role
    bars: int
    meaning: str
    source: Talib | str
    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        """Refuse what is no definition, in words that its author can use."""
        names = self.margin_names if self.direction in _OPPOSITE and self.role in ROLES and self.bars >= 1 else ()
        for wrong, what in (
            (self.direction not in _OPPOSITE, f"direction was {self.direction!r}; write {_or(_OPPOSITE)}"),
            (self.role not in ROLES, f"role was {self.role!r}; write {_or(ROLES)}"),
            (self.bars < 1, f"bars was {self.bars}; a pattern is formed by 1 or more"),
            (not self.conditions, "there is no condition; a pattern is what meets all of several"),
            (len(set(names)) < len(names), f"two conditions have one name ({', '.join(names)})"),
        ):
            if wrong:
                raise ValueError(f"pattern {self.name}: {what}")

    @property
    def title(self) -> str:
        """The name as people write it: ``Three white soldiers``."""
        return re.sub(r"(?<!^)([A-Z])", lambda found: f" {found.group().lower()}", self.name)

    @property
    def context(self) -> tuple[Condition, ...]:
        """What makes the formation worth looking at without deciding whether it is one; grades it only."""
        return context_of(self.role, self.direction, self.bars)

    @property
    def history(self) -> int:
        """Bars, the pattern's own included, until all of its averages are full."""
        return self.bars + AVERAGED

    @property
    def margin_names(self) -> tuple[str, ...]:
        """The names of all margins, in the order of :meth:`margins`."""
        return tuple(condition.name for condition in (*self.conditions, *self.context))

    def find(self, candles: Candles) -> Index:
        """The lanes in which the newest bar completes the pattern, rising.

        Raises:
            ValueError: if a condition does not tell of each lane.
        """
        found: Mask = reduce(np.logical_and, map(candles.holds, self.conditions))
        if found.shape != (lanes := candles.close(0).shape):
            raise ValueError(f"the conditions gave shape {found.shape} where {lanes} was expected: one truth a symbol")
        return np.flatnonzero(found)

    def margins(self, candles: Candles, lanes: Index) -> Floats:
        """The margins of the conditions and then of the context, shape (conditions + context, lanes).

        Raises:
            ValueError: if one is not a finite number.
        """
        found = candles.at(lanes)
        margins = np.array([found.margin(condition) for condition in (*self.conditions, *self.context)])
        if not (finite := np.isfinite(margins)).all():
            wrong = self.margin_names[np.argmin(finite.all(axis=1))]
            raise ValueError(f"the margin of {wrong} was not a finite number")
        return margins

    def in_context(self, margins: Floats) -> Mask:
        """Where the whole context holds, shape (lanes,).

        Args:
            margins: as :meth:`margins` gives them.
        """
        held: Mask = np.logical_and.reduce(margins[len(self.conditions) :] >= 0)
        return held

    def mirrored(self, name: str, meaning: str, source: Talib | str | None = None) -> "PatternDefinition":
        """The same formation upside down.

        Args:
            name: its name.
            meaning: one sentence.
            source: what defines it; where it is not given, TA-Lib reports it with the other sign.
        """
        if source is None:
            source = replace(self.source, sign=-self.source.sign) if isinstance(self.source, Talib) else self.source
        return replace(
            self,
            name=name,
            direction=_OPPOSITE[self.direction],
            meaning=meaning,
            source=source,
            conditions=tuple(condition.mirrored for condition in self.conditions),
        )

    def explain(self, margins: list[float]) -> str:
        """Why it was found, in words: ``lower shadow 3.1 × body; after a fall of 1.4 ranges``.

        Args:
            margins: of one detection, in the order of :meth:`margins` and not rounded: exactly on the boundary is told
                from not known by the sign of 0.
        """
        formation = len(self.conditions)
        said = [one.said(margin) for one, margin in zip(self.conditions, margins[:formation], strict=True)]
        for one, margin in zip(self.context, margins[formation:], strict=True):
            words = one.said(margin)
            said.append(f"only {words}" if margin < 0 and words else words)
        return "; ".join(words for words in said if words)
