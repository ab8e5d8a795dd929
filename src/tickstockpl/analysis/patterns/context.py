"""Where a formation stands: after which move, and how high among its neighbours.

A reversal with nothing to reverse, or a formation no higher than a usual bar, is noise. Context grades a pattern; it
never decides whether there is one.
"""

from collections.abc import Callable
from functools import cache
from math import sqrt
from typing import Final, Literal, get_args

import numpy as np

from tickstockpl.analysis.patterns.candles import USUAL_PERIOD, Candles
from tickstockpl.analysis.patterns.conditions import Comparison, Condition
from tickstockpl.contract.catalog import Direction
from tickstockpl.market.bars import Floats

Role = Literal["reversal", "continuation", "indecision", "strength"]
"""What a pattern is said to do: turn the move before it, carry it on, halt it whichever way it went, or, whatever came
before, show strength by itself."""

ROLES: Final = get_args(Role)

AVERAGED: Final = USUAL_PERIOD
"""Bars before the formation that the context looks at; as many as TA-Lib's longest average."""

LEAST_MOVE: Final = 2.5
"""Usual ranges that the market must have moved before there is something to turn, carry on or halt."""

LEAST_HEIGHT: Final = 1.5
"""How high a formation must be, as a multiple of what as many usual bars reach."""


@cache
def context_of(role: Role, direction: Direction, bars: int) -> tuple[Condition, ...]:
    """The context conditions of a pattern."""
    height = _height(bars)
    if role == "strength":
        return (height,)
    if role == "indecision" or direction == "neutral":
        return (_move(bars), height)
    falls = (direction == "bullish") == (role == "reversal")
    return (_fall(bars) if falls else _rise(bars), height)


@cache
def _fall(bars: int) -> Comparison:
    return _moved("after_a_fall", f"after a fall of {{}} ranges within {AVERAGED} bars", _fallen, bars)


@cache
def _rise(bars: int) -> Comparison:
    return _fall(bars).mirrored


@cache
def _move(bars: int) -> Comparison:
    def moved(candles: Candles, bars: int) -> Floats:
        return np.maximum(_fallen(candles, bars), _fallen(candles.mirror, bars))

    return _moved("after_a_move", f"after a move of {{}} ranges within {AVERAGED} bars", moved, bars)


def _moved(name: str, says: str, moved: Callable[[Candles, int], Floats], bars: int) -> Comparison:
    def usual(candles: Candles) -> Floats:
        return candles.usual_range(bars - 1)

    return Comparison(
        name,
        lower=lambda candles: LEAST_MOVE * usual(candles),
        upper=lambda candles: moved(candles, bars),
        scale=usual,
        strict=False,
        optional=True,
        measured_by=f"of at least {LEAST_MOVE:g} usual ranges, from the farthest close of the {AVERAGED} bars "
        "before to the last close before the formation",
        says=says,
        figure=(LEAST_MOVE, 1.0),
    )


def _fallen(candles: Candles, bars: int) -> Floats:
    """How far the last close before a formation lies below the highest close within :data:`AVERAGED` bars before it."""
    last = candles.close(bars)
    return np.fmax(candles.highest_close_before(bars), last) - last


@cache
def _height(bars: int) -> Comparison:
    def usual(candles: Candles) -> Floats:
        # Of a random walk, n bars together reach √n times as far as one.
        return sqrt(bars) * candles.usual_range(bars - 1)

    def height(candles: Candles) -> Floats:
        return candles.highest(bars - 1) - candles.lowest(bars - 1)

    return Comparison(
        "formation_is_high",
        lower=lambda candles: LEAST_HEIGHT * usual(candles),
        upper=height,
        scale=usual,
        strict=False,
        optional=True,
        measured_by=f"at least {LEAST_HEIGHT:g} × as high as {'a bar' if bars == 1 else f'{bars} bars'} usually",
        says="{} × as high as usual",
        figure=(LEAST_HEIGHT, 1.0),
        symmetric=True,
    )
