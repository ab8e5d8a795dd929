"""The server is honest: the vendor's own clients hear all of it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from massive import RESTClient, WebSocketClient
from massive.exceptions import AuthError
from massive.websocket.models import Feed

from tests.feeds.massive.conftest import SYMBOLS
from tests.massive_server import MassiveServer, Tape
from tests.massive_server.server import KEY
from tests.streaming.live import RunningClock
from tests.support import eventually_async
from tickstockpl.market.calendar import MarketDay

TapeOf = Callable[..., Awaitable[Tape]]


def vendors_client(server: MassiveServer, *topics: str, key: str = KEY) -> WebSocketClient:
    host: Any = server.host
    assert Feed.RealTime.value != host
    return WebSocketClient(api_key=key, feed=host, secure=False, raw=True, subscriptions=list(topics))


async def test_the_vendors_client_receives_every_message_in_its_order(
    tape_of: TapeOf, day: MarketDay, clock: RunningClock
) -> None:
    tape = await tape_of("T", "A", "AM", minutes=4)
    clock.set(day.open_ms - 60_000)
    heard: list[dict[str, Any]] = []

    async def keep(frame: str | bytes) -> None:
        heard.extend(message for message in msgspec.json.decode(frame) if message["ev"] != "status")

    async with MassiveServer(tape, clock) as server:
        client = vendors_client(server, "T.*", "A.*", *(f"AM.{symbol}" for symbol in SYMBOLS))
        listening = asyncio.create_task(client.connect(keep))
        await eventually_async(lambda: server.is_over and len(heard) >= len(tape.messages), 30)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    assert heard == [message for _, message in tape.messages]


async def test_the_vendors_client_is_refused_with_a_wrong_key(tape_of: TapeOf, clock: RunningClock) -> None:
    async with MassiveServer(await tape_of("T", minutes=1), clock) as server:
        client = vendors_client(server, "T.*", key="another")
        with pytest.raises(AuthError, match="authentication failed"):
            await client.connect(lambda _: asyncio.sleep(0))


async def test_only_what_was_subscribed_to_comes(tape_of: TapeOf, day: MarketDay, clock: RunningClock) -> None:
    tape = await tape_of("T", "AM", minutes=3)
    clock.set(day.open_ms - 60_000)
    heard: list[dict[str, Any]] = []

    async def keep(frame: str | bytes) -> None:
        heard.extend(message for message in msgspec.json.decode(frame) if message["ev"] != "status")

    async with MassiveServer(tape, clock) as server:
        client = vendors_client(server, "T.AAPL", "AM.SPY")
        listening = asyncio.create_task(client.connect(keep))
        await eventually_async(lambda: server.is_over, 30)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    assert {(message["ev"], message["sym"]) for message in heard} == {("T", "AAPL"), ("AM", "SPY")}


async def test_the_vendors_rest_client_lists_all_pages(tape_of: TapeOf, day: MarketDay, clock: RunningClock) -> None:
    tape = await tape_of("T")
    clock.set(day.close_ms)
    async with MassiveServer(tape, clock) as server:
        server.rest.page = 3
        client = RESTClient(KEY, base=server.rest_url)

        def listed() -> list[Any]:
            return list(client.list_aggs("SPY", 1, "minute", day.open_ms, day.close_ms, limit=3, sort="asc"))

        aggregates = await asyncio.to_thread(listed)
    position = SYMBOLS.index("SPY")
    expected = [
        (bars.minute_ms, float(bars.close[row]), int(bars.volume[row]))
        for bars in tape.bars
        for row in range(len(bars))
        if bars.index[row] == position
    ]
    assert [(one.timestamp, one.close, one.volume) for one in aggregates] == expected
    assert server.rest.requests["SPY"] >= len(expected) // 3
