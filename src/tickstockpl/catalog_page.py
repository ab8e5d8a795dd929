"""The page ``docs/catalog.md``: ``python -m tickstockpl.catalog_page`` writes it anew."""

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from tickstockpl.analysis.catalog import make_catalog
from tickstockpl.analysis.indicators.definition import DEFAULT_INDICATORS
from tickstockpl.analysis.patterns.confidence import OUT_OF_CONTEXT
from tickstockpl.analysis.patterns.selection import select_patterns
from tickstockpl.contract.catalog import Catalog, CatalogAlert, CatalogCondition, CatalogIndicator, CatalogPattern

_HEAD: Final = """\
# Catalog

<!-- Written by python -m tickstockpl.catalog_page -->

All that can be looked for and computed, as the program itself knows it. [Patterns](patterns.md) explains the words.
"""


def catalog_page(catalog: Catalog) -> str:
    """Everything in a catalog, as Markdown; a kind of which there is nothing has no heading."""
    lines = [_HEAD]
    if catalog.patterns:
        lines += _patterns(catalog.patterns)
    if catalog.indicators:
        lines += _indicators(catalog.indicators)
    if catalog.alerts:
        lines += _alerts(catalog.alerts)
    return "\n".join(lines)


def _patterns(patterns: Sequence[CatalogPattern]) -> Iterator[str]:
    families = [(family, list(members)) for family, members in groupby(patterns, key=lambda one: one.family)]
    default = sum(pattern.default for pattern in patterns)
    yield (
        f"## Patterns\n\n{len(patterns)} patterns, {default} of them in the default set. All conditions of a pattern "
        "must hold; its [context](#context) grades\nit only. Names of conditions are those in an event's "
        "`metadata.conditions`.\n"
    )
    yield "| family | patterns, those of the default set in bold |\n| --- | --- |"
    for family, members in families:
        names = (f"**`{one.name}`**" if one.default else f"`{one.name}`" for one in members)
        yield f"| [{_capitalized(family)}](#{family.replace(' ', '-')}) | {', '.join(names)} |"
    yield ""
    for family, members in families:
        yield f"### {_capitalized(family)}\n"
        for pattern in members:
            yield from _pattern(pattern)
    yield from _context(patterns)


def _pattern(pattern: CatalogPattern) -> Iterator[str]:
    bars = "1 bar" if pattern.bars == 1 else f"{pattern.bars} bars"
    default = "default set" if pattern.default else "not in the default set"
    yield f"#### `{pattern.name}`\n\n{pattern.title}: {pattern.direction}, {bars}, {default}. {pattern.meaning}\n"
    for condition in pattern.conditions:
        if not condition.context:
            yield f"- `{condition.name}`{_beyond_name(condition)}"
    context = _codes([condition.name for condition in pattern.conditions if condition.context])
    yield f"\nContext: {context}. {pattern.source}; averages full with {pattern.history} bars.\n"


def _context(patterns: Sequence[CatalogPattern]) -> Iterator[str]:
    conditions = (condition for pattern in patterns for condition in pattern.conditions if condition.context)
    yield "### Context\n"
    for condition in sorted(set(conditions), key=lambda one: (one.name, one.meaning)):
        yield f"- `{condition.name}`{_beyond_name(condition)}"
    yield ""


def _beyond_name(condition: CatalogCondition) -> str:
    """What the meaning says beyond the words of the name, which it begins with."""
    return condition.meaning.removeprefix(condition.name.replace("_", " "))


def _indicators(indicators: Sequence[CatalogIndicator]) -> Iterator[str]:
    yield "## Indicators\n\nEach is chosen by name and parameters ([Indicators](indicators.md)).\n"
    by_family = sorted(indicators, key=lambda one: one.family)
    for family, members in groupby(by_family, key=lambda one: one.family):
        yield f"### {_capitalized(family)}\n"
        yield "| name | what | inputs | parameters, default (from to) | outputs | bars | source |"
        yield "| --- | --- | --- | --- | --- | ---: | --- |"
        for one in members:
            parameters = ", ".join(f"`{p.name}` {p.default:g} ({p.minimum:g} to {p.maximum:g})" for p in one.parameters)
            instances = f" Default set: {_codes(one.instances)}." if one.default else ""
            cells = (
                f"`{one.name}`",
                f"{_told(one)}{instances}",
                ", ".join(one.inputs),
                parameters,
                _codes(one.outputs),
                str(one.bars),
                one.source,
            )
            yield f"| {' | '.join(cells)} |"
        yield ""


def _told(one: CatalogIndicator) -> str:
    """Title and meaning; the meaning alone where it begins with the title."""
    return one.meaning if one.meaning.startswith(one.title) else f"{one.title}. {one.meaning}"


def _alerts(alerts: Sequence[CatalogAlert]) -> Iterator[str]:
    yield "## Alerts\n"
    yield "| alert | of indicator | severity | fires when |"
    yield "| --- | --- | --- | --- |"
    for alert in alerts:
        yield f"| `{alert.alert_type}` | `{alert.indicator}` | {alert.severity} | {alert.meaning} |"
    yield ""


def _codes(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _capitalized(words: str) -> str:
    return words[0].upper() + words[1:]


def built_in_catalog() -> Catalog:
    """The catalog of a producer with default settings and no definitions of one's own."""
    return make_catalog(DEFAULT_INDICATORS, select_patterns("default", OUT_OF_CONTEXT))


def main(page: Path) -> None:
    """Write the page anew."""
    page.write_text(catalog_page(built_in_catalog()), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/catalog.md"))
