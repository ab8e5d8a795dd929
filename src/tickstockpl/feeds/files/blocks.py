"""Reads files block by block: CSV (plain, gzip, zstd or bz2) and Parquet, told apart by their first bytes."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from tickstockpl.errors import TickStockError
from tickstockpl.feeds.files.header import Layout, read_layout
from tickstockpl.market.bars import Index, Integers

_BLOCK_BYTES: Final = 8 << 20
_BLOCK_ROWS: Final = 1 << 17
_COMPRESSIONS: Final = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2"}
_NOT_TEXT: Final = {
    b"\xff\xfe": "is UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "is UTF-16 text; save it as UTF-8",
    b"PK\x03\x04": "is a ZIP archive or an Excel workbook; unpack it, or save it as CSV",
}


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some rows of a file, not yet looked at.

    Attributes:
        file: the file's name, for messages.
        layout: what the rows are.
        columns: the kind's columns by name; strings where the file is CSV.
        lines: each row's line in the file; the header is line 1 (Parquet: the row's number, from 1).
        broken: lines that are no rows at all, each with the reason.
    """

    file: str
    layout: Layout
    columns: dict[str, pa.Array]
    lines: Integers
    broken: list[tuple[int, str]] = field(default_factory=list)


def read_blocks(path: Path) -> Iterator[Block]:
    """Read one file.

    Raises:
        TickStockError: if it cannot be read, is empty or damaged, or its header is not right.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
        if not start:
            raise TickStockError(f"file {path} is empty")
        yield from _parquet(path) if start == b"PAR1" else _csv(path, start)
    except pa.ArrowException as error:
        raise TickStockError(f"file {path} cannot be read: {_first_line(error)}") from None
    except OSError as error:
        if error.strerror is None:  # not the system's refusal: what was read is not right
            raise TickStockError(f"file {path} is cut off or damaged ({_first_line(error)}); fetch it again") from None
        raise TickStockError(f"file {path} cannot be read: {error.strerror}") from None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _parquet(path: Path) -> Iterator[Block]:
    with pa.parquet.ParquetFile(path) as file:
        schema = file.schema_arrow
        layout = read_layout(schema.names, path.name)
        names = {column: schema.names[position] for column, position in layout.positions.items()}
        rows = 0
        for batch in file.iter_batches(_BLOCK_ROWS, columns=list(names.values())):
            columns = {column: _plain(batch.column(name)) for column, name in names.items()}
            yield Block(path.name, layout, columns, np.arange(rows + 1, rows + 1 + len(batch)))
            rows += len(batch)


def _plain(column: pa.Array) -> pa.Array:
    """Text as plain strings, however it is stored."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return column.cast(pa.string()) if is_text and column.type != pa.string() else column


def _csv(path: Path, start: bytes) -> Iterator[Block]:
    chunks = _chunks(path, start)
    head, _, rest = next(chunks).partition(b"\n")
    for mark, remedy in _NOT_TEXT.items():
        if head.startswith(mark):
            raise TickStockError(f"file {path} {remedy}")
    if b"\0" in head:
        raise TickStockError(f"file {path} is neither CSV text nor Parquet")
    layout = read_layout(_header(head, path), path.name)
    line = 2
    for chunk in _with_first(rest, chunks):
        if chunk:
            block = _block(chunk, path.name, layout, line)
            line += chunk.count(b"\n")
            yield block


def _header(line: bytes, path: Path) -> list[str]:
    try:
        return next(csv.reader([line.decode("utf-8-sig", errors="replace").rstrip("\r")]), [])
    except csv.Error as error:
        raise TickStockError(f"file {path}, line 1 is not a CSV header: {error}") from None


