"""Local times of a time zone to UTC, as columns, with what a clock change makes unclear."""

import difflib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np
from numpy.typing import NDArray

from tickstockpl.errors import TickStockError
from tickstockpl.market.bars import Integers

_FIRST_YEAR, _END_YEAR = 1970, 2100
_NS = 1_000_000_000


class LocalTime:
    """The clock of one IANA time zone, 1970 to 2099 (about 50 ms to set up).

    The offsets are found once, as a table of the moments at which they change; a column is then converted by two binary
    searches. A local time that a clock change leaves out lies after its stretch of the table and before the next; one
    that it repeats lies in two.

    Raises:
        TickStockError: if there is no such zone.
    """

    def __init__(self, name: str) -> None:
        try:
            zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            close = difflib.get_close_matches(name, available_timezones(), n=1)
            raise TickStockError(
                f"there is no time zone {name!r}; "
                f"{f'did you mean {close[0]}?' if close else 'write an IANA name such as America/New_York'}"
            ) from None
        starts, offsets = _stretches(zone)
        self._start_ns: Integers = np.array(starts, np.int64) * _NS
        self._offset_ns: Integers = np.array(offsets, np.int64) * _NS
        self._local_start_ns = self._start_ns + self._offset_ns
        ends = np.append(self._start_ns[1:], np.iinfo(np.int64).max - 86_400 * _NS)
        self._local_end_ns = ends + self._offset_ns

    def to_utc(self, local_ns: Integers) -> tuple[Integers, NDArray[np.bool_], NDArray[np.bool_]]:
        """Convert local wall times to UTC.

        Args:
            local_ns: wall times, nanoseconds since 1970-01-01 00:00 on that wall.

        Returns:
            nanoseconds since the epoch, which local times never were, and which were twice; of the marked
            ones the conversion means nothing.
        """
        stretch = np.maximum(np.searchsorted(self._local_start_ns, local_ns, side="right") - 1, 0)
        before = np.maximum(stretch - 1, 0)
        skipped = local_ns >= self._local_end_ns[stretch]
        repeated = (before < stretch) & (local_ns < self._local_end_ns[before])
        return local_ns - self._offset_ns[stretch], skipped, repeated


def _stretches(zone: ZoneInfo) -> tuple[list[int], list[int]]:
    """Starts (UTC) of the stretches of one offset, and the offsets, in seconds."""

    def offset(second: int) -> int:
        moment = datetime.fromtimestamp(second, UTC).astimezone(zone)
        return int((moment.utcoffset() or timedelta()).total_seconds())

    first = int(datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp()) - 86_400
    end = int(datetime(_END_YEAR, 1, 1, tzinfo=UTC).timestamp()) + 86_400
    starts, offsets = [first], [offset(first)]
    for day in range(first + 86_400, end, 86_400):
        if (after := offset(day)) == offsets[-1]:
            continue
        low, high = day - 86_400, day
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == offsets[-1] else (low, middle)
        starts.append(high)
        offsets.append(after)
    return starts, offsets
