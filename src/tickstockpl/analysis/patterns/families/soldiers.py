"""Soldiers and crows: rows of bars of one colour, and what ends them."""

from tickstockpl.analysis.patterns.conditions import Comparison, Condition, all_of, any_of
from tickstockpl.analysis.patterns.definition import PatternDefinition, Talib
from tickstockpl.analysis.patterns.quantities import above, beneath, body, body_bottom, body_top, close, high, open_
from tickstockpl.analysis.patterns.settings import FAR, NEAR
from tickstockpl.analysis.patterns.vocabulary import (
    black,
    body_gap_up,
    equal,
    full_body,
    less,
    long_body,
    long_upper_shadow,
    no_long_body,
    no_lower_shadow,
    no_upper_shadow,
    not_short_upper_shadow,
    short_body,
    short_upper_shadow,
    white,
)

FAMILY = "soldiers and crows"

_ORDINALS = ("third", "second", "first")

_RISING: tuple[Condition, ...] = (white(2), white(1), white(0))
_HIGHER_CLOSES: tuple[Condition, ...] = (
    less("second_close_is_above_first", close(2), close(1)),
    less("third_close_is_above_second", close(1), close(0)),
)
_FALLING: tuple[Condition, ...] = (black(2), black(1), black(0))


def _opens_in_or_near_previous_body(ago: int) -> tuple[Comparison, Comparison]:
    """A rising bar opens within the rising body before it, or near its close."""
    return (
        less(f"{_ORDINALS[ago]}_open_is_above_previous", open_(ago + 1), open_(ago)),
        less(
            f"{_ORDINALS[ago]}_open_is_below_or_near_previous_close",
            open_(ago),
            above(close(ago + 1), NEAR, ago + 1),
            strict=False,
        ),
    )


def _opens_within_previous_body(ago: int) -> tuple[Comparison, Comparison]:
    """A falling bar opens within the falling body before it."""
    return (
        less(f"{_ORDINALS[ago]}_open_is_below_previous", open_(ago), open_(ago + 1)),
        less(f"{_ORDINALS[ago]}_open_is_above_previous_close", close(ago + 1), open_(ago)),
    )


THREE_WHITE_SOLDIERS = PatternDefinition(
    name="ThreeWhiteSoldiers",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=3,
    meaning="Three rising bodies, each opening in the one before and closing at its high: an advance in good order.",
    source=Talib("CDL3WHITESOLDIERS", 1),
    conditions=(
        *_RISING,
        *_HIGHER_CLOSES,
        no_upper_shadow(2),
        no_upper_shadow(1),
        no_upper_shadow(0),
        *_opens_in_or_near_previous_body(1),
        *_opens_in_or_near_previous_body(0),
        less("second_body_is_not_far_smaller", beneath(body(2), FAR, 2), body(1)),
        less("third_body_is_not_far_smaller", beneath(body(1), FAR, 1), body(0)),
        full_body(0),
    ),
)

ADVANCE_BLOCK = PatternDefinition(
    name="AdvanceBlock",
    family=FAMILY,
    direction="bearish",
    role="reversal",
    bars=3,
    meaning="Three rising bars that get weaker: the advance is being blocked.",
    source=Talib("CDLADVANCEBLOCK", -1),
    conditions=(
        *_RISING,
        *_HIGHER_CLOSES,
        *_opens_in_or_near_previous_body(1),
        *_opens_in_or_near_previous_body(0),
        long_body(2),
        short_upper_shadow(2),
        any_of(
            "the_advance_gets_weaker",
            all_of(
                "second_is_far_smaller",
                less("second_body_is_far_smaller", body(1), beneath(body(2), FAR, 2)),
                less("third_body_is_no_larger_than_near_second", body(0), above(body(1), NEAR, 1)),
            ),
            less("third_body_is_far_smaller", body(0), beneath(body(1), FAR, 1)),
            all_of(
                "bodies_shrink_and_shadows_show",
                less("third_body_is_smaller", body(0), body(1)),
                less("second_body_is_smaller", body(1), body(2)),
                any_of("an_upper_shadow_is_not_short", not_short_upper_shadow(0), not_short_upper_shadow(1)),
            ),
            all_of(
                "third_is_smaller_under_a_long_shadow",
                less("third_body_is_smaller", body(0), body(1)),
                long_upper_shadow(0),
            ),
            measured_by="by smaller bodies or longer upper shadows",
        ),
    ),
)

STALLED_PATTERN = PatternDefinition(
    name="StalledPattern",
    family=FAMILY,
    direction="bearish",
    role="reversal",
    bars=3,
    meaning="Two long rising bodies, then a small one on their shoulder: the advance has stalled.",
    source=Talib("CDLSTALLEDPATTERN", -1),
    conditions=(
        *_RISING,
        *_HIGHER_CLOSES,
        long_body(2),
        long_body(1),
        no_upper_shadow(1),
        *_opens_in_or_near_previous_body(1),
        short_body(0),
        less(
            "third_rides_on_the_shoulder",
            lambda c: c.close(1) - c.body(0) - c.average(NEAR, 1),
            open_(0),
            strict=False,
        ),
    ),
)

