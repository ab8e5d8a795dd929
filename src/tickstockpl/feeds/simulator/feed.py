"""The simulated market as a feed."""

from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from itertools import takewhile
from typing import Final

from tickstockpl.clock import Clock
from tickstockpl.errors import TickStockError
from tickstockpl.feeds.base import ALWAYS_CONNECTED, Batch, FeedReport
from tickstockpl.feeds.pacing import cut_minute, wait_for
from tickstockpl.feeds.simulator.day import MINUTES
from tickstockpl.feeds.simulator.market import LatentMarket
from tickstockpl.feeds.simulator.stocks import draw_stocks
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.market.builder import BarBuilder
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.market.universes import Universe

FIRST_NUMBER: Final = 2
"""The first day's number in the market; the history takes the one or two before it."""


class SimulatorFeed:
    """A market that never was, on the real exchange's calendar.

    The trades of the k-th day depend only on the seed, the universe and k (and on the release of NumPy): not on
    the date, the speed, or how they are fetched. A half day plays the first part of its tape. Where the calendar has
    extended hours, trading goes on in them, thinly, and regular hours are what they are without.

    Args:
        universe: who trades; sectors make stocks move together.
        clock: what the days are played on.
        calendar: the trading days and their hours.
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
        self._market: LatentMarket | None = None
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
        """Draw the stocks."""
        self._market = LatentMarket(draw_stocks(self._universe, self._seed), self._seed)

    def days(self) -> Iterator[MarketDay]:
        """The trading days from the first date on, without end."""
        return self._calendar.days_from(self._first_date)

    def history(self, day: MarketDay) -> Iterator[MinuteBars]:
        """Before the first day: bars with 390 regular minutes or more, drawn when asked for (1 ms each for 500)."""
        if day == next(self.days()):
            yield from self._bars_before(day)

    async def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
        """Play one day, a minute at a time, in slices of about 50 ms of wall time."""
        async for batch in self._minutes(day, 0, from_ms):
            yield batch

    async def close(self) -> None:
        """Nothing is held open."""

    @property
    def _drawn(self) -> LatentMarket:
        if self._market is None:
            raise RuntimeError("the simulator was not opened")
        return self._market

    def _number(self, day: MarketDay) -> int:
        """A day's number in the market."""
        return FIRST_NUMBER + sum(1 for _ in takewhile(lambda other: other.date < day.date, self.days()))

    async def _minutes(self, day: MarketDay, first: int, from_ms: int) -> AsyncIterator[Batch]:
        """Play a day from one of its minutes on."""
        number = self._number(day)
        for minute in range(first, day.minutes):
            start_ms = day.open_ms + minute * MINUTE_MS
            trades = self._drawn.minute(number, day, minute)
            for batch in cut_minute(trades, start_ms, self._clock.speed, from_ms):
                await wait_for(self._clock, batch.until_ms, from_ms)
                yield batch

    def _bars_before(self, day: MarketDay) -> Iterator[MinuteBars]:
        """The bars of the days before, of as many as make a whole day's regular minutes, oldest first."""
        days: list[MarketDay] = []
        while sum(past.regular_minutes for past in days) < MINUTES:
            days.insert(0, self._calendar.last_day((days[0] if days else day).date - timedelta(days=1)))
        builder = BarBuilder(len(self._universe))
        for number, past in enumerate(days, self._number(day) - len(days)):
            for minute in range(past.minutes):
                start_ms = past.open_ms + minute * MINUTE_MS
                builder.add(self._drawn.minute(number, past, minute))
                yield from builder.seal(start_ms + MINUTE_MS)
