"""Definitions of one's own, as docs/definitions.md explains them: TICKSTOCK_DEFINITIONS names this file."""

from collections.abc import Mapping
from functools import reduce

import numpy as np

from tickstockpl.analysis.indicators.entry import Parameter
from tickstockpl.analysis.indicators.formula import Window, formula_entry
from tickstockpl.analysis.patterns.candles import Candles
from tickstockpl.analysis.patterns.conditions import Comparison
from tickstockpl.analysis.patterns.definition import PatternDefinition
from tickstockpl.market.bars import Floats


def price_channel(window: Window, period: int) -> Mapping[str, Floats]:
    """The channel that the last ``period`` bars moved in, and where in it the newest close stands."""
    del period  # the window holds that many bars
    upper = window.high.max(axis=0)
    lower = window.low.min(axis=0)
    return {
        "value": (upper + lower) / 2,
        "upper": upper,
        "lower": lower,
        "position": (window.close[0] - lower) / (upper - lower),
    }


INDICATORS = [
    formula_entry(
        name="PRICE_CHANNEL",
        title="Donchian price channel",
        family="Overlap Studies",
        meaning="Middle, top and bottom of the recent bars' range, and where the close stands in it, 0 to 1.",
        source="R. D. Donchian, High Finance in Copper, Financial Analysts Journal 16(6), 1960",
        formula=price_channel,
        bars=lambda period: period,
        inputs=("high", "low", "close"),
        outputs=("value", "upper", "lower", "position"),
        parameters=(Parameter("period", default=20, minimum=2, maximum=500),),
    )
]


def narrowest_before(candles: Candles) -> Floats:
    """The narrowest range of the six bars before the last but one."""
    return reduce(np.minimum, (candles.range(ago) for ago in range(2, 8)))


NARROW_RANGE_BREAK_UP = PatternDefinition(
    name="NarrowRangeBreakUp",
    family="narrow range",
    direction="bullish",
    role="strength",
    bars=8,
    meaning="The narrowest bar of seven, and a close above its high: the market has stopped waiting.",
    source="T. Crabel, Day Trading with Short Term Price Patterns and Opening Range Breakout, 1990 (NR7)",
    conditions=(
        Comparison(
            "bar_1_ago_is_the_narrowest_of_seven",
            lower=lambda candles: candles.range(1),
            upper=narrowest_before,
            says="the bar before {} ranges narrower than the six before it",
        ),
        Comparison(
            "close_is_above_the_narrow_bar",
            lower=lambda candles: candles.high(1),
            upper=lambda candles: candles.close(0),
            says="closed {} ranges above it",
        ),
    ),
)
NARROW_RANGE_BREAK_DOWN = NARROW_RANGE_BREAK_UP.mirrored(
    "NarrowRangeBreakDown", "The narrowest bar of seven, and a close below its low: the market has stopped waiting."
)

PATTERNS = [NARROW_RANGE_BREAK_UP, NARROW_RANGE_BREAK_DOWN]
