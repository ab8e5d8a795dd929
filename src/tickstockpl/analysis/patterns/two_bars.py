"""Patterns of two bars."""

from tickstockpl.analysis.patterns.candles import BODY_LONG, BODY_SHORT
from tickstockpl.analysis.patterns.definition import Condition, PatternDefinition
from tickstockpl.analysis.patterns.parts import black, white

_BODY_IS_LARGER = Condition(
    "body_is_larger_than_previous",
    lower=lambda c: c.body(1),
    upper=lambda c: c.body(0),
)

BULLISH_ENGULFING = PatternDefinition(
    name="BullishEngulfing",
    direction="bullish",
    bars=2,
    meaning="A rising body covers the falling body before it: buyers have taken back more than was lost.",
    source=("CDLENGULFING", 1),
    conditions=(
        black(1),
        white(0),
        Condition("close_reaches_previous_open", lower=lambda c: c.open(1), upper=lambda c: c.close(0), strict=False),
        Condition(
            "open_is_down_to_previous_close", lower=lambda c: c.open(0), upper=lambda c: c.close(1), strict=False
        ),
        _BODY_IS_LARGER,
    ),
)

BEARISH_ENGULFING = PatternDefinition(
    name="BearishEngulfing",
    direction="bearish",
    bars=2,
    meaning="A falling body covers the rising body before it: sellers have taken back more than was won.",
    source=("CDLENGULFING", -1),
    conditions=(
        white(1),
        black(0),
        Condition("open_is_up_to_previous_close", lower=lambda c: c.close(1), upper=lambda c: c.open(0), strict=False),
        Condition("close_reaches_previous_open", lower=lambda c: c.close(0), upper=lambda c: c.open(1), strict=False),
        _BODY_IS_LARGER,
    ),
)

_INSIDE = (
    Condition(
        "previous_body_is_long",
        lower=lambda c: c.average(BODY_LONG, 1),
        upper=lambda c: c.body(1),
        scale=lambda c: c.average(BODY_LONG, 1),
    ),
    Condition(
        "body_is_short",
        lower=lambda c: c.body(0),
        upper=lambda c: c.average(BODY_SHORT, 0),
        scale=lambda c: c.average(BODY_SHORT, 0),
        strict=False,
    ),
    Condition(
        "body_top_is_inside_previous",
        lower=lambda c: c.body_top(0),
        upper=lambda c: c.body_top(1),
        strict=False,
    ),
    Condition(
        "body_bottom_is_inside_previous",
        lower=lambda c: c.body_bottom(1),
        upper=lambda c: c.body_bottom(0),
        strict=False,
    ),
)

BULLISH_HARAMI = PatternDefinition(
    name="BullishHarami",
    direction="bullish",
    bars=2,
    meaning="A short body inside the long falling body before it: the fall has lost its force.",
    source=("CDLHARAMI", 1),
    conditions=(black(1), *_INSIDE),
)

BEARISH_HARAMI = PatternDefinition(
    name="BearishHarami",
    direction="bearish",
    bars=2,
    meaning="A short body inside the long rising body before it: the rise has lost its force.",
    source=("CDLHARAMI", -1),
    conditions=(white(1), *_INSIDE),
)
