"""Gaps and methods: a pause within a move, and breaking away from one."""

from tickstockpl.analysis.patterns.conditions import Comparison, Condition, all_of
from tickstockpl.analysis.patterns.definition import PatternDefinition, Talib
from tickstockpl.analysis.patterns.quantities import (
    average,
    body,
    body_bottom,
    body_top,
    close,
    high,
    low,
    open_,
    out_of_body,
)
from tickstockpl.analysis.patterns.settings import NEAR
from tickstockpl.analysis.patterns.vocabulary import (
    black,
    body_gap_down,
    body_gap_up,
    equal,
    less,
    long_body,
    short_body,
    white,
    within,
)

FAMILY = "gaps and methods"

HALF = 0.5
"""How far the pause of a mat hold may come back into the first body (TA-Lib's default)."""

UPSIDE_TASUKI_GAP = PatternDefinition(
    name="UpsideTasukiGap",
    family=FAMILY,
    direction="bullish",
    role="continuation",
    bars=3,
    meaning="A gap up, then a falling bar of the same size that does not close the gap: the rise goes on.",
    source=Talib("CDLTASUKIGAP", 1),
    conditions=(
        body_gap_up(1, 2),
        white(1),
        black(0),
        less("third_opens_below_second_close", open_(0), close(1)),
        less("third_opens_above_second_open", open_(1), open_(0)),
        less("third_closes_below_second_open", close(0), open_(1)),
        less("third_closes_above_first_body", body_top(2), close(0)),
        Comparison(
            "bodies_are_alike",
            lambda c: abs(c.body(1) - c.body(0)),
            average(NEAR, 1),
            measured_by="they differ by less than a fifth of the mean range of the 5 bars before",
            symmetric=True,
        ),
    ),
)
DOWNSIDE_TASUKI_GAP = UPSIDE_TASUKI_GAP.mirrored(
    "DownsideTasukiGap", "A gap down, then a rising bar of the same size that does not close the gap: the fall goes on."
)

_WHITE_TWINS: tuple[Condition, ...] = (
    white(1),
    white(0),
    within("bodies_are_alike", body(0), body(1), NEAR, 1),
    equal("opens_are_equal", open_(0), open_(1), 1),
)

# Both have white lines, so neither is the other upside down.
UP_GAP_SIDE_BY_SIDE_WHITE_LINES = PatternDefinition(
    name="UpGapSideBySideWhiteLines",
    family=FAMILY,
    direction="bullish",
    role="continuation",
    bars=3,
    meaning="Two like rising bodies side by side above a gap: the rise goes on.",
    source=Talib("CDLGAPSIDESIDEWHITE", 1),
    conditions=(body_gap_up(1, 2), body_gap_up(0, 2), *_WHITE_TWINS),
)
DOWN_GAP_SIDE_BY_SIDE_WHITE_LINES = PatternDefinition(
    name="DownGapSideBySideWhiteLines",
    family=FAMILY,
    direction="bearish",
    role="continuation",
    bars=3,
    meaning="Two like rising bodies side by side below a gap that they do not close: the fall goes on.",
    source=Talib("CDLGAPSIDESIDEWHITE", -1),
    conditions=(body_gap_down(1, 2), body_gap_down(0, 2), *_WHITE_TWINS),
)

UPSIDE_GAP_THREE_METHODS = PatternDefinition(
    name="UpsideGapThreeMethods",
    family=FAMILY,
    direction="bullish",
    role="continuation",
    bars=3,
    meaning="Two rising bars with a gap between them, then a falling one that closes the gap: the rise goes on.",
    source=Talib("CDLXSIDEGAP3METHODS", 1),
    conditions=(
        white(2),
        white(1),
        black(0),
        body_gap_up(1, 2),
        less("third_opens_below_second_body_top", open_(0), body_top(1)),
        less("third_opens_above_second_body_bottom", body_bottom(1), open_(0)),
        less("third_closes_below_first_body_top", close(0), body_top(2)),
        less("third_closes_above_first_body_bottom", body_bottom(2), close(0)),
    ),
)
DOWNSIDE_GAP_THREE_METHODS = UPSIDE_GAP_THREE_METHODS.mirrored(
    "DownsideGapThreeMethods",
    "Two falling bars with a gap between them, then a rising one that closes the gap: the fall goes on.",
)


