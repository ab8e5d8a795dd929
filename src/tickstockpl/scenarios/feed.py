"""A scenario's market as a feed."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace

from tickstockpl.clock import Clock
from tickstockpl.errors import TickStockError
from tickstockpl.feeds.base import ALWAYS_CONNECTED, Batch, Connection, FeedReport
from tickstockpl.feeds.pacing import cut_minute, wait_for
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.market.calendar import MarketDay
from tickstockpl.market.universes import Universe
from tickstockpl.scenarios.scenario import HISTORY_MINUTES, Scenario
from tickstockpl.scenarios.tape import ScriptedTape

_LOST = Connection(
    "reconnecting",
    "polygon_websocket",
    "WebSocket",
    "the scripted market",
    "the scenario has cut it",
    "wait: it will be back",
)
_BACK = replace(_LOST, status="connected", reason="", action_required="")


class ScriptedFeed:
    """Plays a scenario once, on one trading day.

    While it is cut the watermark stands still. Then the minutes that were missed come first, backfilled, as from a live
    feed that has a history.

    Args:
        scenario: the script.
        universe: who trades; its first symbols take the parts.
        clock: what the day is played on.
        day: the trading day; a scenario that is shorter plays its beginning, or its end.
        run: the run's name; every run is a source of its own.

    Raises:
        TickStockError: if the universe has fewer symbols than parts, or the day fewer minutes.
    """

    is_live = False

    def __init__(self, scenario: Scenario, universe: Universe, clock: Clock, day: MarketDay, run: str) -> None:
        if len(universe) < scenario.symbols:
            raise TickStockError(
                f"universe {universe.key} has {len(universe):,} symbols, and scenario {scenario.name} needs "
                f"{scenario.symbols:,}; remove the file of your own that has its name"
            )
        self._scenario = scenario
        self._universe = universe
        self._clock = clock
        self._run = run
        self._connection = ALWAYS_CONNECTED if scenario.cut is None else _BACK
        self._report = FeedReport()
        self._day = day
        if scenario.to_the_close:
            self._day = replace(day, open_ms=day.close_ms - scenario.minutes * MINUTE_MS)
        self._tape = ScriptedTape(scenario, self._day.open_ms)
        self.minutes_done = 0

    @property
    def source(self) -> str:
        """``simulator:RUN``: nobody may take these bars for a market's."""
        return f"simulator:{self._run}"

    @property
    def universe(self) -> Universe:
        """Who trades."""
        return self._universe

    @property
    def report(self) -> FeedReport:
        """Nothing is ever left out."""
        return self._report

    @property
    def connection(self) -> Connection:
        """Lost while the scenario has it cut."""
        return self._connection

    @property
    def day(self) -> MarketDay:
        """What is played of the trading day."""
        return self._day

    async def open(self) -> None:
        """Nothing has to be fetched."""

    def days(self) -> Iterator[MarketDay]:
        """The one day."""
        return iter((self._day,))

    def history(self, day: MarketDay) -> Iterator[MinuteBars]:
        """Enough quiet minutes, and waves, for every usual indicator."""
        del day
        return (self._tape.bars(minute) for minute in range(-HISTORY_MINUTES, 0))

    async def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
        """Play the scenario, a minute at a time, in slices of about 50 ms of wall time."""
        del from_ms  # a run is new each time: nothing of it is stored
        cut = self._scenario.cut
        for minute in range(self._scenario.minutes):
            if self._scenario.is_cut(minute):
                continue
            start_ms = day.open_ms + minute * MINUTE_MS
            if cut is not None and minute == cut.end:
                async for batch in self._away(day.open_ms + cut.first * MINUTE_MS, start_ms, range(*cut)):
                    yield batch
            for batch in cut_minute(self._tape.trades(minute), start_ms, self._clock.speed, day.open_ms):
                await wait_for(self._clock, batch.until_ms, day.open_ms)
                if batch.until_ms == start_ms + MINUTE_MS:
                    self.minutes_done = minute + 1
                yield batch

    async def close(self) -> None:
        """Nothing is held open."""

    async def _away(self, first_ms: int, end_ms: int, missed: Sequence[int]) -> AsyncIterator[Batch]:
        """Lose the connection, have it back, and catch up.

        Whoever plays the feed looks at the connection after every batch, the one of nothing among them.
        """
        self._connection = _LOST
        yield Batch(first_ms)
        await self._clock.sleep_until(end_ms)
        self._connection = _BACK
        for minute in missed:
            bars = self._tape.bars(minute)
            yield Batch(bars.close_ms, bars, backfilled=True)
