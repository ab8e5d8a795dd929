"""The subscription: everything, in order, and a connection that has died without a word is noticed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import redis

from tests.dashboard.running import publish
from tests.dashboard.samples import alert, indicator, pattern
from tests.faults.proxy import Corruption, FaultProxy, flipped, socket_of
from tests.support import eventually_async
from tickstockpl import subscriber
from tickstockpl.errors import TickStockError
from tickstockpl.subscriber import Message, RedisState, Subscriber


class Heard:
    """A subscriber's receiver that keeps all it is given."""

    def __init__(self, url: str) -> None:
        self.messages: list[Message] = []
        self.states: list[RedisState] = []
        self.subscriber = Subscriber(url, self.messages.extend, self.states.append, "tickstockpl-dashboard")


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


async def test_a_connection_that_died_without_a_word_is_noticed(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 2 * subscriber.SILENCE_S < 5, "seconds until it is noticed"
    monkeypatch.setattr(subscriber, "SILENCE_S", 0.2)
    async with FaultProxy(socket_of(redis_url)) as proxy, hearing(f"redis://127.0.0.1:{proxy.port}") as heard:
        publish(redis_url, pattern(1))
        await eventually_async(lambda: heard.messages)
        proxy.black_hole()
        await eventually_async(lambda: heard.states == ["connected", "lost"])
        proxy.heal()
        await eventually_async(lambda: heard.states[-1] == "connected")
        publish(redis_url, pattern(2))
        await eventually_async(lambda: heard.messages == [pattern(1), pattern(2)])


async def test_a_redis_that_falls_silent_while_the_subscription_is_made_is_given_up(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriber, "SILENCE_S", 0.2)
    async with FaultProxy(socket_of(redis_url)) as proxy:

        def say_this_and_no_more(data: bytes) -> bytes:
            proxy.black_hole()
            return data

        proxy.corrupt(say_this_and_no_more)  # the first that Redis says is the answer to the sign-in
        async with asyncio.timeout(5):
            with pytest.raises(TickStockError, match="no answer to SUBSCRIBE"):
                await Heard(f"redis://127.0.0.1:{proxy.port}").subscriber.open()


@pytest.mark.parametrize(
    "corruption",
    [
        flipped,
        lambda data: data.replace(b"*3\r\n", b"*0\r\n"),
        lambda data: data.replace(b"message\r\n", b"message\r\n*1\r\n"),
        lambda data: data.replace(b"message\r\n", b"message\r\n%1\r\n:1\r\n"),
        lambda data: data.replace(b"$7\r\n", b":"),
        lambda data: data.replace(b"$7\r\n", b"$70000000\r\n"),
    ],
    ids=["no protocol", "empty", "a list for a channel", "a map for a channel", "no number", "endless"],
)
async def test_whatever_redis_says_it_goes_on_when_the_link_is_healed(
    corruption: Corruption, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriber, "SILENCE_S", 0.2)
    async with FaultProxy(socket_of(redis_url)) as proxy, hearing(f"redis://127.0.0.1:{proxy.port}") as heard:
        garbled = False

        def garble(data: bytes) -> bytes:
            nonlocal garbled
            garbled = garbled or corruption(data) != data
            return corruption(data)

        proxy.corrupt(garble)
        publish(redis_url, pattern(1))
        await eventually_async(lambda: garbled)
        proxy.heal()

        def heard_the_next() -> bool:
            publish(redis_url, pattern(2))
            return pattern(2) in heard.messages

        await eventually_async(heard_the_next)
        assert pattern(1) not in heard.messages


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
