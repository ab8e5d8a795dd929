"""The catalog's entry: an indicator with all that can be chosen of it."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, nan
from typing import Final

from tickstockpl.analysis.indicators.definition import Column, IndicatorDefinition
from tickstockpl.contract.catalog import CatalogIndicator, CatalogParameter

INSTANCE_LENGTH: Final = 50
"""Characters that the tables and the contract have for an instance's name."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What an indicator can be told.

    Attributes:
        name: a Python identifier .
        default: what it is unless given; an ``int`` takes whole numbers only, a ``float`` any.
        minimum: the least value that makes sense.
        maximum: the greatest.
        positional: whether a value without a name may mean it.
    """

    name: str
    default: int | float
    minimum: int | float
    maximum: int | float
    positional: bool = True

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself.

        Raises:
            ValueError: saying how.
        """
        if not self.name.isidentifier():
            raise ValueError(f"parameter {self.name!r} must be named by letters, digits and _")
        if not self.minimum <= self.default <= self.maximum:
            raise ValueError(f"parameter {self.name} has the default {self.default}, outside of {self.range}")

    @property
    def kind(self) -> str:
        """What its values are, in words."""
        return "a whole number" if isinstance(self.default, int) else "a number"

    @property
    def range(self) -> str:
        """The allowed values, in words."""
        return " to ".join(str(one) if isinstance(one, int) else f"{one:g}" for one in (self.minimum, self.maximum))

    def read(self, written: str) -> int | float:
        """A value as the user wrote it.

        Raises:
            ValueError: saying in what way it is none.
        """
        try:
            value = type(self.default)(written)
        except ValueError:
            value = nan
        if not abs(value) < inf:
            raise ValueError(f"has {written!r} for {self.name}, which is not {self.kind}")
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"has {written} for {self.name}, outside of {self.range}")
        return value


@dataclass(frozen=True, slots=True)
class IndicatorEntry:
    """An indicator as the catalog lists it.

    Attributes:
        name: the events' name of it, ``SMA``.
        title: the name as people write it.
        family: indicators of one kind; TA-Lib's groups where one fits.
        parameters: in the order in which values without a name are given.
        meaning: one sentence.
        source: where it is defined.
        define: gives the definition for a value of every parameter, by name.
        aliases: other names by which it may be chosen.
    """

    name: str
    title: str
    family: str
    parameters: tuple[Parameter, ...]
    meaning: str
    source: str
    define: Callable[..., IndicatorDefinition]
    aliases: tuple[str, ...] = ()

    @property
    def usual(self) -> IndicatorDefinition:
        """The definition with all defaults."""
        return self.define(**{parameter.name: parameter.default for parameter in self.parameters})

    @property
    def inputs(self) -> tuple[Column, ...]:
        """What of a bar it is computed from."""
        return self.usual.inputs

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of all outputs, the event's value first."""
        usual = self.usual
        return ("value", *(name for name in (*usual.outputs, *usual.derived) if name != "value"))

    def in_contract(self, *, default: bool, instances: list[str]) -> CatalogIndicator:
        """The entry as the contract's catalog carries it.

        Args:
            default: whether the default set has an instance of it.
            instances: what is computed of it.
        """
        return CatalogIndicator(
            name=self.name,
            title=self.title,
            family=self.family,
            inputs=list(self.inputs),
            parameters=[CatalogParameter(one.name, one.default, one.minimum, one.maximum) for one in self.parameters],
            outputs=list(self.outputs),
            bars=self.usual.lookback + 1,
            meaning=self.meaning,
            source=self.source,
            default=default,
            instances=instances,
        )
