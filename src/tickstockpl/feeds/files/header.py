"""What a file's header says: bars or trades, and which column is which."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from tickstockpl.errors import TickStockError


class Kind(Enum):
    """What a file's rows are; the value lists the columns they need."""

    BARS = ("timestamp", "symbol", "open", "high", "low", "close", "volume")
    TRADES = ("timestamp", "symbol", "price", "size")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a row needs."""
        return self.value

    @property
    def word(self) -> str:
        """``bars`` or ``trades``."""
        return self.name.lower()


_PRICES_OF_BARS = ("open", "high", "low", "close")

_ALIASES = {
    "timestamp": ("time", "datetime", "date", "t", "ts", "window_start", "sip_timestamp"),
    "symbol": ("ticker", "sym"),
    "open": ("o",),
    "high": ("h",),
    "low": ("l",),
    "close": ("c",),
    "volume": ("v", "vol"),
    "price": ("p",),
    "size": ("qty", "quantity", "volume"),
}
"""Other names in use, looked at only where the column's own name is missing."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a file's columns are.

    Attributes:
        kind: what the rows are.
        positions: position in the file of each of the kind's columns.
        width: how many columns the file has.
    """

    kind: Kind
    positions: dict[str, int]
    width: int


def read_layout(header: Sequence[str], where: str) -> Layout:
    """Find the columns by their names, in any order and case; others are ignored.

    Args:
        header: the file's column names.
        where: the file, for messages.

    Raises:
        TickStockError: if a column is missing, or two could be meant.
    """
    names = [name.strip().lower() for name in header]
    found = {column: _candidates(column, names) for column in _ALIASES}
    if all(found[column] for column in _PRICES_OF_BARS):
        kind = Kind.BARS
    elif found["price"] and not all(found[column] for column in ("open", "close")):
        kind = Kind.TRADES
    elif any(found[column] for column in _PRICES_OF_BARS):
        kind = Kind.BARS
    else:
        raise TickStockError(
            f"{where}, line 1: the header {_shown(header)} is neither that of bars ({','.join(Kind.BARS.columns)}) "
            f"nor that of trades ({','.join(Kind.TRADES.columns)}), separated by commas"
        )
    if missing := [column for column in kind.columns if not found[column]]:
        raise TickStockError(
            f"{where}, line 1: column{'s' if len(missing) > 1 else ''} {', '.join(missing)} "
            f"{'are' if len(missing) > 1 else 'is'} missing; {kind.word} need {','.join(kind.columns)}"
        )
    for column in kind.columns:
        if len(found[column]) > 1:
            raise TickStockError(
                f"{where}, line 1: columns {' and '.join(repr(header[at]) for at in found[column])} could all be "
                f"{column!r}; name the right one {column!r}"
            )
    return Layout(kind, {column: found[column][0] for column in kind.columns}, len(names))


def _candidates(column: str, names: Sequence[str]) -> list[int]:
    own = [position for position, name in enumerate(names) if name == column]
    return own or [position for position, name in enumerate(names) if name in _ALIASES[column]]


def _shown(header: Sequence[str]) -> str:
    text = ",".join(header)
    return repr(text if len(text) <= 80 else text[:77] + "...")
