"""Every pattern, once."""

from collections.abc import Mapping
from types import MappingProxyType

from tickstockpl.analysis.patterns.definition import PatternDefinition
from tickstockpl.analysis.patterns.families import (
    bottoms,
    dojis,
    engulfings,
    hammers,
    hikkakes,
    lines,
    meetings,
    methods,
    soldiers,
    stars,
)

_FAMILIES = (dojis, hammers, lines, engulfings, meetings, stars, soldiers, methods, bottoms, hikkakes)

PATTERNS: Mapping[str, PatternDefinition] = MappingProxyType(
    {pattern.name: pattern for family in _FAMILIES for pattern in family.PATTERNS}
)
"""All patterns by name."""

DEFAULT_PATTERNS: tuple[str, ...] = (
    "Doji",
    "DragonflyDoji",
    "GravestoneDoji",
    "Hammer",
    "HangingMan",
    "InvertedHammer",
    "ShootingStar",
    "BullishEngulfing",
    "BearishEngulfing",
    "ThreeInsideUp",
    "ThreeInsideDown",
    "ThreeOutsideUp",
    "ThreeOutsideDown",
    "Piercing",
    "DarkCloudCover",
    "BullishKicking",
    "BearishKicking",
    "MorningStar",
    "EveningStar",
    "MorningDojiStar",
    "EveningDojiStar",
    "BullishAbandonedBaby",
    "BearishAbandonedBaby",
    "ThreeWhiteSoldiers",
    "ThreeBlackCrows",
)
"""What ``TICKSTOCK_PATTERNS=default`` looks for: the reversals that traders know by name."""
