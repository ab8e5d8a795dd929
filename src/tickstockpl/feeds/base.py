"""What a feed is."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from tickstockpl.contract.events import ConnectionStatus
from tickstockpl.market.bars import MinuteBars
from tickstockpl.market.calendar import MarketDay
from tickstockpl.market.trades import Trades
from tickstockpl.market.universes import Universe


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What a feed hands over at once.

    Attributes:
        until_ms: the watermark: market time before which nothing more will come. A minute that ends at or before it
            is complete.
        data: trades, the ready-made bars of one minute, or nothing where only time has passed.
        lost_since_ms: market time since which, up to the watermark, data may be missing: the feed had lost its
            connection, or was not there and has no history. ``None`` where nothing is missing. It is told, and nothing
            is made up for it.
        backfilled: whether the batch completes a minute afterwards, from the source's history: ``data`` are its bars
            (or nothing, where nothing traded). For the symbols that it has, it takes the place of the trades that came
            of this minute. What is found in such a minute is stored, and not published as if it were new.
        waited_ms: market time for which the feed lets a minute that is over wait for latecomers; no lag of ours.
        revised: bars of minutes that are out already, as the source has them now. They are kept beside the bars that
            went out, and counted; nothing is computed anew.
    """

    until_ms: int
    data: Trades | MinuteBars | None = None
    lost_since_ms: int | None = None
    backfilled: bool = False
    waited_ms: int = 0
    revised: tuple[MinuteBars, ...] = ()


@dataclass(frozen=True, slots=True)
class Connection:
    """How a feed stands to where its data comes from; a value of one moment, never changed.

    Attributes:
        status: as health tells it. Between sessions a feed that needs no connection is connected.
        component: what alerts call it: ``polygon_websocket``.
        kind: what sort of connection, for people: ``WebSocket``.
        server: who is at the other end, for people: ``Massive``.
        reason: why it is not connected, one sentence; may hold no secret that the service does not know of.
        action_required: what the operator has to do about it; empty where the feed knows of nothing.
    """

    status: ConnectionStatus
    component: str
    kind: str
    server: str
    reason: str = ""
    action_required: str = ""


ALWAYS_CONNECTED = Connection("connected", "feed", "Feed", "its source")
"""Of a feed that needs nobody."""


@dataclass(slots=True)
class FeedReport:
    """What a feed left out or made less of so far, and why.

    Attributes:
        rejected: rows that were not usable.
        outside_hours: rows outside the market's hours.
        outside_universe: rows of symbols that the universe does not have.
        garbled: messages that could not be read at all.
        duplicates: rows that had come before, and count once.
        conflated: trades that were merged into fewer because the service did not keep up; their bars are the same.
        messages: sentences for the user, at most the first twenty of each kind.
    """

    rejected: int = 0
    outside_hours: int = 0
    outside_universe: int = 0
    garbled: int = 0
    duplicates: int = 0
    conflated: int = 0
    messages: list[str] = field(default_factory=list)


@runtime_checkable
class HistoryFetcher(Protocol):
    """A feed that can fetch bars of the past where the store has too few, at the cost of requests and time."""

    def fetch_history(
        self, wanted: Sequence[int], from_ms: int, until_ms: int, ended: Callable[[], bool]
    ) -> Iterable[MinuteBars]:
        """The bars that start in ``[from_ms, until_ms)`` of some symbols, oldest first; called in a thread.

        Ends in bounded time, with what could be had.

        Args:
            wanted: positions of the symbols in the universe.
            from_ms: market time, milliseconds since the epoch.
            until_ms: market time after the last bar's start.
            ended: whether nobody wants them any more.
        """
        ...


class Feed(Protocol):
    """A market, trading day by trading day."""

    @property
    def source(self) -> str:
        """Where the bars come from, part of their key: ``replay:NAME``, ``simulator:RUN`` ..."""
        ...

    @property
    def universe(self) -> Universe:
        """The symbols that are played; known once the feed is open."""
        ...

    @property
    def report(self) -> FeedReport:
        """What was left out so far."""
        ...

    @property
    def is_live(self) -> bool:
        """Whether the market is running as it is played, so that silence is a fault and not a quiet file."""
        ...

    @property
    def connection(self) -> Connection:
        """How it stands to its source at this moment."""
        ...

    async def open(self) -> None:
        """Make ready; called once, before all else.

        Raises:
            TickStockError: if the feed cannot be had: no such file, nothing usable in it ...
        """
        ...

    def days(self) -> Iterator[MarketDay]:
        """The trading days that can be played, oldest first; endless for a simulator."""
        ...

    def history(self, day: MarketDay) -> Iterable[MinuteBars]:
        """Bars from before ``day`` on which the analysis can warm up, oldest first.

        Empty where there are none; stored bars of the source take their place then.
        """
        ...

    def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
        """Play one day on the clock, from its open to its close.

        Watermarks rise, none skips a minute that has data, and the last watermark of a day that was played whole is its
        close. Trades of a live feed may be younger than the watermark: it waits for latecomers. What lies before
        ``from_ms`` is handed over at once, without waiting for the clock; of a live feed it does not count.

        A live feed that hears nothing, or has lost its connection, still lets the watermark rise, to the close: whoever
        plays the day notices silence within a second, but only the feed knows that nothing more will come. One that can
        fetch what it has missed lets the watermark wait for that, with batches of nothing meanwhile.
        """
        ...

    async def close(self) -> None:
        """Let go of files and connections."""
        ...
