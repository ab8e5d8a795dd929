"""How often patterns occur, stand in context, are published, and are clear-cut."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tickstockpl.analysis.patterns.confidence import Calibration
from tickstockpl.analysis.patterns.selection import ChosenPattern
from tickstockpl.analysis.patterns.survey import Occurrences
from tickstockpl.contract.channels import HIGH_CONFIDENCE


@dataclass(frozen=True, slots=True)
class PatternCounts:
    """How many times a pattern, or several together, occurred in a market.

    Attributes:
        found: in all.
        in_context: of these, with the whole context.
        published: of those found, with the confidence that the chosen patterns must have; 0 of one that is not chosen.
        clear: of those in context, with a confidence of 0.8 or more.
    """

    found: int = 0
    in_context: int = 0
    published: int = 0
    clear: int = 0

    @property
    def clear_share(self) -> float | None:
        """The clear ones' share of those in context, 0 to 1; ``None`` where there are none."""
        return self.clear / self.in_context if self.in_context else None


def count_patterns(
    occurrences: Mapping[str, Occurrences], calibration: Calibration, chosen: Sequence[ChosenPattern]
) -> dict[str, PatternCounts]:
    """Grade what was found in a market as the engine does, and count.

    Args:
        occurrences: of each pattern.
        calibration: by which they are graded.
        chosen: what would be published.
    """
    thresholds = {one.definition.name: one.threshold for one in chosen}
    return {name: _counted(found, calibration, name, thresholds.get(name)) for name, found in occurrences.items()}


def total(counts: Iterable[PatternCounts]) -> PatternCounts:
    """Several patterns together."""
    kept = list(counts)
    return PatternCounts(
        found=sum(one.found for one in kept),
        in_context=sum(one.in_context for one in kept),
        published=sum(one.published for one in kept),
        clear=sum(one.clear for one in kept),
    )


def _counted(found: Occurrences, calibration: Calibration, name: str, threshold: float | None) -> PatternCounts:
    grades = calibration.of(name).confidence(found.clarity, found.in_context)
    return PatternCounts(
        found=len(grades),
        in_context=int(np.count_nonzero(found.in_context)),
        published=int(np.count_nonzero(grades >= threshold)) if threshold is not None else 0,
        clear=int(np.count_nonzero(grades[found.in_context] >= HIGH_CONFIDENCE)),
    )
