"""Files of bars or trades as a feed: every trading day in them, at its own hours, on a virtual clock."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import numpy as np

from tickstockpl.clock import Clock
from tickstockpl.feeds.base import ALWAYS_CONNECTED, Batch, FeedReport
from tickstockpl.feeds.files.header import Kind
from tickstockpl.feeds.files.paths import clean_name, find_files, replay_name
from tickstockpl.feeds.files.tape import Tape, TapeReader
from tickstockpl.feeds.files.zones import LocalTime
from tickstockpl.feeds.pacing import cut_minute, wait_for
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.market.trades import Trades
from tickstockpl.market.universes import Universe


class ReplayFeed:
    """Replays CSV or Parquet files (``docs/files.md``).

    All rows are read at :meth:`open` and kept in memory, 48 bytes a bar and 28 a trade.

    Args:
        paths: files, or folders of files, of bars or of trades.
        clock: what the days are played on.
        calendar: the trading days and their hours.
        universe: the symbols wanted; ``None`` takes the files' own, sorted.
        timezone: IANA name of what timestamps without an offset are; ``None`` refuses such.
        name: the replay's name; ``None`` makes it from the files' names.

    Raises:
        TickStockError: if there is no such file or time zone.
    """

    is_live = False
    connection = ALWAYS_CONNECTED

    def __init__(
        self,
        paths: Sequence[Path],
        clock: Clock,
        calendar: MarketCalendar,
        universe: Universe | None = None,
        timezone: str | None = None,
        name: str | None = None,
    ) -> None:
        self._files = find_files(paths)
        self._clock = clock
        self._calendar = calendar
        self._wanted = universe
        self._zone = LocalTime(timezone) if timezone is not None else None
        self._source = f"replay:{clean_name(name) if name is not None else replay_name(self._files)}"
        self._report = FeedReport()
        self._tape: Tape | None = None
        self._minutes_done = 0

    @property
    def source(self) -> str:
        """``replay:NAME``."""
        return self._source

    @property
    def report(self) -> FeedReport:
        """What was left out; complete once the feed is open."""
        return self._report

    @property
    def universe(self) -> Universe:
        """The symbols, known once the feed is open; without a wanted universe its key is the source's name."""
        return self._loaded.universe

    @property
    def row_count(self) -> int:
        """Rows that will be played."""
        return len(self._loaded)

    @property
    def day_count(self) -> int:
        """Trading days that will be played."""
        return len(self._loaded.days)

    @property
    def minute_count(self) -> int:
        """Market minutes of all days together."""
        return sum(day.minutes for day in self._loaded.days)

    @property
    def minutes_done(self) -> int:
        """Market minutes up to where the replay stands; days that were skipped count as done."""
        return self._minutes_done

    async def open(self) -> None:
        """Read the files, in a thread.

        Raises:
            TickStockError: if a file cannot be read or has no usable row, bars and trades are mixed, or no row lies in
                the market's hours and in the universe.
        """
        cancelled = threading.Event()
        reader = TapeReader(self._calendar, self._wanted, self._source, self._zone, self._report, cancelled.is_set)
        try:
            self._tape = await asyncio.to_thread(reader.read, self._files)
        finally:
            cancelled.set()

    def days(self) -> Iterator[MarketDay]:
        """The trading days that have rows within their hours, oldest first."""
        return iter(self._loaded.days)

    def history(self, day: MarketDay) -> Iterator[MinuteBars]:
        """Nothing: a file's days are each other's history, as they are played."""
        del day
        return iter(())

    async def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
        """Play one day: bars a minute at a time, trades in slices of about 50 ms of wall time."""
        tape = self._loaded
        self._minutes_done = sum(other.minutes for other in tape.days if other < day)
        starts = np.arange(day.open_ms, day.close_ms + 1, MINUTE_MS)
        time = tape.columns["time"]
        edges = starts // MINUTE_MS if tape.kind is Kind.BARS else starts
        per_minute = np.searchsorted(
            time, edges.astype(time.dtype)
        )  # of another type, the whole column would be copied
        for minute_ms, first, end in zip(
            starts[:-1].tolist(), per_minute[:-1].tolist(), per_minute[1:].tolist(), strict=True
        ):
            if tape.kind is Kind.BARS:
                await wait_for(self._clock, minute_ms + MINUTE_MS, from_ms)
                self._minutes_done += 1
                yield Batch(minute_ms + MINUTE_MS, _bars(tape, minute_ms, first, end) if end > first else None)
            else:
                trades = _trades(tape, first, end) if end > first else None
                for batch in cut_minute(trades, minute_ms, self._clock.speed, from_ms):
                    await wait_for(self._clock, batch.until_ms, from_ms)
                    self._minutes_done += batch.until_ms == minute_ms + MINUTE_MS
                    yield batch

    async def close(self) -> None:
        """Let go of the rows."""
        self._tape = None

    @property
    def _loaded(self) -> Tape:
        if self._tape is None:
            raise RuntimeError("the replay is not open")
        return self._tape


def _bars(tape: Tape, minute_ms: int, first: int, end: int) -> MinuteBars:
    rows = slice(first, end)
    columns = tape.columns
    return MinuteBars(
        minute_ms,
        columns["index"][rows].astype(np.intp),
        columns["open"][rows],
        columns["high"][rows],
        columns["low"][rows],
        columns["close"][rows],
        columns["volume"][rows],
    )


def _trades(tape: Tape, first: int, end: int) -> Trades:
    rows = slice(first, end)
    columns = tape.columns
    return Trades(
        columns["time"][rows], columns["index"][rows].astype(np.intp), columns["price"][rows], columns["size"][rows]
    )
