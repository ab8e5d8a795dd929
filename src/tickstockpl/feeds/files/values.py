"""Columns of numbers and of symbols."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tickstockpl.errors import TickStockError
from tickstockpl.feeds.files.defects import Defect
from tickstockpl.market.bars import Floats
from tickstockpl.market.symbols import is_symbol

_NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
_NO_NUMBER: Final = "is not a number"

Symbols = NDArray[np.int32]
"""Numbers of symbols, as a :class:`SymbolTable` gives them."""


class SymbolTable:
    """Gives every symbol a number, in the order in which they are first seen."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    @property
    def symbols(self) -> list[str]:
        """All symbols so far; a symbol's position is its number."""
        return list(self._numbers)

    def read(self, column: pa.Array, where: str) -> tuple[Symbols, Defect]:
        """Read a column of symbols.

        Raises:
            TickStockError: if the column is not text.
        """
        if not pa.types.is_string(column.type):
            raise TickStockError(f"{where}: column 'symbol' is of type {column.type}; it must be text")
        encoded = column.dictionary_encode()
        numbers = np.array([*map(self._number, encoded.dictionary.to_pylist()), -1], np.int32)
        symbols = numbers[encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
        return symbols, Defect("is not a symbol (1 to 10 of A-Z, 0-9, '.' and '-')", symbols < 0, "symbol")

    def _number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers)) if is_symbol(text) else -1


def read_numbers(column: pa.Array, name: str, where: str) -> tuple[Floats, Defect]:
    """Read a column of numbers; a row that has none is not a number (NaN).

    Raises:
        TickStockError: if the column is neither numbers nor text.
    """
    if pa.types.is_string(column.type):
        try:
            numbers = column.cast(pa.float64())
        except pa.ArrowInvalid:
            trimmed = pc.utf8_trim_whitespace(column)
            readable = pc.match_substring_regex(trimmed, _NUMBER)
            numbers = pc.if_else(readable, trimmed, None).cast(pa.float64())
    elif pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type):
        numbers = column.cast(pa.float64(), safe=False)
    else:
        raise TickStockError(f"{where}: column {name!r} is of type {column.type}; it must be numbers")
    missing = np.asarray(numbers.is_null().to_numpy(zero_copy_only=False), np.bool_)
    return np.asarray(numbers.fill_null(np.nan).to_numpy(zero_copy_only=False), np.float64), Defect(
        _NO_NUMBER, missing, name
    )
