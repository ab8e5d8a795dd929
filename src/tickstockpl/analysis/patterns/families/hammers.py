"""Hammers: a small body at one end of a long shadow."""

from tickstockpl.analysis.patterns.definition import PatternDefinition, Talib
from tickstockpl.analysis.patterns.quantities import above, beneath, body_bottom, high, low
from tickstockpl.analysis.patterns.settings import NEAR
from tickstockpl.analysis.patterns.vocabulary import (
    body_gap_down,
    body_gap_up,
    less,
    long_lower_shadow,
    long_upper_shadow,
    no_lower_shadow,
    no_upper_shadow,
    short_body,
)

FAMILY = "hammer"

HAMMER = PatternDefinition(
    name="Hammer",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=1,
    meaning="A fall within the minute, near the previous low, was bought back: a small body on a long lower shadow.",
    source=Talib("CDLHAMMER", 1),
    conditions=(
        long_lower_shadow(0),
        short_body(0),
        no_upper_shadow(0),
        less("body_is_near_or_below_previous_low", body_bottom(0), above(low(1), NEAR, 1), strict=False, optional=True),
    ),
)

HANGING_MAN = PatternDefinition(
    name="HangingMan",
    family=FAMILY,
    direction="bearish",
    role="reversal",
    bars=1,
    meaning="The hammer's shape near the previous high: sellers have shown up where buyers had been alone.",
    source=Talib("CDLHANGINGMAN", -1),
    conditions=(
        long_lower_shadow(0),
        short_body(0),
        no_upper_shadow(0),
        # Not optional: on a symbol's first bar the same shape is told once, as a hammer.
        less("body_is_near_or_above_previous_high", beneath(high(1), NEAR, 1), body_bottom(0), strict=False),
    ),
)

INVERTED_HAMMER = PatternDefinition(
    name="InvertedHammer",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=1,
    meaning="Opened below the previous body and shot up: a small body under a long upper shadow, a first attempt.",
    source=Talib("CDLINVERTEDHAMMER", 1),
    conditions=(long_upper_shadow(0), short_body(0), no_lower_shadow(0), body_gap_down(0, 1)),
)

SHOOTING_STAR = PatternDefinition(
    name="ShootingStar",
    family=FAMILY,
    direction="bearish",
    role="reversal",
    bars=1,
    meaning="Opened above the previous body, shot up and was sold back: a small body under a long upper shadow.",
    source=Talib("CDLSHOOTINGSTAR", -1),
    conditions=(long_upper_shadow(0), short_body(0), no_lower_shadow(0), body_gap_up(0, 1)),
)

PATTERNS = (HAMMER, HANGING_MAN, INVERTED_HAMMER, SHOOTING_STAR)
