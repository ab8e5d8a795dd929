"""Single lines: what one bar says by its body and shadows."""

from tickstockpl.analysis.patterns.definition import PatternDefinition, Talib
from tickstockpl.analysis.patterns.quantities import body, quantity
from tickstockpl.analysis.patterns.vocabulary import (
    less,
    long_body,
    no_lower_shadow,
    no_upper_shadow,
    short_body,
    short_lower_shadow,
    short_upper_shadow,
    very_long_lower_shadow,
    very_long_upper_shadow,
    white,
)

FAMILY = "single line"

BULLISH_LONG_LINE = PatternDefinition(
    name="BullishLongLine",
    family=FAMILY,
    direction="bullish",
    role="strength",
    bars=1,
    meaning="A long rising body with short shadows: buyers had the minute to themselves.",
    source=Talib("CDLLONGLINE", 1),
    conditions=(white(0), long_body(0), short_upper_shadow(0), short_lower_shadow(0)),
)
BEARISH_LONG_LINE = BULLISH_LONG_LINE.mirrored(
    "BearishLongLine", "A long falling body with short shadows: sellers had the minute to themselves."
)

WHITE_SHORT_LINE = PatternDefinition(
    name="WhiteShortLine",
    family=FAMILY,
    direction="neutral",
    role="indecision",
    bars=1,
    meaning="A short rising body with short shadows: the market holds its breath.",
    source=Talib("CDLSHORTLINE", 1),
    conditions=(white(0), short_body(0), short_upper_shadow(0), short_lower_shadow(0)),
)
BLACK_SHORT_LINE = WHITE_SHORT_LINE.mirrored(
    "BlackShortLine", "A short falling body with short shadows: the market holds its breath."
)

BULLISH_MARUBOZU = PatternDefinition(
    name="BullishMarubozu",
    family=FAMILY,
    direction="bullish",
    role="strength",
    bars=1,
    meaning="A long rising body from the low to the high: buyers from the first trade to the last.",
    source=Talib("CDLMARUBOZU", 1),
    conditions=(white(0), long_body(0), no_upper_shadow(0), no_lower_shadow(0)),
)
BEARISH_MARUBOZU = BULLISH_MARUBOZU.mirrored(
    "BearishMarubozu", "A long falling body from the high to the low: sellers from the first trade to the last."
)

BULLISH_CLOSING_MARUBOZU = PatternDefinition(
    name="BullishClosingMarubozu",
    family=FAMILY,
    direction="bullish",
    role="strength",
    bars=1,
    meaning="A long rising body that closes at its high: buyers had the last word.",
    source=Talib("CDLCLOSINGMARUBOZU", 1),
    conditions=(white(0), long_body(0), no_upper_shadow(0)),
)
BEARISH_CLOSING_MARUBOZU = BULLISH_CLOSING_MARUBOZU.mirrored(
    "BearishClosingMarubozu", "A long falling body that closes at its low: sellers had the last word."
)

BULLISH_BELT_HOLD = PatternDefinition(
    name="BullishBeltHold",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=1,
    meaning="Opened at its low and rose: the first minute of buying after a fall.",
    source=Talib("CDLBELTHOLD", 1),
    conditions=(white(0), long_body(0), no_lower_shadow(0)),
)
BEARISH_BELT_HOLD = BULLISH_BELT_HOLD.mirrored(
    "BearishBeltHold", "Opened at its high and fell: the first minute of selling after a rise."
)

WHITE_SPINNING_TOP = PatternDefinition(
    name="WhiteSpinningTop",
    family=FAMILY,
    direction="neutral",
    role="indecision",
    bars=1,
    meaning="A short rising body between longer shadows: both sides tried, neither won.",
    source=Talib("CDLSPINNINGTOP", 1),
    conditions=(
        white(0),
        short_body(0),
        less("upper_shadow_is_longer_than_body", body(0), quantity("upper_shadow", 0)),
        less("lower_shadow_is_longer_than_body", body(0), quantity("lower_shadow", 0)),
    ),
)
BLACK_SPINNING_TOP = WHITE_SPINNING_TOP.mirrored(
    "BlackSpinningTop", "A short falling body between longer shadows: both sides tried, neither won."
)

WHITE_HIGH_WAVE = PatternDefinition(
    name="WhiteHighWave",
    family=FAMILY,
    direction="neutral",
    role="indecision",
    bars=1,
    meaning="A short rising body between very long shadows: the market has lost its bearings.",
    source=Talib("CDLHIGHWAVE", 1),
    conditions=(white(0), short_body(0), very_long_upper_shadow(0), very_long_lower_shadow(0)),
)
BLACK_HIGH_WAVE = WHITE_HIGH_WAVE.mirrored(
    "BlackHighWave", "A short falling body between very long shadows: the market has lost its bearings."
)

PATTERNS = (
    BULLISH_LONG_LINE,
    BEARISH_LONG_LINE,
    WHITE_SHORT_LINE,
    BLACK_SHORT_LINE,
    BULLISH_MARUBOZU,
    BEARISH_MARUBOZU,
    BULLISH_CLOSING_MARUBOZU,
    BEARISH_CLOSING_MARUBOZU,
    BULLISH_BELT_HOLD,
    BEARISH_BELT_HOLD,
    WHITE_SPINNING_TOP,
    BLACK_SPINNING_TOP,
    WHITE_HIGH_WAVE,
    BLACK_HIGH_WAVE,
)
