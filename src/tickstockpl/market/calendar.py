"""The exchange's trading days and hours."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tickstockpl.market.bars import MINUTE_MS

NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True, order=True)
class MarketDay:
    """One trading day: regular hours of the exchange.

    Attributes:
        date: the day in New York.
        open_ms: the open, milliseconds since the epoch.
        close_ms: the close; an early one on half days.
    """

    date: date
    open_ms: int
    close_ms: int

    @property
    def minutes(self) -> int:
        """How many minutes the market is open."""
        return (self.close_ms - self.open_ms) // MINUTE_MS

    def contains(self, moment_ms: int) -> bool:
        """Whether the market is open at that moment (the close itself is not)."""
        return self.open_ms <= moment_ms < self.close_ms


class MarketCalendar:
    """New York's trading days (XNYS of ``exchange_calendars``): holidays, early closes, daylight saving.

    The schedule is computed for a year at a time, on first use (about 0.1 s).
    """

    def __init__(self) -> None:
        self._years: dict[int, dict[date, MarketDay]] = {}

    def day(self, when: date) -> MarketDay | None:
        """The trading day of a date, ``None`` where the exchange is closed."""
        return self._year(when.year).get(when)

    def day_at(self, moment_ms: int) -> MarketDay | None:
        """The trading day of the New York date on which ``moment_ms`` lies, whether in its hours or not."""
        return self.day(datetime.fromtimestamp(moment_ms / 1000, UTC).astimezone(NEW_YORK).date())

    def days_from(self, first: date) -> Iterator[MarketDay]:
        """Trading days from ``first`` on, without end."""
        when = first
        while True:
            if (day := self.day(when)) is not None:
                yield day
            when += timedelta(days=1)

    def last_day(self, upto: date) -> MarketDay:
        """The latest trading day that is not after ``upto``."""
        when = upto
        while (day := self.day(when)) is None:
            when -= timedelta(days=1)
        return day

    def _year(self, year: int) -> dict[date, MarketDay]:
        if year not in self._years:
            self._years[year] = _schedule(year)
        return self._years[year]


def in_words(moment_ms: int) -> str:
    """A moment as New York has it, and UTC: ``Mon 2026-11-30 09:30 New York (14:30Z)``."""
    moment = datetime.fromtimestamp(moment_ms / 1000, UTC)
    return f"{moment.astimezone(NEW_YORK):%a %Y-%m-%d %H:%M} New York ({moment:%H:%M}Z)"


def _schedule(year: int) -> dict[date, MarketDay]:
    import exchange_calendars  # slow to import; not everyone who imports this module needs it

    with warnings.catch_warnings():
        # exchange_calendars 4.13 uses what pandas 3.1 deprecates; its user can do nothing about it.
        warnings.simplefilter("ignore", DeprecationWarning)
        calendar = exchange_calendars.get_calendar("XNYS", start=f"{year}-01-01", end=f"{year}-12-31")
    return {
        when.date(): MarketDay(when.date(), int(opens.timestamp() * 1000), int(closes.timestamp() * 1000))
        for when, opens, closes in zip(
            calendar.schedule.index, calendar.schedule["open"], calendar.schedule["close"], strict=True
        )
    }
