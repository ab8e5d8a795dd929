"""The conditions that many patterns share, each made once: what holds of a bar is computed once for all of them.

A bar is named by how many bars ago it was; the newest needs no name. A body *gap* leaves space between two real bodies,
shadows may overlap; a *candle* gap leaves space between two whole ranges.
"""

from collections.abc import Callable
from functools import cache

from tickstockpl.analysis.patterns.candles import Part
from tickstockpl.analysis.patterns.conditions import (
    SHARE,
    TIMES,
    Combination,
    Comparison,
    Figure,
    Quantity,
    all_of,
)
from tickstockpl.analysis.patterns.settings import (
    BODY_DOJI,
    BODY_LONG,
    BODY_SHORT,
    EQUAL,
    SHADOW_LONG,
    SHADOW_SHORT,
    SHADOW_VERY_LONG,
    SHADOW_VERY_SHORT,
    CandleSetting,
)

_BEFORE = "of the 10 bars before"


def _of(ago: int) -> str:
    return f"_{ago}_ago" if ago else ""


def _when(ago: int) -> str:
    if ago == 0:
        return ""
    return " one bar ago" if ago == 1 else f" {ago} bars ago"


@cache
def quantity(part: Part, ago: int) -> Quantity:
    """A quantity of a bar: ``quantity("close", 1)`` is the close of the bar before."""
    return lambda candles: candles.part(part, ago)


def open_(ago: int) -> Quantity:
    """First price of a bar."""
    return quantity("open", ago)


def high(ago: int) -> Quantity:
    """Highest price of a bar."""
    return quantity("high", ago)


def low(ago: int) -> Quantity:
    """Lowest price of a bar."""
    return quantity("low", ago)


def close(ago: int) -> Quantity:
    """Last price of a bar."""
    return quantity("close", ago)


def body(ago: int) -> Quantity:
    """Height of a bar's real body."""
    return quantity("body", ago)


def body_top(ago: int) -> Quantity:
    """The higher of a bar's open and close."""
    return quantity("body_top", ago)


def body_bottom(ago: int) -> Quantity:
    """The lower of a bar's open and close."""
    return quantity("body_bottom", ago)


@cache
def average(setting: CandleSetting, ago: int) -> Quantity:
    """What a setting compares a bar with."""
    return lambda candles: candles.average(setting, ago)


def above(base: Quantity, setting: CandleSetting, ago: int) -> Quantity:
    """A price, and so much more as a setting says of a bar."""
    return lambda candles: base(candles) + candles.average(setting, ago)


def beneath(base: Quantity, setting: CandleSetting, ago: int) -> Quantity:
    """A price, and so much less as a setting says of a bar."""
    return lambda candles: base(candles) - candles.average(setting, ago)


def into_body(base: Quantity, ago: int, share: float) -> Quantity:
    """A price, and a share of a bar's body more."""
    return lambda candles: base(candles) + candles.body(ago) * share


def out_of_body(base: Quantity, ago: int, share: float) -> Quantity:
    """A price, and a share of a bar's body less."""
    return lambda candles: base(candles) - candles.body(ago) * share


@cache
def middle(ago: int) -> Quantity:
    """Half-way between a bar's low and high."""
    return lambda candles: candles.low(ago) + candles.range(ago) / 2


@cache
def white(ago: int) -> Comparison:
    """The bar did not fall: TA-Lib counts a close at the open as white."""
    return Comparison(f"bar{_of(ago)}_is_white", open_(ago), close(ago), strict=False, colour=True)


@cache
def black(ago: int) -> Comparison:
    """The bar fell."""
    return white(ago).mirrored


@cache
def long_body(ago: int) -> Comparison:
    """The body is larger than usual."""
    return _more(
        f"body{_of(ago)}_is_long",
        body(ago),
        BODY_LONG,
        ago,
        f"more than the mean body {_BEFORE}",
        f"body{_when(ago)} {{}} × the usual",
        symmetric=True,
    )


@cache
def short_body(ago: int, *, strict: bool = True) -> Comparison:
    """The body is smaller than usual."""
    name = f"body{_of(ago)}_is_{'' if strict else 'not_'}{'short' if strict else 'long'}"
    return _less(
        name,
        body(ago),
        BODY_SHORT,
        ago,
        f"{'less' if strict else 'no more'} than the mean body {_BEFORE}",
        f"body{_when(ago)} {{}} × the usual",
        strict=strict,
        symmetric=True,
    )


@cache
def full_body(ago: int) -> Comparison:
    """The body is larger than a short one (which by TA-Lib's settings is a long one)."""
    return _more(
        f"body{_of(ago)}_is_not_short",
        body(ago),
        BODY_SHORT,
        ago,
        f"more than the mean body {_BEFORE}",
        f"body{_when(ago)} {{}} × the usual",
        symmetric=True,
    )


@cache
def doji_body(ago: int, *, as_of: int | None = None) -> Comparison:
    """Open and close are nearly equal, measured by the bars before this one, or before the one ``as_of`` bars ago."""
    return _less(
        f"body{_of(ago)}_is_almost_nothing",
        body(ago),
        BODY_DOJI,
        ago if as_of is None else as_of,
        f"at most a tenth of the mean range {_BEFORE}",
        f"body{_when(ago)} {{}} % of a usual range",
        strict=False,
        figure=(10.0, -10.0),
        symmetric=True,
    )


