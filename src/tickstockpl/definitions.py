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
class _Found:
    """A definition and where it comes from."""

    kind: _Kind
    definition: Definition
    origin: str

    @property
    def what(self) -> str:
        """What a message calls it."""
        return f"{self.kind.word} {self.definition.name!r} of {self.origin}"


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
    built_in = ["pattern all", "pattern default", "indicator default"]  # words of the settings
    built_in += [f"pattern {name.lower()}" for name in PATTERNS]
    built_in += [f"indicator {name.lower()}" for entry in INDICATORS.values() for name in _names(entry)]
    taken = dict.fromkeys(built_in, "TickStockPL")
    for one in found:
        _take_names(one, taken)
        if isinstance(one.definition, IndicatorEntry):
            _require_usual(one.definition, one.what)
        _require_printable(one)
    return Definitions(
        tuple(one.definition for one in found if isinstance(one.definition, PatternDefinition)),
        tuple(one.definition for one in found if isinstance(one.definition, IndicatorEntry)),
        {f"{one.kind.word} {one.definition.name}": one.origin for one in found},
    )


def _take_names(one: _Found, taken: dict[str, str]) -> None:
    """Note whose the definition's names are.

    Args:
        one: the definition.
        taken: whose a name is, by kind and name in lower case: settings do not tell letter cases apart.
    """
    for name in _names(one.definition):
        if not one.kind.grammar.fullmatch(str(name)):
            raise TickStockError(f"{one.what} has a name that cannot be used; write {one.kind.should}")
        key = f"{one.kind.word} {name.lower()}"
        if key in taken:
            raise TickStockError(f"{one.what} has a name that {taken[key]} has already ({name}); give it another")
        taken[key] = one.origin


def _names(definition: Definition) -> tuple[str, ...]:
    aliases = definition.aliases if isinstance(definition, IndicatorEntry) else ()
    return (definition.name, *aliases)


def _require_printable(one: _Found) -> None:
    """What a definition says of itself goes into a table and on the page: PostgreSQL refuses a NUL, for one."""
    definition = one.definition
    texts = [definition.title, definition.family, definition.meaning, str(definition.source)]
    if isinstance(definition, PatternDefinition):
        texts += [text for condition in definition.conditions for text in (condition.name, condition.meaning)]
    else:
        texts += definition.outputs
    for text in texts:
        if not text.isprintable():
            raise TickStockError(f"{one.what} says {text!r}, which cannot be shown; write it in one line of characters")


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
        yield _Found(kind, definition, origin)


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


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "(unknown)"


def _in_words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")
