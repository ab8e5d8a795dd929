"""A made-up stream for the dashboard: events at a held rate, or a whole minute at once.

Patterns are what is timed: they are never conflated. Each has a number, one more than the one before it, and the time
at which it was published in its ``pattern_id``. So whoever receives them sees how late they are, and whether one is
missing or has come twice. The time is that of the monotonic clock, which the processes of a machine share. The symbol
says the number too (``P-12.``), which is what a page shows of it.
"""

import asyncio
import re
from collections import Counter
from datetime import date

import hiredis
import msgspec

from tickstockpl.clock import monotonic_s, wall_ms
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import (
    Alert,
    AlertData,
    Bar,
    BarData,
    Calculation,
    Checkpoint,
    Detection,
    IndicatorAlert,
    PatternMetadata,
    Session,
    SessionStarted,
    StreamingBars,
    StreamingIndicator,
    StreamingPattern,
    encode,
)
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.redis_link import RedisLink
from tickstockpl.store.rows import MinuteRows, SessionOpening
from tickstockpl.store.writer import Writer

TICK_S = 0.01
PATTERNS_IN = 10
"""Of a held rate every so many messages one is a pattern; the others are indicators."""

PATTERN_ID = re.compile(rb'"pattern_id":"bench-(\d+)-(\d+)"')
"""A pattern's number and when it was published, microseconds."""

SYMBOLS = tuple(f"S{number:03d}" for number in range(500))
INSTANCES = ("RSI_14", "SMA_20", "SMA_50", "SMA_200", "MACD_12_26_9", "BB_20_2")

_OPEN_MS = 1_759_757_400_000  # 2025-10-06 13:30 UTC
_SOURCE = "simulator:benchmark"
_SESSION = Session("00000000-0000-0000-0000-000000000001", "benchmark:500", to_iso(_OPEN_MS), len(SYMBOLS), "active")
_BAR = BarData(125.5, 125.75, 125.45, 125.52, 250_000)
_FURTHER = {"MACD_12_26_9": {"signal": 0.051234, "histogram": 0.031234}, "BB_20_2": {"upper": 126.5, "lower": 124.5}}

_Message = tuple[Channel, bytes]


class Publisher:
    """Publishes on one connection, which nobody else uses.

    Attributes:
        patterns: how many were published; the next one has this number.
        events: how many messages of all kinds, checkpoints left out.
    """

    def __init__(self, link: RedisLink) -> None:
        self.patterns = 0
        self.events = 0
        self._link = link
        self._counts: Counter[Channel] = Counter()
        self._checkpoints = 0
        self._checkpoint_due_s = 0.0
        self._minutes = 0

    async def open(self) -> None:
        """Announce the session."""
        started = SessionStarted(_SESSION, _SESSION.started_at)
        self._counts[Channel.SESSION_STARTED] += 1
        await self._send(_packed([(Channel.SESSION_STARTED, encode(started)), self._checkpoint()]), 2)

    async def hold(self, rate: int, seconds: float) -> float:
        """Publish ``rate`` events a second, a burst every ``TICK_S``; the seconds it took."""
        began_s = monotonic_s()
        sent = 0
        for tick in range(1, round(seconds / TICK_S) + 1):
            due = int(rate * tick * TICK_S)
            messages = [self._event() for _ in range(sent, due)]
            sent = due
            if monotonic_s() >= self._checkpoint_due_s:
                messages.append(self._checkpoint())
            await self._send(_packed(messages), len(messages))
            await asyncio.sleep(max(0.0, began_s + tick * TICK_S - monotonic_s()))
        return monotonic_s() - began_s

    async def minute(self, patterns: int = 60, alerts: int = 40) -> None:
        """Publish a minute of every symbol at once, as the producer does: alerts, patterns, bars, indicators."""
        self._minutes += 1
        start, end = self._time(self._minutes - 1), self._time(self._minutes)
        price = 100 + self._minutes / 7
        bars = [Bar(symbol, price, price + 1, price - 1, price + 0.5, 12_345) for symbol in SYMBOLS]
        state = [
            self._counted(Channel.BARS, encode(StreamingBars(start, end, "1min", bars))),
            *(self._indicator(symbol, instance) for instance in INSTANCES for symbol in SYMBOLS),
        ]
        packed_state = _packed(state)
        # What is timed is made last, and leaves first.
        events = [
            *(self._alert(SYMBOLS[number % len(SYMBOLS)]) for number in range(alerts)),
            *(self._pattern() for _ in range(patterns)),
        ]
        packed = _packed(events) + packed_state + _packed([self._checkpoint()])
        await self._send(packed, len(events) + len(state) + 1)

    def _event(self) -> _Message:
        number = self.events
        if number % PATTERNS_IN == 0:
            return self._pattern()
        return self._indicator(SYMBOLS[number % len(SYMBOLS)], INSTANCES[number % len(INSTANCES)])

    def _pattern(self) -> _Message:
        detection = _detection(f"P-{self.patterns}.", self.patterns, self._time(self._minutes))
        self.patterns += 1
        return self._counted(Channel.PATTERNS, encode(StreamingPattern(detection)))

    def _alert(self, symbol: str) -> _Message:
        crossing = AlertData("RSI", 75.2, 70.0, "above")
        alert = Alert(symbol, "RSI_OVERBOUGHT", self._time(self._minutes), crossing, "warning")
        return self._counted(Channel.INDICATOR_ALERTS, encode(IndicatorAlert(alert)))

    def _indicator(self, symbol: str, instance: str) -> _Message:
        calculation = _calculation(symbol, instance, self.events / 7, self._time(self._minutes))
        return self._counted(Channel.INDICATORS, encode(StreamingIndicator(calculation)))

    def _counted(self, channel: Channel, payload: bytes) -> _Message:
        self.events += 1
        self._counts[channel] += 1
        return channel, payload

    def _checkpoint(self) -> _Message:
        """Says what the messages before it in the same burst have been, too: they are counted as they are made."""
        self._checkpoints += 1
        self._checkpoint_due_s = monotonic_s() + 1.0
        checkpoint = Checkpoint(
            service_id="benchmark",
            sequence=self._checkpoints,
            counts={channel.value: count for channel, count in self._counts.items()},
            source=_SOURCE,
            speed=60.0,
            market_time=self._time(self._minutes),
            session=_SESSION,
            timestamp=to_iso(wall_ms()),
        )
        return Channel.CHECKPOINT, encode(checkpoint)

    def _time(self, minute: int) -> str:
        return to_iso(_OPEN_MS + minute * MINUTE_MS)

    async def _send(self, packed: bytes, messages: int) -> None:
        await self._link.send(packed)
        await self._link.replies(messages)


