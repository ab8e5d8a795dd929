"""What TA-Lib says of its own functions: inputs, parameters, outputs."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import talib
from talib import abstract

from tickstockpl.analysis.indicators.definition import Column, IndicatorDefinition

_COLUMNS: Mapping[str, Column] = MappingProxyType(
    {"open": "open", "high": "high", "low": "low", "close": "close", "volume": "volume"}
)


@dataclass(frozen=True, slots=True)
class TalibFunction:
    """One of TA-Lib's indicator functions.

    Attributes:
        name: TA-Lib's name.
        title: what it is called in words.
        inputs: what of a bar it is computed from, in the function's order.
        parameters: TA-Lib's names and defaults, in the function's order; an ``int`` default takes whole numbers.
        outputs: TA-Lib's names, in the function's order.
    """

    name: str
    title: str
    inputs: tuple[Column, ...]
    parameters: Mapping[str, int | float]
    outputs: tuple[str, ...]

    @staticmethod
    def positional(parameters: Mapping[str, int | float]) -> list[str]:
        """The parameters that values without a name are given to: all but the kinds of moving average."""
        return [name for name in parameters if not name.endswith("matype")]


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
                tuple(_COLUMNS[part] for part in series),
                MappingProxyType(dict(info["parameters"])),
                tuple(info["output_names"]),
            )
    return found


FUNCTIONS: Mapping[str, TalibFunction] = MappingProxyType(_functions())
"""TA-Lib's indicator functions by name."""


def from_talib(function: TalibFunction, arguments: Mapping[str, int | float]) -> IndicatorDefinition:
    """An indicator from TA-Lib's metadata: its first output is ``value``, and all outputs keep their names.

    Args:
        function: which one.
        arguments: every parameter of the function.
    """
    in_order = TalibFunction.positional(function.parameters)
    named = [
        f"{name}{value:g}"
        for name, value in arguments.items()
        if name not in in_order and value != function.parameters[name]
    ]
    instance = "_".join([function.name, *(f"{arguments[name]:g}" for name in in_order), *named])
    single = len(function.outputs) == 1
    return IndicatorDefinition(
        name=function.name,
        instance=instance,
        function=function.name,
        arguments=dict(arguments),
        parameters={"period" if name == "timeperiod" else name: value for name, value in arguments.items()},
        inputs=function.inputs,
        outputs=("value",) if single else ("value", *function.outputs[1:]),
        derived={} if single else {function.outputs[0]: lambda outputs, _close: outputs[0]},
        meaning=f"{function.title} (TA-Lib {function.name}).",
    )
