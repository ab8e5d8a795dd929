"""What computes an indicator for all symbols, and what it gives."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tickstockpl.analysis.indicators.definition import IndicatorDefinition
from tickstockpl.market.bars import Floats, Index, MinuteBars


@dataclass(frozen=True, slots=True, eq=False)
class IndicatorColumns:
    """An indicator after a minute, for the symbols in which it is warm.

    Attributes:
        definition: which indicator.
        rows: rising positions within the minute's bars, shape (warm,).
        outputs: by output name, each of shape (warm,); ``value`` is the event's value. NaN: no value.
    """

    definition: IndicatorDefinition
    rows: Index
    outputs: dict[str, Floats]

    @classmethod
    def of(
        cls, definition: IndicatorDefinition, rows: Index, outputs: tuple[Floats, ...], close: Floats
    ) -> "IndicatorColumns":
        """The columns of the symbols whose value is a finite number, with the derived outputs.

        A symbol whose value is none (a logarithm of what fell below zero, say) is left out: nothing can be published.

        Args:
            definition: which indicator.
            rows: as above.
            outputs: in the definition's order, each of shape (warm,).
            close: of all the minute's bars.
        """
        finite = np.isfinite(outputs[definition.outputs.index("value")])
        if not finite.all():
            rows = rows[finite]
            outputs = tuple(column[finite] for column in outputs)
        named = dict(zip(definition.outputs, outputs, strict=True))
        for name, derive in definition.derived.items():
            named[name] = derive(outputs, close[rows])
        return cls(definition, rows, named)


class Bank(Protocol):
    """The state that one indicator keeps of every symbol."""

    @property
    def definition(self) -> IndicatorDefinition:
        """Which indicator."""

    def update(self, bars: MinuteBars) -> IndicatorColumns:
        """Give each of some symbols its newest bar.

        Returns:
            The values of those symbols that are warm, this bar included.
        """
