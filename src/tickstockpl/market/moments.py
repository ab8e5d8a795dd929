"""What the exchange is at at a moment: open or not, why not, and until when."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal

from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.calendar import MarketCalendar, MarketDay, new_york_date

Phase = Literal["pre", "open", "post", "closed"]

_SATURDAY: Final = 5
_WHOLE_DAY_MINUTES: Final = 390


@dataclass(frozen=True, slots=True)
class MarketMoment:
    """What the exchange is at at a moment. Times are milliseconds since the epoch.

    Attributes:
        phase: pre-market, regular hours, after-hours or closed, whichever hours are streamed.
        reason: what is special about it, ``None`` where nothing is: ``weekend``, a holiday's name, ``overnight``, or
            ``early close`` for the whole of a short day.
        opens_ms: the open of the day's hours that are asked for, ``None`` where the day is no trading day.
        closes_ms: their close.
        next_open_ms: the first open after the moment.
        previous_close_ms: the last close that is not after it.
    """

    phase: Phase
    reason: str | None
    opens_ms: int | None
    closes_ms: int | None
    next_open_ms: int
    previous_close_ms: int


def market_moment(calendar: MarketCalendar, moment_ms: int, *, extended: bool) -> MarketMoment:
    """What the exchange is at.

    Args:
        calendar: with extended hours, so that it knows of all.
        moment_ms: when.
        extended: whether opens and closes are those of extended hours or of regular ones.
    """
    when = new_york_date(moment_ms)
    day = calendar.day(when)
    opens_ms, closes_ms = _hours(day, extended=extended) if day is not None else (None, None)
    coming = next(
        hours[0] for day in calendar.days_from(when) if (hours := _hours(day, extended=extended))[0] > moment_ms
    )
    last = _hours(calendar.last_day(when), extended=extended)[1]
    if last > moment_ms:
        last = _hours(calendar.last_day(when - timedelta(days=1)), extended=extended)[1]
    phase = _phase(day, moment_ms)
    return MarketMoment(phase, _reason(day, when, phase), opens_ms, closes_ms, coming, last)


def _hours(day: MarketDay, *, extended: bool) -> tuple[int, int]:
    if extended:
        return day.open_ms, day.close_ms
    return day.open_ms + day.pre_market_minutes * MINUTE_MS, day.close_ms - day.after_hours_minutes * MINUTE_MS


def _phase(day: MarketDay | None, moment_ms: int) -> Phase:
    if day is None or not day.contains(moment_ms):
        return "closed"
    opens_ms, closes_ms = _hours(day, extended=False)
    if moment_ms < opens_ms:
        return "pre"
    return "open" if moment_ms < closes_ms else "post"


def _reason(day: MarketDay | None, when: date, phase: Phase) -> str | None:
    if day is None:
        return "weekend" if when.weekday() >= _SATURDAY else _holidays(when.year).get(when, "holiday")
    if phase == "closed":
        return "overnight"
    return "early close" if day.regular_minutes < _WHOLE_DAY_MINUTES else None


@lru_cache(maxsize=200)
def _holidays(year: int) -> dict[date, str]:
    """The year's holidays that have a name; the exchange closes on other days too, of mourning or of storms."""
    import pandas as pd  # slow to import, and exchange_calendars' own
    from exchange_calendars.exchange_calendar_xnys import XNYSExchangeCalendar

    regular = XNYSExchangeCalendar(start=f"{year}-01-01", end=f"{year}-12-31").regular_holidays
    named = regular.holidays(pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 31), return_name=True)
    return {when.date(): str(name) for when, name in named.items()}
