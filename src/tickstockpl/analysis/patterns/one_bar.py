"""Patterns of a single bar."""

from tickstockpl.analysis.patterns.candles import BODY_DOJI, BODY_SHORT, NEAR, SHADOW_LONG, SHADOW_VERY_SHORT
from tickstockpl.analysis.patterns.definition import Condition, PatternDefinition

_SMALL_BODY = Condition(
    "body_is_small",
    lower=lambda c: c.body(0),
    upper=lambda c: c.average(BODY_SHORT, 0),
    scale=lambda c: c.average(BODY_SHORT, 0),
)
_LONG_LOWER_SHADOW = Condition(
    "lower_shadow_is_long",
    lower=lambda c: c.average(SHADOW_LONG, 0),
    upper=lambda c: c.lower_shadow(0),
    scale=lambda c: c.average(SHADOW_LONG, 0),
)
_NO_UPPER_SHADOW = Condition(
    "upper_shadow_is_very_short",
    lower=lambda c: c.upper_shadow(0),
    upper=lambda c: c.average(SHADOW_VERY_SHORT, 0),
    scale=lambda c: c.average(SHADOW_VERY_SHORT, 0),
)

DOJI = PatternDefinition(
    name="Doji",
    direction="neutral",
    bars=1,
    meaning="Open and close are nearly equal: neither side has won the minute.",
    source=("CDLDOJI", 1),
    conditions=(
        Condition(
            "body_is_almost_nothing",
            lower=lambda c: c.body(0),
            upper=lambda c: c.average(BODY_DOJI, 0),
            scale=lambda c: c.average(BODY_DOJI, 0),
            strict=False,
        ),
    ),
    context=(
        # Where nobody trades, open and close are equal too: the contest must have taken place.
        Condition("range_is_not_small", lower=lambda c: 0.5 * c.unit, upper=lambda c: c.range(0)),
    ),
)

HAMMER = PatternDefinition(
    name="Hammer",
    direction="bullish",
    bars=1,
    meaning="A fall within the minute, near the previous low, was bought back: a small body on a long lower shadow.",
    source=("CDLHAMMER", 1),
    conditions=(
        _SMALL_BODY,
        _LONG_LOWER_SHADOW,
        _NO_UPPER_SHADOW,
        Condition(
            "body_is_near_or_below_previous_low",
            lower=lambda c: c.body_bottom(0),
            upper=lambda c: c.low(1) + c.average(NEAR, 1),
            strict=False,
            optional=True,
        ),
    ),
)

HANGING_MAN = PatternDefinition(
    name="HangingMan",
    direction="bearish",
    bars=1,
    meaning="The hammer's shape near the previous high: sellers have shown up where buyers had been alone.",
    source=("CDLHANGINGMAN", -1),
    conditions=(
        _SMALL_BODY,
        _LONG_LOWER_SHADOW,
        _NO_UPPER_SHADOW,
        Condition(
            "body_is_near_or_above_previous_high",
            lower=lambda c: c.high(1) - c.average(NEAR, 1),
            upper=lambda c: c.body_bottom(0),
            strict=False,
            optional=True,
        ),
    ),
)

SHOOTING_STAR = PatternDefinition(
    name="ShootingStar",
    direction="bearish",
    bars=1,
    meaning="Opened above the previous body, shot up and was sold back: a small body under a long upper shadow.",
    source=("CDLSHOOTINGSTAR", -1),
    conditions=(
        _SMALL_BODY,
        Condition(
            "upper_shadow_is_long",
            lower=lambda c: c.average(SHADOW_LONG, 0),
            upper=lambda c: c.upper_shadow(0),
            scale=lambda c: c.average(SHADOW_LONG, 0),
        ),
        Condition(
            "lower_shadow_is_very_short",
            lower=lambda c: c.lower_shadow(0),
            upper=lambda c: c.average(SHADOW_VERY_SHORT, 0),
            scale=lambda c: c.average(SHADOW_VERY_SHORT, 0),
        ),
        Condition(
            "body_gaps_up",
            lower=lambda c: c.body_top(1),
            upper=lambda c: c.body_bottom(0),
        ),
    ),
)
