"""The subscription: everything, in order, and a connection that has died without a word is noticed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import redis

from tests.dashboard.running import publish
from tests.dashboard.samples import alert, indicator, pattern
from tests.support import eventually_async
from tickstockpl.dashboard import subscriber
from tickstockpl.dashboard.subscriber import Message, RedisState, Subscriber
from tickstockpl.errors import TickStockError


class Heard:
    """A subscriber's receiver that keeps all it is given."""

    def __init__(self, url: str) -> None:
        self.messages: list[Message] = []
        self.states: list[RedisState] = []
        self.subscriber = Subscriber(url, self.messages.extend, self.states.append)


@asynccontextmanager
async def hearing(url: str) -> AsyncIterator[Heard]:
    heard = Heard(url)
    await heard.subscriber.open()
    running = asyncio.create_task(heard.subscriber.run())
    try:
        yield heard
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_burst_is_heard_whole_and_in_order(redis_url: str) -> None:
    burst = [
        message
        for number in range(2_000)
        for message in (pattern(number), indicator(f"S{number % 500}", number), alert(minute=number % 390))
    ]
    async with hearing(redis_url) as heard:
        publish(redis_url, *burst)
        await eventually_async(lambda: len(heard.messages) >= len(burst))
        assert heard.messages == burst
        assert heard.states == ["connected"]


async def test_a_connection_cut_off_is_made_anew(redis_url: str) -> None:
    async with hearing(redis_url) as heard:
        with redis.Redis.from_url(redis_url) as client:
            (ours,) = [one for one in client.client_list() if one["name"] == "tickstockpl-dashboard"]
            client.client_kill_filter(_id=ours["id"])
        await eventually_async(lambda: heard.states == ["connected", "lost", "connected"])
        publish(redis_url, pattern(1))
        await eventually_async(lambda: heard.messages == [pattern(1)])


class Wire:
    """A TCP relay in front of a Unix socket that can stop passing anything on, as a dead network does."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.dead = False
        self.connections = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        try:
            yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _relay(self, near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        self.connections += 1
        far, far_out = await asyncio.open_unix_connection(self.path)
        for source, sink in ((near, far_out), (far, near_out)):
            task = asyncio.create_task(self._pass(source, sink))
            self._tasks.add(task)

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                if not self.dead:
                    sink.write(data)
        except OSError:
            return
        finally:
            sink.close()


async def test_a_connection_that_died_without_a_word_is_noticed(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 2 * subscriber.SILENCE_S < 5, "seconds until it is noticed"
    monkeypatch.setattr(subscriber, "SILENCE_S", 0.2)
    wire = Wire(redis_url.removeprefix("unix://"))
    async with wire.laid() as url, hearing(url) as heard:
        publish(redis_url, pattern(1))
        await eventually_async(lambda: heard.messages)
        wire.dead = True
        await eventually_async(lambda: heard.states == ["connected", "lost"])
        wire.dead = False
        await eventually_async(lambda: heard.states[-1] == "connected")
        publish(redis_url, pattern(2))
        await eventually_async(lambda: heard.messages == [pattern(1), pattern(2)])


@pytest.mark.parametrize(
    "url",
    ["redis://:very-secret@127.0.0.1:1", "unix:///no/such/socket?password=very-secret", "http://me:very-secret@x"],
)
async def test_a_redis_that_is_not_there_is_a_sentence_without_its_password(url: str) -> None:
    with pytest.raises(TickStockError) as refused:
        await Heard(url).subscriber.open()
    assert "very-secret" not in str(refused.value)


async def test_a_refused_password_is_a_sentence_without_it(redis_url: str) -> None:
    with pytest.raises(TickStockError, match="refused AUTH") as refused:
        await Heard(f"{redis_url}?password=very-secret").subscriber.open()
    assert "very-secret" not in str(refused.value)
