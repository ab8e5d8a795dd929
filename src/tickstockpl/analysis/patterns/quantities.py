"""The quantities that conditions compare, each made once: a price of a bar, a size, or what a setting says of it."""

from functools import cache

from tickstockpl.analysis.patterns.candles import Part
from tickstockpl.analysis.patterns.conditions import Quantity
from tickstockpl.analysis.patterns.settings import CandleSetting


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
