"""The exchange's days and hours, by what the exchanges publish (``docs/hours.md``)."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice

import numpy as np
import pytest

from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.calendar import NEW_YORK, MarketCalendar, MarketDay, new_york_date, trading_dates

REGULAR, EXTENDED = MarketCalendar(), MarketCalendar(extended=True)


def utc(moment_ms: int) -> str:
    return f"{datetime.fromtimestamp(moment_ms / 1000, UTC):%Y-%m-%dT%H:%M}"


def day_of(when: str, calendar: MarketCalendar = EXTENDED) -> MarketDay:
    day = calendar.day(date.fromisoformat(when))
    assert day is not None
    return day


@pytest.mark.parametrize(
    ("when", "opens", "closes"),
    [
        ("2025-01-02", "2025-01-02T09:00", "2025-01-03T01:00"),  # winter: the close lies on the next date of UTC
        ("2025-07-07", "2025-07-07T08:00", "2025-07-08T00:00"),  # summer
        ("2025-03-07", "2025-03-07T09:00", "2025-03-08T01:00"),  # the Friday before the clocks go forward
        ("2025-03-10", "2025-03-10T08:00", "2025-03-11T00:00"),  # the Monday after
        ("2025-10-31", "2025-10-31T08:00", "2025-11-01T00:00"),  # the Friday before they go back
        ("2025-11-03", "2025-11-03T09:00", "2025-11-04T01:00"),  # the Monday after
        ("2015-12-24", "2015-12-24T09:00", "2015-12-24T22:00"),  # 13:00 is the regular close: 17:00
        ("2025-07-03", "2025-07-03T08:00", "2025-07-03T21:00"),
    ],
)
def test_extended_hours_are_from_four_to_eight_or_five_in_new_york(when: str, opens: str, closes: str) -> None:
    day = day_of(when)
    assert (utc(day.open_ms), utc(day.close_ms)) == (opens, closes)
    assert new_york_date(day.open_ms) == new_york_date(day.close_ms - 1) == day.date


@pytest.mark.parametrize("when", ["2025-07-04", "2025-07-05", "2025-01-09", "2025-12-25"])
def test_a_closed_day_is_closed_in_extended_hours_too(when: str) -> None:
    assert EXTENDED.day(date.fromisoformat(when)) is REGULAR.day(date.fromisoformat(when)) is None


def test_extended_hours_are_the_regular_ones_and_what_is_around_them() -> None:
    for day, regular in islice(
        zip(EXTENDED.days_from(date(2024, 1, 1)), REGULAR.days_from(date(2024, 1, 1)), strict=True), 250
    ):
        assert day.date == regular.date
        assert day.open_ms + day.pre_market_minutes * MINUTE_MS == regular.open_ms
        assert day.close_ms - day.after_hours_minutes * MINUTE_MS == regular.close_ms
        assert day.regular_minutes == regular.minutes == regular.regular_minutes
        assert day.minutes == 330 + regular.minutes + 240
        assert (regular.pre_market_minutes, regular.after_hours_minutes) == (0, 0)


def test_an_evening_belongs_to_its_date_in_new_york() -> None:
    day = day_of("2025-01-02")
    assert EXTENDED.day_at(day.close_ms - MINUTE_MS) == day
    assert day.contains(day.close_ms - MINUTE_MS)
    assert not day.contains(day.close_ms)


def test_every_minute_of_every_day_has_the_date_of_its_day() -> None:
    for day in islice(EXTENDED.days_from(date(2025, 1, 1)), 250):
        minutes = np.arange(day.open_ms, day.close_ms, MINUTE_MS)
        (number,) = np.unique(trading_dates(minutes)).tolist()
        assert date(1970, 1, 1) + timedelta(days=number) == day.date
        assert datetime.fromtimestamp(day.open_ms / 1000, NEW_YORK).date() == day.date


def test_messages_name_the_hours() -> None:
    assert REGULAR.hours_in_words == "regular hours, 09:30 to 16:00 in New York"
    assert EXTENDED.hours_in_words == "extended hours, 04:00 to 20:00 in New York"
