"""The conditions that many patterns share, each made once: what holds of a bar is worked out once for all of them.

A bar is named by how many bars ago it was; the newest needs no name. A body *gap* leaves space between two real bodies,
shadows may overlap; a *candle* gap leaves space between two whole ranges.
"""

from collections.abc import Callable
from functools import cache
from typing import Final, Literal

from tickstockpl.analysis.patterns.conditions import (
    SHARE,
    TIMES,
    Combination,
    Comparison,
    Figure,
    Quantity,
    all_of,
)
from tickstockpl.analysis.patterns.quantities import (
    above,
    average,
    beneath,
    body_bottom,
    body_top,
    close,
    high,
    low,
    open_,
    quantity,
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

_BODY_BEFORE: Final = "the mean body of the 10 bars before"
_RANGE_BEFORE: Final = "the mean range of the 10 bars before"
_SHADOW_BEFORE: Final = "the mean shadow of the 10 bars before"


def less(
    name: str, lower: Quantity, upper: Quantity, *, strict: bool = True, optional: bool = False, says: str = ""
) -> Comparison:
    """One price lies below another; measured in usual ranges."""
    return Comparison(name, lower, upper, strict=strict, optional=optional, says=says)


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
    return _more("body", ago, "long", BODY_LONG, f"more than {_BODY_BEFORE}", "… {} × the usual")


@cache
def full_body(ago: int) -> Comparison:
    """The body is larger than a short one (which by TA-Lib's settings is a long one)."""
    return _more("body", ago, "not_short", BODY_SHORT, f"more than {_BODY_BEFORE}", "… {} × the usual")


@cache
def short_body(ago: int) -> Comparison:
    """The body is smaller than usual."""
    return _less("body", ago, "short", BODY_SHORT, f"less than {_BODY_BEFORE}", "… {} × the usual")


@cache
def no_long_body(ago: int) -> Comparison:
    """The body is smaller than usual, or just as large."""
    return _less("body", ago, "not_long", BODY_SHORT, f"at most {_BODY_BEFORE}", "… {} × the usual", strict=False)


@cache
def doji_body(ago: int, *, as_of: int | None = None) -> Comparison:
    """Open and close are nearly equal, measured by the bars before this one, or before the one ``as_of`` bars ago."""
    return _less(
        "body",
        ago,
        "almost_nothing",
        BODY_DOJI,
        f"at most a tenth of {_RANGE_BEFORE}",
        "… {} % of a usual range",
        strict=False,
        as_of=as_of,
        figure=(10.0, -10.0),
    )


@cache
def long_upper_shadow(ago: int) -> Comparison:
    """The upper shadow is longer than the body."""
    return _more("upper_shadow", ago, "long", SHADOW_LONG, "longer than the body", "… {} × body")


@cache
def very_long_upper_shadow(ago: int) -> Comparison:
    """The upper shadow is longer than twice the body."""
    return _more(
        "upper_shadow",
        ago,
        "very_long",
        SHADOW_VERY_LONG,
        "longer than twice the body",
        "… {} × body",
        figure=(2.0, 2.0),
    )


@cache
def short_upper_shadow(ago: int) -> Comparison:
    """The upper shadow is shorter than usual."""
    return _less("upper_shadow", ago, "short", SHADOW_SHORT, f"shorter than {_SHADOW_BEFORE}")


@cache
def not_short_upper_shadow(ago: int) -> Comparison:
    """The upper shadow is longer than usual."""
    return _more("upper_shadow", ago, "not_short", SHADOW_SHORT, f"longer than {_SHADOW_BEFORE}")


@cache
def no_upper_shadow(ago: int) -> Comparison:
    """There is almost no upper shadow."""
    return _less(
        "upper_shadow", ago, "very_short", SHADOW_VERY_SHORT, f"shorter than a tenth of {_RANGE_BEFORE}", "almost no …"
    )


@cache
def some_upper_shadow(ago: int) -> Comparison:
    """There is an upper shadow to speak of."""
    return _more("upper_shadow", ago, "not_very_short", SHADOW_VERY_SHORT, f"longer than a tenth of {_RANGE_BEFORE}")


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
        measured_by=f"wholly above all that was traded{_when(before)}",
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


def _of(ago: int) -> str:
    return f"_{ago}_ago" if ago else ""


def _when(ago: int) -> str:
    if ago == 0:
        return ""
    return " one bar ago" if ago == 1 else f" {ago} bars ago"


_Size = Literal["body", "upper_shadow"]


def _more(
    size: _Size, ago: int, is_: str, setting: CandleSetting, measured_by: str, says: str = "", figure: Figure = TIMES
) -> Comparison:
    """A size exceeds what a setting says; ``…`` in ``says`` stands for the size."""
    limit = average(setting, ago)
    return Comparison(
        f"{size}{_of(ago)}_is_{is_}",
        lower=limit,
        upper=quantity(size, ago),
        scale=limit,
        measured_by=measured_by,
        says=says.replace("…", size.replace("_", " ") + _when(ago)),
        figure=figure,
        symmetric=size == "body",
    )


def _less(
    size: _Size,
    ago: int,
    is_: str,
    setting: CandleSetting,
    measured_by: str,
    says: str = "",
    *,
    strict: bool = True,
    as_of: int | None = None,
    figure: Figure = SHARE,
) -> Comparison:
    """A size stays below what a setting says of the bar ``as_of`` bars ago; ``…`` in ``says`` stands for the size."""
    limit = average(setting, ago if as_of is None else as_of)
    return Comparison(
        f"{size}{_of(ago)}_is_{is_}",
        lower=quantity(size, ago),
        upper=limit,
        scale=limit,
        strict=strict,
        measured_by=measured_by,
        says=says.replace("…", size.replace("_", " ") + _when(ago)),
        figure=figure,
        symmetric=size == "body",
    )
