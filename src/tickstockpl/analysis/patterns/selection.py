"""Which patterns are looked for, and how clear-cut each must be: ``default``, ``all``, or names with thresholds."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tickstockpl.analysis.patterns.catalog import DEFAULT_PATTERNS, PATTERNS
from tickstockpl.analysis.patterns.definition import PatternDefinition
from tickstockpl.errors import TickStockError

SETTING = "TICKSTOCK_PATTERNS"


@dataclass(frozen=True, slots=True)
class ChosenPattern:
    """A pattern that is looked for.

    Attributes:
        definition: which one.
        threshold: confidence from which it is reported, 0 to 1.
    """

    definition: PatternDefinition
    threshold: float


def select_patterns(
    choice: str, min_confidence: float, own: Sequence[PatternDefinition] = ()
) -> tuple[ChosenPattern, ...]:
    """Read the setting ``TICKSTOCK_PATTERNS``.

    Args:
        choice: items separated by commas or spaces: ``default``, ``all``, or a pattern's name in any letter case; with
            a threshold of its own after a colon (``Doji:0.9``). Of several thresholds the last one counts.
        min_confidence: the threshold of those that have none of their own.
        own: the user's definitions; they belong to ``default`` and ``all``.

    Returns:
        Each pattern once, in the catalog's order, one's own last.

    Raises:
        TickStockError: if a name is unknown or a threshold wrong; says what is allowed.
    """
    known = {**PATTERNS, **{pattern.name: pattern for pattern in own}}
    groups = {"all": tuple(known), "default": (*DEFAULT_PATTERNS, *(pattern.name for pattern in own))}
    by_lower = {name.lower(): (name,) for name in known} | groups
    thresholds: dict[str, float] = {}
    for item in choice.replace(",", " ").split():
        name, colon, written = item.partition(":")
        if name.lower() not in by_lower:
            raise _unknown(name, known)
        threshold = _threshold(item, written) if colon else min_confidence
        thresholds.update(dict.fromkeys(by_lower[name.lower()], threshold))
    if not thresholds:
        raise TickStockError(f"setting {SETTING} is empty; write default, all, or pattern names")
    return tuple(ChosenPattern(pattern, thresholds[name]) for name, pattern in known.items() if name in thresholds)


def _threshold(item: str, written: str) -> float:
    try:
        threshold = float(written)
    except ValueError:
        threshold = -1.0
    if not 0 <= threshold <= 1:
        raise TickStockError(
            f"setting {SETTING}: {item!r} has the threshold {written!r}; write a confidence from 0 to 1, as in Doji:0.9"
        )
    return threshold


def _unknown(name: str, known: Mapping[str, PatternDefinition]) -> TickStockError:
    close = difflib.get_close_matches(name.lower(), {one.lower(): one for one in known}, n=1)
    hint = f" (did you mean {next(one for one in known if one.lower() == close[0])}?)" if close else ""
    return TickStockError(
        f"setting {SETTING} names the pattern {name!r}, which does not exist{hint}; "
        f"write default, all, or some of {', '.join(known)}"
    )
