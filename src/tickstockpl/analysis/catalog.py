"""The producer's catalog: every pattern, indicator and alert, and what of them is in use."""

from collections.abc import Sequence

from tickstockpl.analysis.alerts import catalog_alerts
from tickstockpl.analysis.indicators.catalog import catalog_indicators
from tickstockpl.analysis.indicators.definition import IndicatorDefinition
from tickstockpl.analysis.indicators.entry import IndicatorEntry
from tickstockpl.analysis.patterns.catalog import DEFAULT_PATTERNS, PATTERNS
from tickstockpl.analysis.patterns.conditions import Condition
from tickstockpl.analysis.patterns.definition import PatternDefinition
from tickstockpl.analysis.patterns.selection import ChosenPattern
from tickstockpl.contract.catalog import Catalog, CatalogCondition, CatalogPattern


def make_catalog(
    indicators: Sequence[IndicatorDefinition],
    patterns: Sequence[ChosenPattern],
    own_indicators: Sequence[IndicatorEntry] = (),
    own_patterns: Sequence[PatternDefinition] = (),
) -> Catalog:
    """The catalog of a producer.

    Args:
        indicators: what is computed.
        patterns: what is looked for.
        own_indicators: the user's definitions.
        own_patterns: likewise.
    """
    return Catalog(_patterns(patterns, own_patterns), catalog_indicators(indicators, own_indicators), catalog_alerts())


def _patterns(chosen: Sequence[ChosenPattern], own: Sequence[PatternDefinition]) -> list[CatalogPattern]:
    thresholds = {one.definition.name: one.threshold for one in chosen}
    return [_pattern(one, thresholds.get(one.name)) for one in (*PATTERNS.values(), *own)]


def _pattern(pattern: PatternDefinition, threshold: float | None) -> CatalogPattern:
    return CatalogPattern(
        name=pattern.name,
        title=pattern.title,
        family=pattern.family,
        direction=pattern.direction,
        bars=pattern.bars,
        history=pattern.history,
        meaning=pattern.meaning,
        source=str(pattern.source),
        default=pattern.name in DEFAULT_PATTERNS or pattern.name not in PATTERNS,
        enabled=threshold is not None,
        threshold=threshold or 0.0,
        conditions=[
            *(_condition(one, context=False) for one in pattern.conditions),
            *(_condition(one, context=True) for one in pattern.context),
        ],
    )


def _condition(condition: Condition, *, context: bool) -> CatalogCondition:
    return CatalogCondition(condition.name, condition.meaning, context)
