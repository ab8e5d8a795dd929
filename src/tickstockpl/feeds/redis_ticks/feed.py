"""Ticks of a Redis channel as a feed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import Final

import hiredis
import structlog

from tickstockpl.clock import Clock
from tickstockpl.feeds.base import Batch, Connection, FeedReport
from tickstockpl.feeds.live.backoff import Backoff
from tickstockpl.feeds.live.coverage import Coverage
from tickstockpl.feeds.live.inbox import TradeInbox
from tickstockpl.feeds.live.play import LivePlay
from tickstockpl.feeds.live.thread import LoopThread
from tickstockpl.feeds.redis_ticks.ticks import TickReader
from tickstockpl.market.bars import MinuteBars
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.market.universes import Universe
from tickstockpl.redis_link import RedisLink, RedisLinkError

SETTLE_MS: Final = 300
"""For how long a minute that is over waits for latecomers."""

PING_S: Final = 5.0
"""A channel that is quiet for so long is asked whether it is there, and has as long to answer."""

UNCONNECTED: Final = Connection("reconnecting", "redis_ticks", "Redis", "the Redis of the ticks")

_log = structlog.get_logger(__name__)


class RedisTicksFeed:
    """The market as somebody else publishes it on Redis.

    Redis pub/sub has no memory: what was published while the connection was lost is lost, and told so.

    Args:
        universe: the symbols wanted.
        clock: the market's time.
        calendar: the trading days and their hours.
        url: of the Redis.
        channel: where the ticks are published.
    """

    source = "redis"
    is_live = True

    def __init__(self, universe: Universe, clock: Clock, calendar: MarketCalendar, url: str, channel: str) -> None:
        self._universe = universe
        self._clock = clock
        self._calendar = calendar
        self._url = url
        self._channel = channel
        self._report = FeedReport()
        self._ticks = TickReader(universe.symbols, self._report)
        self._inbox = TradeInbox(len(universe), self._report)
        self._coverage = Coverage()
        self._backoff = Backoff(0.2, 10.0)
        self._connection = UNCONNECTED
        self._decided = asyncio.Event()
        self._thread: LoopThread | None = None
        self._working: Future[None] | None = None

    @property
    def universe(self) -> Universe:
        """The symbols wanted."""
        return self._universe

    @property
    def report(self) -> FeedReport:
        """What was left out so far."""
        return self._report

    @property
    def connection(self) -> Connection:
        """How it stands to Redis."""
        return self._connection

    async def open(self) -> None:
        """Subscribe to the channel; a Redis that is not there is tried on."""
        self._thread = LoopThread("redis ticks")
        self._working = self._thread.submit(self._stay())
        try:
            await self._thread.call(self._decided.wait())
        except BaseException:
            await self.close()
            raise
        self._check()

    def days(self) -> Iterator[MarketDay]:
        """Today, unless its close is past, and the trading days from then on, without end."""
        return self._calendar.days_to_come(self._clock.now_ms())

    def history(self, day: MarketDay) -> Iterator[MinuteBars]:
        """Nothing: the channel has no memory."""
        del day
        return iter(())

    async def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
        """Play a day from a moment on."""
        play = LivePlay(self._clock, self._inbox, self._coverage, SETTLE_MS, self._report, check=self._check)
        async for batch in play.batches(day, from_ms):
            yield batch

    async def close(self) -> None:
        """Close the connection and end the thread."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await thread.close()

    def _check(self) -> None:
        """Raise what the reading has failed with: that is a mistake of ours."""
        if self._working is not None and self._working.done() and not self._working.cancelled():
            self._working.result()

    async def _stay(self) -> None:
        """Be subscribed, for ever."""
        while True:
            try:
                link = await RedisLink.connect(self._url)
                try:
                    await self._listen(link)
                finally:
                    link.abort()
            except RedisLinkError as error:
                self._lose(str(error))
            self._decided.set()
            await asyncio.sleep(self._backoff.next_s())

    async def _listen(self, link: RedisLink) -> None:
        await link.send(hiredis.pack_command(("SUBSCRIBE", self._channel)))  # type: ignore[arg-type]  # one-tuples
        is_asked = False
        while True:
            try:
                async with asyncio.timeout(PING_S):
                    replies = await link.messages()
            except TimeoutError:
                if is_asked:
                    raise RedisLinkError("the Redis of the ticks does not answer any more") from None
                await link.send(hiredis.pack_command(("PING",)))
                is_asked = True
                continue
            is_asked = False
            self._take(replies)

    def _take(self, replies: list[object]) -> None:
        payloads: list[bytes] = []
        for reply in replies:
            if isinstance(reply, hiredis.ReplyError):
                raise RedisLinkError(f"the Redis of the ticks refused to subscribe: {reply}")
            match reply:
                case [b"message", _, bytes() as payload]:
                    payloads.append(payload)
                case [b"subscribe", *_]:
                    self._coverage.whole_from(self._clock.now_ms())
                    self._connection = replace(UNCONNECTED, status="connected")
                    self._decided.set()
                    _log.info("subscribed", channel=self._channel)
        if payloads:
            self._backoff.reset()
            self._inbox.put(self._ticks.trades(payloads))

    def _lose(self, reason: str) -> None:
        # Redis closes what it ends; what it had sent before was read.
        self._coverage.lost(self._clock.now_ms() - int(2 * PING_S * 1000 * self._clock.speed))
        self._connection = replace(
            UNCONNECTED, reason=reason, action_required="see to that Redis, and to TICKSTOCK_TICKS_REDIS_URL"
        )
        _log.warning("not subscribed", reason=reason)
