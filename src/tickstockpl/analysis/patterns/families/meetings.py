"""Meeting lines: two or three bars of opposite or equal colour, told by where they open and close."""

from tickstockpl.analysis.patterns.conditions import all_of, any_of
from tickstockpl.analysis.patterns.definition import PatternDefinition, Talib
from tickstockpl.analysis.patterns.quantities import above, body, close, high, into_body, low, open_, out_of_body
from tickstockpl.analysis.patterns.settings import EQUAL
from tickstockpl.analysis.patterns.vocabulary import (
    black,
    candle_gap_down,
    candle_gap_up,
    equal,
    less,
    long_body,
    no_lower_shadow,
    no_upper_shadow,
    white,
)

FAMILY = "meeting lines"

HALF = 0.5
"""How far into the first body the second bar closes (TA-Lib's default)."""

_OPENS_BELOW = less("opens_below_previous_low", open_(0), low(1), says="opened {} ranges below the low before")

PIERCING = PatternDefinition(
    name="Piercing",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=2,
    meaning="Opened below the previous low and rose back over the middle of the long falling body before it.",
    source=Talib("CDLPIERCING", 1),
    conditions=(
        black(1),
        long_body(1),
        white(0),
        long_body(0),
        _OPENS_BELOW,
        less("closes_inside_previous_body", close(0), open_(1)),
        less("closes_above_previous_middle", into_body(close(1), 1, HALF), close(0)),
    ),
)

# No mirror of Piercing: the second body need not be long.
DARK_CLOUD_COVER = PatternDefinition(
    name="DarkCloudCover",
    family=FAMILY,
    direction="bearish",
    role="reversal",
    bars=2,
    meaning="Opened above the previous high and fell back below the middle of the long rising body before it.",
    source=Talib("CDLDARKCLOUDCOVER", -1),
    conditions=(
        white(1),
        long_body(1),
        black(0),
        less("opens_above_previous_high", high(1), open_(0), says="opened {} ranges above the high before"),
        less("closes_inside_previous_body", open_(1), close(0)),
        less("closes_below_previous_middle", close(0), out_of_body(close(1), 1, HALF)),
    ),
)

IN_NECK = PatternDefinition(
    name="InNeck",
    family=FAMILY,
    direction="bearish",
    role="continuation",
    bars=2,
    meaning="Opened below the low of a long falling body and only just came back to its close: the fall goes on.",
    source=Talib("CDLINNECK", -1),
    conditions=(
        black(1),
        long_body(1),
        white(0),
        _OPENS_BELOW,
        less("closes_no_higher_than_near_previous_close", close(0), above(close(1), EQUAL, 1), strict=False),
        less("closes_no_lower_than_previous_close", close(1), close(0), strict=False),
    ),
)

ON_NECK = PatternDefinition(
    name="OnNeck",
    family=FAMILY,
    direction="bearish",
    role="continuation",
    bars=2,
    meaning="Opened below the low of a long falling body and came back to that low only: the fall goes on.",
    source=Talib("CDLONNECK", -1),
    conditions=(black(1), long_body(1), white(0), _OPENS_BELOW, equal("closes_at_previous_low", close(0), low(1), 1)),
)

THRUSTING = PatternDefinition(
    name="Thrusting",
    family=FAMILY,
    direction="bearish",
    role="continuation",
    bars=2,
    meaning="Came back into a long falling body, but not to its middle: the fall goes on.",
    source=Talib("CDLTHRUSTING", -1),
    conditions=(
        black(1),
        long_body(1),
        white(0),
        _OPENS_BELOW,
        less("closes_above_previous_close", above(close(1), EQUAL, 1), close(0)),
        less("closes_no_higher_than_previous_middle", close(0), into_body(close(1), 1, HALF), strict=False),
    ),
)

BULLISH_COUNTERATTACK = PatternDefinition(
    name="BullishCounterattack",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=2,
    meaning="A long falling body is answered by a long rising one that closes where the first did.",
    source=Talib("CDLCOUNTERATTACK", 1),
    conditions=(black(1), white(0), long_body(1), long_body(0), equal("closes_are_equal", close(0), close(1), 1)),
)
BEARISH_COUNTERATTACK = BULLISH_COUNTERATTACK.mirrored(
    "BearishCounterattack", "A long rising body is answered by a long falling one that closes where the first did."
)

