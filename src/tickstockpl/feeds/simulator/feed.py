"""The simulated market as a feed."""

from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from itertools import takewhile
from typing import Final

from tickstockpl.clock import Clock
from tickstockpl.errors import TickStockError
from tickstockpl.feeds.base import ALWAYS_CONNECTED, Batch, FeedReport
from tickstockpl.feeds.pacing import cut_minute, wait_for
from tickstockpl.feeds.simulator.day import MINUTES, DayOutline, draw_day
from tickstockpl.feeds.simulator.stocks import Stocks, draw_stocks
from tickstockpl.feeds.simulator.tape import draw_minute
from tickstockpl.market.bars import MINUTE_MS, Floats, MinuteBars
from tickstockpl.market.builder import BarBuilder
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.market.trades import Trades
from tickstockpl.market.universes import Universe

_FIRST_NUMBER: Final = 2
"""The first day's number in the market; the history takes the one or two before it."""


class SimulatorFeed:
    """A market that never was, on the real exchange's calendar.

    The trades of the k-th day depend only on the seed, the universe and k (and on the release of NumPy): not on
    the date, the speed, or how they are fetched. A half day plays the first part of its tape.

    Args:
        universe: who trades; sectors make stocks move together.
        clock: what the days are played on.
        calendar: the trading days.
        seed: 0 or more; another seed is another market.
        run: the run's name; every run is a source of its own.
        first_date: the first day is the first trading day from this date on.

    Raises:
        TickStockError: if the seed is negative.
    """

    is_live = False
    connection = ALWAYS_CONNECTED

    def __init__(
        self, universe: Universe, clock: Clock, calendar: MarketCalendar, seed: int, run: str, first_date: date
    ) -> None:
        if seed < 0:
            raise TickStockError(f"the simulator's seed was {seed}; it must be 0 or more")
        self._universe = universe
        self._clock = clock
        self._calendar = calendar
        self._seed = seed
        self._run = run
        self._first_date = first_date
        self._market: _Market | None = None
        self._history: list[MarketDay] = []
        self._report = FeedReport()

    @property
    def source(self) -> str:
        """``simulator:RUN``."""
        return f"simulator:{self._run}"

    @property
    def report(self) -> FeedReport:
        """Nothing is ever left out."""
        return self._report

    @property
    def universe(self) -> Universe:
        """Who trades."""
        return self._universe

    async def open(self) -> None:
        """Draw the stocks and find the days of the history."""
        self._market = _Market(draw_stocks(self._universe, self._seed), self._seed)
        self._history = self._days_before()

    def days(self) -> Iterator[MarketDay]:
        """The trading days from the first date on, without end."""
        return self._calendar.days_from(self._first_date)

    def history(self, day: MarketDay) -> Iterator[MinuteBars]:
        """Before the first day: at least 390 minutes of bars, drawn when asked for (1 ms each for 500 symbols)."""
        if day != next(self.days()):
            return
        builder = BarBuilder(len(self._universe))
        for number, past in enumerate(self._history, _FIRST_NUMBER - len(self._history)):
            for minute in range(past.minutes):
                start_ms = past.open_ms + minute * MINUTE_MS
                builder.add(self._drawn.minute(number, minute, start_ms))
                yield from builder.seal(start_ms + MINUTE_MS)

    async def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
        """Play one day, a minute at a time, in slices of about 50 ms of wall time."""
        earlier = sum(1 for _ in takewhile(lambda other: other.date < day.date, self.days()))
        number = _FIRST_NUMBER + earlier
        for minute in range(day.minutes):
            start_ms = day.open_ms + minute * MINUTE_MS
            trades = self._drawn.minute(number, minute, start_ms)
            for batch in cut_minute(trades, start_ms, self._clock.speed, from_ms):
                await wait_for(self._clock, batch.until_ms, from_ms)
                yield batch

    async def close(self) -> None:
        """Nothing is held open."""

    @property
    def _drawn(self) -> "_Market":
        if self._market is None:
            raise RuntimeError("the simulator was not opened")
        return self._market

    def _days_before(self) -> list[MarketDay]:
        """The days before the first, as many as make a whole day's minutes, oldest first."""
        days: list[MarketDay] = []
        first = next(self.days())
        while sum(day.minutes for day in days) < MINUTES:
            days.insert(0, self._calendar.last_day((days[0] if days else first).date - timedelta(days=1)))
        return days


class _Market:
    """The days of a simulated market, drawn one after the other; the newest is kept."""

    def __init__(self, stocks: Stocks, seed: int) -> None:
        self._stocks = stocks
        self._seed = seed
        self._number = -1
        self._outline: DayOutline | None = None

    def minute(self, number: int, minute: int, start_ms: int) -> Trades:
        return draw_minute(self._stocks, self._day(number), self._seed, number, minute, start_ms)

    def _day(self, number: int) -> DayOutline:
        if self._outline is None or number < self._number:
            self._number, self._outline = 0, draw_day(self._stocks, self._seed, 0, None)
        while self._number < number:
            last: Floats = self._outline.log_price[-1]
            self._number += 1
            self._outline = draw_day(self._stocks, self._seed, self._number, last)
        return self._outline
