"""The exchange's trading days and hours."""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import dropwhile
from typing import Final
from zoneinfo import ZoneInfo

from tickstockpl.market.bars import MINUTE_MS, Integers

NEW_YORK = ZoneInfo("America/New_York")

PRE_MARKET_OPEN: Final = time(4, 0)
"""When pre-market begins in New York, on every trading day."""

AFTER_HOURS_MINUTES: Final = 240
"""How long after-hours last from the regular close, an early one too: to 20:00, or 17:00 (``docs/hours.md``)."""

_DAY_MS: Final = 86_400_000
_STANDARD_TIME_MS: Final = 5 * 3_600_000


@dataclass(frozen=True, slots=True, order=True)
class MarketDay:
    """One trading day: the hours of the market in which it is streamed.

    Attributes:
        date: the day in New York; with extended hours, the close may lie on the next date of UTC.
        open_ms: the open, milliseconds since the epoch.
        close_ms: the close; an early one on half days.
        pre_market_minutes: how many of its first minutes lie before the regular open.
        after_hours_minutes: how many of its last minutes lie after the regular close.
    """

    date: date
    open_ms: int
    close_ms: int
    pre_market_minutes: int = 0
    after_hours_minutes: int = 0

    @property
    def minutes(self) -> int:
        """How many minutes the market is open."""
        return (self.close_ms - self.open_ms) // MINUTE_MS

    @property
    def regular_minutes(self) -> int:
        """How many of them are regular hours."""
        return self.minutes - self.pre_market_minutes - self.after_hours_minutes

    def contains(self, moment_ms: int) -> bool:
        """Whether the market is open at that moment (the close itself is not)."""
        return self.open_ms <= moment_ms < self.close_ms


class MarketCalendar:
    """New York's trading days (XNYS of ``exchange_calendars``): holidays, early closes, daylight saving.

    The schedule is computed for a year at a time, on first use (about 0.1 s).

    Args:
        extended: whether days have their pre-market and after-hours too, or regular hours only.
    """

    def __init__(self, *, extended: bool = False) -> None:
        self._extended = extended
        self._years: dict[int, Mapping[date, MarketDay]] = {}

    @property
    def hours_in_words(self) -> str:
        """The hours of a whole day, for messages."""
        if self._extended:
            return "extended hours, 04:00 to 20:00 in New York"
        return "regular hours, 09:30 to 16:00 in New York"

    def day(self, when: date) -> MarketDay | None:
        """The trading day of a date, ``None`` where the exchange is closed."""
        return self._year(when.year).get(when)

    def day_at(self, moment_ms: int) -> MarketDay | None:
        """The trading day of the New York date on which ``moment_ms`` lies, whether in its hours or not."""
        return self.day(new_york_date(moment_ms))

    def days_from(self, first: date) -> Iterator[MarketDay]:
        """Trading days from ``first`` on, without end."""
        when = first
        while True:
            if (day := self.day(when)) is not None:
                yield day
            when += timedelta(days=1)

    def days_to_come(self, moment_ms: int) -> Iterator[MarketDay]:
        """The trading day of a moment, unless its close is past, and those after it, without end."""
        return dropwhile(lambda day: day.close_ms <= moment_ms, self.days_from(new_york_date(moment_ms)))

    def last_day(self, upto: date) -> MarketDay:
        """The latest trading day that is not after ``upto``."""
        when = upto
        while (day := self.day(when)) is None:
            when -= timedelta(days=1)
        return day

    def _year(self, year: int) -> Mapping[date, MarketDay]:
        if year not in self._years:
            days = _schedule(year)
            self._years[year] = {when: _extended(day) for when, day in days.items()} if self._extended else days
        return self._years[year]


def in_words(moment_ms: int) -> str:
    """A moment as New York has it, and UTC: ``Mon 2026-11-30 09:30 New York (14:30Z)``."""
    moment = datetime.fromtimestamp(moment_ms / 1000, UTC)
    return f"{moment.astimezone(NEW_YORK):%a %Y-%m-%d %H:%M} New York ({moment:%H:%M}Z)"


def new_york_date(moment_ms: int) -> date:
    """The date in New York."""
    return datetime.fromtimestamp(moment_ms / 1000, UTC).astimezone(NEW_YORK).date()


def trading_dates(moments_ms: Integers) -> Integers:
    """The New York date of every moment at which anything trades there, as days since 1970-01-01.

    Counted by standard time the whole year: that is wrong for the hour after midnight in summer only, and then nothing
    trades.
    """
    return (moments_ms - _STANDARD_TIME_MS) // _DAY_MS


def _extended(day: MarketDay) -> MarketDay:
    """A regular day with its pre-market and after-hours."""
    open_ms = int(datetime.combine(day.date, PRE_MARKET_OPEN, NEW_YORK).timestamp()) * 1000
    return MarketDay(
        day.date,
        open_ms,
        day.close_ms + AFTER_HOURS_MINUTES * MINUTE_MS,
        pre_market_minutes=(day.open_ms - open_ms) // MINUTE_MS,
        after_hours_minutes=AFTER_HOURS_MINUTES,
    )


@cache
def _schedule(year: int) -> Mapping[date, MarketDay]:
    # Every calendar has the same days, and whoever starts several asks for the same year.
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
