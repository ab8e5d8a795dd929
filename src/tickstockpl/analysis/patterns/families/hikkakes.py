"""Hikkakes: an inside bar whose break turns out false (Daniel L. Chesler, 2003).

A hikkake is found on the bar that breaks out; it is confirmed when one of the next three bars closes beyond the inside
bar on the other side. TA-Lib reports the first as ±100 and the second as ±200; here they are patterns of their own.
"""

from collections.abc import Callable
from functools import cache

from tickstockpl.analysis.patterns.conditions import Condition, all_of, any_of, none_of
from tickstockpl.analysis.patterns.definition import PatternDefinition, Talib
from tickstockpl.analysis.patterns.quantities import above, close, high, low
from tickstockpl.analysis.patterns.settings import NEAR
from tickstockpl.analysis.patterns.vocabulary import less

FAMILY = "hikkake"

CONFIRMED_WITHIN = 3
"""Bars after a hikkake within which it can be confirmed."""

Formation = Callable[[int], Condition]
"""A hikkake whose breaking bar was so many bars ago."""


@cache
def _inside(ago: int) -> tuple[Condition, Condition]:
    return (
        less("high_is_inside_previous", high(ago), high(ago + 1)),
        less("low_is_inside_previous", low(ago + 1), low(ago)),
    )


@cache
def _breaks_down(ago: int) -> tuple[Condition, Condition]:
    return (
        less("breaks_out_with_its_high", high(ago), high(ago + 1)),
        less("breaks_out_with_its_low", low(ago), low(ago + 1), says="broke out by {} ranges"),
    )


@cache
def _hikkake(ago: int) -> Condition:
    return all_of("hikkake", *_inside(ago + 1), *_breaks_down(ago))


@cache
def _modified(ago: int) -> Condition:
    near_low = less("second_close_is_near_its_low", close(ago + 2), above(low(ago + 2), NEAR, ago + 2), strict=False)
    return all_of("modified_hikkake", *_inside(ago + 2), *_inside(ago + 1), *_breaks_down(ago), near_low)


def _confirmed(formation: Formation) -> tuple[Condition, ...]:
    """One of the last bars completed the formation, nothing has come after it, and this bar confirms it."""
    ways = []
    for ago in range(1, CONFIRMED_WITHIN + 1):
        later = [one for bar in range(ago) for one in (formation(bar), formation(bar).mirrored)]
        earlier = [less(f"confirmed_{bar}_ago", high(ago + 1), close(bar)) for bar in range(1, ago)]
        ways.append(
            all_of(
                f"{ago}_ago",
                formation(ago),
                none_of("no_hikkake_since", *later),
                *([none_of("not_confirmed_before", *earlier)] if earlier else []),
                less("closes_beyond_the_inside_bar", high(ago + 1), close(0)),
            )
        )
    return (
        any_of(
            "closes_beyond_the_inside_bar_of_a_hikkake",
            *ways,
            measured_by=f"of one found 1 to {CONFIRMED_WITHIN} bars ago, for the first time",
        ),
    )


BULLISH_HIKKAKE = PatternDefinition(
    name="BullishHikkake",
    family=FAMILY,
    direction="bullish",
    role="strength",
    bars=3,
    meaning="An inside bar was broken downward: if that turns out false, sellers are trapped.",
    source=Talib("CDLHIKKAKE", 1),
    conditions=(*_inside(1), *_breaks_down(0)),
)
BEARISH_HIKKAKE = BULLISH_HIKKAKE.mirrored(
    "BearishHikkake", "An inside bar was broken upward: if that turns out false, buyers are trapped."
)

BULLISH_HIKKAKE_CONFIRMED = PatternDefinition(
    name="BullishHikkakeConfirmed",
    family=FAMILY,
    direction="bullish",
    role="strength",
    bars=4,
    meaning="The downward break of an inside bar was false: a close above the inside bar has trapped the sellers.",
    source=Talib("CDLHIKKAKE", 1, confirms=True),
    conditions=_confirmed(_hikkake),
)
BEARISH_HIKKAKE_CONFIRMED = BULLISH_HIKKAKE_CONFIRMED.mirrored(
    "BearishHikkakeConfirmed",
    "The upward break of an inside bar was false: a close below the inside bar has trapped the buyers.",
)

BULLISH_MODIFIED_HIKKAKE = PatternDefinition(
    name="BullishModifiedHikkake",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=4,
    meaning="Two bars, each inside the one before, the first closing near its low, were broken downward.",
    source=Talib("CDLHIKKAKEMOD", 1),
    conditions=(
        less("second_high_is_inside_first", high(2), high(3)),
        less("second_low_is_inside_first", low(3), low(2)),
        *_inside(1),
        *_breaks_down(0),
        less("second_close_is_near_its_low", close(2), above(low(2), NEAR, 2), strict=False),
    ),
)
BEARISH_MODIFIED_HIKKAKE = BULLISH_MODIFIED_HIKKAKE.mirrored(
    "BearishModifiedHikkake",
    "Two bars, each inside the one before, the first closing near its high, were broken upward.",
)

BULLISH_MODIFIED_HIKKAKE_CONFIRMED = PatternDefinition(
    name="BullishModifiedHikkakeConfirmed",
    family=FAMILY,
    direction="bullish",
    role="reversal",
    bars=5,
    meaning="The downward break of a modified hikkake was false: a close above the inside bar has trapped the sellers.",
    source=Talib("CDLHIKKAKEMOD", 1, confirms=True),
    conditions=_confirmed(_modified),
)
BEARISH_MODIFIED_HIKKAKE_CONFIRMED = BULLISH_MODIFIED_HIKKAKE_CONFIRMED.mirrored(
    "BearishModifiedHikkakeConfirmed",
    "The upward break of a modified hikkake was false: a close below the inside bar has trapped the buyers.",
)

PATTERNS = (
    BULLISH_HIKKAKE,
    BEARISH_HIKKAKE,
    BULLISH_HIKKAKE_CONFIRMED,
    BEARISH_HIKKAKE_CONFIRMED,
    BULLISH_MODIFIED_HIKKAKE,
    BEARISH_MODIFIED_HIKKAKE,
    BULLISH_MODIFIED_HIKKAKE_CONFIRMED,
    BEARISH_MODIFIED_HIKKAKE_CONFIRMED,
)
