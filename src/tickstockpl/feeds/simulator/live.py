"""The simulated market in the exchange's own hours, on the wall clock."""

from collections.abc import AsyncIterator, Iterator

from tickstockpl.clock import Clock
from tickstockpl.feeds.base import Batch
from tickstockpl.feeds.simulator.feed import FIRST_NUMBER, SimulatorFeed
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.market.calendar import MarketCalendar, MarketDay, new_york_date
from tickstockpl.market.universes import Universe


class LiveSimulatorFeed(SimulatorFeed):
    """A simulated market that runs by itself, as a live feed does, whether anybody listens or not.

    The trades of a date depend only on the seed and the universe, so a service that was away finds the day as it would
    have been. The market begins anew with each month: to draw a day, those before it in its month are drawn.

    Args:
        universe: who trades.
        clock: a running one.
        calendar: the trading days and their hours.
        seed: 0 or more; another seed is another market, and another source.
    """

    is_live = True

    def __init__(self, universe: Universe, clock: Clock, calendar: MarketCalendar, seed: int) -> None:
        super().__init__(universe, clock, calendar, seed, f"live-{seed}", new_york_date(clock.now_ms()))

    def days(self) -> Iterator[MarketDay]:
        """Today, unless its close is past, and the trading days from then on, without end."""
        return self._calendar.days_to_come(self._clock.now_ms())

    def history(self, day: MarketDay) -> Iterator[MinuteBars]:
        """The days before any day: bars with 390 regular minutes or more."""
        return self._bars_before(day)

    async def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
        """Play a day from a moment on; what is past of it at once."""
        first = max(0, (from_ms - day.open_ms) // MINUTE_MS)
        async for batch in self._minutes(day, first, max(from_ms, self._clock.now_ms())):
            yield batch

    def _number(self, day: MarketDay) -> int:
        """A day's number in the market of its month."""
        month = self._calendar.days_from(day.date.replace(day=1))
        return FIRST_NUMBER + next(number for number, other in enumerate(month) if other.date == day.date)
