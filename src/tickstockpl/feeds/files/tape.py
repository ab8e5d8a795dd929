"""What a replay's files hold, checked and kept as compact columns in order of time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tickstockpl.errors import TickStockError
from tickstockpl.feeds.base import FeedReport
from tickstockpl.feeds.files.blocks import Block, read_blocks
from tickstockpl.feeds.files.defects import Defect, Rejects
from tickstockpl.feeds.files.header import Kind
from tickstockpl.feeds.files.times import read_times
from tickstockpl.feeds.files.values import SymbolTable, read_numbers
from tickstockpl.feeds.files.zones import LocalTime
from tickstockpl.market.bars import MINUTE_MS, PRICE_LIMIT, VOLUME_LIMIT, Floats, bar_defects
from tickstockpl.market.calendar import MarketCalendar, MarketDay, trading_dates
from tickstockpl.market.universes import Universe, plain_universe

_NS_PER_MS: Final = 1_000_000
_MINUTE_NS: Final = MINUTE_MS * _NS_PER_MS

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Tape:
    """The usable rows of some files: within the market's hours, of the universe's symbols, sorted by time.

    A row of bars takes 48 bytes, a row of trades 28.

    Attributes:
        kind: what the rows are.
        universe: the symbols; a row's ``index`` is its symbol's position in it.
        days: the trading days that have rows, oldest first.
        columns: ``time`` (bars: minutes since the epoch, int32; trades: milliseconds, int64), ``index`` (int32), and
            open, high, low, close (float64), volume (int64), or price and size (float64). Bars of one minute are sorted
            by index, trades of one millisecond stand as in their file.
    """

    kind: Kind
    universe: Universe
    days: list[MarketDay]
    columns: Columns

    def __len__(self) -> int:
        return len(self.columns["time"])


class TapeReader:
    """Reads files into a tape.

    Args:
        calendar: the trading days.
        universe: the symbols wanted; ``None`` takes the files' own, sorted.
        universe_key: the key of that universe where the files make it.
        zone: what times without an offset are; ``None`` refuses them.
        report: what is left out is counted there.
        cancelled: asked between blocks; reading ends with :class:`Cancelled` when it says so.
    """

    def __init__(
        self,
        calendar: MarketCalendar,
        universe: Universe | None,
        universe_key: str,
        zone: LocalTime | None,
        report: FeedReport,
        cancelled: Callable[[], bool],
    ) -> None:
        self._calendar = calendar
        self._universe = universe
        self._universe_key = universe_key
        self._zone = zone
        self._report = report
        self._cancelled = cancelled
        self._rejects = Rejects(report)
        self._symbols = SymbolTable()
        self._days: dict[int, MarketDay | None] = {}
        self._days_with_rows: set[int] = set()
        self._known = {symbol: at for at, symbol in enumerate(universe.symbols)} if universe else {}

    def read(self, files: Sequence[Path]) -> Tape:
        """Read all files.

        Raises:
            TickStockError: if a file cannot be read or has no usable row, bars and trades are mixed, or no row lies in
                the market's hours and in the universe.
            Cancelled: if it was cancelled.
        """
        kind: Kind | None = None
        pieces: list[Columns] = []
        for number, path in enumerate(files):
            found = self._read_file(path, number, pieces)
            if kind not in (None, found):
                raise TickStockError(
                    f"file {path} holds {found.word}, {files[0]} {Kind(kind).word}; replay them one after the other"
                )
            kind = found
        if kind is None or not pieces:
            raise TickStockError(self._nothing_left(files))
        columns = _joined(pieces)
        universe = self._settle_universe(columns)
        columns = self._sorted_bars(columns, files) if kind is Kind.BARS else _sorted_trades(columns)
        days = [day for number in sorted(self._days_with_rows) if (day := self._day(number)) is not None]
        return Tape(kind, universe, days, columns)

    def _read_file(self, path: Path, number: int, pieces: list[Columns]) -> Kind:
        """Read one file's usable rows into ``pieces``."""
        kind: Kind | None = None
        rows = good_rows = 0
        for block in read_blocks(path):
            if self._cancelled():
                raise Cancelled
            kind = block.layout.kind
            columns, good = self._checked(block)
            rows += len(block.lines) + len(block.broken)
            good_rows += int(np.count_nonzero(good))
            wanted = self._wanted(columns, good)
            if kind is Kind.BARS:  # to tell where a second bar stands; dropped when that is known
                columns["file"] = np.full(len(good), number, np.int32)
                columns["line"] = block.lines
                columns["time"] = columns["time"] // MINUTE_MS
            if wanted.any():
                pieces.append({name: _compact(name, kind, values[wanted]) for name, values in columns.items()})
        if kind is None or not rows:
            raise TickStockError(f"file {path} has a header but no rows")
        if not good_rows:
            reasons = (told for told in self._report.messages if told.startswith(f"{path.name}, line "))
            raise TickStockError(
                f"file {path} has no usable row among {rows:,}; {next(reasons, 'see the other files')}"
            )
        return kind

    def _checked(self, block: Block) -> tuple[Columns, NDArray[np.bool_]]:
        """A block's columns, ``time`` in milliseconds and ``index`` by the symbol table, and which rows are good."""
        raw, where = block.columns, block.file
        times, defects = read_times(raw["timestamp"], self._zone, where)
        symbols, no_symbol = self._symbols.read(raw["symbol"], where)
        defects.append(no_symbol)
        numbers: dict[str, Floats] = {}
        for name in block.layout.kind.columns[2:]:
            numbers[name], no_number = read_numbers(raw[name], name, where)
            defects.append(no_number)
        if block.layout.kind is Kind.BARS:
            defects.append(
                Defect("does not lie on a whole minute, as a bar's start must", times % _MINUTE_NS != 0, "timestamp")
            )
            defects.extend(Defect(reason, rows) for reason, rows in bar_defects(*numbers.values()))
        else:
            defects.extend(_trade_defects(numbers["price"], numbers["size"]))
        good = self._rejects.sort_out(block, defects)
        return {"time": times // _NS_PER_MS, "index": symbols, **numbers}, good

    def _wanted(self, columns: Columns, good: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which good rows are of the universe and in the market's hours; counts the others."""
        wanted = good
        if self._universe is not None:
            of_universe = np.array([*(symbol in self._known for symbol in self._symbols.symbols), False], np.bool_)
            wanted = good & of_universe[columns["index"]]
            self._report.outside_universe += int(np.count_nonzero(good & ~wanted))
        dates, date_of_row = np.unique(trading_dates(columns["time"]), return_inverse=True)
        days = [self._day(number) for number in dates.tolist()]
        opens = np.array([day.open_ms if day else 0 for day in days])
        closes = np.array([day.close_ms if day else 0 for day in days])
        in_hours = (columns["time"] >= opens[date_of_row]) & (columns["time"] < closes[date_of_row])
        self._report.outside_hours += int(np.count_nonzero(wanted & ~in_hours))
        wanted = wanted & in_hours
        self._days_with_rows.update(dates[np.unique(date_of_row[wanted])].tolist())
        return wanted

    def _day(self, number: int) -> MarketDay | None:
        """The trading day of a date, given as days since the epoch."""
        if number not in self._days:
            self._days[number] = self._calendar.day(datetime.fromtimestamp(number * 86_400, UTC).date())
        return self._days[number]

    def _settle_universe(self, columns: Columns) -> Universe:
        """Give every row its symbol's position in the universe."""
        seen = self._symbols.symbols
        if self._universe is not None:
            universe = self._universe
            positions = self._known
        else:
            present = [seen[number] for number in np.unique(columns["index"])]
            universe = plain_universe(self._universe_key, tuple(sorted(present)))
            positions = {symbol: at for at, symbol in enumerate(universe.symbols)}
        columns["index"] = np.array([positions.get(symbol, -1) for symbol in seen], np.int32)[columns["index"]]
        return universe

    def _sorted_bars(self, columns: Columns, files: Sequence[Path]) -> Columns:
        """Sort bars by minute and symbol; a second bar for both is a bad row."""
        file, line = columns.pop("file"), columns.pop("line")
        key = (columns["time"].astype(np.int64) << 32) | columns["index"]
        if (key[1:] > key[:-1]).all():
            return columns
        order = np.argsort(key, kind="stable")
        key = key[order]
        again = np.concatenate(([False], key[1:] == key[:-1]))
        for row in np.sort(order[again])[:20].tolist():
            self._rejects.tell(files[file[row]].name, int(line[row]), "a second bar for the same symbol and minute")
        self._report.rejected += max(0, int(np.count_nonzero(again)) - 20)
        order = order[~again]
        return {name: values[order] for name, values in columns.items()}

    def _nothing_left(self, files: Sequence[Path]) -> str:
        what = f"file {files[0]}" if len(files) == 1 else f"the {len(files)} files from {files[0]} on"
        if self._universe is not None and self._report.outside_universe:
            return (
                f"{what} cannot be replayed: no row is of universe {self._universe.key} and within "
                f"{self._calendar.hours_in_words} ({self._report.outside_universe:,} are of other symbols); "
                "choose another universe, or none"
            )
        return (
            f"{what} cannot be replayed: none of the {self._report.outside_hours:,} usable rows lies within "
            f"{self._calendar.hours_in_words} on a trading day; check the time zone"
        )


class Cancelled(Exception):  # noqa: N818 - it is not an error
    """Reading was given up."""


def _trade_defects(price: Floats, size: Floats) -> list[Defect]:
    with np.errstate(invalid="ignore"):
        return [
            Defect("is not a finite number", ~np.isfinite(price), "price"),
            Defect("is zero or negative", price <= 0, "price"),
            Defect("is 10,000,000,000 or more", price >= PRICE_LIMIT, "price"),
            Defect("is not a finite number of shares", ~np.isfinite(size), "size"),
            Defect("is negative", size < 0, "size"),
            Defect("is 1,000,000,000,000,000 or more", size >= VOLUME_LIMIT, "size"),
        ]


def _compact(name: str, kind: Kind, values: NDArray[Any]) -> NDArray[Any]:
    if name == "volume":
        return np.rint(values).astype(np.int64)
    if name == "line" or (name == "time" and kind is Kind.BARS):
        return values.astype(np.int32)
    return values


def _joined(pieces: list[Columns]) -> Columns:
    """One column after the other, so that no more than one stands in memory twice."""
    columns: Columns = {}
    for name in list(pieces[0]):
        columns[name] = np.concatenate([piece.pop(name) for piece in pieces])
    return columns


def _sorted_trades(columns: Columns) -> Columns:
    time = columns["time"]
    if (time[1:] >= time[:-1]).all():
        return columns
    order = np.argsort(time, kind="stable")
    return {name: values[order] for name, values in columns.items()}
