from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.errors import TickStockError
from tickstockpl.feeds.files.zones import LocalTime

ZONES = {
    name: LocalTime(name)
    for name in ("America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca", "UTC")
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def seconds(wall: datetime) -> int:
    return int((wall.replace(tzinfo=UTC) - EPOCH).total_seconds())


walls = st.datetimes(datetime(1970, 1, 2), datetime(2099, 12, 30)).map(  # noqa: DTZ001
    lambda wall: wall.replace(microsecond=0)
)
near_changes = st.builds(
    lambda day, minute: datetime.fromisoformat(f"{day}T00:00").replace(hour=minute // 60, minute=minute % 60),
    st.sampled_from(["2025-03-09", "2025-11-02", "2025-03-30", "2025-10-26", "2025-10-05", "2025-04-06", "1974-01-06"]),
    st.integers(0, 240),
)


@given(st.sampled_from(sorted(ZONES)), st.one_of(walls, near_changes))
def test_it_agrees_with_the_standard_library(name: str, wall: datetime) -> None:
    zone = ZoneInfo(name)
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    stands = early.astimezone(zone).replace(tzinfo=None) == wall
    [utc], [skipped], [repeated] = ZONES[name].to_utc(np.array([seconds(wall) * 10**9]))
    assert skipped == (not stands)
    assert repeated == (stands and early != late)
    if not skipped and not repeated:
        assert utc == seconds(early.replace(tzinfo=None)) * 10**9


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "America"])
def test_a_name_that_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(TickStockError, match="there is no time zone"):
        LocalTime(name)
