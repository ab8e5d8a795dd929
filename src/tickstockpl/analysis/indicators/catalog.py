"""Every indicator, once: selection, the contract's catalog, documents and tests read it here."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from tickstockpl.analysis.indicators.definition import DEFAULT_INDICATORS, IndicatorDefinition
from tickstockpl.analysis.indicators.entry import IndicatorEntry
from tickstockpl.analysis.indicators.own_entries import OWN_ENTRIES
from tickstockpl.analysis.indicators.talib_functions import FUNCTIONS, talib_entry
from tickstockpl.contract.catalog import CatalogIndicator


def _entries() -> Iterable[IndicatorEntry]:
    ours = {name for entry in OWN_ENTRIES for name in (entry.name, *entry.aliases)}
    yield from OWN_ENTRIES
    yield from (talib_entry(function) for name, function in FUNCTIONS.items() if name not in ours)


INDICATORS: Mapping[str, IndicatorEntry] = MappingProxyType(
    {entry.name: entry for entry in sorted(_entries(), key=lambda entry: entry.name)}
)
"""All indicators that need no definition of the user's, by name."""


def catalog_indicators(
    chosen: Iterable[IndicatorDefinition], extra: Sequence[IndicatorEntry] = ()
) -> list[CatalogIndicator]:
    """What the contract's catalog says of indicators, by rising name.

    Args:
        chosen: what is computed.
        extra: the user's entries.
    """
    instances: dict[str, list[str]] = {}
    for definition in chosen:
        instances.setdefault(definition.name, []).append(definition.instance)
    default = {definition.name for definition in DEFAULT_INDICATORS}
    return [
        entry.in_contract(default=entry.name in default, instances=instances.get(entry.name, []))
        for entry in sorted((*INDICATORS.values(), *extra), key=lambda entry: entry.name)
    ]
