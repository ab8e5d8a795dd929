"""A hand-made example of every pattern.

Prices are made for what is usual after :data:`PLAIN` bars: a long body is more than 1, a short one less, a doji's at
most 0.2; a shadow is short below 0.5 and very short below 0.2; near is within 0.4, equal within 0.1, far beyond 1.2.
"""

from tickstockpl.analysis.patterns.catalog import PATTERNS

Bar = tuple[float, float, float, float]
"""Open, high, low, close."""

PLAIN: Bar = (99.5, 101.0, 99.0, 100.5)
"""A body of 1 in a range of 2, with shadows of 0.5: neither long nor short."""

LONG_BLACK: Bar = (102.0, 102.1, 98.9, 99.0)
LONG_WHITE: Bar = (99.0, 102.1, 98.9, 102.0)


def upside_down(bar: Bar) -> Bar:
    """A bar mirrored around 100."""
    open_, high, low, close = bar
    return 200 - open_, 200 - low, 200 - high, 200 - close


EXAMPLES: dict[str, tuple[Bar, ...]] = {
    # One bar
    "Doji": ((100.0, 101.0, 99.0, 100.1),),
    "DragonflyDoji": ((100.0, 100.1, 98.5, 100.1),),
    "GravestoneDoji": ((100.0, 101.5, 99.9, 99.9),),
    "Takuri": ((100.0, 100.1, 98.5, 100.1),),
    "LongLeggedDoji": ((100.0, 101.0, 99.95, 100.1),),
    "RickshawMan": ((100.0, 101.0, 99.0, 100.1),),
    "Hammer": ((99.2, 99.45, 98.0, 99.4),),
    "HangingMan": ((100.7, 100.95, 99.5, 100.9),),
    "InvertedHammer": ((99.1, 101.0, 99.0, 99.3),),
    "ShootingStar": ((100.7, 102.5, 100.65, 100.9),),
    "BullishLongLine": ((99.0, 101.2, 98.8, 101.0),),
    "WhiteShortLine": ((99.8, 100.5, 99.5, 100.2),),
    "BullishMarubozu": ((99.0, 101.0, 99.0, 101.0),),
    "BullishClosingMarubozu": ((99.0, 101.0, 98.0, 101.0),),
    "BullishBeltHold": ((99.0, 102.0, 99.0, 101.0),),
    "WhiteSpinningTop": ((100.0, 101.0, 99.2, 100.3),),
    "WhiteHighWave": ((100.0, 101.2, 99.0, 100.3),),
    # Two bars
    "BullishDojiStar": (LONG_BLACK, (98.6, 98.9, 98.3, 98.7)),
    "BullishEngulfing": ((100.5, 100.7, 99.5, 99.8), (99.7, 101.2, 99.6, 101.0)),
    "BullishHarami": (LONG_BLACK, (100.0, 100.6, 99.8, 100.4)),
    "BullishHaramiCross": (LONG_BLACK, (100.5, 101.0, 100.0, 100.6)),
    "HomingPigeon": (LONG_BLACK, (101.0, 101.2, 100.2, 100.5)),
    "Piercing": (LONG_BLACK, (98.5, 101.2, 98.3, 101.0)),
    "DarkCloudCover": (LONG_WHITE, (102.5, 102.7, 99.8, 100.0)),
    "InNeck": (LONG_BLACK, (98.3, 99.3, 98.0, 99.05)),
    "OnNeck": (LONG_BLACK, (98.3, 99.3, 98.0, 98.9)),
    "Thrusting": (LONG_BLACK, (98.5, 100.2, 98.3, 100.0)),
    "BullishCounterattack": (LONG_BLACK, (97.0, 99.2, 96.8, 99.0)),
    "BullishSeparatingLines": ((100.0, 100.4, 98.8, 99.0), (100.0, 102.3, 99.9, 102.0)),
    "MatchingLow": ((101.0, 101.3, 99.8, 100.0), (100.7, 101.0, 99.6, 100.0)),
    "BullishKicking": ((101.0, 101.1, 99.0, 99.0), (101.4, 104.0, 101.3, 104.0)),
    "BullishKickingByLength": ((101.0, 101.1, 99.0, 99.0), (101.4, 104.0, 101.3, 104.0)),
    # Three bars
    "BullishTristar": ((100.0, 100.5, 99.5, 100.1), (99.2, 99.5, 98.9, 99.3), (99.8, 100.1, 99.4, 99.9)),
    "ThreeInsideUp": (LONG_BLACK, (100.0, 100.6, 99.8, 100.4), (100.5, 102.8, 100.3, 102.5)),
    "ThreeOutsideUp": ((100.5, 100.7, 99.5, 99.8), (99.6, 101.2, 99.5, 101.0), (100.8, 102.0, 100.5, 101.8)),
    "StickSandwich": ((101.0, 101.3, 99.8, 100.0), (100.5, 102.3, 100.2, 102.0), (101.5, 102.0, 99.6, 100.0)),
    "MorningStar": (LONG_BLACK, (98.7, 98.8, 98.2, 98.5), (98.9, 101.2, 98.8, 101.0)),
    "MorningDojiStar": (LONG_BLACK, (98.6, 98.8, 98.2, 98.5), (98.9, 101.2, 98.8, 101.0)),
    "BullishAbandonedBaby": (LONG_BLACK, (98.4, 98.6, 98.0, 98.3), (98.8, 101.2, 98.7, 101.0)),
    "ThreeWhiteSoldiers": ((97.0, 99.1, 96.8, 99.0), (98.5, 101.1, 98.2, 101.0), (100.5, 103.1, 100.2, 103.0)),
    "AdvanceBlock": ((97.0, 99.7, 96.8, 99.5), (98.5, 101.5, 98.2, 100.2), (99.7, 102.0, 99.5, 100.7)),
    "StalledPattern": ((96.0, 98.5, 95.8, 98.2), (97.5, 100.6, 97.2, 100.5), (100.3, 101.2, 100.0, 100.8)),
    "IdenticalThreeCrows": ((101.5, 101.8, 99.4, 99.5), (99.5, 99.8, 97.4, 97.5), (97.5, 97.8, 95.4, 95.5)),
    "TwoCrows": (LONG_WHITE, (103.2, 103.5, 102.3, 102.5), (103.0, 103.2, 100.3, 100.5)),
    "UpsideGapTwoCrows": (LONG_WHITE, (103.0, 103.2, 102.5, 102.7), (103.5, 103.8, 102.2, 102.4)),
    "UpsideTasukiGap": ((98.0, 99.5, 97.8, 99.2), (100.2, 102.0, 100.0, 101.7), (101.0, 101.2, 99.6, 99.8)),
    "UpGapSideBySideWhiteLines": ((98.0, 99.5, 97.8, 99.2), (100.2, 102.0, 100.0, 101.7), (100.2, 102.0, 100.0, 101.6)),
    "DownGapSideBySideWhiteLines": (
        (102.0, 102.2, 100.5, 100.8),
        (98.5, 100.3, 98.3, 100.0),
        (98.5, 100.3, 98.3, 99.9),
    ),
    "UpsideGapThreeMethods": ((98.0, 99.5, 97.8, 99.2), (100.2, 102.0, 100.0, 101.7), (101.0, 101.2, 98.5, 98.7)),
    "ThreeStarsInTheSouth": ((102.0, 102.2, 97.0, 100.5), (101.5, 101.8, 98.5, 100.4), (100.2, 100.3, 99.7, 99.8)),
    "UniqueThreeRiver": (LONG_BLACK, (101.0, 101.2, 98.0, 100.0), (98.7, 99.5, 98.5, 99.2)),
    "BullishHikkake": ((100.0, 101.5, 98.5, 100.5), (100.0, 101.0, 99.0, 100.2), (99.8, 100.8, 98.8, 99.2)),
    # Four bars
    "ThreeBlackCrows": (
        (100.0, 102.2, 99.8, 102.0),
        (101.5, 101.7, 99.4, 99.5),
        (100.5, 100.7, 98.4, 98.5),
        (99.5, 99.7, 97.4, 97.5),
    ),
    "BullishThreeLineStrike": (
        (98.0, 100.0, 97.8, 99.7),
        (99.0, 101.0, 98.8, 100.7),
        (100.0, 102.0, 99.8, 101.7),
        (102.2, 102.5, 97.2, 97.5),
    ),
    "ConcealingBabySwallow": (
        (103.0, 103.0, 101.0, 101.0),
        (101.0, 101.0, 99.0, 99.0),
        (98.5, 99.5, 98.0, 98.2),
        (99.7, 99.8, 97.0, 97.2),
    ),
    "BullishHikkakeConfirmed": (
        (100.0, 101.5, 98.5, 100.5),
        (100.0, 101.0, 99.0, 100.2),
        (99.8, 100.8, 98.8, 99.2),
        (99.5, 101.5, 99.2, 101.3),
    ),
    "BullishModifiedHikkake": (
        (100.0, 102.0, 98.0, 100.5),
        (100.0, 101.5, 98.5, 98.7),
        (99.5, 101.0, 99.0, 100.0),
        (99.8, 100.8, 98.8, 99.2),
    ),
    # Five bars
    "BullishModifiedHikkakeConfirmed": (
        (100.0, 102.0, 98.0, 100.5),
        (100.0, 101.5, 98.5, 98.7),
        (99.5, 101.0, 99.0, 100.0),
        (99.8, 100.8, 98.8, 99.2),
        (99.5, 101.5, 99.2, 101.3),
    ),
    "RisingThreeMethods": (
        (98.0, 102.2, 97.8, 102.0),
        (101.5, 101.7, 100.8, 101.0),
        (101.0, 101.2, 100.3, 100.5),
        (100.5, 100.7, 99.8, 100.0),
        (100.2, 103.2, 100.0, 103.0),
    ),
    "MatHold": (
        (98.0, 102.2, 97.8, 102.0),
        (103.0, 103.2, 102.3, 102.5),
        (102.2, 102.5, 101.5, 101.7),
        (101.7, 102.0, 101.0, 101.2),
        (101.5, 104.0, 101.3, 103.7),
    ),
    "BullishBreakaway": (
        LONG_BLACK,
        (98.0, 98.2, 97.0, 97.2),
        (97.5, 98.0, 96.5, 97.0),
        (97.0, 97.5, 95.8, 96.2),
        (96.2, 98.8, 96.0, 98.5),
    ),
    "LadderBottom": (
        (103.0, 103.2, 101.8, 102.0),
        (102.0, 102.2, 100.8, 101.0),
        (101.0, 101.2, 99.8, 100.0),
        (100.0, 101.0, 99.2, 99.5),
        (100.5, 102.0, 100.3, 101.7),
    ),
}
"""Of each pattern, oldest bar first; of a pair that are each other upside down, the one that is written out."""

MIRRORED: dict[str, str] = {
    pattern.name: upright
    for pattern in PATTERNS.values()
    for upright in EXAMPLES
    if pattern.name not in EXAMPLES
    and pattern.conditions == tuple(condition.mirrored for condition in PATTERNS[upright].conditions)
}
"""The patterns that are another one upside down, with that other."""


def example(name: str) -> list[Bar]:
    """The bars of any pattern's example."""
    if name in EXAMPLES:
        return list(EXAMPLES[name])
    return [upside_down(bar) for bar in EXAMPLES[MIRRORED[name]]]
