"""What a service computes and looks for: the settings read, ready to make engines."""

from dataclasses import dataclass

from tickstockpl.analysis.catalog import make_catalog
from tickstockpl.analysis.damping import AlertDamping, read_hysteresis
from tickstockpl.analysis.engine import Engine
from tickstockpl.analysis.indicators.definition import IndicatorDefinition
from tickstockpl.analysis.indicators.selection import select_indicators
from tickstockpl.analysis.patterns.confidence import Calibration
from tickstockpl.analysis.patterns.selection import ChosenPattern, select_patterns
from tickstockpl.calibration.table_file import load_calibration
from tickstockpl.contract.catalog import Catalog
from tickstockpl.definitions import Definitions, load_definitions
from tickstockpl.settings import Settings


@dataclass(frozen=True, slots=True)
class AnalysisPlan:
    """What is computed and looked for.

    Attributes:
        indicators: with their parameters.
        patterns: with the confidence from which each is published.
        calibration: by which patterns are graded; ``None`` is the one that comes with the package.
        damping: hysteresis and cool-down of alerts.
        definitions: what the user has added, chosen or not.
    """

    indicators: tuple[IndicatorDefinition, ...]
    patterns: tuple[ChosenPattern, ...]
    calibration: Calibration | None
    damping: AlertDamping
    definitions: Definitions

    @classmethod
    def of(cls, settings: Settings) -> "AnalysisPlan":
        """Read the settings and what they name; this runs the code of the user's definitions.

        Raises:
            TickStockError: if one of them is wrong; names it and says what would be right.
        """
        definitions = load_definitions(settings.definitions)
        return cls(
            indicators=select_indicators(settings.indicators, definitions.indicators),
            patterns=select_patterns(settings.patterns, settings.min_confidence, definitions.patterns),
            calibration=load_calibration(settings.calibration),
            damping=AlertDamping(read_hysteresis(settings.alert_hysteresis), settings.alert_cooldown_minutes),
            definitions=definitions,
        )

    def engine(self, symbol_count: int) -> Engine:
        """A fresh engine for so many symbols."""
        return Engine(symbol_count, self.indicators, self.patterns, self.calibration, self.damping)

    def catalog(self) -> Catalog:
        """All that could be computed and looked for, and what of it is."""
        return make_catalog(self.indicators, self.patterns, self.definitions.indicators, self.definitions.patterns)
