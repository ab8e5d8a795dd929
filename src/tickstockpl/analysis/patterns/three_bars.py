"""Patterns of three bars."""

from tickstockpl.analysis.patterns.candles import BODY_LONG, BODY_SHORT
from tickstockpl.analysis.patterns.definition import Condition, PatternDefinition
from tickstockpl.analysis.patterns.parts import black, white

PENETRATION = 0.3
"""How far into the first body the third bar must close (TA-Lib's default)."""

_STAR_BODIES = (
    Condition(
        "first_body_is_long",
        lower=lambda c: c.average(BODY_LONG, 2),
        upper=lambda c: c.body(2),
        scale=lambda c: c.average(BODY_LONG, 2),
    ),
    Condition(
        "star_is_short",
        lower=lambda c: c.body(1),
        upper=lambda c: c.average(BODY_SHORT, 1),
        scale=lambda c: c.average(BODY_SHORT, 1),
        strict=False,
    ),
    Condition(
        "third_body_is_not_short",
        lower=lambda c: c.average(BODY_SHORT, 0),
        upper=lambda c: c.body(0),
        scale=lambda c: c.average(BODY_SHORT, 0),
    ),
)

MORNING_STAR = PatternDefinition(
    name="MorningStar",
    direction="bullish",
    bars=3,
    meaning="A long fall, a small body gapped below it, and a rise back into the first body: the night is over.",
    source=("CDLMORNINGSTAR", 1),
    conditions=(
        *_STAR_BODIES,
        black(2),
        Condition("star_gaps_down", lower=lambda c: c.body_top(1), upper=lambda c: c.body_bottom(2)),
        white(0),
        Condition(
            "close_is_well_into_first_body",
            lower=lambda c: c.close(2) + c.body(2) * PENETRATION,
            upper=lambda c: c.close(0),
        ),
    ),
)

EVENING_STAR = PatternDefinition(
    name="EveningStar",
    direction="bearish",
    bars=3,
    meaning="A long rise, a small body gapped above it, and a fall back into the first body: the day is over.",
    source=("CDLEVENINGSTAR", -1),
    conditions=(
        *_STAR_BODIES,
        white(2),
        Condition("star_gaps_up", lower=lambda c: c.body_top(2), upper=lambda c: c.body_bottom(1)),
        black(0),
        Condition(
            "close_is_well_into_first_body",
            lower=lambda c: c.close(0),
            upper=lambda c: c.close(2) - c.body(2) * PENETRATION,
        ),
    ),
)
