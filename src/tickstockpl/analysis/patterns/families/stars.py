"""Stars: a small body that stands apart from a long one before it, and the turn after it."""

from tickstockpl.analysis.patterns.definition import PatternDefinition, Talib
from tickstockpl.analysis.patterns.quantities import close, into_body
from tickstockpl.analysis.patterns.vocabulary import (
    black,
    body_gap_down,
    candle_gap_down,
    candle_gap_up,
    doji_body,
    full_body,
    less,
    long_body,
    no_long_body,
    white,
)

FAMILY = "star"

PENETRATION = 0.3
"""How far into the first body the third bar must close (TA-Lib's default)."""

_WELL_INTO_FIRST_BODY = less(
    "closes_well_into_first_body",
    into_body(close(2), 2, PENETRATION),
    close(0),
    says="closed {} ranges beyond 30 % of the first body",
)

MORNING_STAR = PatternDefinition(
    name="MorningStar",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=3,
    meaning="A long fall, a small body gapped below it, and a rise back into the first body: the night is over.",
    source=Talib("CDLMORNINGSTAR", 1),
    conditions=(
        black(2),
        long_body(2),
        no_long_body(1),
        body_gap_down(1, 2),
        white(0),
        full_body(0),
        _WELL_INTO_FIRST_BODY,
    ),
)
EVENING_STAR = MORNING_STAR.mirrored(
    "EveningStar",
    "A long rise, a small body gapped above it, and a fall back into the first body: the day is over.",
    Talib("CDLEVENINGSTAR", -1),
)

MORNING_DOJI_STAR = PatternDefinition(
    name="MorningDojiStar",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=3,
    meaning="A morning star whose star is a doji.",
    source=Talib("CDLMORNINGDOJISTAR", 1),
    conditions=(
        black(2),
        long_body(2),
        doji_body(1),
        body_gap_down(1, 2),
        white(0),
        full_body(0),
        _WELL_INTO_FIRST_BODY,
    ),
)
EVENING_DOJI_STAR = MORNING_DOJI_STAR.mirrored(
    "EveningDojiStar", "An evening star whose star is a doji.", Talib("CDLEVENINGDOJISTAR", -1)
)

BULLISH_ABANDONED_BABY = PatternDefinition(
    name="BullishAbandonedBaby",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=3,
    meaning="A morning doji star whose doji stands alone below both neighbours, shadows included.",
    source=Talib("CDLABANDONEDBABY", 1),
    conditions=(
        black(2),
        long_body(2),
        doji_body(1),
        candle_gap_down(1, 2),
        candle_gap_up(0, 1),
        white(0),
        full_body(0),
        _WELL_INTO_FIRST_BODY,
    ),
)
BEARISH_ABANDONED_BABY = BULLISH_ABANDONED_BABY.mirrored(
    "BearishAbandonedBaby",
    "An evening doji star whose doji stands alone above both neighbours, shadows included.",
)

PATTERNS = (
    MORNING_STAR,
    EVENING_STAR,
    MORNING_DOJI_STAR,
    EVENING_DOJI_STAR,
    BULLISH_ABANDONED_BABY,
    BEARISH_ABANDONED_BABY,
)
