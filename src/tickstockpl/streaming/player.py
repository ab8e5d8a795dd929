"""Playing one trading day: from the feed's batches to events and rows."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

from tickstockpl.analysis.engine import Engine
from tickstockpl.clock import MAX_SPEED, Clock, monotonic_s
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import ConnectionStatus, Critical, HealthStatus, StreamingHealth, encode
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.feeds.base import Batch, Feed
from tickstockpl.market.bars import MinuteBars
from tickstockpl.market.builder import BarBuilder
from tickstockpl.market.calendar import MarketDay
from tickstockpl.market.inspection import BarInspector
from tickstockpl.market.trades import Trades
from tickstockpl.memory import Memory
from tickstockpl.redaction import Redactor
from tickstockpl.settings import Settings
from tickstockpl.store.writer import Writer
from tickstockpl.streaming.critical import critical_sentence, definition_switched_off, raise_alert
from tickstockpl.streaming.encoder import MinuteEncoder
from tickstockpl.streaming.forming import FormingBarsTeller
from tickstockpl.streaming.health import HealthMonitor, Trouble, health_row, worst
from tickstockpl.streaming.latch import hold_s
from tickstockpl.streaming.metrics import ProducerMetrics
from tickstockpl.streaming.publisher import Publisher
from tickstockpl.streaming.session import LiveSession
from tickstockpl.streaming.status import ServiceStatus
from tickstockpl.streaming.stopping import until_stopped
from tickstockpl.streaming.surroundings import Surroundings
from tickstockpl.streaming.troubles import TroubleWatch

TICK_S: Final = 0.5
"""Wall time without a batch after which a player on a paced clock looks round all the same: a change of the service's
status is published within a second."""

SILENT_END_S: Final = 30.0
"""Wall time after a session's end for which its feed may say nothing; then the session ends all the same, and what the
feed has not handed over is told as missing."""


@dataclass(frozen=True, slots=True)
class DayPlayed:
    """How far a day was played.

    Attributes:
        until_ms: market time up to which everything has gone out.
        whole: whether that is the day's close.
    """

    until_ms: int
    whole: bool


class DayPlayer:
    """Plays days one after the other on the same engine.

    The feed's batches drive it. Where the clock is paced it also comes round without them, so that a silent feed is
    told of as soon as any other trouble; where nothing paces the market, batches are all there is, and a replay is the
    same each time.

    Args:
        feed: the market.
        clock: the market's time.
        engine: the analysis, which runs on across days.
        publisher: to Redis.
        writer: to PostgreSQL; takes a minute only after Redis has carried it.
        symbols: the universe, in its order.
        settings: health's thresholds and interval, the pattern batch.
        status: what the operator sees.
        inspector: the edge that ready-made bars have to pass.
        surroundings: what is watched with and without a session.
        redactor: strikes the servers' passwords out of what definitions of the user's raise.
        metrics: what is counted on the way.
        memory: gives back what is free, between two minutes.
    """

    def __init__(
        self,
        feed: Feed,
        clock: Clock,
        engine: Engine,
        publisher: Publisher,
        writer: Writer,
        symbols: tuple[str, ...],
        settings: Settings,
        status: ServiceStatus,
        inspector: BarInspector,
        surroundings: Surroundings,
        redactor: Redactor,
        metrics: ProducerMetrics,
        memory: Memory,
    ) -> None:
        self._feed = feed
        self._clock = clock
        self._engine = engine
        self._publisher = publisher
        self._writer = writer
        self._symbols = symbols
        self._settings = settings
        self._status = status
        self._inspector = inspector
        self._redactor = redactor
        self._metrics = metrics
        self._memory = memory
        self._surroundings = surroundings
        self._tick_s = None if clock.speed == MAX_SPEED else TICK_S
        self._troubles = TroubleWatch(lambda: feed.report, inspector)
        self._forming = FormingBarsTeller(symbols, clock, publisher)
        self._health = HealthMonitor(len(symbols), settings, hold_s(clock, settings.health_hold_s))
        self._told: tuple[HealthStatus, ConnectionStatus] = ("healthy", "connected")
        self._next_health_ms = 0
        self._newest_ms = 0

    async def play(self, session: LiveSession, end_ms: int, stop: asyncio.Event) -> DayPlayed:
        """Play a session's day from where it stands to ``end_ms`` or until ``stop`` is set.

        Minutes that an earlier run has stored only warm the engine up.
        """
        builder = BarBuilder(len(self._symbols))
        encoder = MinuteEncoder(self._symbols, session.source, session.id, self._settings.pattern_batch)
        begin_ms = until_ms = session.stored_until_ms
        begun_ms = market_ms = self._market_ms(session.day, begin_ms)
        self._health.start(begin_ms)
        self._troubles.start()
        self._surroundings.start(market_ms)
        await self._tell_switched_off(session, market_ms)
        await self._look_round(session, market_ms)
        await self._publish_health(session, market_ms, until_ms, self._all_troubles(builder, market_ms))
        overdue = 0
        async with aclosing(until_stopped(stop, self._feed.batches(session.day, begin_ms), self._tick_s)) as batches:
            async for handed_over in batches:
                batch, received_s = handed_over, monotonic_s()
                overdue = overdue + 1 if batch is None and self._clock.now_ms() >= end_ms else 0
                if overdue * TICK_S >= SILENT_END_S:
                    self._status.note(f"the feed has said nothing since the session's end, {to_iso(end_ms)[11:16]}Z")
                    batch = Batch(end_ms, lost_since_ms=until_ms)
                if batch is not None:
                    for bars in self._sealed(builder, batch):
                        if bars.minute_ms < begin_ms:
                            self._warm_up(bars)
                        else:
                            await self._emit(session, encoder, bars, batch, received_s)
                    await self._revise(encoder, batch)
                    until_ms = max(until_ms, batch.until_ms)
                    self._status.market_ms = until_ms
                market_ms = max(market_ms, self._market_ms(session.day, until_ms))
                if batch is not None:
                    self._surroundings.hear(batch, market_ms)
                await self._forming.tell(builder, market_ms)
                await self._look_round(session, market_ms)
                self._memory.tidy()
                if market_ms > begun_ms:
                    await self._watch_health(session, builder, market_ms, until_ms)
                if until_ms >= end_ms:
                    break
        return DayPlayed(until_ms, whole=until_ms >= session.day.close_ms)

    async def pass_over(self, day: MarketDay, stop: asyncio.Event) -> None:
        """Let the engine have the bars of a day that is stored already: analysis runs on across days."""
        builder = BarBuilder(len(self._symbols))
        async with aclosing(until_stopped(stop, self._feed.batches(day, day.close_ms))) as batches:
            async for batch in batches:
                for bars in self._sealed(builder, batch):
                    self._warm_up(bars)

    def _warm_up(self, bars: MinuteBars) -> None:
        """Give the engine a minute that is not published, unless it has had it in an earlier session of the day.

        Of a live feed it is the minute in which the session starts, and not whole; what came before stands in the
        tables, and the engine has been warmed up with it.
        """
        if bars.minute_ms > self._newest_ms and not self._feed.is_live:
            self._newest_ms = bars.minute_ms
            self._engine.warm_up([bars])

    def _market_ms(self, day: MarketDay, until_ms: int) -> int:
        """The market's time: the clock's or, where nothing paces it, that up to which the feed has handed over."""
        if self._tick_s is None:
            return until_ms
        return min(self._clock.now_ms(), day.close_ms)

    def _sealed(self, builder: BarBuilder, batch: Batch) -> list[MinuteBars]:
        """The minutes that a batch completes, oldest first."""
        if batch.data is not None:
            self._health.count_ticks(batch.until_ms, len(batch.data))
        if isinstance(batch.data, MinuteBars):
            sound = self._inspector.inspect(batch.data)
            return builder.complete(batch.until_ms, sound)
        if isinstance(batch.data, Trades):
            late, rejected = builder.late_trades, builder.rejected_trades
            builder.add(batch.data)
            self._metrics.trades_left_out.labels("late").inc(builder.late_trades - late)
            self._metrics.trades_left_out.labels("rejected").inc(builder.rejected_trades - rejected)
        return builder.seal(batch.until_ms)

    async def _emit(
        self, session: LiveSession, encoder: MinuteEncoder, bars: MinuteBars, batch: Batch, received_s: float
    ) -> None:
        """Analyse a minute, publish it, then hand it to the writer.

        Of a minute that was backfilled the analysis takes the same notice, and the tables too, but nothing that was
        found in it is told as if it were new; nor does it say anything of how fast we are.
        """
        self._newest_ms = bars.minute_ms
        analysis = self._engine.update(bars)
        await self._tell_switched_off(session, bars.close_ms)
        minute = encoder.encode(analysis, backfilled=batch.backfilled)
        handed_over_s = monotonic_s()
        await self._publisher.publish(minute.messages)
        self._metrics.publish.observe(monotonic_s() - handed_over_s)
        status = self._status
        if batch.backfilled:
            self._metrics.minutes_backfilled.inc()
        else:
            status.lag_ms = lag_ms = self._lag_ms(bars, batch, received_s)
            self._metrics.processing_lag.observe(lag_ms / 1000)
            self._health.count_lag(lag_ms)
        await self._writer.put(minute.rows)
        session.count(minute.rows)
        self._health.count_bars(bars)
        status.events = self._publisher.published
        status.patterns += len(minute.rows.patterns)
        status.indicators += len(minute.rows.indicators)
        status.alerts += len(minute.rows.alerts)
        status.bars += len(minute.rows.bars)

    async def _revise(self, encoder: MinuteEncoder, batch: Batch) -> None:
        """Keep what the source has changed of minutes that are out."""
        for bars in batch.revised:
            sound = self._inspector.inspect(bars)
            if sound is not None:
                self._metrics.bars_revised.inc(len(sound))
                await self._writer.put(encoder.revisions(sound, batch.until_ms))

    async def _tell_switched_off(self, session: LiveSession, market_ms: int) -> None:
        """Raise a critical alert for every definition that the engine has given up since the last time."""
        for raised in self._engine.take_switched_off():
            definition = replace(raised, reason=self._redactor.text(raised.reason))  # it may know our addresses
            self._troubles.switch_off(definition)
            self._metrics.definitions_switched_off.labels(definition.kind).inc()
            alert = definition_switched_off(definition, market_ms)
            await self._raise_alert(session, alert)

    async def _look_round(self, session: LiveSession, market_ms: int) -> None:
        """Raise a critical alert for whatever has gone, and for what is back."""
        in_hours = session.day.open_ms <= market_ms < session.day.close_ms
        for alert in self._surroundings.look(market_ms, expects_data=in_hours):
            await self._raise_alert(session, alert)

    async def _raise_alert(self, session: LiveSession, alert: Critical) -> None:
        self._status.note(critical_sentence(alert))
        await raise_alert(self._publisher, self._writer, str(session.id), alert)

    def _lag_ms(self, bars: MinuteBars, batch: Batch, received_s: float) -> float:
        """Wall time since the minute could go out; where nothing paces the market, since its bars were handed over."""
        if self._clock.speed == MAX_SPEED:
            return (monotonic_s() - received_s) * 1000
        return max(0.0, (self._clock.now_ms() - bars.close_ms - batch.waited_ms) / self._clock.speed)

    def _all_troubles(self, builder: BarBuilder, market_ms: int) -> list[Trouble]:
        return [
            *self._surroundings.troubles(),
            *self._health.troubles(),
            *self._troubles.look(builder, market_ms),
        ]

    async def _watch_health(self, session: LiveSession, builder: BarBuilder, market_ms: int, until_ms: int) -> None:
        """Publish health if it is due, or is not what was told last."""
        troubles = self._all_troubles(builder, market_ms)
        is_due = market_ms >= self._next_health_ms
        if is_due or (worst(troubles), self._feed.connection.status) != self._told:
            await self._publish_health(session, market_ms, until_ms, troubles)

    async def _publish_health(
        self, session: LiveSession, market_ms: int, until_ms: int, troubles: list[Trouble]
    ) -> None:
        health = self._health.measure(market_ms, until_ms, self._feed.connection.status, troubles)
        self._status.health = health
        self._told = health.status, health.connection_status
        interval_ms = self._settings.health_interval_s * 1000
        self._next_health_ms = market_ms - market_ms % interval_ms + interval_ms
        await self._publisher.publish([(Channel.HEALTH, encode(StreamingHealth(health)))])
        await self._writer.put(health_row(str(session.id), health))
