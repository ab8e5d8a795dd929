"""A feed made by hand, a service that plays it, and what was heard of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from tests.streaming.market_files import play, quiet_settings
from tests.support import Subscriber
from tickstockpl.clock import MAX_SPEED, Clock, VirtualClock
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import ConnectionStatus
from tickstockpl.feeds.base import ALWAYS_CONNECTED, Batch, Connection, FeedReport
from tickstockpl.market.bars import MinuteBars
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.market.trades import Trades
from tickstockpl.market.universes import Universe, plain_universe
from tickstockpl.settings import Settings
from tickstockpl.streaming.service import StreamingService

_DAYS = MarketCalendar().days_from(date(2018, 2, 26))
MONDAY, TUESDAY = next(_DAYS), next(_DAYS)


class HandMadeFeed:
    """Two symbols, and the batches that a test lists, by day."""

    source = "replay:hand-made"
    universe: Universe = plain_universe("own:two", ("AAA", "BBB"))
    is_live = False
    connection: Connection = ALWAYS_CONNECTED

    def __init__(
        self,
        batches: Mapping[MarketDay, Sequence[Batch | Exception]],
        *,
        history: Sequence[MinuteBars] = (),
        hangs: bool = False,
    ) -> None:
        self._batches = batches
        self._history = history
        self._hangs = hangs
        self.report = FeedReport()
        self.waiting = False
        self.closed = False

    async def open(self) -> None:
        """Nothing to open."""

    def days(self) -> Iterator[MarketDay]:
        return iter(self._batches)

    def history(self, day: MarketDay) -> Iterable[MinuteBars]:
        return self._history

    async def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
        for batch in self._batches[day]:
            if isinstance(batch, Exception):
                raise batch
            yield batch
        if self._hangs:
            self.waiting = True
            await asyncio.Event().wait()
        yield Batch(day.close_ms)

    async def close(self) -> None:
        self.closed = True


class LiveFeed(HandMadeFeed):
    """The same, live: a test puts batches, one after the other, and has the connection go and come."""

    is_live = True
    connected = Connection("connected", "polygon_websocket", "WebSocket", "Massive")

    def __init__(self) -> None:
        super().__init__({MONDAY: ()})
        self.connection = self.connected
        self._put: asyncio.Queue[Batch] = asyncio.Queue()

    def put(self, batch: Batch) -> None:
        self._put.put_nowait(batch)

    def lose(self, status: ConnectionStatus, reason: str = "", action: str = "") -> None:
        self.connection = replace(self.connected, status=status, reason=reason, action_required=action)

    async def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
        while True:
            batch = await self._put.get()
            yield batch
            if batch.until_ms >= day.close_ms:
                return


def at(seconds: float, day: MarketDay = MONDAY) -> int:
    """So many seconds after the open."""
    return day.open_ms + round(seconds * 1000)


def trades(*rows: tuple[float, int, float, float]) -> Trades:
    """Trades of Monday: seconds after the open, position of the symbol, price, size."""
    seconds, index, price, size = zip(*rows, strict=True)
    return Trades(
        np.array([at(second) for second in seconds]), np.array(index), np.array(price, float), np.array(size, float)
    )


def bar(minute: int, close: float, day: MarketDay = MONDAY) -> Batch:
    """A ready-made bar of the first symbol."""
    price = np.array([close])
    bars = MinuteBars(at(60 * minute, day), np.array([0]), price, price, price, price, np.array([100]))
    return Batch(at(60 * minute + 60, day), bars)


def wandering(minutes: int, day: MarketDay = MONDAY) -> list[Batch]:
    """A bar a minute whose closes go up and down."""
    return [bar(minute, 100 + (7 * minute % 5) / 10 + minute / 100, day) for minute in range(minutes)]


def service_of(
    feed: HandMadeFeed,
    redis_url: str,
    database_url: str,
    *,
    settings: Settings | None = None,
    clock: Clock | None = None,
    **how: Any,
) -> StreamingService:
    return StreamingService(
        feed=feed,
        clock=clock or VirtualClock(MAX_SPEED),
        settings=settings or quiet_settings(),
        redis_url=redis_url,
        database_url=database_url,
        **how,
    )


Heard = list[tuple[str, bytes]]


async def listen(feed: HandMadeFeed, redis_url: str, database_url: str, **how: Any) -> Heard:
    """Play a feed and return everything that was published."""
    with Subscriber(redis_url) as subscriber:
        await play(service_of(feed, redis_url, database_url, **how))
    return subscriber.messages


def events(heard: Heard, channel: Channel) -> list[dict[str, Any]]:
    return [json.loads(payload) for name, payload in heard if name == channel]


def health(heard: Heard) -> list[dict[str, Any]]:
    return [event["health"] for event in events(heard, Channel.HEALTH)]


def stopped(heard: Heard) -> dict[str, Any]:
    (event,) = events(heard, Channel.SESSION_STOPPED)
    session: dict[str, Any] = event["session"]
    return session
