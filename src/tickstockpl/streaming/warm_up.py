"""What the engine knows before the first minute goes out."""

import asyncio
import heapq
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from tickstockpl.analysis.engine import Engine
from tickstockpl.feeds.base import Feed, HistoryFetcher
from tickstockpl.market.bars import MinuteBars
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.market.inspection import BarInspector
from tickstockpl.store.history import stored_bars, stored_counts

ENOUGH_BARS = 390
"""Bars of a symbol with which its analysis is warm: a session, more than the 200 of the slowest usual indicator."""

NAMED_SYMBOLS = 5
"""Symbols that start cold and are named; of the others the number is told."""


class WarmUp:
    """Gives an engine the bars from before the first day: the feed's history, else what is stored of its source.

    Where the store has too few, and the feed can fetch them, it is asked for the rest; what was fetched is not stored.

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

        def ended() -> bool:
            return stop.is_set() or given_up.is_set()

        try:
            await asyncio.to_thread(self._take_in, engine, day, until_ms, ended)
        finally:
            given_up.set()

    def _take_in(self, engine: Engine, day: MarketDay, until_ms: int, ended: Callable[[], bool]) -> None:
        with closing(self._history(day, until_ms, ended)) as history:
            wanted = takewhile(lambda _: not ended(), history)
            engine.warm_up(sound for bars in wanted if (sound := self._inspector.inspect(bars)) is not None)

    def _history(self, day: MarketDay, until_ms: int, ended: Callable[[], bool]) -> Generator[MinuteBars, None, None]:
        feed, stored_days = self._feed, self._sessions
        for bars in feed.history(day) if self._sessions else ():
            stored_days = 0
            yield bars
        today_until_ms = until_ms if feed.is_live else None
        if stored_days or today_until_ms is not None:
            symbols = feed.universe.symbols
            stored = stored_bars(self._database_url, feed.source, symbols, day, stored_days, today_until_ms)
            with closing(stored):
                fetched = self._fetched(feed, day, until_ms, ended) if isinstance(feed, HistoryFetcher) else ()
                yield from (bars for bars in merged(stored, fetched) if self._is_in_hours(bars.minute_ms))

    def _fetched(self, feed: Feed, day: MarketDay, until_ms: int, ended: Callable[[], bool]) -> Iterator[MinuteBars]:
        """What the store lacks: a session of the symbols with less than that, and the day itself where it has none."""
        if not self._sessions or not isinstance(feed, HistoryFetcher):
            return iter(())
        counts, of_day = stored_counts(
            self._database_url, feed.source, feed.universe.symbols, day, self._sessions, until_ms
        )
        before = self._calendar.last_day(day.date - timedelta(days=1))
        few = np.flatnonzero(counts < ENOUGH_BARS).tolist()
        many = np.flatnonzero(counts >= ENOUGH_BARS).tolist() if not of_day.any() and until_ms > day.open_ms else []
        of_few = feed.fetch_history(few, before.open_ms, until_ms, ended)
        return merged(of_few, feed.fetch_history(many, day.open_ms, until_ms, ended))

    def _is_in_hours(self, minute_ms: int) -> bool:
        day = self._calendar.day_at(minute_ms)
        return day is not None and day.contains(minute_ms)


def merged(first: Iterable[MinuteBars], second: Iterable[MinuteBars]) -> Iterator[MinuteBars]:
    """Two histories as one, oldest minute first; of a bar that both have, the first's."""
    waiting: MinuteBars | None = None
    for bars in heapq.merge(first, second, key=lambda bars: bars.minute_ms):  # stable: the first's come first
        if waiting is not None and waiting.minute_ms == bars.minute_ms:
            waiting = waiting.completed_by(bars)
            continue
        if waiting is not None:
            yield waiting
        waiting = bars
    if waiting is not None:
        yield waiting


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