@cache
def long_upper_shadow(ago: int) -> Comparison:
    """The upper shadow is longer than the body."""
    return _more(
        f"upper_shadow{_of(ago)}_is_long",
        quantity("upper_shadow", ago),
        SHADOW_LONG,
        ago,
        "longer than the body",
        f"upper shadow{_when(ago)} {{}} × body",
    )


@cache
def very_long_upper_shadow(ago: int) -> Comparison:
    """The upper shadow is longer than twice the body."""
    return _more(
        f"upper_shadow{_of(ago)}_is_very_long",
        quantity("upper_shadow", ago),
        SHADOW_VERY_LONG,
        ago,
        "longer than twice the body",
        f"upper shadow{_when(ago)} {{}} × twice the body",
    )


@cache
def short_upper_shadow(ago: int) -> Comparison:
    """The upper shadow is shorter than usual."""
    return _less(
        f"upper_shadow{_of(ago)}_is_short",
        quantity("upper_shadow", ago),
        SHADOW_SHORT,
        ago,
        f"shorter than the mean shadow {_BEFORE}",
        "",
    )


@cache
def not_short_upper_shadow(ago: int) -> Comparison:
    """The upper shadow is longer than usual."""
    return _more(
        f"upper_shadow{_of(ago)}_is_not_short",
        quantity("upper_shadow", ago),
        SHADOW_SHORT,
        ago,
        f"longer than the mean shadow {_BEFORE}",
        f"upper shadow{_when(ago)} {{}} × the usual",
    )


@cache
def no_upper_shadow(ago: int) -> Comparison:
    """There is almost no upper shadow."""
    return _less(
        f"upper_shadow{_of(ago)}_is_very_short",
        quantity("upper_shadow", ago),
        SHADOW_VERY_SHORT,
        ago,
        f"shorter than a tenth of the mean range {_BEFORE}",
        f"almost no upper shadow{_when(ago)}",
    )


@cache
def some_upper_shadow(ago: int) -> Comparison:
    """There is an upper shadow to speak of."""
    return _more(
        f"upper_shadow{_of(ago)}_is_not_very_short",
        quantity("upper_shadow", ago),
        SHADOW_VERY_SHORT,
        ago,
        f"longer than a tenth of the mean range {_BEFORE}",
        "",
    )


def _lower(upper: Callable[[int], Comparison]) -> Callable[[int], Comparison]:
    return cache(lambda ago: upper(ago).mirrored)


long_lower_shadow = _lower(long_upper_shadow)
very_long_lower_shadow = _lower(very_long_upper_shadow)
short_lower_shadow = _lower(short_upper_shadow)
no_lower_shadow = _lower(no_upper_shadow)
some_lower_shadow = _lower(some_upper_shadow)


@cache
def body_gap_up(ago: int, before: int) -> Comparison:
    """The body lies wholly above an earlier one."""
    return Comparison(
        f"body{_of(ago)}_gaps_up",
        body_top(before),
        body_bottom(ago),
        measured_by=f"wholly above the body{_when(before)}",
        says=f"gapped up{_when(ago)} by {{}} ranges",
    )


@cache
def body_gap_down(ago: int, before: int) -> Comparison:
    """The body lies wholly below an earlier one."""
    return body_gap_up(ago, before).mirrored


@cache
def candle_gap_up(ago: int, before: int) -> Comparison:
    """The whole bar lies above an earlier one."""
    return Comparison(
        f"bar{_of(ago)}_gaps_up",
        high(before),
        low(ago),
        measured_by=f"wholly above the one{_when(before)}, shadows included",
        says=f"gapped up{_when(ago)} by {{}} ranges",
    )


@cache
def candle_gap_down(ago: int, before: int) -> Comparison:
    """The whole bar lies below an earlier one."""
    return candle_gap_up(ago, before).mirrored


def within(name: str, price: Quantity, target: Quantity, setting: CandleSetting, ago: int) -> Combination:
    """A price lies no further from another than a setting says of a bar."""
    far = "a fifth" if setting.factor == 0.2 else "a twentieth"
    return all_of(
        name,
        Comparison("not_above", price, above(target, setting, ago), strict=False),
        Comparison("not_below", beneath(target, setting, ago), price, strict=False),
        measured_by=f"within {far} of the mean range of the {setting.period} bars before",
    )


def equal(name: str, price: Quantity, target: Quantity, ago: int) -> Combination:
    """A price is as good as equal to another, by the bars before the one ``ago``."""
    return within(name, price, target, EQUAL, ago)


def less(
    name: str, lower: Quantity, upper: Quantity, *, strict: bool = True, optional: bool = False, says: str = ""
) -> Comparison:
    """One price lies below another; measured in usual ranges."""
    return Comparison(name, lower, upper, strict=strict, optional=optional, says=says)


def _more(
    name: str, size: Quantity, setting: CandleSetting, ago: int, measured_by: str, says: str, *, symmetric: bool = False
) -> Comparison:
    limit = average(setting, ago)
    return Comparison(name, limit, size, limit, measured_by=measured_by, says=says, figure=TIMES, symmetric=symmetric)


def _less(
    name: str,
    size: Quantity,
    setting: CandleSetting,
    ago: int,
    measured_by: str,
    says: str,
    *,
    strict: bool = True,
    symmetric: bool = False,
    figure: Figure = SHARE,
) -> Comparison:
    limit = average(setting, ago)
    return Comparison(
        name,
        size,
        limit,
        limit,
        strict,
        measured_by=measured_by,
        says=says,
        figure=figure,
        symmetric=symmetric,
    )
