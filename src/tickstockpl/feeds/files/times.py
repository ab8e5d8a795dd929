"""Columns of timestamps to nanoseconds since the epoch, UTC."""

from datetime import UTC, date, datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tickstockpl.errors import TickStockError
from tickstockpl.feeds.files.defects import Defect
from tickstockpl.feeds.files.zones import LocalTime
from tickstockpl.market.bars import Integers

_CLOCK = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?"
_WALL = rf"(19[7-9]\d|20\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T ]{_CLOCK}"
_OFFSET = r"(Z|[+-]([01]\d|2[0-3])(:?[0-5]\d)?)"
_WITH_OFFSET: Final = f"^{_WALL}{_OFFSET}$"
_NAIVE: Final = f"^{_WALL}$"
_EPOCH: Final = r"^(\d{9,18}|[1-4]\d{18})$"

_END_NS: Final = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000_000
_UNITS: Final = ((10**8, 10**10, 10**9), (10**11, 10**13, 10**6), (10**14, 10**16, 10**3), (10**17, _END_NS, 1))
"""Integers from, below, and nanoseconds in one: seconds, milliseconds, microseconds and nanoseconds do not overlap
for any moment from 1973 to 2099."""

_NS_OF_UNIT: Final = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}

_NO_TIME = "is not a time; write 2025-10-05T13:30:00Z, or the seconds (or ms, µs, ns) since 1970"
_NO_ZONE = "names no time zone; write it with Z or an offset, or say with --timezone what it is"

Times = tuple[Integers, list[Defect]]


def read_times(column: pa.Array, zone: LocalTime | None, where: str) -> Times:
    """Read a column of timestamps: ISO 8601 text, integers since the epoch, or Parquet's own timestamps.

    Args:
        column: the file's ``timestamp`` column.
        zone: what times without an offset are; ``None`` refuses them.
        where: the file, for messages.

    Returns:
        nanoseconds since the epoch, and which rows have none (their nanoseconds mean nothing).

    Raises:
        TickStockError: if the column is of a type that cannot be a time.
    """
    if pa.types.is_string(column.type):
        return _from_text(column, zone)
    missing = _mask(column.is_null())
    if pa.types.is_timestamp(column.type):
        raw = _integers(column.cast(pa.int64()))
        scale = _NS_OF_UNIT[column.type.unit]
        beyond = (raw < 0) | (raw >= _END_NS // scale)
        times = np.where(beyond, 0, raw) * scale
        defects = [Defect(_NO_TIME, missing | beyond, "timestamp")]
        if column.type.tz is None:
            times, more = _localised(times, ~(missing | beyond), zone)
            defects += more
        return times, defects
    if pa.types.is_integer(column.type):
        times, bad = _from_epoch(_integers(column.cast(pa.int64(), safe=False)))
        return times, [Defect(_NO_TIME, missing | bad, "timestamp")]
    raise TickStockError(
        f"{where}: column 'timestamp' is of type {column.type}; it must be timestamps, integers or text"
    )


def _from_text(column: pa.Array, zone: LocalTime | None) -> Times:
    times = np.zeros(len(column), np.int64)
    unread = np.ones(len(column), np.bool_)
    defects: list[Defect] = []

    aware = _matching(column, _WITH_OFFSET, unread)
    if aware.any():
        times[aware], fits = _walls(column, aware, "UTC")
        unread[aware] = ~fits
    naive = _matching(column, _NAIVE, unread)
    if naive.any():
        walls, fits = _walls(column, naive, None)
        times[naive] = walls
        unread[naive] = ~fits
        times, more = _localised(times, naive & ~unread, zone)
        defects += more
    epoch = _matching(column, _EPOCH, unread)
    if epoch.any():
        times[epoch], bad = _from_epoch(_integers(column.filter(pa.array(epoch)).cast(pa.int64())))
        unread[epoch] = bad
    return times, [Defect(_NO_TIME, unread, "timestamp"), *defects]


def _matching(column: pa.Array, pattern: str, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
    if not among.any():
        return among
    return among & _mask(pc.match_substring_regex(column, pattern))


def _walls(column: pa.Array, rows: NDArray[np.bool_], zone: str | None) -> tuple[Integers, NDArray[np.bool_]]:
    """Read text that has the right form; what is left to go wrong is a day that its month does not have."""
    text = column if rows.all() else column.filter(pa.array(rows))
    kind = pa.timestamp("ns", zone)
    try:
        return _integers(text.cast(kind).cast(pa.int64())), np.ones(len(text), np.bool_)
    except pa.ArrowInvalid:
        dates = pc.utf8_slice_codeunits(text, 0, 10).dictionary_encode()
        exists = np.array([_exists(day) for day in dates.dictionary.to_pylist()], np.bool_)
        fits = exists[dates.indices.to_numpy()]
        readable = pc.if_else(pa.array(fits), text, "1970-01-01T00:00:00Z" if zone else "1970-01-01T00:00:00")
        return _integers(readable.cast(kind).cast(pa.int64())), fits


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _localised(times: Integers, rows: NDArray[np.bool_], zone: LocalTime | None) -> Times:
    """Local wall times, where ``rows`` says so, to UTC."""
    if zone is None:
        return times, [Defect(_NO_ZONE, rows, "timestamp")]
    utc, skipped, repeated = zone.to_utc(times)
    return np.where(rows, utc, times), [
        Defect("never was: the clocks were put forward over it", rows & skipped, "timestamp"),
        Defect("was twice: the clocks were put back over it; write it with an offset", rows & repeated, "timestamp"),
    ]


def _from_epoch(values: Integers) -> tuple[Integers, NDArray[np.bool_]]:
    """Integers since the epoch, their unit told by their magnitude."""
    times = np.zeros(len(values), np.int64)
    bad = np.ones(len(values), np.bool_)
    for first, end, scale in _UNITS:
        of_unit = (values >= first) & (values < min(end, _END_NS // scale))
        times[of_unit] = values[of_unit] * scale
        bad &= ~of_unit
    return times, bad


def _integers(column: pa.Array) -> Integers:
    return np.asarray(column.fill_null(0).to_numpy(zero_copy_only=False), np.int64)


def _mask(column: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(column.fill_null(False).to_numpy(zero_copy_only=False), np.bool_)
