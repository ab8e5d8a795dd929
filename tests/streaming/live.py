"""A market that runs by itself, fast: a clock, a feed on it, and an operator."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import redis.asyncio as redis

from tests.streaming.hand_made import bar
from tests.streaming.market_files import quiet_settings
from tickstockpl.clock import monotonic_s
from tickstockpl.contract.commands import (
    COMMAND_FIELD,
    COMMAND_STREAM,
    Action,
    Command,
    Reply,
    decode_reply,
    encode_command,
    reply_key,
)
from tickstockpl.feeds.base import ALWAYS_CONNECTED, Batch, Connection, FeedReport
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.market.calendar import MarketDay
from tickstockpl.market.universes import Universe, plain_universe
from tickstockpl.streaming.service import StreamingService


class RunningClock:
    """Market time that runs whether anybody listens or not, ``speed`` times as fast as the wall; a test can set it."""

    is_live = True
    set_by_ms = 0
    speed: float

    def __init__(self, market_ms: int, speed: float) -> None:
        self.set(market_ms, speed)

    def set(self, market_ms: int, speed: float | None = None) -> None:
        """Let it be this time, and run so fast from there."""
        self.speed = self.speed if speed is None else speed
        self._base_ms, self._base_s = market_ms, monotonic_s()

    def now_ms(self) -> int:
        return self._base_ms + int((monotonic_s() - self._base_s) * 1000 * self.speed)

    def start_at(self, market_ms: int) -> None:
        """Nothing to do."""

    def hold_at(self, market_ms: int) -> None:
        """Nothing to do."""

    async def sleep_until(self, market_ms: int) -> None:
        while (left_ms := market_ms - self.now_ms()) > 0:  # noqa: ASYNC110 - time itself is waited for
            await asyncio.sleep(min(0.05, left_ms / 1000 / self.speed))


class LiveFeed:
    """A bar a minute of the first symbol, from wherever the clock stands; no history."""

    source = "massive"
    is_live = True
    connection: Connection = ALWAYS_CONNECTED

    def __init__(self, clock: RunningClock, days: Sequence[MarketDay], universe: str = "own:two") -> None:
        self._clock = clock
        self._days = days
        self.universe: Universe = plain_universe(universe, ("AAA", "BBB"))
        self.report = FeedReport()

    async def open(self) -> None:
        """Nothing to open."""

    def days(self) -> Iterator[MarketDay]:
        return iter(self._days)

    def history(self, day: MarketDay) -> Iterable[MinuteBars]:
        return ()

    async def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
        for number in range(day.minutes):
            end_ms = day.open_ms + (number + 1) * MINUTE_MS
            if end_ms > from_ms:
                await self._clock.sleep_until(end_ms)
                yield bar(number, 100 + (7 * number % 5) / 10 + number / 100, day)

    async def close(self) -> None:
        """Nothing to close."""


class Operator:
    """Asks one service, as the command line does."""

    def __init__(self, url: str, service_id: str) -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=60)
        self._service_id = service_id

    async def ask(self, action: Action, universe: str | None = None, patience_s: float = 20, **fields: object) -> Reply:
        """Send a command; its outcome."""
        command = Command(
            request_id=str(uuid4()),
            service_id=self._service_id,
            action=action,
            requested_by="trader@desk",
            requested_at="2018-02-26T15:00:00.000Z",
            universe=universe,
            **fields,  # type: ignore[arg-type]
        )
        await self._redis.xadd(COMMAND_STREAM, {COMMAND_FIELD: encode_command(command)})
        while True:
            found = await self._redis.blpop([reply_key(command.request_id)], timeout=patience_s)
            if not found:
                raise TimeoutError(f"no answer to {action}")
            text = found[1]
            assert isinstance(text, bytes)
            reply = decode_reply(text)
            assert reply.request_id == command.request_id
            if reply.outcome != "acknowledged":
                return reply

    async def raw(self, fields: dict[str, bytes]) -> None:
        """Add whatever to the stream."""
        await self._redis.xadd(COMMAND_STREAM, fields)  # type: ignore[arg-type]

    async def close(self) -> None:
        await self._redis.aclose()


def live_service(
    clock: RunningClock, days: list[MarketDay], redis_url: str, database_url: str, **how: Any
) -> StreamingService:
    return StreamingService(
        feed=LiveFeed(clock, days),
        clock=clock,
        settings=quiet_settings(),
        redis_url=redis_url,
        database_url=database_url,
        **how,
    )


@asynccontextmanager
async def running(service: StreamingService, redis_url: str) -> AsyncIterator[Operator]:
    """A service at work, and its operator; stopped at the end."""
    stop = asyncio.Event()
    await service.open()
    operator = Operator(redis_url, service.service_id)
    task = asyncio.create_task(service.run(stop))
    try:
        yield operator
    finally:
        stop.set()
        await operator.close()
        try:
            await task
        finally:
            await service.close()
