"""Bottoms: long formations at the end of a fall, which have no counterpart at the end of a rise."""

from tickstockpl.analysis.patterns.definition import PatternDefinition, Talib
from tickstockpl.analysis.patterns.quantities import body, close, high, low, open_
from tickstockpl.analysis.patterns.vocabulary import (
    black,
    body_gap_down,
    less,
    long_body,
    long_lower_shadow,
    no_lower_shadow,
    no_upper_shadow,
    short_body,
    some_lower_shadow,
    some_upper_shadow,
    white,
)

FAMILY = "bottom"

THREE_STARS_IN_THE_SOUTH = PatternDefinition(
    name="ThreeStarsInTheSouth",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=3,
    meaning="Three falling bars, each smaller and with a higher low than the one before: the fall dies away.",
    source=Talib("CDL3STARSINSOUTH", 1),
    conditions=(
        black(2),
        black(1),
        black(0),
        long_body(2),
        long_lower_shadow(2),
        less("second_body_is_smaller", body(1), body(2)),
        less("second_opens_above_first_close", close(2), open_(1)),
        less("second_opens_no_higher_than_first_high", open_(1), high(2), strict=False),
        less("second_trades_below_first_close", low(1), close(2)),
        less("second_low_is_no_lower", low(2), low(1), strict=False),
        some_lower_shadow(1),
        short_body(0),
        no_lower_shadow(0),
        no_upper_shadow(0),
        less("third_low_is_above_second", low(1), low(0)),
        less("third_high_is_below_second", high(0), high(1)),
    ),
)

CONCEALING_BABY_SWALLOW = PatternDefinition(
    name="ConcealingBabySwallow",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=4,
    meaning="Two falling marubozus, a falling bar that reached back up, and one that swallows it whole.",
    source=Talib("CDLCONCEALBABYSWALL", 1),
    conditions=(
        black(3),
        black(2),
        black(1),
        black(0),
        no_lower_shadow(3),
        no_upper_shadow(3),
        no_lower_shadow(2),
        no_upper_shadow(2),
        body_gap_down(1, 2),
        some_upper_shadow(1),
        less("third_high_reaches_second_body", close(2), high(1)),
        less("fourth_high_is_above_third", high(1), high(0)),
        less("fourth_low_is_below_third", low(0), low(1)),
    ),
)

LADDER_BOTTOM = PatternDefinition(
    name="LadderBottom",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=5,
    meaning="Three falling bars down the rungs, a fourth that reaches up, and a rise above its high.",
    source=Talib("CDLLADDERBOTTOM", 1),
    conditions=(
        black(4),
        black(3),
        black(2),
        black(1),
        white(0),
        less("second_open_is_below_first", open_(3), open_(4)),
        less("third_open_is_below_second", open_(2), open_(3)),
        less("second_close_is_below_first", close(3), close(4)),
        less("third_close_is_below_second", close(2), close(3)),
        some_upper_shadow(1),
        less("fifth_opens_above_fourth_body", open_(1), open_(0)),
        less("fifth_closes_above_fourth_high", high(1), close(0), says="closed {} ranges above the fourth high"),
    ),
)

UNIQUE_THREE_RIVER = PatternDefinition(
    name="UniqueThreeRiver",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=3,
    meaning="A long fall, a falling bar inside it that made a new low, and a small rising bar that did not.",
    source=Talib("CDLUNIQUE3RIVER", 1),
    conditions=(
        black(2),
        long_body(2),
        black(1),
        less("second_close_is_above_first", close(2), close(1)),
        less("second_open_is_no_higher_than_first", open_(1), open_(2), strict=False),
        less("second_low_is_below_first", low(1), low(2)),
        white(0),
        short_body(0),
        less("third_opens_above_second_low", low(1), open_(0)),
    ),
)

PATTERNS = (THREE_STARS_IN_THE_SOUTH, CONCEALING_BABY_SWALLOW, LADDER_BOTTOM, UNIQUE_THREE_RIVER)
