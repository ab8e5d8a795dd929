"""What the engine knows before the first minute goes out."""

import asyncio
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from tickstockpl.analysis.engine import Engine
from tickstockpl.feeds.base import Feed
from tickstockpl.market.bars import MinuteBars
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.market.inspection import BarInspector
from tickstockpl.store.history import stored_bars

NAMED_SYMBOLS = 5
"""Symbols that start cold and are named; of the others the number is told."""


class WarmUp:
    """Gives an engine the bars from before the first day: the feed's history, else what is stored of its source.

    Stored bars are those of earlier trading days. A day that the feed itself hands over, played or passed over, is not
    among them, so that no bar is taken in twice. Of a day that was streamed with other hours, only those of the
    calendar count: what lies outside a session's hours is no history.

    Args:
        feed: the market, open.
        inspector: the edge that these bars have to pass like any others.
        database_url: where stored bars are.
        calendar: the days' hours.
        sessions: of how many trading days stored bars are read, at most; 0 leaves the engine cold.
    """

    def __init__(
        self, feed: Feed, inspector: BarInspector, database_url: str, calendar: MarketCalendar, sessions: int
    ) -> None:
        self._feed = feed
        self._inspector = inspector
        self._database_url = database_url
        self._calendar = calendar
        self._sessions = sessions

    async def run(self, engine: Engine, day: MarketDay, until_ms: int, stop: asyncio.Event) -> None:
        """Warm an engine up, in a thread, until the bars from before ``day`` are at their end or ``stop`` is set.

        Of a live feed what is stored of the day itself is taken in too, up to ``until_ms``: the feed does not hand it
        over again, as a replay does.

        Raises:
            TickStockError: if the database cannot be reached.
        """
        given_up = threading.Event()
        try:
            await asyncio.to_thread(self._take_in, engine, day, until_ms, lambda: stop.is_set() or given_up.is_set())
        finally:
            given_up.set()

    def _take_in(self, engine: Engine, day: MarketDay, until_ms: int, ended: Callable[[], bool]) -> None:
        with closing(self._history(day, until_ms)) as history:
            wanted = takewhile(lambda _: not ended(), history)
            engine.warm_up(sound for bars in wanted if (sound := self._inspector.inspect(bars)) is not None)

    def _history(self, day: MarketDay, until_ms: int) -> Generator[MinuteBars, None, None]:
        feed, stored_days = self._feed, self._sessions
        for bars in feed.history(day) if self._sessions else ():
            stored_days = 0
            yield bars
        today_until_ms = until_ms if feed.is_live else None
        if stored_days or today_until_ms is not None:
            symbols = feed.universe.symbols
            stored = stored_bars(self._database_url, feed.source, symbols, day, stored_days, today_until_ms)
            with closing(stored):
                yield from (bars for bars in stored if self._is_in_hours(bars.minute_ms))

    def _is_in_hours(self, minute_ms: int) -> bool:
        day = self._calendar.day_at(minute_ms)
        return day is not None and day.contains(minute_ms)


def cold_start(symbols: Sequence[str], seen: NDArray[np.bool_]) -> str | None:
    """Which symbols start without history, in a sentence; ``None`` if none does.

    Args:
        symbols: the universe, in its order.
        seen: which of them have had a bar, shape (symbols,).
    """
    cold = [symbols[position] for position in np.flatnonzero(~seen).tolist()]
    if not cold:
        return None
    if len(cold) == len(symbols) > 1:
        return f"no history: all {len(symbols):,} symbols start cold"
    named = ", ".join(cold[:NAMED_SYMBOLS])
    more = f" and {len(cold) - NAMED_SYMBOLS:,} more" if len(cold) > NAMED_SYMBOLS else ""
    verbs = "has no history and starts" if len(cold) == 1 else "have no history and start"
    return f"{len(cold):,} of {len(symbols):,} symbols {verbs} cold: {named}{more}"