THREE_BLACK_CROWS = PatternDefinition(
    name="ThreeBlackCrows",
    family=FAMILY,
    direction="bearish",
    role="reversal",
    bars=4,
    meaning="After a rising bar three falling ones, each opening in the body before and closing at its low.",
    source=Talib("CDL3BLACKCROWS", -1),
    conditions=(
        white(3),
        *_FALLING,
        no_lower_shadow(2),
        no_lower_shadow(1),
        no_lower_shadow(0),
        *_opens_within_previous_body(1),
        *_opens_within_previous_body(0),
        less("first_close_is_below_high_before", close(2), high(3)),
        less("second_close_is_below_first", close(1), close(2)),
        less("third_close_is_below_second", close(0), close(1)),
    ),
)

IDENTICAL_THREE_CROWS = PatternDefinition(
    name="IdenticalThreeCrows",
    family=FAMILY,
    direction="bearish",
    role="reversal",
    bars=3,
    meaning="Three falling bars, each opening where the one before closed, at its low.",
    source=Talib("CDLIDENTICAL3CROWS", -1),
    conditions=(
        *_FALLING,
        no_lower_shadow(2),
        no_lower_shadow(1),
        no_lower_shadow(0),
        less("second_close_is_below_first", close(1), close(2)),
        less("third_close_is_below_second", close(0), close(1)),
        equal("second_opens_at_first_close", open_(1), close(2), 2),
        equal("third_opens_at_second_close", open_(0), close(1), 1),
    ),
)

TWO_CROWS = PatternDefinition(
    name="TwoCrows",
    family=FAMILY,
    direction="bearish",
    role="reversal",
    bars=3,
    meaning="After a long rise a falling bar gapped above it, then another that falls back into the rise.",
    source=Talib("CDL2CROWS", -1),
    conditions=(
        white(2),
        long_body(2),
        black(1),
        body_gap_up(1, 2),
        black(0),
        less("third_opens_below_second_open", open_(0), open_(1)),
        less("third_opens_above_second_close", close(1), open_(0)),
        less("third_closes_above_first_open", open_(2), close(0)),
        less("third_closes_below_first_close", close(0), close(2)),
    ),
)

UPSIDE_GAP_TWO_CROWS = PatternDefinition(
    name="UpsideGapTwoCrows",
    family=FAMILY,
    direction="bearish",
    role="reversal",
    bars=3,
    meaning="Two falling bars above a long rise, the second covering the first: the gap held, but buyers did not.",
    source=Talib("CDLUPSIDEGAP2CROWS", -1),
    conditions=(
        white(2),
        long_body(2),
        black(1),
        no_long_body(1),
        body_gap_up(1, 2),
        black(0),
        less("third_opens_above_second_open", open_(1), open_(0)),
        less("third_closes_below_second_close", close(0), close(1)),
        less("third_closes_above_first_close", close(2), close(0)),
    ),
)


def _opens_in_or_near_body(name: str, ago: int) -> tuple[Comparison, Comparison]:
    return (
        less(f"{name}_opens_no_lower", beneath(body_bottom(ago + 1), NEAR, ago + 1), open_(ago), strict=False),
        less(f"{name}_opens_no_higher", open_(ago), above(body_top(ago + 1), NEAR, ago + 1), strict=False),
    )


BULLISH_THREE_LINE_STRIKE = PatternDefinition(
    name="BullishThreeLineStrike",
    family=FAMILY,
    direction="bullish",
    role="continuation",
    bars=4,
    meaning="Three rising bars, then a falling one that strikes out all three: a shake-out within a rise.",
    source=Talib("CDL3LINESTRIKE", 1),
    conditions=(
        white(3),
        white(2),
        white(1),
        black(0),
        all_of("second_opens_in_or_near_first_body", *_opens_in_or_near_body("second", 2)),
        all_of("third_opens_in_or_near_second_body", *_opens_in_or_near_body("third", 1)),
        less("second_close_goes_on", close(3), close(2)),
        less("third_close_goes_on", close(2), close(1)),
        less("strike_opens_beyond_third_close", close(1), open_(0)),
        less("strike_closes_beyond_first_open", close(0), open_(3), says="struck {} ranges beyond the first open"),
    ),
)
BEARISH_THREE_LINE_STRIKE = BULLISH_THREE_LINE_STRIKE.mirrored(
    "BearishThreeLineStrike",
    "Three falling bars, then a rising one that strikes out all three: a squeeze within a fall.",
)

PATTERNS = (
    THREE_WHITE_SOLDIERS,
    ADVANCE_BLOCK,
    STALLED_PATTERN,
    THREE_BLACK_CROWS,
    IDENTICAL_THREE_CROWS,
    TWO_CROWS,
    UPSIDE_GAP_TWO_CROWS,
    BULLISH_THREE_LINE_STRIKE,
    BEARISH_THREE_LINE_STRIKE,
)