async def store_minute(database_url: str) -> None:
    """Put the session and a minute of it into the tables, so that a dashboard that starts has a history to read."""
    writer = Writer(database_url)
    await writer.open()
    try:
        opening = (_SESSION.session_id, _SESSION.universe, _SESSION.started_at, len(SYMBOLS))
        await writer.put(SessionOpening(*opening, _SOURCE, date(2025, 10, 6), 1))
        await writer.put(
            MinuteRows(
                _SOURCE,
                _SESSION.session_id,
                minute=to_iso(_OPEN_MS),
                closed_at=to_iso(_OPEN_MS + MINUTE_MS),
                bars=[(symbol, 125.0, 126.0, 124.0, 125.5, 12_345) for symbol in SYMBOLS],
                patterns=[_pattern_row(number) for number in range(300)],
                indicators=[_indicator_row(symbol, instance) for instance in INSTANCES for symbol in SYMBOLS],
            )
        )
    finally:
        await writer.close()


def _packed(messages: list[_Message]) -> bytes:
    return b"".join(
        hiredis.pack_command(("PUBLISH", channel.value, payload))  # type: ignore[arg-type]  # the stub means one-tuples
        for channel, payload in messages
    )


def _detection(symbol: str, number: int, time: str, prefix: str = "bench") -> Detection:
    metadata = PatternMetadata(_SESSION.session_id, "benchmark", f"{prefix}-{number}-{monotonic_s() * 1e6:.0f}")
    return Detection(symbol, "Doji", 0.75, time, "1min", _BAR, metadata)


def _calculation(symbol: str, instance: str, value: float, time: str) -> Calculation:
    metadata: dict[str, int | float | str | None] = {"instance": instance, **_FURTHER.get(instance, {})}
    return Calculation(symbol, instance.split("_")[0], value, time, "1min", metadata)


def _pattern_row(number: int) -> tuple[str, str, float, float, float, float, float, int, bytes]:
    found = _detection(SYMBOLS[number % len(SYMBOLS)], number, _SESSION.started_at, prefix="stored")
    bar = (_BAR.open, _BAR.high, _BAR.low, _BAR.close, _BAR.volume)
    return found.symbol, found.pattern_type, found.confidence, *bar, msgspec.json.encode(found.metadata)


def _indicator_row(symbol: str, instance: str) -> tuple[str, str, float, bytes]:
    calculation = _calculation(symbol, instance, 125.0, _SESSION.started_at)
    return symbol, calculation.indicator, calculation.value, msgspec.json.encode(calculation.metadata)
