"""Day after day: which session is streamed when, by the calendar and as operators want."""

import asyncio
from collections.abc import Callable, Iterator

from tickstockpl.errors import TickStockError
from tickstockpl.feeds.base import Feed
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.calendar import MarketDay
from tickstockpl.streaming.agenda import Agenda
from tickstockpl.streaming.control import SessionControl, StartOrder
from tickstockpl.streaming.critical import critical_sentence, raise_alert
from tickstockpl.streaming.pipeline import Pipeline, ServiceParts
from tickstockpl.streaming.runner import SessionRunner
from tickstockpl.streaming.session import LiveSession
from tickstockpl.streaming.stopping import first_of

IDLE_S = 1.0
"""How long a service that waits sleeps at most: it looks around meanwhile, and the wall clock may be set."""

FeedMaker = Callable[[str], Feed]
"""Makes the feed of another universe, not open yet; raises a ``TickStockError`` where there is no such universe."""


class DayStreamer:
    """Streams a feed's days.

    On a live clock sessions start at the open and stop at the close, and in between the service waits. Elsewhere market
    time stands still while nothing is streamed, and the next day begins when the last one is over.

    Args:
        feed: the market; open.
        feed_of: makes the feed of a universe that an operator names.
        parts: what the service's pipelines share.
        control: what operators want.
        agenda: what is stored of a day.
        runner: runs a session.
        duration_s: market time after which to stop, seconds; ``None`` plays to the feed's end.
    """

    def __init__(
        self,
        feed: Feed,
        feed_of: FeedMaker,
        parts: ServiceParts,
        control: SessionControl,
        agenda: Agenda,
        runner: SessionRunner,
        duration_s: int | None,
    ) -> None:
        self._feed = feed
        self._feed_of = feed_of
        self._parts = parts
        self._clock = parts.clock
        self._status = parts.status
        self._control = control
        self._agenda = agenda
        self._runner = runner
        self._left_ms = None if duration_s is None else duration_s * 1000
        self._pipeline: Pipeline | None = None
        self._other: Feed | None = None
        self._told_cold_of: Pipeline | None = None
        self._has_begun = False

    @property
    def pipeline(self) -> Pipeline | None:
        """What streams now, or streamed last."""
        return self._pipeline

    async def run(self, stop: asyncio.Event) -> None:
        """Stream until the feed ends, the duration is over or ``stop`` is set.

        Raises:
            TickStockError: if the service fails; the running session has been ended as failed.
        """
        try:
            for day, upcoming in _with_next(self._feed.days()):
                if stop.is_set() or self._left_ms == 0:
                    break
                await self._stream_day(day, upcoming, stop)
        finally:
            self._control.fail("the service is ending")

    async def close(self) -> None:
        """Close the feed that was made for another universe."""
        other, self._other = self._other, None
        if other is not None:
            await other.close()

    async def _stream_day(self, day: MarketDay, upcoming: MarketDay | None, stop: asyncio.Event) -> None:
        """A day's session, and whichever more operators want of it."""
        if self._clock.is_live and self._clock.now_ms() >= day.close_ms:
            return
        order = await self._first_order(day)
        while not stop.is_set() and self._left_ms != 0:
            if order is None:
                order = await self._held(day, upcoming, stop)
                if order is None:
                    return
            try:
                prepared = await self._prepare(order, day, stop)
            except TickStockError as error:
                if not order.by_operator:
                    raise
                self._control.fail(str(error))
                self._status.note(f"no session could be started: {error}")
                order = None
                continue
            if prepared is None or not await self._is_open(day, stop):
                return
            if await self._run(*prepared) or stop.is_set():
                return
            order = None

    async def _first_order(self, day: MarketDay) -> StartOrder | None:
        """What is to be streamed of a day: of a live one that an operator has stopped before a restart, nothing."""
        is_first, self._has_begun = not self._has_begun, True
        if not (self._clock.is_live and is_first):
            return StartOrder()
        await self._agenda.close_cut_off(self._feed.source, day)
        said = await self._agenda.command_of(self._feed.source, day)
        if said is not None and said.action == "stop":
            self._control.stopped_earlier(said.requested_by)
            return None
        if said is None or said.universe is None:
            return StartOrder()
        try:
            self._feed_of(said.universe)
        except TickStockError as error:
            self._status.note(f"{said.requested_by} had started {said.universe}, but {error}")
            return StartOrder()
        return StartOrder(said.universe)

    async def _prepare(
        self, order: StartOrder, day: MarketDay, stop: asyncio.Event
    ) -> tuple[Pipeline, LiveSession] | None:
        """A session and what will stream it; ``None`` where the day is complete, or the service is to stop."""
        self._control.prepare(day, order.universe)
        pipeline = await self._pipeline_of(order.universe or self._feed.universe.key)
        feed = pipeline.feed
        if order.by_operator:
            session: LiveSession | None = await self._agenda.another(feed, day, self._now_ms())
        else:
            session = await self._agenda.take_up(feed, day, self._now_ms() if self._clock.is_live else day.open_ms)
        if pipeline is not self._pipeline:
            await pipeline.warm_up(day, day.open_ms if session is None else session.stored_until_ms, stop)
            self._pipeline = pipeline
        if session is None and not stop.is_set():
            await pipeline.player.pass_over(day, stop)
        if session is None or stop.is_set():
            return None
        if pipeline is not self._told_cold_of and session.stored_until_ms <= day.open_ms:
            pipeline.tell_cold_start()
        self._told_cold_of = pipeline
        return pipeline, session

    async def _run(self, pipeline: Pipeline, session: LiveSession) -> bool:
        """Stream a session; whether to its end rather than to an operator's stop."""
        self._control.halt.clear()
        begin_ms, end_ms = session.stored_until_ms, session.day.close_ms
        if self._left_ms is not None:
            end_ms = min(end_ms, begin_ms + self._left_ms)
        played = await self._runner.run(pipeline, session, end_ms)
        if self._left_ms is not None:
            self._left_ms = max(0, self._left_ms - (played.until_ms - begin_ms))
        return played.whole or not self._control.halt.is_set()

    async def _is_open(self, day: MarketDay, stop: asyncio.Event) -> bool:
        """Wait for a live market's open; whether the day can be streamed now."""
        if self._clock.is_live and self._clock.now_ms() < day.open_ms:
            self._control.wait(day)
            await self._idle(day.open_ms, stop)
        return not stop.is_set()

    async def _held(self, day: MarketDay, upcoming: MarketDay | None, stop: asyncio.Event) -> StartOrder | None:
        """Wait until an operator wants a session; ``None`` if the live day, or the service, ends before."""
        self._clock.hold_at(self._now_ms())
        self._control.hold(day, upcoming if self._clock.is_live else None)
        await self._idle(day.close_ms if self._clock.is_live else None, stop, self._control.ordered)
        return None if stop.is_set() else self._control.take_order()

    async def _idle(self, until_ms: int | None, *events: asyncio.Event) -> None:
        """Wait for a market time or an event, and look round meanwhile."""
        while not any(event.is_set() for event in events):
            if self._clock.is_live:
                self._clock.start_at(self._now_ms())  # a corrected system's time counts at once while nothing runs
            await self._look_round()
            left_s = IDLE_S
            if until_ms is not None:
                left_s = min(IDLE_S, (until_ms - self._clock.now_ms()) / 1000 / self._clock.speed)
                if left_s <= 0:
                    return
            await first_of(events, left_s)

    async def _look_round(self) -> None:
        """Raise a critical alert, which belongs to no session, for whatever has gone, and for what is back."""
        parts = self._parts
        for alert in parts.surroundings.look(self._clock.now_ms()):
            self._status.note(critical_sentence(alert))
            await raise_alert(parts.publisher, parts.writer, None, alert)

    def _now_ms(self) -> int:
        """The market's time; where it stands still, the end of the last minute that is out."""
        market_ms = self._status.market_ms
        return self._clock.now_ms() if self._clock.is_live else market_ms - market_ms % MINUTE_MS

    async def _pipeline_of(self, universe: str) -> Pipeline:
        """The pipeline of a universe: the present one, or a new one that is not warm yet."""
        if self._pipeline is not None and self._pipeline.feed.universe.key == universe:
            return self._pipeline
        self._pipeline = None
        await self.close()
        if universe == self._feed.universe.key:
            return Pipeline(self._feed, self._parts)
        self._other = feed = self._feed_of(universe)
        await feed.open()
        return Pipeline(feed, self._parts)


def _with_next(days: Iterator[MarketDay]) -> Iterator[tuple[MarketDay, MarketDay | None]]:
    """Each day, and the one after it."""
    day = next(days, None)
    while day is not None:
        upcoming = next(days, None)
        yield day, upcoming
        day = upcoming
