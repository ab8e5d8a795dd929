"""Every pattern, once."""

import difflib
from collections.abc import Mapping
from types import MappingProxyType

from tickstockpl.analysis.patterns import one_bar, three_bars, two_bars
from tickstockpl.analysis.patterns.definition import PatternDefinition
from tickstockpl.errors import TickStockError

_ALL = (
    one_bar.DOJI,
    one_bar.HAMMER,
    one_bar.HANGING_MAN,
    one_bar.SHOOTING_STAR,
    two_bars.BULLISH_ENGULFING,
    two_bars.BEARISH_ENGULFING,
    two_bars.BULLISH_HARAMI,
    two_bars.BEARISH_HARAMI,
    three_bars.MORNING_STAR,
    three_bars.EVENING_STAR,
)

PATTERNS: Mapping[str, PatternDefinition] = MappingProxyType({pattern.name: pattern for pattern in _ALL})
"""All patterns by name."""

DEFAULT_PATTERNS: tuple[str, ...] = tuple(PATTERNS)
"""What ``TICKSTOCK_PATTERNS=default`` publishes."""


def select_patterns(choice: str) -> tuple[PatternDefinition, ...]:
    """Read the setting ``TICKSTOCK_PATTERNS``.

    Args:
        choice: ``default``, ``all``, or names separated by commas, in any letter case.

    Raises:
        TickStockError: if a name is unknown; suggests the closest and lists all.
    """
    if choice.strip().lower() == "all":
        return tuple(PATTERNS.values())
    if choice.strip().lower() == "default":
        return tuple(PATTERNS[name] for name in DEFAULT_PATTERNS)
    by_lower = {name.lower(): name for name in PATTERNS}
    wanted = set()
    for part in choice.split(","):
        if not (name := part.strip()):
            continue
        if name.lower() not in by_lower:
            close = difflib.get_close_matches(name.lower(), by_lower, n=1)
            hint = f" (did you mean {by_lower[close[0]]}?)" if close else ""
            raise TickStockError(
                f"setting TICKSTOCK_PATTERNS names the pattern {name!r}, which does not exist{hint}; "
                f"write default, all, or some of {', '.join(PATTERNS)}"
            )
        wanted.add(by_lower[name.lower()])
    if not wanted:
        raise TickStockError("setting TICKSTOCK_PATTERNS is empty; write default, all, or pattern names")
    return tuple(pattern for name, pattern in PATTERNS.items() if name in wanted)
