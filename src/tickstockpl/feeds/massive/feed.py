"""Massive's stream as a feed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import replace
from typing import Final

import numpy as np
import structlog

from tickstockpl.clock import Clock
from tickstockpl.errors import TickStockError
from tickstockpl.feeds.base import ALWAYS_CONNECTED, Batch, Connection, FeedReport
from tickstockpl.feeds.live.coverage import Coverage
from tickstockpl.feeds.live.play import LivePlay
from tickstockpl.feeds.live.refill import Refilled
from tickstockpl.feeds.live.thread import LoopThread
from tickstockpl.feeds.massive.aggregates import Aggregates, FetchedMinutes
from tickstockpl.feeds.massive.line import Line
from tickstockpl.feeds.massive.link import Link
from tickstockpl.feeds.massive.options import MassiveOptions
from tickstockpl.feeds.massive.reader import FrameReader
from tickstockpl.market.bars import MinuteBars
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.market.universes import Universe

FIRST_TRY_S: Final = 30.0
"""How long the start waits for the first try to connect; a server that cannot be reached is tried on meanwhile."""

HISTORY_S: Final = 30.0
"""How long the history of a start may take beside the time that its requests need at their pace."""

LOOK_S: Final = 0.2
"""Wall time between two looks whether a history that is fetched is still wanted."""

_log = structlog.get_logger(__name__)


class MassiveFeed:
    """The US market, live, from Massive.

    A thread of its own holds the connection and reads it, so that the server never waits for us while a minute is
    analysed. A minute that was not heard whole is fetched from the REST interface before later ones go out.

    Args:
        universe: the symbols wanted.
        clock: the market's time; behind by 15 minutes where the delayed host is used.
        calendar: the trading days and their hours.
        options: how to connect, and what to ask for.
        line: shared by feeds that use the same key one after the other.
    """

    source = "massive"
    is_live = True

    def __init__(
        self,
        universe: Universe,
        clock: Clock,
        calendar: MarketCalendar,
        options: MassiveOptions,
        line: Line | None = None,
    ) -> None:
        self._universe = universe
        self._clock = clock
        self._calendar = calendar
        self._regular = MarketCalendar()
        self._options = options
        self._line = line if line is not None else Line()
        self._report = FeedReport()
        self._reader = FrameReader(options.mode, universe.symbols, self._report)
        self._coverage = Coverage()
        self._link = self._new_link()
        self._thread: LoopThread | None = None
        self._working: Future[None] | None = None

    def of(self, universe: Universe) -> "MassiveFeed":
        """The same market with other symbols; the two share the one connection that the key has."""
        return MassiveFeed(universe, self._clock, self._calendar, self._options, self._line)

    @property
    def universe(self) -> Universe:
        """The symbols wanted."""
        return self._universe

    @property
    def report(self) -> FeedReport:
        """What was left out so far."""
        return self._report

    @property
    def reader(self) -> FrameReader:
        """What was read, counted."""
        return self._reader

    @property
    def connection(self) -> Connection:
        """How it stands to the server; a feed that does not play needs none."""
        return ALWAYS_CONNECTED if self._working is None else self._link.connection

    async def open(self) -> None:
        """Connect.

        Raises:
            TickStockError: if the server refuses for good: a wrong key, a plan without this data ...
        """
        self._is_busy(self._clock.now_ms())  # the year's calendar is computed here, and not while the socket waits
        self._thread = LoopThread("massive")
        try:
            await self._listen()
            try:
                await self._thread.call(asyncio.wait_for(self._link.decided.wait(), FIRST_TRY_S))
            except TimeoutError:
                _log.warning("not connected yet; it is tried on", server="Massive")
            self._check()
            if (refusal := self._link.refusal) is not None:
                raise TickStockError(f"{refusal.reason}; {refusal.action}")
        except BaseException:
            await self.close()
            raise

    def days(self) -> Iterator[MarketDay]:
        """Today, unless its close is past, and the trading days from then on, without end."""
        return self._calendar.days_to_come(self._clock.now_ms())

    def history(self, day: MarketDay) -> Iterator[MinuteBars]:
        """Nothing that the feed itself has."""
        del day
        return iter(())

    def fetch_history(
        self, wanted: Sequence[int], from_ms: int, until_ms: int, ended: Callable[[], bool]
    ) -> Iterator[MinuteBars]:
        """Bars of the past, from the REST interface."""
        if self._thread is None or self._options.rest_url is None or not wanted:
            return
        symbols = [self._universe.symbols[position] for position in wanted]
        deadline_s = HISTORY_S + 2 * len(symbols) / self._options.requests_per_second
        fetching = self._thread.submit(self._fetch(symbols, from_ms, until_ms, deadline_s))
        try:
            while not wait((fetching,), timeout=LOOK_S).done:
                if ended():
                    return
        finally:
            fetching.cancel()
        fetched = fetching.result()
        if fetched.missing:
            _log.warning("history could not be had whole", symbols=len(fetched.missing), reason=fetched.reason)
        positions = np.array(wanted, np.intp)
        for bars in fetched.bars:
            yield replace(bars, index=positions[bars.index])

    async def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
        """Play a day from a moment on."""
        await self._listen()
        play = LivePlay(
            clock=self._clock,
            inbox=self._reader.inbox,
            coverage=self._coverage,
            settle_ms=self._options.settles_ms,
            report=self._report,
            refill=self._refill if self._options.rest_url is not None else None,
            is_given_up=lambda: self._link.refusal is not None,
            check=self._check,
        )
        async for batch in play.batches(day, from_ms):
            yield batch

    async def let_go(self) -> None:
        """Close the connection; it is taken again when the feed plays again."""
        self._working = None
        if self._thread is not None:
            await self._thread.call(self._link.stop())
        self._coverage.lost(self._clock.now_ms())

    async def close(self) -> None:
        """Close the connection and end the thread."""
        self._working = None
        self._line.give_back(self)
        thread, self._thread = self._thread, None
        if thread is not None:
            await thread.close()

    async def _listen(self) -> None:
        """Be connected, or try to; a refusal that was final is asked for again."""
        if self._thread is None:
            raise RuntimeError("the feed is not open")
        await self._line.take(self)
        if self._working is None or self._working.done():
            self._check()
            self._link = self._new_link()
            self._working = self._thread.submit(self._link.run())

    async def _refill(self, first_ms: int, until_ms: int) -> Refilled:
        """The minutes from one market time to another, from the REST interface."""
        if self._thread is None:
            raise RuntimeError("the feed is not open")
        options = self._options
        fetched = await self._thread.call(self._fetch(self._universe.symbols, first_ms, until_ms, options.backfill_s))
        return Refilled({bars.minute_ms: bars for bars in fetched.bars}, fetched.missing, fetched.reason)

    async def _fetch(self, symbols: Sequence[str], first_ms: int, until_ms: int, deadline_s: float) -> FetchedMinutes:
        options = self._options
        if options.rest_url is None:
            return FetchedMinutes(missing=tuple(symbols), reason="there is no REST interface")
        async with Aggregates(options.rest_url, options.api_key, options.requests_per_second) as aggregates:
            return await aggregates.minutes(symbols, first_ms, until_ms, deadline_s)

    def _check(self) -> None:
        """Raise what the reading has failed with: that is a mistake of ours, no refusal."""
        if self._working is not None and self._working.done() and not self._working.cancelled():
            self._working.result()

    def _new_link(self) -> Link:
        return Link(self._options, self._universe.symbols, self._clock, self._reader, self._coverage, self._is_busy)

    def _is_busy(self, market_ms: int) -> bool:
        day = self._regular.day_at(market_ms)
        return day is not None and day.contains(market_ms)
