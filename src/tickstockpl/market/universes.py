"""Universes: the named lists of symbols that a session streams, ``group:name``.

Two are built in. A user's own are CSV files in a folder, ``GROUP/NAME.csv`` for the key ``GROUP:NAME``; a user's file
wins over a built-in universe of the same key.
"""

import csv
import difflib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from tickstockpl.errors import TickStockError
from tickstockpl.market.symbols import check_symbol

MAX_KEY_LENGTH = 100
"""The table's ``universe`` column holds no longer key."""

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*")
_BUILT_IN: Traversable = resources.files("tickstockpl.market") / "data"


@dataclass(frozen=True, slots=True)
class Universe:
    """A named list of symbols. A symbol's position in it is its index in every array of bars and trades.

    Attributes:
        key: ``group:name``, at most 100 characters.
        symbols: at least one, each once.
        sectors: the sector of each symbol, ``""`` where it is not known.
        names: the company's name for each symbol, ``""`` where it is not known.
    """

    key: str
    symbols: tuple[str, ...]
    sectors: tuple[str, ...]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.symbols)


def plain_universe(key: str, symbols: tuple[str, ...]) -> Universe:
    """A universe of which only the symbols are known."""
    unknown = ("",) * len(symbols)
    return Universe(key, symbols, unknown, unknown)


def load_universe(key: str, folder: Path) -> Universe:
    """Read a universe: the user's own from ``folder``, else the built-in one.

    Args:
        key: ``group:name``.
        folder: where the user's own universes are; need not exist.

    Raises:
        TickStockError: if the key is malformed, there is no such universe, or its file is not right.
    """
    group, name = _split(key)
    own = folder / group / f"{name}.csv"
    try:
        if own.is_file():
            return _parse(key, _text(own), str(own))
        built_in = _BUILT_IN / group / f"{name}.csv"
        if built_in.is_file():
            return _parse(key, built_in.read_text("utf-8-sig"), f"built-in universe {key}")
        raise TickStockError(_no_such(key, folder, own))
    except OSError as error:
        raise TickStockError(f"universe file {own} cannot be read: {error.strerror}; check its permissions") from None


def list_universes(folder: Path) -> list[str]:
    """The keys of all universes there are, built-in and own, sorted."""
    found = {
        f"{group.name}:{file.name.removesuffix('.csv')}"
        for root in (_BUILT_IN, folder)
        if root.is_dir()
        for group in root.iterdir()
        if group.is_dir()
        for file in group.iterdir()
        if file.name.endswith(".csv") and file.is_file()
    }
    return sorted(key for key in found if _is_key(key))


def _is_key(key: str) -> bool:
    group, colon, name = key.partition(":")
    return bool(colon and _PART.fullmatch(group) and _PART.fullmatch(name)) and len(key) <= MAX_KEY_LENGTH


def _split(key: str) -> tuple[str, str]:
    if not _is_key(key):
        raise TickStockError(
            f"universe {key!r} is not of the form group:name; group and name are made of letters, digits, '_', '-' "
            f"and '.', do not begin with '-' or '.', and have at most {MAX_KEY_LENGTH} characters together"
        )
    group, _, name = key.partition(":")
    return group, name


def _no_such(key: str, folder: Path, own: Path) -> str:
    known = list_universes(folder)
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}? " if close else ""
    return f"there is no universe {key!r}; {hint}There are: {', '.join(known)}. Your own would be the file {own}"


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise TickStockError(f"universe file {path} is not UTF-8 text; save it as CSV in UTF-8") from None


def _parse(key: str, text: str, where: str) -> Universe:
    rows = _rows(text, where)
    _, header = next(rows, (0, []))
    names = [column.strip().lower() for column in header]
    if "symbol" not in names:
        raise TickStockError(
            f"{where}, line 1: the header has no column 'symbol'; write symbol,name,sector or only symbol"
        )
    lines: dict[str, int] = {}
    details: list[tuple[str, str]] = []
    for line, row in rows:
        fields = dict(zip(names, (field.strip() for field in row), strict=False))
        symbol = check_symbol(fields.get("symbol", ""), f"{where}, line {line}")
        if symbol in lines:
            raise TickStockError(
                f"{where}, line {line}: symbol {symbol!r} stands there twice, first in line {lines[symbol]}; remove one"
            )
        lines[symbol] = line
        details.append((fields.get("sector", ""), fields.get("name", "")))
    if not lines:
        raise TickStockError(f"{where} lists no symbol; write one per line below the header")
    sectors, company_names = zip(*details, strict=True)
    return Universe(key, tuple(lines), sectors, company_names)


def _rows(text: str, where: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with its line."""
    reader = csv.reader(io.StringIO(text))
    try:
        for row in reader:
            if any(field.strip() for field in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise TickStockError(f"{where}, line {reader.line_num} is not CSV: {error}") from None
