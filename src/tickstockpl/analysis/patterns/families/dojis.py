"""Dojis: open and close are nearly equal."""

from tickstockpl.analysis.patterns.conditions import any_of
from tickstockpl.analysis.patterns.definition import PatternDefinition, Talib
from tickstockpl.analysis.patterns.quantities import above, beneath, body_bottom, body_top, middle
from tickstockpl.analysis.patterns.settings import NEAR
from tickstockpl.analysis.patterns.vocabulary import (
    black,
    body_gap_down,
    doji_body,
    less,
    long_body,
    long_lower_shadow,
    long_upper_shadow,
    no_lower_shadow,
    no_upper_shadow,
    some_lower_shadow,
    some_upper_shadow,
    very_long_lower_shadow,
)

FAMILY = "doji"

DOJI = PatternDefinition(
    name="Doji",
    family=FAMILY,
    direction="neutral",
    role="indecision",
    bars=1,
    meaning="Open and close are nearly equal: neither side has won the minute.",
    source=Talib("CDLDOJI", 1),
    conditions=(doji_body(0),),
)

DRAGONFLY_DOJI = PatternDefinition(
    name="DragonflyDoji",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=1,
    meaning="Fell and was bought back to where it opened, at the high: the fall was refused.",
    source=Talib("CDLDRAGONFLYDOJI", 1),
    conditions=(doji_body(0), some_lower_shadow(0), no_upper_shadow(0)),
)

GRAVESTONE_DOJI = PatternDefinition(
    name="GravestoneDoji",
    family=FAMILY,
    direction="bearish",
    role="reversal",
    bars=1,
    meaning="Rose and was sold back to where it opened, at the low: the rise was refused.",
    source=Talib("CDLGRAVESTONEDOJI", 1),
    conditions=(doji_body(0), some_upper_shadow(0), no_lower_shadow(0)),
)

TAKURI = PatternDefinition(
    name="Takuri",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=1,
    meaning="A dragonfly doji with a very long lower shadow: the market has sounded the bottom.",
    source=Talib("CDLTAKURI", 1),
    conditions=(doji_body(0), very_long_lower_shadow(0), no_upper_shadow(0)),
)

LONG_LEGGED_DOJI = PatternDefinition(
    name="LongLeggedDoji",
    family=FAMILY,
    direction="neutral",
    role="indecision",
    bars=1,
    meaning="A doji that went far from where it opened and came back: much was tried, nothing decided.",
    source=Talib("CDLLONGLEGGEDDOJI", 1),
    conditions=(
        doji_body(0),
        any_of(
            "a_shadow_is_long", long_lower_shadow(0), long_upper_shadow(0), measured_by="one is longer than the body"
        ),
    ),
)

RICKSHAW_MAN = PatternDefinition(
    name="RickshawMan",
    family=FAMILY,
    direction="neutral",
    role="indecision",
    bars=1,
    meaning="A long-legged doji with its body in the middle: perfect balance.",
    source=Talib("CDLRICKSHAWMAN", 1),
    conditions=(
        doji_body(0),
        long_lower_shadow(0),
        long_upper_shadow(0),
        less("body_reaches_down_to_the_middle", body_bottom(0), above(middle(0), NEAR, 0), strict=False),
        less("body_reaches_up_to_the_middle", beneath(middle(0), NEAR, 0), body_top(0), strict=False),
    ),
)

BULLISH_DOJI_STAR = PatternDefinition(
    name="BullishDojiStar",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=2,
    meaning="A doji gapped below a long falling body: the fall has met resistance.",
    source=Talib("CDLDOJISTAR", 1),
    conditions=(black(1), long_body(1), doji_body(0), body_gap_down(0, 1)),
)
BEARISH_DOJI_STAR = BULLISH_DOJI_STAR.mirrored(
    "BearishDojiStar", "A doji gapped above a long rising body: the rise has met resistance."
)

BULLISH_TRISTAR = PatternDefinition(
    name="BullishTristar",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=3,
    meaning="Three dojis, the middle one below: a fall that has run out of sellers.",
    source=Talib("CDLTRISTAR", 1),
    conditions=(
        # TA-Lib measures all three by the bars before the first.
        doji_body(2),
        doji_body(1, as_of=2),
        doji_body(0, as_of=2),
        body_gap_down(1, 2),
        less("body_is_above_the_star", body_bottom(1), body_bottom(0)),
    ),
)
BEARISH_TRISTAR = BULLISH_TRISTAR.mirrored(
    "BearishTristar", "Three dojis, the middle one above: a rise that has run out of buyers."
)

PATTERNS = (
    DOJI,
    DRAGONFLY_DOJI,
    GRAVESTONE_DOJI,
    TAKURI,
    LONG_LEGGED_DOJI,
    RICKSHAW_MAN,
    BULLISH_DOJI_STAR,
    BEARISH_DOJI_STAR,
    BULLISH_TRISTAR,
    BEARISH_TRISTAR,
)
