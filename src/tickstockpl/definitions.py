"""Patterns and indicators of the user's own: from installed packages and from a Python file.

They are loaded once, at the start. Whatever is wrong with one is a sentence that names it and where it comes from.
"""

import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from tickstockpl.analysis.indicators.catalog import INDICATORS
from tickstockpl.analysis.indicators.entry import INSTANCE_LENGTH, IndicatorEntry
from tickstockpl.analysis.patterns.catalog import PATTERNS
from tickstockpl.analysis.patterns.definition import PatternDefinition
from tickstockpl.errors import TickStockError
from tickstockpl.settings import ENV_PREFIX

SETTING: Final = f"{ENV_PREFIX}DEFINITIONS"
MODULE: Final = "tickstockpl_user_definitions"
"""The name under which the user's file is a module."""

Definition = PatternDefinition | IndicatorEntry


@dataclass(frozen=True, slots=True)
class _Kind:
    """One of the two kinds of definitions: what it is called, and where, and what its names look like."""

    word: str
    group: str
    variable: str
    type: type[PatternDefinition] | type[IndicatorEntry]
    grammar: re.Pattern[str]
    should: str


_KINDS: Final = (
    _Kind(
        "pattern",
        "tickstockpl.patterns",
        "PATTERNS",
        PatternDefinition,
        re.compile(r"[A-Z][A-Za-z0-9]{0,49}"),
        "a capital, then letters and digits, 50 characters at most, as in BullishEngulfing",
    ),
    _Kind(
        "indicator",
        "tickstockpl.indicators",
        "INDICATORS",
        IndicatorEntry,
        re.compile(r"[A-Z][A-Z0-9_]{0,49}"),
        "a capital, then capitals, digits and _, 50 characters at most, as in PRICE_CHANNEL",
    ),
)


@dataclass(frozen=True, slots=True)
class Definitions:
    """What the user has added.

    Attributes:
        patterns: by the order of packages and of the file.
        indicators: likewise.
        origins: where each comes from, by ``"pattern NAME"`` and ``"indicator NAME"``.
    """

    patterns: tuple[PatternDefinition, ...] = ()
    indicators: tuple[IndicatorEntry, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)


def load_definitions(file: Path | None) -> Definitions:
    """Load what installed packages and the user's file define; this runs their code.

    Args:
        file: what ``TICKSTOCK_DEFINITIONS`` names.

    Raises:
        TickStockError: if something cannot be loaded, is of a wrong type, or has a name that is not free.
    """
    found = [*_from_packages(), *(_from_file(file) if file is not None else ())]
    taken = {
        f"{kind.word} {name.lower()}": "TickStockPL"
        for kind, names in zip(_KINDS, (PATTERNS, _indicator_names(INDICATORS.values())), strict=True)
        for name in names
    }
    origins: dict[str, str] = {}
    for kind, definition, origin in found:
        what = f"{kind.word} {definition.name!r} of {origin}"
        if not kind.grammar.fullmatch(str(definition.name)):
            raise TickStockError(f"{what} has a name that cannot be used; write {kind.should}")
        names = _indicator_names([definition]) if isinstance(definition, IndicatorEntry) else [definition.name]
        for name in names:
            if (other := taken.get(f"{kind.word} {name.lower()}")) is not None:
                raise TickStockError(f"{what} has a name that {other} has already ({name}); give it another")
            taken[f"{kind.word} {name.lower()}"] = origin
        if isinstance(definition, IndicatorEntry):
            _require_usual(definition, what)
        origins[f"{kind.word} {definition.name}"] = origin
    return Definitions(
        tuple(one for _, one, _ in found if isinstance(one, PatternDefinition)),
        tuple(one for _, one, _ in found if isinstance(one, IndicatorEntry)),
        origins,
    )


_Found = tuple[_Kind, Definition, str]


def _from_packages() -> Iterator[_Found]:
    for kind in _KINDS:
        for point in sorted(entry_points(group=kind.group), key=lambda point: (_package(point), point.name)):
            origin = f"package {_package(point)}"
            try:
                given = point.load()
            except (Exception, SystemExit) as error:
                raise TickStockError(
                    f"{origin} cannot be used: its entry point {point.name} ({point.value}, group {kind.group}) raised "
                    f"{_in_words(error)}; correct or uninstall it"
                ) from error
            yield from _each(kind, given, origin, f"{point.value} of {origin}")


def _from_file(path: Path) -> Iterator[_Found]:
    module = _run(path)
    given = {kind: getattr(module, kind.variable) for kind in _KINDS if hasattr(module, kind.variable)}
    if not given:
        raise TickStockError(f"{SETTING} names {str(path)!r}, which defines neither PATTERNS nor INDICATORS")
    for kind, definitions in given.items():
        yield from _each(kind, definitions, path.name, f"{kind.variable} of {path.name}")


def _run(path: Path) -> ModuleType:
    """Run the user's file as a module that is no package's and leaves nothing beside the file."""
    try:
        code = compile(path.read_bytes(), path, "exec")
    except OSError as error:
        raise TickStockError(f"{SETTING} names {str(path)!r}, which cannot be read: {error.strerror}") from None
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise TickStockError(f"{path}{line}: {error.msg} ({SETTING})") from None
    except ValueError as error:  # a null byte
        raise TickStockError(f"{path}: {error} ({SETTING})") from None
    module = ModuleType(MODULE)
    module.__file__ = str(path)
    sys.modules[MODULE] = module  # dataclasses look their module up
    try:
        exec(code, module.__dict__)  # noqa: S102 - the user names the file for that
    except (Exception, SystemExit) as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        raise TickStockError(f"{path}, line {lines[-1]}: {_in_words(error)} ({SETTING})") from error
    return module


def _each(kind: _Kind, given: Any, origin: str, place: str) -> Iterator[_Found]:
    """One definition, or each of several."""
    several = isinstance(given, Iterable) and not isinstance(given, str | bytes | kind.type)
    for definition in given if several else (given,):
        if not isinstance(definition, kind.type):
            raise TickStockError(
                f"{place} holds {definition!r:.60}, which is of type {type(definition).__name__}, "
                f"not {kind.type.__name__}; a definition or a list of them is expected"
            )
        yield kind, definition, origin


def _require_usual(entry: IndicatorEntry, what: str) -> None:
    """Make the indicator with its defaults once: what cannot be made is told now, not when it is chosen."""
    try:
        instance = entry.usual.instance
    except Exception as error:
        raise TickStockError(f"{what} cannot be made with its defaults: {_in_words(error)}") from error
    if len(instance) > INSTANCE_LENGTH:
        raise TickStockError(
            f"{what} is called {instance} with its defaults, which is longer than the {INSTANCE_LENGTH} characters "
            "that the tables have for it; give it a shorter name"
        )


def _indicator_names(entries: Iterable[IndicatorEntry]) -> list[str]:
    return [name for entry in entries for name in (entry.name, *entry.aliases)]


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "(unknown)"


def _in_words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")