def _with_first(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


def _chunks(path: Path, start: bytes) -> Iterator[bytes]:
    """The file's text in pieces that end with a whole line, each line with its newline."""
    compression = next((name for magic, name in _COMPRESSIONS.items() if start.startswith(magic)), None)
    with pa.input_stream(str(path), compression=compression) as stream:
        carried = b""
        empty = True
        while piece := stream.read(_BLOCK_BYTES):
            empty = False
            text, newline, rest = piece.rpartition(b"\n")
            if newline:
                yield carried + text + newline
                carried = rest
            else:
                carried += piece
                if len(carried) > 2 * _BLOCK_BYTES:
                    raise TickStockError(
                        f"file {path} has a line of more than {2 * _BLOCK_BYTES:,} bytes; it is not CSV"
                    )
        if carried:
            yield carried + b"\n"
        elif empty:
            raise TickStockError(f"file {path} is empty")


def _block(chunk: bytes, file: str, layout: Layout, first_line: int) -> Block:
    ends = np.flatnonzero(np.frombuffer(chunk, np.uint8) == ord("\n"))
    broken: list[tuple[int, str]] = []

    def note(row: pa.csv.InvalidRow) -> str:
        broken.append((first_line + row.number - 1, _wrong_width(row.actual_columns, layout.width)))
        return "skip"

    try:
        table = pa.csv.read_csv(
            pa.BufferReader(chunk),
            pa.csv.ReadOptions(
                use_threads=False, block_size=len(chunk) + 1, column_names=[str(at) for at in range(layout.width)]
            ),
            pa.csv.ParseOptions(ignore_empty_lines=False, invalid_row_handler=note),
            pa.csv.ConvertOptions(
                include_columns=[str(at) for at in layout.positions.values()],
                column_types={str(at): pa.string() for at in layout.positions.values()},
            ),
        )
    except pa.ArrowInvalid:  # a quote out of place, or bytes that are not UTF-8
        return _block_by_line(chunk, file, layout, first_line)
    lines = np.delete(np.arange(first_line, first_line + len(ends)), [line - first_line for line, _ in broken])
    if len(lines) != len(table):  # a quote ran over the end of its line
        return _block_by_line(chunk, file, layout, first_line)
    columns = {column: table.column(str(at)).combine_chunks() for column, at in layout.positions.items()}
    blank = _blank(chunk, ends)
    if blank.any():
        kept = ~np.isin(lines, first_line + np.flatnonzero(blank))
        lines = lines[kept]
        columns = {column: values.filter(pa.array(kept)) for column, values in columns.items()}
        broken = [(line, reason) for line, reason in broken if not blank[line - first_line]]
    return Block(file, layout, columns, lines, broken)


def _blank(chunk: bytes, ends: Index) -> NDArray[np.bool_]:
    """Which lines are empty, but for a carriage return."""
    lengths = np.diff(ends, prepend=-1) - 1
    returns = np.frombuffer(chunk, np.uint8)[np.maximum(ends - 1, 0)] == ord("\r")
    return (lengths == 0) | ((lengths == 1) & returns)


def _block_by_line(chunk: bytes, file: str, layout: Layout, first_line: int) -> Block:
    """The slow way, for text that Arrow cannot split into rows: every line stands for itself."""
    rows: list[list[str]] = []
    lines: list[int] = []
    broken: list[tuple[int, str]] = []
    for line, text in enumerate(chunk.decode(errors="replace").split("\n")[:-1], first_line):
        if not text.rstrip("\r"):
            continue
        try:
            row = next(csv.reader([text.rstrip("\r")], strict=True))
        except csv.Error:
            broken.append((line, "a quote is not closed on its line"))
            continue
        if len(row) != layout.width:
            broken.append((line, _wrong_width(len(row), layout.width)))
            continue
        rows.append(row)
        lines.append(line)
    columns = {column: pa.array([row[at] for row in rows], pa.string()) for column, at in layout.positions.items()}
    return Block(file, layout, columns, np.array(lines, np.int64), broken)


def _wrong_width(fields: int, width: int) -> str:
    return f"{fields} field{'' if fields == 1 else 's'} where the header has {width}"
