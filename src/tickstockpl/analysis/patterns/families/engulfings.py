"""Engulfings and haramis: one body covers another."""

from tickstockpl.analysis.patterns.definition import PatternDefinition, Talib
from tickstockpl.analysis.patterns.quantities import body, body_bottom, body_top, close, open_
from tickstockpl.analysis.patterns.vocabulary import black, doji_body, less, long_body, no_long_body, white

FAMILY = "engulfing and harami"

_INSIDE = (
    less("body_top_is_inside_previous", body_top(0), body_top(1), strict=False),
    less("body_bottom_is_inside_previous", body_bottom(1), body_bottom(0), strict=False),
)

BULLISH_ENGULFING = PatternDefinition(
    name="BullishEngulfing",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=2,
    meaning="A rising body covers the falling body before it: buyers have taken back more than was lost.",
    source=Talib("CDLENGULFING", 1),
    conditions=(
        black(1),
        white(0),
        less(
            "close_reaches_previous_open",
            open_(1),
            close(0),
            strict=False,
            says="closed {} ranges beyond the open before",
        ),
        less("open_is_beyond_previous_close", open_(0), close(1), strict=False),
        less("body_is_larger_than_previous", body(1), body(0)),
    ),
)
BEARISH_ENGULFING = BULLISH_ENGULFING.mirrored(
    "BearishEngulfing", "A falling body covers the rising body before it: sellers have taken back more than was won."
)

BULLISH_HARAMI = PatternDefinition(
    name="BullishHarami",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=2,
    meaning="A short body inside the long falling body before it: the fall has lost its force.",
    source=Talib("CDLHARAMI", 1),
    conditions=(black(1), long_body(1), no_long_body(0), *_INSIDE),
)
BEARISH_HARAMI = BULLISH_HARAMI.mirrored(
    "BearishHarami", "A short body inside the long rising body before it: the rise has lost its force."
)

BULLISH_HARAMI_CROSS = PatternDefinition(
    name="BullishHaramiCross",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=2,
    meaning="A doji inside the long falling body before it: the fall has stopped.",
    source=Talib("CDLHARAMICROSS", 1),
    conditions=(black(1), long_body(1), doji_body(0), *_INSIDE),
)
BEARISH_HARAMI_CROSS = BULLISH_HARAMI_CROSS.mirrored(
    "BearishHaramiCross", "A doji inside the long rising body before it: the rise has stopped."
)

HOMING_PIGEON = PatternDefinition(
    name="HomingPigeon",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=2,
    meaning="A short falling body inside a long one: sellers are getting tired.",
    source=Talib("CDLHOMINGPIGEON", 1),
    conditions=(
        black(1),
        long_body(1),
        black(0),
        no_long_body(0),
        less("open_is_below_previous_open", open_(0), open_(1)),
        less("close_is_above_previous_close", close(1), close(0)),
    ),
)

THREE_INSIDE_UP = PatternDefinition(
    name="ThreeInsideUp",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=3,
    meaning="A harami after a long falling body, confirmed by a close above where that body began.",
    source=Talib("CDL3INSIDE", 1),
    conditions=(
        black(2),
        long_body(2),
        no_long_body(1),
        less("second_body_top_is_inside_first", body_top(1), body_top(2)),
        less("second_body_bottom_is_inside_first", body_bottom(2), body_bottom(1)),
        white(0),
        less("close_is_beyond_first_open", open_(2), close(0), says="closed {} ranges beyond the first open"),
    ),
)
THREE_INSIDE_DOWN = THREE_INSIDE_UP.mirrored(
    "ThreeInsideDown", "A harami after a long rising body, confirmed by a close below where that body began."
)

THREE_OUTSIDE_UP = PatternDefinition(
    name="ThreeOutsideUp",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=3,
    meaning="A bullish engulfing, confirmed by a higher close.",
    source=Talib("CDL3OUTSIDE", 1),
    conditions=(
        black(2),
        white(1),
        less("second_close_is_beyond_first_open", open_(2), close(1)),
        less("second_open_is_beyond_first_close", open_(1), close(2)),
        less("close_goes_on", close(1), close(0), says="went on by {} ranges"),
    ),
)
THREE_OUTSIDE_DOWN = THREE_OUTSIDE_UP.mirrored("ThreeOutsideDown", "A bearish engulfing, confirmed by a lower close.")

PATTERNS = (
    BULLISH_ENGULFING,
    BEARISH_ENGULFING,
    BULLISH_HARAMI,
    BEARISH_HARAMI,
    BULLISH_HARAMI_CROSS,
    BEARISH_HARAMI_CROSS,
    HOMING_PIGEON,
    THREE_INSIDE_UP,
    THREE_INSIDE_DOWN,
    THREE_OUTSIDE_UP,
    THREE_OUTSIDE_DOWN,
)