BULLISH_SEPARATING_LINES = PatternDefinition(
    name="BullishSeparatingLines",
    family=FAMILY,
    direction="bullish",
    role="continuation",
    bars=2,
    meaning="After a falling bar the market opens where that bar did and rises at once: the rise goes on.",
    source=Talib("CDLSEPARATINGLINES", 1),
    conditions=(black(1), white(0), equal("opens_are_equal", open_(0), open_(1), 1), long_body(0), no_lower_shadow(0)),
)
BEARISH_SEPARATING_LINES = BULLISH_SEPARATING_LINES.mirrored(
    "BearishSeparatingLines",
    "After a rising bar the market opens where that bar did and falls at once: the fall goes on.",
)

MATCHING_LOW = PatternDefinition(
    name="MatchingLow",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=2,
    meaning="Two falling bars close at the same price: there is a floor.",
    source=Talib("CDLMATCHINGLOW", 1),
    conditions=(black(1), black(0), equal("closes_are_equal", close(0), close(1), 1)),
)

STICK_SANDWICH = PatternDefinition(
    name="StickSandwich",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=3,
    meaning="Two falling bars with the same close and a rising one between them: there is a floor.",
    source=Talib("CDLSTICKSANDWICH", 1),
    conditions=(
        black(2),
        white(1),
        black(0),
        less("second_low_is_above_first_close", close(2), low(1)),
        equal("closes_are_equal", close(0), close(2), 2),
    ),
)

_MARUBOZUS = tuple(
    condition for ago in (1, 0) for condition in (long_body(ago), no_upper_shadow(ago), no_lower_shadow(ago))
)
_UP = (black(1), white(0), candle_gap_up(0, 1))
_DOWN = (white(1), black(0), candle_gap_down(0, 1))

BULLISH_KICKING = PatternDefinition(
    name="BullishKicking",
    family=FAMILY,
    direction="bullish",
    role="strength",
    bars=2,
    meaning="A falling marubozu, then a rising one gapped above it: the market has been kicked up.",
    source=Talib("CDLKICKING", 1),
    conditions=(*_UP, *_MARUBOZUS),
)
BEARISH_KICKING = BULLISH_KICKING.mirrored(
    "BearishKicking", "A rising marubozu, then a falling one gapped below it: the market has been kicked down."
)

_FIRST_IS_LONGER = less("first_body_is_longer", body(0), body(1), strict=False)
_SECOND_IS_LONGER = less("second_body_is_longer", body(1), body(0))

BULLISH_KICKING_BY_LENGTH = PatternDefinition(
    name="BullishKickingByLength",
    family=FAMILY,
    direction="bullish",
    role="strength",
    bars=2,
    meaning="Two marubozus of opposite colour with a gap between them, of which the rising one is longer.",
    source=Talib("CDLKICKINGBYLENGTH", 1),
    conditions=(
        any_of(
            "the_rising_one_is_longer",
            all_of("second", *_UP, _SECOND_IS_LONGER),
            all_of("first", *_DOWN, _FIRST_IS_LONGER),
            measured_by="of two bars of opposite colour with a gap between them",
        ),
        *_MARUBOZUS,
    ),
)
BEARISH_KICKING_BY_LENGTH = BULLISH_KICKING_BY_LENGTH.mirrored(
    "BearishKickingByLength",
    "Two marubozus of opposite colour with a gap between them, of which the falling one is longer.",
)

PATTERNS = (
    PIERCING,
    DARK_CLOUD_COVER,
    IN_NECK,
    ON_NECK,
    THRUSTING,
    BULLISH_COUNTERATTACK,
    BEARISH_COUNTERATTACK,
    BULLISH_SEPARATING_LINES,
    BEARISH_SEPARATING_LINES,
    MATCHING_LOW,
    STICK_SANDWICH,
    BULLISH_KICKING,
    BEARISH_KICKING,
    BULLISH_KICKING_BY_LENGTH,
    BEARISH_KICKING_BY_LENGTH,
)
