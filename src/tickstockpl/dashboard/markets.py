"""Universes and trading days, for the page: what is known of a market beside its stream."""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from tickstockpl.market.calendar import MarketCalendar
from tickstockpl.market.moments import MarketMoment, market_moment
from tickstockpl.market.universes import Universe, list_universes, load_universe


@dataclass(frozen=True, slots=True)
class Markets:
    """What is known of markets. Every method reads files or computes for up to a second: call it in a thread.

    Attributes:
        universe_dir: the folder of the user's own universes; need not exist.
        extended_hours: whether sessions have pre-market and after-hours, unless a question says otherwise.
    """

    universe_dir: Path
    extended_hours: bool = False
    _calendar: MarketCalendar = field(default_factory=lambda: MarketCalendar(extended=True))
    _turn: Lock = field(default_factory=Lock)

    def universe(self, key: str) -> Universe:
        """A universe, as its file is now.

        Raises:
            TickStockError: if there is none of that key, or its file is not right.
        """
        return load_universe(key, self.universe_dir)

    def universes(self) -> list[str]:
        """The keys of all universes there are, sorted."""
        return list_universes(self.universe_dir)

    def moment(self, moment_ms: int, *, extended: bool) -> MarketMoment:
        """What the exchange is at at a moment, and the nearest open and close."""
        with self._turn:  # a year's schedule is computed once
            return market_moment(self._calendar, moment_ms, extended=extended)
