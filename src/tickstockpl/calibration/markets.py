"""Markets to count patterns in: files, and bars that are stored."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Protocol

from tickstockpl.clock import MAX_SPEED, VirtualClock
from tickstockpl.feeds.base import FeedReport
from tickstockpl.feeds.replay import ReplayFeed
from tickstockpl.market.bars import MinuteBars
from tickstockpl.market.builder import BarBuilder
from tickstockpl.market.calendar import MarketCalendar
from tickstockpl.market.trades import Trades
from tickstockpl.store.stored_markets import StoredMarket, find_stored_market, stored_market_bars


class Market(Protocol):
    """Regular-hours bars of some symbols, from the first day to the last."""

    @property
    def name(self) -> str:
        """What people call it: a file's name without its folder, or a source."""
        ...

    @property
    def symbols(self) -> tuple[str, ...]:
        """Its symbols, sorted; known once it is open."""
        ...

    @property
    def minute_count(self) -> int:
        """Market minutes in all, for a progress bar; known once it is open."""
        ...

    @property
    def report(self) -> FeedReport:
        """What was left out; complete once it is open."""
        ...

    async def open(self) -> None:
        """Make ready.

        Raises:
            TickStockError: if there is no such market, or nothing usable in it.
        """
        ...

    def minutes(self) -> AsyncIterator[MinuteBars | None]:
        """The bars minute by minute, oldest first; ``None`` for a market minute without any."""
        ...

    async def close(self) -> None:
        """Let go of what was read."""
        ...


class FileMarket:
    """A file of bars or trades, or a folder of them, read as a replay reads it.

    Args:
        path: the file or folder.
        timezone: IANA name of what timestamps without an offset are; ``None`` refuses such.

    Raises:
        TickStockError: if there is no such file or time zone.
    """

    def __init__(self, path: Path, timezone: str | None = None) -> None:
        self._path = path
        self._feed = ReplayFeed([path], VirtualClock(MAX_SPEED), MarketCalendar(), timezone=timezone)

    @property
    def name(self) -> str:
        """The name without its folder."""
        return self._path.resolve().name

    @property
    def symbols(self) -> tuple[str, ...]:
        """All symbols of the file."""
        return self._feed.universe.symbols

    @property
    def minute_count(self) -> int:
        """Minutes of all trading days in the file."""
        return self._feed.minute_count

    @property
    def report(self) -> FeedReport:
        """Rows that are not usable or outside regular hours."""
        return self._feed.report

    async def open(self) -> None:
        """Read the file."""
        await self._feed.open()

    async def minutes(self) -> AsyncIterator[MinuteBars | None]:
        """The bars of each day's regular hours."""
        for day in self._feed.days():
            builder = BarBuilder(len(self.symbols))
            async for batch in self._feed.batches(day, from_ms=day.close_ms):
                if isinstance(batch.data, Trades):
                    builder.add(batch.data)
                ready = [batch.data] if isinstance(batch.data, MinuteBars) else builder.seal(batch.until_ms)
                for bars in ready:
                    yield bars
                if not ready:
                    yield None

    async def close(self) -> None:
        """Let go of the rows."""
        await self._feed.close()


class StoredBars:
    """The bars of one source in the database.

    Args:
        database_url: a ``postgresql://`` URL of a migrated database.
        source: where the bars came from.
    """

    def __init__(self, database_url: str, source: str) -> None:
        self._database_url = database_url
        self._source = source
        self._found: StoredMarket | None = None

    @property
    def name(self) -> str:
        """The source."""
        return self._source

    @property
    def symbols(self) -> tuple[str, ...]:
        """All symbols that have bars."""
        return self._market.symbols

    @property
    def minute_count(self) -> int:
        """Minutes that have bars."""
        return self._market.minute_count

    @property
    def report(self) -> FeedReport:
        """Nothing is left out: what is stored was sound."""
        return FeedReport()

    async def open(self) -> None:
        """Look the source up."""
        self._found = await asyncio.to_thread(find_stored_market, self._database_url, self._source)

    async def minutes(self) -> AsyncIterator[MinuteBars | None]:
        """The bars of all days, those that were streamed in extended hours left out."""
        calendar = MarketCalendar()
        with closing(stored_market_bars(self._database_url, self._market)) as rows:
            for bars in rows:
                day = calendar.day_at(bars.minute_ms)
                yield bars if day is not None and day.contains(bars.minute_ms) else None
                await asyncio.sleep(0)  # else a Ctrl-C would wait for the last bar

    async def close(self) -> None:
        """Nothing is kept."""

    @property
    def _market(self) -> StoredMarket:
        if self._found is None:
            raise RuntimeError("the market is not open")
        return self._found