def _reaches_into_first_range(name: str, ago: int) -> Condition:
    return all_of(
        f"{name}_body_reaches_into_first_range",
        less("not_above", body_bottom(ago), high(4)),
        less("not_below", low(4), body_top(ago)),
        measured_by="at least in part",
    )


RISING_THREE_METHODS = PatternDefinition(
    name="RisingThreeMethods",
    family=FAMILY,
    direction="bullish",
    role="continuation",
    bars=5,
    meaning="A long rise, three small falling bars within it, and another long rise beyond it: a pause, no more.",
    source=Talib("CDLRISEFALL3METHODS", 1),
    conditions=(
        white(4),
        black(3),
        black(2),
        black(1),
        white(0),
        long_body(4),
        short_body(3),
        short_body(2),
        short_body(1),
        long_body(0),
        _reaches_into_first_range("second", 3),
        _reaches_into_first_range("third", 2),
        _reaches_into_first_range("fourth", 1),
        less("third_close_is_beyond_second", close(2), close(3)),
        less("fourth_close_is_beyond_third", close(1), close(2)),
        less("last_opens_beyond_fourth_close", close(1), open_(0)),
        less("last_closes_beyond_first_close", close(4), close(0), says="closed {} ranges beyond the first close"),
    ),
)
FALLING_THREE_METHODS = RISING_THREE_METHODS.mirrored(
    "FallingThreeMethods",
    "A long fall, three small rising bars within it, and another long fall beyond it: a pause, no more.",
)

_HELD = out_of_body(close(4), 4, HALF)

MAT_HOLD = PatternDefinition(
    name="MatHold",
    family=FAMILY,
    direction="bullish",
    role="continuation",
    bars=5,
    meaning="A long rise, a gap, three small bars that come back no further than its middle, and a new high.",
    source=Talib("CDLMATHOLD", 1),
    conditions=(
        white(4),
        black(3),
        white(0),
        long_body(4),
        short_body(3),
        short_body(2),
        short_body(1),
        body_gap_up(3, 4),
        less("third_body_comes_back", body_bottom(2), close(4)),
        less("fourth_body_comes_back", body_bottom(1), close(4)),
        less("third_body_holds", _HELD, body_bottom(2)),
        less("fourth_body_holds", _HELD, body_bottom(1)),
        less("third_body_falls", body_top(2), open_(3)),
        less("fourth_body_falls", body_top(1), body_top(2)),
        less("last_opens_above_fourth_close", close(1), open_(0)),
        all_of(
            "closes_above_the_pause",
            less("above_second_high", high(3), close(0)),
            less("above_third_high", high(2), close(0)),
            less("above_fourth_high", high(1), close(0)),
            measured_by="beyond the highs of all three bars",
        ),
    ),
)

BULLISH_BREAKAWAY = PatternDefinition(
    name="BullishBreakaway",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=5,
    meaning="A long fall, a gap down, two lower bars, and a rise back into the gap: the fall has broken.",
    source=Talib("CDLBREAKAWAY", 1),
    conditions=(
        black(4),
        black(3),
        black(1),
        white(0),
        long_body(4),
        body_gap_down(3, 4),
        less("third_high_is_beyond_second", high(2), high(3)),
        less("third_low_is_beyond_second", low(2), low(3)),
        less("fourth_high_is_beyond_third", high(1), high(2)),
        less("fourth_low_is_beyond_third", low(1), low(2)),
        less("closes_into_the_gap", open_(3), close(0)),
        less("closes_short_of_first_close", close(0), close(4)),
    ),
)
BEARISH_BREAKAWAY = BULLISH_BREAKAWAY.mirrored(
    "BearishBreakaway", "A long rise, a gap up, two higher bars, and a fall back into the gap: the rise has broken."
)

PATTERNS = (
    UPSIDE_TASUKI_GAP,
    DOWNSIDE_TASUKI_GAP,
    UP_GAP_SIDE_BY_SIDE_WHITE_LINES,
    DOWN_GAP_SIDE_BY_SIDE_WHITE_LINES,
    UPSIDE_GAP_THREE_METHODS,
    DOWNSIDE_GAP_THREE_METHODS,
    RISING_THREE_METHODS,
    FALLING_THREE_METHODS,
    MAT_HOLD,
    BULLISH_BREAKAWAY,
    BEARISH_BREAKAWAY,
)
