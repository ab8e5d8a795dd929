"""One indicator of the user's own for all symbols."""

import numpy as np

from tickstockpl.analysis.indicators.bank import IndicatorColumns
from tickstockpl.analysis.indicators.definition import Column
from tickstockpl.analysis.indicators.formula import FormulaIndicator, Window, evaluate
from tickstockpl.market.bars import Floats, Index, MinuteBars


class FormulaBank:
    """The bars that a formula looks at, a ring per symbol, and one call of the formula a minute.

    Each symbol's ring stands at a place of its own: a minute without a trade has no bar. Memory: 8 bytes an input, bar
    and symbol; a minute costs a gather of all of it beside the formula itself.

    Args:
        definition: which indicator.
        symbol_count: how many symbols the universe has.
    """

    def __init__(self, definition: FormulaIndicator, symbol_count: int) -> None:
        self.definition = definition
        self._rings: dict[Column, Floats] = {
            name: np.full((definition.bars, symbol_count), np.nan) for name in definition.inputs
        }
        self._seen = np.zeros(symbol_count, dtype=np.int64)

    def update(self, bars: MinuteBars) -> IndicatorColumns:
        """Give each of some symbols its newest bar; the values are of those whose window is full.

        Raises:
            Exception: whatever the formula raises.
            ValueError: if it gives something else than it declared.
        """
        depth = self.definition.bars
        place = self._seen[bars.index] % depth
        for name, ring in self._rings.items():
            ring[place, bars.index] = getattr(bars, name)
        self._seen[bars.index] += 1
        rows = np.flatnonzero(self._seen[bars.index] >= depth)
        outputs: tuple[Floats, ...] = tuple(np.empty(0) for _ in self.definition.outputs)
        if len(rows):
            outputs = evaluate(self.definition, self._window(bars.index[rows], place[rows]), len(rows))
        return IndicatorColumns.of(self.definition, rows, outputs, bars.close)

    def _window(self, symbols: Index, newest: Index) -> Window:
        places = (newest - np.arange(self.definition.bars)[:, np.newaxis]) % self.definition.bars
        flat = places * len(self._seen) + symbols  # one index for all columns, and take() is the fastest gather
        columns = {name: ring.take(flat) for name, ring in self._rings.items()}
        for column in columns.values():
            column.flags.writeable = False
        return Window(columns)
