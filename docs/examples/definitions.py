"""Definitions of one's own, as docs/definitions.md explains them: TICKSTOCK_DEFINITIONS names this file."""

from collections.abc import Mapping

from tickstockpl.analysis.indicators.entry import Parameter
from tickstockpl.analysis.indicators.formula import Window, formula_entry
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

# PATTERNS: the example of a pattern of one's own goes here.
