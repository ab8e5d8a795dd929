"""Indicators by name and parameters, as a user writes them: ``RSI:14 SMA:200 STOCH:14,3,3``."""

import difflib
from collections.abc import Mapping, Sequence

from tickstockpl.analysis.indicators.catalog import INDICATORS
from tickstockpl.analysis.indicators.definition import DEFAULT_INDICATORS, IndicatorDefinition
from tickstockpl.analysis.indicators.entry import INSTANCE_LENGTH, IndicatorEntry
from tickstockpl.errors import TickStockError

SETTING = "TICKSTOCK_INDICATORS"


def select_indicators(choice: str, extra: Sequence[IndicatorEntry] = ()) -> tuple[IndicatorDefinition, ...]:
    """Read the setting ``TICKSTOCK_INDICATORS``.

    Args:
        choice: items separated by spaces or semicolons: ``default`` (the six of the default set), or a name, in any
            letter case, with its parameters after a colon, separated by commas: values in the indicator's order, then
            ``name=value``. What is left out has its default.
        extra: the user's entries; no name of theirs is that of another.

    Raises:
        TickStockError: if a name or a parameter is wrong, or an instance stands twice; says what is allowed.
    """
    entries = {**INDICATORS, **{entry.name: entry for entry in extra}}
    found: dict[str, IndicatorDefinition] = {}
    for item in choice.replace(";", " ").split():
        definitions = DEFAULT_INDICATORS if item.lower() == "default" else (_read(item, entries),)
        for definition in definitions:
            if definition.instance in found:
                raise _wrong(item, f"names {definition.instance} a second time; leave one out")
            found[definition.instance] = definition
    if not found:
        raise TickStockError(f"setting {SETTING} is empty; write default, or indicators such as RSI:14 SMA:20")
    return tuple(found.values())


def _read(item: str, entries: Mapping[str, IndicatorEntry]) -> IndicatorDefinition:
    written_name, _, written = item.partition(":")
    name = written_name.upper()
    by_alias = {alias: entry for entry in entries.values() for alias in entry.aliases}
    entry = entries.get(name) or by_alias.get(name)
    if entry is None:
        close = difflib.get_close_matches(name, entries, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise _wrong(item, f"names no indicator{hint}; there are {', '.join(sorted(entries))}")
    try:
        definition = entry.define(**_values(written, entry))
    except ValueError as error:
        raise _wrong(item, f"{error}; {entry.name} takes {_described(entry)}") from None
    if len(definition.instance) > INSTANCE_LENGTH:
        raise _wrong(
            item,
            f"makes the name {definition.instance}, which is longer than the {INSTANCE_LENGTH} characters that the "
            "tables have for it; write its numbers with fewer digits",
        )
    return definition


def _values(written: str, entry: IndicatorEntry) -> dict[str, int | float]:
    """The parameters of one item, by name, defaults filled in."""
    by_name = {parameter.name: parameter for parameter in entry.parameters}
    in_order = [parameter.name for parameter in entry.parameters if parameter.positional]
    values = {parameter.name: parameter.default for parameter in entry.parameters}
    for place, part in enumerate(written.split(",") if written else ()):
        name, equals, value = part.rpartition("=")
        if not equals:
            if place >= len(in_order):
                raise ValueError("has more values than parameters")
            name = in_order[place]
        elif name not in by_name:
            raise ValueError(f"has a parameter {name!r}, which does not exist")
        values[name] = by_name[name].read(value)
    return values


def _described(entry: IndicatorEntry) -> str:
    if not entry.parameters:
        return "no parameters"
    return ", ".join(f"{one.name} ({one.default:g} unless given)" for one in entry.parameters)


def _wrong(item: str, what: str) -> TickStockError:
    return TickStockError(f"setting {SETTING}: {item!r} {what}")
