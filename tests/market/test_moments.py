"""What the exchange is at: every part of a day, weekends, holidays, short days, both clock changes."""

from datetime import UTC, datetime

import pytest

from tickstockpl.market.calendar import MarketCalendar
from tickstockpl.market.moments import MarketMoment, market_moment

CALENDAR = MarketCalendar(extended=True)


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1000


def shown(moment_ms: int | None) -> str | None:
    return None if moment_ms is None else datetime.fromtimestamp(moment_ms / 1000, UTC).strftime("%m-%d %H:%M")


def moment(text: str, *, extended: bool = False) -> MarketMoment:
    return market_moment(CALENDAR, ms(text), extended=extended)


@pytest.mark.parametrize(
    ("at", "phase", "reason"),
    [
        ("2025-10-06T03:59:59-04:00", "closed", "overnight"),
        ("2025-10-06T04:00:00-04:00", "pre", None),
        ("2025-10-06T09:29:59-04:00", "pre", None),
        ("2025-10-06T09:30:00-04:00", "open", None),
        ("2025-10-06T15:59:59-04:00", "open", None),
        ("2025-10-06T16:00:00-04:00", "post", None),
        ("2025-10-06T20:00:00-04:00", "closed", "overnight"),
        ("2025-10-05T12:00:00-04:00", "closed", "weekend"),
        ("2026-11-26T12:00:00-05:00", "closed", "Thanksgiving"),
        ("2025-01-09T12:00:00-05:00", "closed", "holiday"),  # a day of mourning has no name
        ("2026-11-27T12:59:59-05:00", "open", "early close"),
        ("2026-11-27T13:00:00-05:00", "post", "early close"),
        ("2026-11-27T17:00:00-05:00", "closed", "overnight"),
        ("2025-12-31T23:59:59-05:00", "closed", "overnight"),
        ("2026-01-01T00:00:00-05:00", "closed", "New Year's Day"),
    ],
)
def test_the_phase_is_the_exchanges_whichever_hours_are_streamed(at: str, phase: str, reason: str | None) -> None:
    for extended in (False, True):
        found = moment(at, extended=extended)
        assert (found.phase, found.reason) == (phase, reason)


@pytest.mark.parametrize(
    ("at", "extended", "hours"),
    [
        ("2025-10-06T08:00:00-04:00", False, ("10-06 13:30", "10-06 20:00", "10-06 13:30", "10-03 20:00")),
        ("2025-10-06T08:00:00-04:00", True, ("10-06 08:00", "10-07 00:00", "10-07 08:00", "10-04 00:00")),
        ("2025-10-06T09:30:00-04:00", False, ("10-06 13:30", "10-06 20:00", "10-07 13:30", "10-03 20:00")),
        ("2025-10-06T16:00:00-04:00", False, ("10-06 13:30", "10-06 20:00", "10-07 13:30", "10-06 20:00")),
        ("2025-11-01T12:00:00-04:00", False, (None, None, "11-03 14:30", "10-31 20:00")),  # clocks go back between
        ("2026-11-26T12:00:00-05:00", False, (None, None, "11-27 14:30", "11-25 21:00")),
        ("2026-11-28T12:00:00-05:00", True, (None, None, "11-30 09:00", "11-27 22:00")),
        ("2026-01-01T12:00:00-05:00", False, (None, None, "01-02 14:30", "12-31 21:00")),
    ],
)
def test_opens_and_closes_are_of_the_hours_that_are_asked_for(
    at: str, extended: bool, hours: tuple[str | None, ...]
) -> None:
    found = moment(at, extended=extended)
    assert (
        shown(found.opens_ms),
        shown(found.closes_ms),
        shown(found.next_open_ms),
        shown(found.previous_close_ms),
    ) == hours
