"""Counting a market's patterns: how often each occurs, in context or not, and how clear-cut its occurrences are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tickstockpl.analysis.patterns.clarity import clarity
from tickstockpl.analysis.patterns.confidence import Calibration, Mask, Ranks
from tickstockpl.analysis.patterns.definition import PatternDefinition
from tickstockpl.analysis.window import BarWindow, depth_for
from tickstockpl.market.bars import Floats, MinuteBars

FEWEST: Final = 20
"""Occurrences, in context and out of it each, below which a pattern is graded by the pooled ranks."""

STEPS: Final = 50
"""Equal steps between the quantiles of a stratum."""


@dataclass(frozen=True, slots=True, eq=False)
class Occurrences:
    """Where a pattern was found.

    Attributes:
        clarity: of each occurrence, shape (found,).
        in_context: whether its context held, same shape.
    """

    clarity: Floats
    in_context: Mask


class PatternSurvey:
    """Finds patterns in a market, minute by minute, the way the engine does.

    Args:
        symbol_count: how many symbols the universe has.
        patterns: what to look for.
    """

    def __init__(self, symbol_count: int, patterns: Sequence[PatternDefinition]) -> None:
        self._window = BarWindow(symbol_count, depth_for(patterns))
        self._patterns = tuple(patterns)
        self._found: dict[str, list[tuple[Floats, Mask]]] = {pattern.name: [] for pattern in patterns}
        self.bars = 0

    def add(self, bars: MinuteBars) -> None:
        """Take in a minute."""
        self._window.push(bars)
        self.bars += len(bars)
        candles = self._window.candles(bars.index)
        for pattern in self._patterns:
            lanes = pattern.find(candles)
            if len(lanes):
                margins = pattern.margins(candles, lanes)
                self._found[pattern.name].append((clarity(margins), pattern.in_context(margins)))

    def occurrences(self) -> dict[str, Occurrences]:
        """What was found so far, by pattern's name; a pattern that was not is there too."""
        return {name: _concatenated(found) for name, found in self._found.items()}


def joined(markets: Sequence[Mapping[str, Occurrences]]) -> dict[str, Occurrences]:
    """What was found in several markets, surveyed for the same patterns, as if they were one."""
    return {
        name: _concatenated([(market[name].clarity, market[name].in_context) for market in markets])
        for name in markets[0]
    }


def _concatenated(found: Sequence[tuple[Floats, Mask]]) -> Occurrences:
    if not found:
        return Occurrences(np.array([]), np.array([], dtype=np.bool_))
    clarities, contexts = zip(*found, strict=True)
    return Occurrences(np.concatenate(clarities), np.concatenate(contexts))


def calibrate(occurrences: Mapping[str, Occurrences], described: str) -> Calibration:
    """Make the ranks of every pattern from a sample.

    Args:
        occurrences: of each pattern.
        described: the sample's facts, in words.

    Raises:
        ValueError: if the sample has too few occurrences to grade any pattern.
    """
    pooled = _ranks(
        np.concatenate([one.clarity for one in occurrences.values()]),
        np.concatenate([one.in_context for one in occurrences.values()]),
    )
    if pooled is None:
        raise ValueError(f"the sample must hold at least {FEWEST} occurrences in context and as many out of it")
    found = {name: _ranks(one.clarity, one.in_context) for name, one in occurrences.items()}
    return Calibration(described, {name: ranks for name, ranks in found.items() if ranks is not None}, pooled)


def _ranks(clarities: Floats, in_context: Mask) -> Ranks | None:
    strata = (clarities[in_context], clarities[~in_context])
    if any(len(stratum) < FEWEST for stratum in strata):
        return None
    within, without = (_quantiles(stratum) for stratum in strata)
    return Ranks(within, without)


def _quantiles(values: Iterable[float]) -> Floats:
    return np.round(np.quantile(np.asarray(values), np.linspace(0, 1, STEPS + 1)), 6)
