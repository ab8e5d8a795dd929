"""Indicators of the user's own: a formula over a window of bars, for all symbols at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tickstockpl.analysis.indicators.definition import Column, IndicatorDefinition, instance_name
from tickstockpl.analysis.indicators.entry import IndicatorEntry, Parameter
from tickstockpl.market.bars import Floats

MOST_BARS: Final = 10_000
"""Bars that a formula may look at; 11,000 symbols take 840 MiB for each input then."""


class Window:
    """The newest bars of some symbols, as a formula sees them.

    Each of the five columns is an array of shape (bars, symbols): row 0 is the newest bar, row 1 the one before.
    The arrays are copies that cannot be written to.

    Args:
        columns: by name, what the indicator declared as its inputs.
    """

    def __init__(self, columns: Mapping[Column, Floats]) -> None:
        self._columns = columns

    @property
    def open(self) -> Floats:
        """First prices, US dollars."""
        return self._column("open")

    @property
    def high(self) -> Floats:
        """Highest prices, US dollars."""
        return self._column("high")

    @property
    def low(self) -> Floats:
        """Lowest prices, US dollars."""
        return self._column("low")

    @property
    def close(self) -> Floats:
        """Last prices, US dollars."""
        return self._column("close")

    @property
    def volume(self) -> Floats:
        """Shares."""
        return self._column("volume")

    def _column(self, name: Column) -> Floats:
        try:
            return self._columns[name]
        except KeyError:
            raise LookupError(f"{name} is not among the inputs that the indicator declares") from None


Formula = Callable[..., Mapping[str, Floats]]
"""Called with a :class:`Window` and the parameters by name; gives each output's values, shape (symbols,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaIndicator(IndicatorDefinition):
    """An indicator that a formula computes.

    Attributes:
        formula: what computes it; with ``parameters`` as keywords.
        bars: how many bars its window holds.
    """

    formula: Formula
    bars: int

    @property
    def lookback(self) -> int:
        """Bars that pass before the window is full."""
        return self.bars - 1


def formula_entry(
    *,
    name: str,
    title: str,
    family: str,
    meaning: str,
    source: str,
    formula: Formula,
    bars: Callable[..., int],
    inputs: Sequence[Column],
    outputs: Sequence[str] = ("value",),
    parameters: Sequence[Parameter] = (),
) -> IndicatorEntry:
    """Declare an indicator of one's own.

    Args:
        name: the events' name of it, in capitals: ``DONCHIAN``.
        title: the name as people write it.
        family: indicators of one kind, ``Overlap Studies`` for what is drawn over the prices.
        meaning: one sentence.
        source: where it is defined.
        formula: computes it; must treat every symbol for itself, and give the same for the same bars.
        bars: how many bars the formula looks at, from the parameters by name.
        inputs: what of a bar it looks at.
        outputs: names of what it gives; the one called ``value`` is the event's value.
        parameters: what can be chosen, in the order in which values without a name are given.

    Returns:
        The catalog's entry.

    Raises:
        ValueError: if the declaration contradicts itself.
    """
    if list(outputs).count("value") != 1 or len(set(outputs)) != len(outputs):
        raise ValueError(f"indicator {name} has the outputs {list(outputs)}; one must be 'value', and all differ")
    if not inputs:
        raise ValueError(f"indicator {name} has no inputs; name what of a bar its formula looks at")
    if unknown := set(inputs) - {"open", "high", "low", "close", "volume"}:
        raise ValueError(f"indicator {name} has the inputs {sorted(unknown)}; a bar has open, high, low, close, volume")
    if len({parameter.name for parameter in parameters}) != len(parameters):
        raise ValueError(f"indicator {name} has two parameters of one name")

    def define(**values: float) -> FormulaIndicator:
        return FormulaIndicator(
            name=name,
            instance=instance_name(name, *values.values()),
            parameters=values,
            inputs=tuple(inputs),
            outputs=tuple(outputs),
            formula=formula,
            bars=_bars(bars, values),
        )

    return IndicatorEntry(name, title, family, tuple(parameters), meaning, source, define)


def evaluate(definition: FormulaIndicator, window: Window, symbols: int) -> tuple[Floats, ...]:
    """Call a formula and check what it gives.

    Args:
        definition: which indicator.
        window: the bars.
        symbols: how many symbols the window is of.

    Returns:
        The outputs in the definition's order, each of shape (symbols,).

    Raises:
        ValueError: if the outputs are others than declared, or not one number per symbol.
    """
    with np.errstate(all="ignore"):  # what is no number is no value
        given: Any = definition.formula(window, **definition.parameters)
    if not isinstance(given, Mapping) or set(given) != set(definition.outputs):
        names = sorted(map(str, given)) if isinstance(given, Mapping) else type(given).__name__
        raise ValueError(f"the formula gave {names}, not a dict of {sorted(definition.outputs)}")
    return tuple(_checked(name, given[name], symbols) for name in definition.outputs)


def _checked(name: str, values: Any, symbols: int) -> Floats:
    if not isinstance(values, np.ndarray) or not np.issubdtype(values.dtype, np.floating):
        kind = f"an array of {values.dtype}" if isinstance(values, np.ndarray) else type(values).__name__
        raise ValueError(f"the formula's {name!r} is {kind}, not an array of floats")
    if values.shape != (symbols,):
        raise ValueError(f"the formula's {name!r} has the shape {values.shape}, not ({symbols},): one value per symbol")
    return np.where(np.isfinite(values), values, np.nan).astype(np.float64)


def _bars(bars: Callable[..., int], values: Mapping[str, int | float]) -> int:
    try:
        count: Any = bars(**values)
    except Exception as error:
        raise ValueError(f"cannot say how many bars it needs: {type(error).__name__}: {error}") from error
    if not isinstance(count, int) or not 1 <= count <= MOST_BARS:
        raise ValueError(f"says that it needs {count!r} bars; it can have 1 to {MOST_BARS}")
    return count
