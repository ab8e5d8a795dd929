"""The analysis of a minute: bars in, indicators, patterns and alerts out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tickstockpl.analysis.damping import UNDAMPED, AlertDamping
from tickstockpl.analysis.indicators.bank import IndicatorColumns
from tickstockpl.analysis.indicators.banks import open_bank
from tickstockpl.analysis.indicators.definition import DEFAULT_INDICATORS, IndicatorDefinition
from tickstockpl.analysis.patterns.calibration_table import shipped_calibration
from tickstockpl.analysis.patterns.candles import Candles
from tickstockpl.analysis.patterns.clarity import clarity
from tickstockpl.analysis.patterns.confidence import OUT_OF_CONTEXT, Calibration
from tickstockpl.analysis.patterns.definition import PatternDefinition
from tickstockpl.analysis.patterns.selection import ChosenPattern, select_patterns
from tickstockpl.analysis.triggers import AlertColumns, AlertTriggers
from tickstockpl.analysis.window import BarWindow, depth_for
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


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """A definition that raised, and with which the engine goes on without.

    Attributes:
        kind: what it defined.
        name: the pattern, or the indicator's instance.
        reason: what it raised, in words.
    """

    kind: Literal["pattern", "indicator"]
    name: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class MinuteAnalysis:
    """All that a minute's bars gave, as columns; ``rows`` everywhere are positions within ``bars``."""

    bars: MinuteBars
    indicators: tuple[IndicatorColumns, ...]
    patterns: tuple[PatternColumns, ...]
    alerts: tuple[AlertColumns, ...]


class Engine:
    """The state that bars leave behind, and what follows from the next ones.

    Pure: the same minutes in the same order give the same analyses, whatever the machine's clock or load. A definition
    that raises is switched off (:meth:`take_switched_off` tells); the rest goes on.

    Args:
        symbol_count: how many symbols the universe has.
        indicators: what to compute.
        patterns: what to look for, and how clear-cut it must be.
        calibration: by which detections are graded; ``None`` takes the one that comes with the package.
        damping: hysteresis and cool-down of alerts.
    """

    def __init__(
        self,
        symbol_count: int,
        indicators: Sequence[IndicatorDefinition] = DEFAULT_INDICATORS,
        patterns: Sequence[ChosenPattern] = select_patterns("default", OUT_OF_CONTEXT),
        calibration: Calibration | None = None,
        damping: AlertDamping = UNDAMPED,
    ) -> None:
        self._window = BarWindow(symbol_count, depth_for(one.definition for one in patterns))
        self._banks = [open_bank(definition, symbol_count) for definition in indicators]
        self._triggers = AlertTriggers(indicators, symbol_count, damping)
        self._patterns = tuple(patterns)
        self._calibration = calibration if calibration is not None else shipped_calibration()
        self._switched_off: list[SwitchedOff] = []

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

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Which symbols have had a bar, in the warm-up or since, shape (symbols,)."""
        return self._window.seen

    def take_switched_off(self) -> list[SwitchedOff]:
        """The definitions that were switched off since the last call."""
        taken, self._switched_off = self._switched_off, []
        return taken

    def _update_indicators(self, bars: MinuteBars) -> tuple[list[IndicatorColumns], list[AlertColumns]]:
        indicators: list[IndicatorColumns] = []
        for bank in tuple(self._banks):
            try:
                indicators.append(bank.update(bars))
            except Exception as error:  # noqa: BLE001 - a user's definition may raise anything
                self._banks.remove(bank)
                self._switch_off("indicator", bank.definition.instance, error)
        alerts = [alert for columns in indicators for alert in self._triggers.update(columns, bars)]
        return indicators, alerts

    def _find_patterns(self, bars: MinuteBars) -> list[PatternColumns]:
        candles = self._window.candles(bars.index)
        found: list[PatternColumns] = []
        for chosen in self._patterns:
            try:
                columns = self._find_pattern(chosen, candles)
            except Exception as error:  # noqa: BLE001 - a user's definition may raise anything
                self._patterns = tuple(one for one in self._patterns if one is not chosen)
                self._switch_off("pattern", chosen.definition.name, error)
                continue
            if columns is not None:
                found.append(columns)
        return found

    def _find_pattern(self, chosen: ChosenPattern, candles: Candles) -> PatternColumns | None:
        definition = chosen.definition
        rows = definition.find(candles)
        if not len(rows):
            return None
        margins = definition.margins(candles, rows)
        ranks = self._calibration.of(definition.name)
        grades = ranks.confidence(clarity(margins), definition.in_context(margins))
        kept = grades >= chosen.threshold
        if not kept.any():
            return None
        return PatternColumns(definition, rows[kept], grades[kept], margins[:, kept])

    def _switch_off(self, kind: Literal["pattern", "indicator"], name: str, error: Exception) -> None:
        self._switched_off.append(SwitchedOff(kind, name, f"{type(error).__name__}: {error}"))
