"""Indicators by name and parameters, as a user writes them: ``RSI:14 SMA:200 STOCH:14,3,3``.

RSI, SMA, MACD and BB have entries of our own (``definition.py``), for their names in the contract and their alerts.
Every other indicator of TA-Lib comes from TA-Lib's own metadata.
"""

import difflib
from collections.abc import Callable, Mapping
from math import isfinite
from types import MappingProxyType

from tickstockpl.analysis.indicators.definition import (
    DEFAULT_INDICATORS,
    IndicatorDefinition,
    bollinger_bands,
    macd,
    rsi,
    sma,
)
from tickstockpl.analysis.indicators.talib_functions import FUNCTIONS, TalibFunction, from_talib
from tickstockpl.errors import TickStockError

SETTING = "TICKSTOCK_INDICATORS"

Parameters = Mapping[str, int | float]
"""Names and defaults, in the order in which values are given."""

_OWN: Mapping[str, tuple[Callable[..., IndicatorDefinition], Parameters]] = MappingProxyType(
    {
        "RSI": (rsi, {"period": 14, "overbought": 70.0, "oversold": 30.0}),
        "SMA": (sma, {"period": 20}),
        "MACD": (macd, {"fast": 12, "slow": 26, "signal": 9}),
        "BB": (bollinger_bands, {"period": 20, "deviations": 2.0}),
    }
)
_ALIASES = MappingProxyType({"BBANDS": "BB"})

INDICATOR_NAMES: tuple[str, ...] = tuple(sorted({*_OWN, *FUNCTIONS} - set(_ALIASES)))
"""Every name that can be chosen."""


def select_indicators(choice: str) -> tuple[IndicatorDefinition, ...]:
    """Read the setting ``TICKSTOCK_INDICATORS``.

    Args:
        choice: items separated by spaces or semicolons: ``default`` (the six of the default set), or a name, in any
            letter case, with its parameters after a colon, separated by commas: values in the indicator's order, then
            ``name=value``. What is left out has its default.

    Raises:
        TickStockError: if a name or a parameter is wrong, or an instance stands twice; says what is allowed.
    """
    found: dict[str, IndicatorDefinition] = {}
    for item in choice.replace(";", " ").split():
        definitions = DEFAULT_INDICATORS if item.lower() == "default" else (_read(item),)
        for definition in definitions:
            if definition.instance in found:
                raise _wrong(item, f"names {definition.instance} a second time; leave one out")
            found[definition.instance] = definition
    if not found:
        raise TickStockError(f"setting {SETTING} is empty; write default, or indicators such as RSI:14 SMA:20")
    return tuple(found.values())


def _read(item: str) -> IndicatorDefinition:
    name, _, written = item.partition(":")
    name = name.upper()
    name = _ALIASES.get(name, name)
    if name in _OWN:
        make, defaults = _OWN[name]
        definition = make(**_arguments(item, name, written, defaults))
    elif name in FUNCTIONS:
        function = FUNCTIONS[name]
        definition = from_talib(function, _arguments(item, name, written, function.parameters))
    else:
        close = difflib.get_close_matches(name, INDICATOR_NAMES, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise _wrong(item, f"names no indicator{hint}; there are {', '.join(INDICATOR_NAMES)}")
    if definition.lookback < 0:
        takes = _described(_OWN[name][1] if name in _OWN else FUNCTIONS[name].parameters)
        raise _wrong(item, f"has a parameter outside of what TA-Lib allows; {name} takes {takes}")
    return definition


def _arguments(item: str, name: str, written: str, defaults: Parameters) -> dict[str, int | float]:
    """The parameters of one item, by name, defaults filled in."""
    values = dict(defaults)
    in_order = TalibFunction.positional(defaults)
    takes = f"{name} takes {_described(defaults)}"
    for place, part in enumerate(written.split(",") if written else ()):
        parameter, equals, value = part.rpartition("=")
        if not equals:
            if place >= len(in_order):
                raise _wrong(item, f"has more values than parameters; {takes}")
            parameter = in_order[place]
        elif parameter not in defaults:
            raise _wrong(item, f"has a parameter {parameter!r}, which does not exist; {takes}")
        try:
            values[parameter] = type(defaults[parameter])(value)
            finite = isfinite(values[parameter])
        except ValueError:
            finite = False
        if not finite:
            kind = "a whole number" if isinstance(defaults[parameter], int) else "a number"
            raise _wrong(item, f"has {value!r} for {parameter}, which is not {kind}; {takes}")
    return values


def _described(parameters: Parameters) -> str:
    if not parameters:
        return "no parameters"
    return ", ".join(f"{name} ({default:g} unless given)" for name, default in parameters.items())


def _wrong(item: str, what: str) -> TickStockError:
    return TickStockError(f"setting {SETTING}: {item!r} {what}")
