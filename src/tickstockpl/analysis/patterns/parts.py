"""Conditions that several patterns share."""

from tickstockpl.analysis.patterns.definition import Condition


def _bar(ago: int) -> str:
    return "bar" if ago == 0 else f"bar_{ago}_ago"


def white(ago: int) -> Condition:
    """The bar did not fall: TA-Lib counts a close at the open as white."""
    return Condition(f"{_bar(ago)}_is_white", lower=lambda c: c.open(ago), upper=lambda c: c.close(ago), strict=False)


def black(ago: int) -> Condition:
    """The bar fell."""
    return Condition(f"{_bar(ago)}_is_black", lower=lambda c: c.close(ago), upper=lambda c: c.open(ago))
