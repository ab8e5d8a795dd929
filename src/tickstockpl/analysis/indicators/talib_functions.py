"""What TA-Lib says of its own functions: inputs, parameters and their ranges, outputs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

import talib
from talib import abstract

from tickstockpl.analysis.indicators.definition import Column, TalibIndicator, instance_name
from tickstockpl.analysis.indicators.entry import IndicatorEntry, Parameter

_COLUMNS: Mapping[str, Column] = MappingProxyType(
    {"open": "open", "high": "high", "low": "low", "close": "close", "volume": "volume"}
)

_LEAST: Final = {int: (0, 1, 2), float: (-3e37, 0.0, 0.01)}
_GREATEST: Final = {int: (100_000, 13), float: (3e37, 100.0, 1.0, 0.99)}
"""The bounds that TA-Lib's parameters have. Its Python package does not tell which has which, but its functions say of
every value whether they take it."""


@dataclass(frozen=True, slots=True)
class TalibFunction:
    """One of TA-Lib's indicator functions.

    Attributes:
        name: TA-Lib's name.
        title: what it is called in words.
        group: TA-Lib's group of functions.
        inputs: what of a bar it is computed from, in the function's order.
        parameters: TA-Lib's names and defaults, in the function's order; an ``int`` default takes whole numbers.
        outputs: TA-Lib's names, in the function's order.
    """

    name: str
    title: str
    group: str
    inputs: tuple[Column, ...]
    parameters: Mapping[str, int | float]
    outputs: tuple[str, ...]

    def parameter(self, name: str, called: str | None = None, default: float | None = None) -> Parameter:
        """A parameter with the range that TA-Lib allows. All but the kinds of moving average are positional.

        Args:
            name: TA-Lib's name of it.
            called: another name for it.
            default: another default.
        """
        kind = type(self.parameters[name])
        return Parameter(
            called or name,
            self.parameters[name] if default is None else kind(default),
            self._outermost(name, _LEAST[kind]),
            self._outermost(name, _GREATEST[kind]),
            positional=not name.endswith("matype"),
        )

    def _outermost(self, name: str, bounds: Iterable[int | float]) -> int | float:
        return next(bound for bound in bounds if self._takes({**self.parameters, name: bound}))

    def _takes(self, arguments: Mapping[str, int | float]) -> bool:
        return int(abstract.Function(self.name, **arguments).lookback) >= 0  # type: ignore[attr-defined]  # not in its stubs


def _functions() -> dict[str, TalibFunction]:
    """All functions of single bars: no candlestick patterns, and none that wants a series that bars do not have."""
    found = {}
    patterns = set(talib.get_function_groups()["Pattern Recognition"])  # type: ignore[no-untyped-call]
    for name in talib.get_functions():  # type: ignore[no-untyped-call]
        if name in patterns:
            continue
        info = abstract.Function(name).info  # type: ignore[attr-defined]  # not in its stubs
        series = [
            part for given in info["input_names"].values() for part in ([given] if isinstance(given, str) else given)
        ]
        if all(part in _COLUMNS for part in series):
            found[name] = TalibFunction(
                name,
                info["display_name"],
                info["group"],
                tuple(_COLUMNS[part] for part in series),
                MappingProxyType(dict(info["parameters"])),
                tuple(info["output_names"]),
            )
    return found


FUNCTIONS: Mapping[str, TalibFunction] = MappingProxyType(_functions())
"""TA-Lib's indicator functions by name."""


def talib_entry(function: TalibFunction) -> IndicatorEntry:
    """The catalog's entry of a function as TA-Lib describes it."""
    return IndicatorEntry(
        name=function.name,
        title=function.title,
        family=function.group,
        parameters=tuple(map(function.parameter, function.parameters)),
        meaning=f"{function.title} (TA-Lib {function.name}).",
        source=f"TA-Lib {function.name}",
        define=partial(_define, function),
    )


def _define(function: TalibFunction, **arguments: float) -> TalibIndicator:
    """An indicator from TA-Lib's metadata: its first output is ``value``, and all outputs keep their names."""
    positional = [value for name, value in arguments.items() if not name.endswith("matype")]
    named = [
        f"_{name}{value:g}"
        for name, value in arguments.items()
        if name.endswith("matype") and value != function.parameters[name]
    ]
    single = len(function.outputs) == 1
    return TalibIndicator(
        name=function.name,
        instance=instance_name(function.name, *positional) + "".join(named),
        function=function.name,
        arguments=arguments,
        parameters={"period" if name == "timeperiod" else name: value for name, value in arguments.items()},
        inputs=function.inputs,
        outputs=("value",) if single else ("value", *function.outputs[1:]),
        derived={} if single else {function.outputs[0]: lambda outputs, _close: outputs[0]},
    )
