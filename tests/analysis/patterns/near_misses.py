"""How the textbook's examples just fail: one bar is replaced, and of all conditions only one breaks."""

from dataclasses import dataclass

from tests.analysis.patterns.textbook import EXAMPLES, MIRRORED, Bar, upside_down
from tickstockpl.analysis.patterns.catalog import PATTERNS


@dataclass(frozen=True)
class Miss:
    """How an example just fails.

    Attributes:
        breaks: the one condition that does.
        ago: which bar is replaced.
        instead: by what.
    """

    breaks: str
    ago: int
    instead: Bar


NEAR_MISSES: dict[str, list[Miss]] = {
    "Doji": [Miss("body_is_almost_nothing", 0, (99.8, 101.0, 99.0, 100.1))],
    "DragonflyDoji": [
        Miss("lower_shadow_is_not_very_short", 0, (100.0, 100.1, 99.9, 100.1)),
        Miss("upper_shadow_is_very_short", 0, (100.0, 100.4, 98.5, 100.1)),
    ],
    "GravestoneDoji": [
        Miss("lower_shadow_is_very_short", 0, (100.0, 101.5, 99.6, 99.9)),
        Miss("body_is_almost_nothing", 0, (100.2, 101.5, 99.9, 99.9)),
    ],
    "Takuri": [Miss("lower_shadow_is_very_long", 0, (100.0, 100.1, 99.9, 100.1))],
    "LongLeggedDoji": [Miss("a_shadow_is_long", 0, (100.0, 100.1, 99.95, 100.1))],
    "RickshawMan": [
        Miss("body_reaches_down_to_the_middle", 0, (100.0, 101.0, 98.1, 100.1)),
        Miss("body_reaches_up_to_the_middle", 0, (100.0, 102.1, 99.0, 100.1)),
    ],
    "Hammer": [
        Miss("lower_shadow_is_long", 0, (98.6, 99.45, 98.0, 99.4)),
        Miss("body_is_short", 0, (99.2, 100.3, 98.0, 100.3)),
        Miss("upper_shadow_is_very_short", 0, (99.2, 99.65, 98.0, 99.4)),
        Miss("body_is_near_or_below_previous_low", 0, (100.7, 100.95, 99.5, 100.9)),
    ],
    "HangingMan": [Miss("body_is_near_or_above_previous_high", 0, (99.2, 99.45, 98.0, 99.4))],
    "InvertedHammer": [
        Miss("body_gaps_down", 0, (99.1, 101.0, 99.0, 99.6)),
        Miss("lower_shadow_is_very_short", 0, (99.3, 101.0, 99.0, 99.3)),
    ],
    "ShootingStar": [
        Miss("body_gaps_up", 0, (100.4, 102.5, 100.4, 100.9)),
        Miss("upper_shadow_is_long", 0, (100.7, 101.0, 100.65, 100.9)),
    ],
    "BullishLongLine": [Miss("upper_shadow_is_short", 0, (99.0, 101.6, 98.8, 101.0))],
    "WhiteShortLine": [
        Miss("body_is_short", 0, (99.1, 100.5, 99.1, 100.2)),
        Miss("upper_shadow_is_short", 0, (99.8, 100.8, 99.5, 100.2)),
    ],
    "BullishMarubozu": [Miss("lower_shadow_is_very_short", 0, (99.3, 101.0, 99.0, 101.0))],
    "BullishClosingMarubozu": [
        Miss("upper_shadow_is_very_short", 0, (99.0, 101.3, 98.0, 101.0)),
        Miss("body_is_long", 0, (100.1, 101.0, 98.0, 101.0)),
    ],
    "BullishBeltHold": [
        Miss("lower_shadow_is_very_short", 0, (99.3, 102.0, 99.0, 101.0)),
        Miss("body_is_long", 0, (99.0, 102.0, 99.0, 99.9)),
    ],
    "WhiteSpinningTop": [
        Miss("upper_shadow_is_longer_than_body", 0, (100.0, 101.0, 99.2, 100.6)),
        Miss("bar_is_white", 0, (100.4, 101.0, 99.2, 100.3)),
    ],
    "WhiteHighWave": [
        Miss("lower_shadow_is_very_long", 0, (100.0, 101.2, 99.5, 100.3)),
        Miss("upper_shadow_is_very_long", 0, (100.0, 100.8, 99.0, 100.3)),
    ],
    "BullishDojiStar": [
        Miss("body_is_almost_nothing", 0, (98.4, 98.9, 98.3, 98.7)),
        Miss("body_1_ago_is_long", 1, (99.9, 102.1, 98.9, 99.0)),
    ],
    "BullishEngulfing": [
        Miss("open_is_beyond_previous_close", 1, (100.5, 100.7, 99.5, 99.6)),
        Miss("bar_1_ago_is_black", 1, (99.7, 100.7, 99.5, 99.8)),
        Miss("body_is_larger_than_previous", 0, (99.8, 101.2, 99.6, 100.5)),
    ],
    "BullishHarami": [
        Miss("body_is_not_long", 0, (99.1, 100.6, 99.1, 100.4)),
        Miss("body_bottom_is_inside_previous", 1, (102.0, 102.1, 98.9, 100.1)),
    ],
    "BullishHaramiCross": [Miss("body_is_almost_nothing", 0, (100.3, 101.0, 100.0, 100.6))],
    "HomingPigeon": [
        Miss("bar_is_black", 0, (100.4, 101.2, 100.2, 100.5)),
        Miss("close_is_above_previous_close", 1, (102.0, 102.1, 98.9, 100.6)),
    ],
    "Piercing": [
        Miss("closes_above_previous_middle", 0, (98.5, 101.2, 98.3, 100.4)),
        Miss("opens_below_previous_low", 1, (102.0, 102.1, 98.4, 99.0)),
    ],
    "DarkCloudCover": [Miss("closes_below_previous_middle", 0, (102.5, 102.7, 99.8, 100.6))],
    "InNeck": [Miss("closes_no_lower_than_previous_close", 1, (102.0, 102.1, 98.9, 99.1))],
    "OnNeck": [Miss("closes_at_previous_low", 1, (102.0, 102.1, 98.7, 99.0))],
    "Thrusting": [Miss("closes_no_higher_than_previous_middle", 0, (98.5, 100.6, 98.3, 100.6))],
    "BullishCounterattack": [
        Miss("closes_are_equal", 1, (102.0, 102.1, 98.9, 99.2)),
        Miss("body_is_long", 0, (97.9, 99.2, 96.8, 99.0)),
    ],
    "BullishSeparatingLines": [
        Miss("opens_are_equal", 1, (100.2, 100.4, 98.8, 99.0)),
        Miss("lower_shadow_is_very_short", 0, (100.1, 102.3, 99.9, 102.0)),
    ],
    "MatchingLow": [Miss("closes_are_equal", 1, (101.0, 101.3, 99.8, 100.2))],
    "BullishKicking": [
        Miss("bar_gaps_up", 1, (101.4, 101.4, 99.0, 99.0)),
        Miss("upper_shadow_is_very_short", 0, (101.4, 104.3, 101.3, 104.0)),
    ],
    "BullishKickingByLength": [Miss("the_rising_one_is_longer", 1, (101.4, 101.4, 99.0, 99.0))],
    "BullishTristar": [Miss("body_1_ago_is_almost_nothing", 1, (99.0, 99.5, 98.9, 99.3))],
    "ThreeInsideUp": [
        Miss("close_is_beyond_first_open", 2, (102.6, 102.6, 98.9, 99.0)),
        Miss("bar_is_white", 0, (102.6, 102.8, 100.3, 102.5)),
    ],
    "ThreeOutsideUp": [
        Miss("close_goes_on", 1, (99.6, 101.9, 99.5, 101.9)),
        Miss("second_close_is_beyond_first_open", 2, (101.1, 101.1, 99.5, 99.8)),
    ],
    "StickSandwich": [Miss("second_low_is_above_first_close", 1, (100.5, 102.3, 99.9, 102.0))],
    "MorningStar": [
        Miss("closes_well_into_first_body", 2, (102.0, 102.1, 98.9, 100.6)),
        Miss("body_1_ago_gaps_down", 2, (102.0, 102.1, 98.6, 98.6)),
        Miss("body_1_ago_is_not_long", 1, (98.7, 98.8, 97.4, 97.4)),
    ],
    "MorningDojiStar": [Miss("body_1_ago_is_almost_nothing", 1, (98.8, 98.8, 98.2, 98.5))],
    "BullishAbandonedBaby": [
        Miss("bar_gaps_up", 1, (98.4, 98.8, 98.0, 98.3)),
        Miss("bar_1_ago_gaps_down", 2, (102.0, 102.1, 98.5, 99.0)),
    ],
    "ThreeWhiteSoldiers": [
        Miss("upper_shadow_is_very_short", 0, (100.5, 103.3, 100.2, 103.0)),
        Miss("third_open_is_above_previous", 0, (98.4, 103.1, 98.4, 103.0)),
    ],
    "AdvanceBlock": [Miss("the_advance_gets_weaker", 0, (98.9, 102.0, 98.9, 100.7))],
    "StalledPattern": [Miss("body_is_short", 0, (99.4, 101.2, 99.4, 100.8))],
    "IdenticalThreeCrows": [Miss("third_opens_at_second_close", 1, (99.5, 99.8, 97.3, 97.3))],
    "TwoCrows": [
        Miss("third_closes_below_first_close", 2, (99.0, 102.1, 98.9, 100.4)),
        Miss("third_opens_below_second_open", 1, (102.9, 103.5, 102.3, 102.5)),
    ],
    "UpsideGapTwoCrows": [Miss("third_closes_above_first_close", 2, (99.0, 102.5, 98.9, 102.5))],
    "UpsideTasukiGap": [
        Miss("bodies_are_alike", 1, (100.1, 102.0, 100.0, 101.7)),
        Miss("third_closes_above_first_body", 2, (98.0, 99.9, 97.8, 99.9)),
    ],
    "UpGapSideBySideWhiteLines": [Miss("opens_are_equal", 1, (100.3, 102.0, 100.0, 101.7))],
    "DownGapSideBySideWhiteLines": [
        Miss("bodies_are_alike", 1, (98.5, 100.3, 98.3, 100.3)),
        Miss("bar_is_white", 0, (98.5, 100.3, 97.3, 97.3)),
    ],
    "UpsideGapThreeMethods": [Miss("body_1_ago_gaps_up", 2, (98.0, 100.3, 97.8, 100.3))],
    "ThreeStarsInTheSouth": [
        Miss("lower_shadow_is_very_short", 0, (100.2, 100.3, 99.5, 99.8)),
        Miss("second_low_is_no_lower", 2, (102.0, 102.2, 98.6, 100.5)),
    ],
    "UniqueThreeRiver": [
        Miss("second_low_is_below_first", 2, (102.0, 102.1, 97.9, 99.0)),
        Miss("third_opens_above_second_low", 1, (101.0, 101.2, 98.8, 100.0)),
    ],
    "BullishHikkake": [
        Miss("breaks_out_with_its_high", 1, (100.0, 100.7, 99.0, 100.2)),
        Miss("low_is_inside_previous", 2, (100.0, 101.5, 99.1, 100.5)),
    ],
    "ThreeBlackCrows": [
        Miss("bar_3_ago_is_white", 3, (102.1, 102.2, 99.8, 102.0)),
        Miss("third_open_is_below_previous", 0, (100.6, 100.6, 97.4, 97.5)),
    ],
    "BullishThreeLineStrike": [Miss("strike_closes_beyond_first_open", 3, (97.4, 100.0, 97.4, 99.7))],
    "ConcealingBabySwallow": [
        Miss("third_high_reaches_second_body", 1, (98.5, 98.9, 98.0, 98.2)),
        Miss("fourth_low_is_below_third", 1, (98.5, 99.5, 96.9, 98.2)),
    ],
    "BullishHikkakeConfirmed": [Miss("closes_beyond_the_inside_bar_of_a_hikkake", 0, (99.5, 101.5, 99.2, 101.0))],
    "BullishModifiedHikkake": [Miss("second_close_is_near_its_low", 2, (100.0, 101.5, 98.2, 98.7))],
    "BullishModifiedHikkakeConfirmed": [
        Miss("closes_beyond_the_inside_bar_of_a_hikkake", 0, (99.5, 101.5, 99.2, 101.0))
    ],
    "RisingThreeMethods": [
        Miss("last_closes_beyond_first_close", 4, (98.0, 103.1, 97.8, 103.1)),
        Miss("body_2_ago_is_short", 2, (101.8, 101.8, 100.3, 100.5)),
    ],
    "MatHold": [
        Miss("closes_above_the_pause", 3, (103.0, 103.8, 102.3, 102.5)),
        Miss("body_3_ago_gaps_up", 4, (98.0, 102.6, 97.8, 102.6)),
    ],
    "BullishBreakaway": [
        Miss("closes_short_of_first_close", 4, (102.0, 102.1, 98.4, 98.4)),
        Miss("closes_into_the_gap", 3, (98.6, 98.6, 97.0, 97.2)),
    ],
    "LadderBottom": [
        Miss("fifth_closes_above_fourth_high", 1, (100.0, 101.8, 99.2, 99.5)),
        Miss("upper_shadow_1_ago_is_not_very_short", 1, (100.0, 100.1, 99.2, 99.5)),
    ],
}
"""Of each written example, at least one."""


def near_misses() -> list[tuple[str, str, list[Bar]]]:
    """Of all patterns: its name, the condition that breaks, and the bars."""
    written = [(name, miss.breaks, _missed(name, miss)) for name, misses in NEAR_MISSES.items() for miss in misses]
    turned = [
        (name, _upside_down(upright, miss.breaks), [upside_down(bar) for bar in _missed(upright, miss)])
        for name, upright in MIRRORED.items()
        for miss in NEAR_MISSES[upright]
    ]
    return written + turned


def _missed(name: str, miss: Miss) -> list[Bar]:
    bars = list(EXAMPLES[name])
    bars[-1 - miss.ago] = miss.instead
    return bars


def _upside_down(pattern: str, condition: str) -> str:
    (found,) = (one for one in PATTERNS[pattern].conditions if one.name == condition)
    return found.mirrored.name
