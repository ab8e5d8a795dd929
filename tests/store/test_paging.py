"""Places between rows, as text and back."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.store.paging import Position, parse_position

moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
positions = st.builds(Position, moments, st.integers(0, 10**18 - 1), st.none() | st.uuids().map(str))


@given(positions)
def test_what_is_written_is_read_back(position: Position) -> None:
    assert parse_position(str(position)) == position


@given(moments, st.integers(-1439, 1439))
def test_a_time_of_any_zone_is_a_position_before_all_rows_of_it(moment: datetime, offset: int) -> None:
    elsewhere = moment.astimezone(timezone(timedelta(minutes=offset)))
    assert parse_position(elsewhere.isoformat()) == Position(moment)


@given(st.text(max_size=80))
def test_whatever_else_is_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse_position(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "~1",
        "2025-10-06T13:30:00",
        "2025-10-06T13:30:00Z~",
        "2025-10-06T13:30:00Z~-1",
        "2025-10-06T13:30:00Z~1~",
        "2025-10-06T13:30:00Z~1~x",
        "2025-10-06T13:30:00Z~" + "9" * 30,
        f"2025-10-06T13:30:00Z~1~{UUID(int=1)}~",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_position(text)
