"""The analysis of a minute: bars in, indicators, patterns and alerts out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tickstockpl.analysis.alerts import AlertColumns, AlertTriggers
from tickstockpl.analysis.indicators.bank import IndicatorBank, IndicatorColumns
from tickstockpl.analysis.indicators.definition import DEFAULT_INDICATORS, IndicatorDefinition
from tickstockpl.analysis.patterns.catalog import select_patterns
from tickstockpl.analysis.patterns.confidence import confidence
from tickstockpl.analysis.patterns.definition import PatternDefinition
from tickstockpl.analysis.window import BarWindow
from tickstockpl.market.bars import Floats, Index, MinuteBars


@dataclass(frozen=True, slots=True, eq=False)
class PatternColumns:
    """One pattern's detections of a minute.

    Attributes:
        definition: which pattern.
        rows: rising positions within the minute's bars, shape (found,).
        confidence: 0 to 1, shape (found,).
        margins: in the order of the definition's ``margin_names``, shape (margins, found).
    """

    definition: PatternDefinition
    rows: Index
    confidence: Floats
    margins: Floats


@dataclass(frozen=True, slots=True, eq=False)
class MinuteAnalysis:
    """All that a minute's bars gave, as columns; ``rows`` everywhere are positions within ``bars``."""

    bars: MinuteBars
    indicators: tuple[IndicatorColumns, ...]
    patterns: tuple[PatternColumns, ...]
    alerts: tuple[AlertColumns, ...]


class Engine:
    """The state that bars leave behind, and what follows from the next ones.

    Pure: the same minutes in the same order give the same analyses, whatever the machine's clock or load.

    Args:
        symbol_count: how many symbols the universe has.
        indicators: what to compute.
        patterns: what to look for.
        min_confidence: detections below it are left out.
    """

    def __init__(
        self,
        symbol_count: int,
        indicators: Sequence[IndicatorDefinition] = DEFAULT_INDICATORS,
        patterns: Sequence[PatternDefinition] = select_patterns("default"),
        min_confidence: float = 0.0,
    ) -> None:
        self._window = BarWindow(symbol_count)
        self._banks = [IndicatorBank(definition, symbol_count) for definition in indicators]
        self._triggers = AlertTriggers(indicators, symbol_count)
        self._patterns = tuple(patterns)
        self._min_confidence = min_confidence

    def warm_up(self, history: Iterable[MinuteBars]) -> int:
        """Take in bars of the past, oldest first: they leave state behind and raise nothing.

        Returns:
            How many minutes there were.
        """
        minutes = 0
        for bars in history:
            self._window.push(bars)
            self._update_indicators(bars)
            minutes += 1
        return minutes

    def update(self, bars: MinuteBars) -> MinuteAnalysis:
        """Take in a minute and say all that follows from it."""
        self._window.push(bars)
        indicators, alerts = self._update_indicators(bars)
        return MinuteAnalysis(bars, tuple(indicators), tuple(self._find_patterns(bars)), tuple(alerts))

    def _update_indicators(self, bars: MinuteBars) -> tuple[list[IndicatorColumns], list[AlertColumns]]:
        indicators = [bank.update(bars) for bank in self._banks]
        alerts = [alert for columns in indicators for alert in self._triggers.update(columns, bars.index, bars.close)]
        return indicators, alerts

    def _find_patterns(self, bars: MinuteBars) -> Iterable[PatternColumns]:
        candles = self._window.candles(bars.index)
        for definition in self._patterns:
            rows, margins = definition.find(candles)
            if not len(rows):
                continue
            grades = confidence(margins)
            kept = grades >= self._min_confidence
            if kept.any():
                yield PatternColumns(definition, rows[kept], grades[kept], margins[:, kept])
