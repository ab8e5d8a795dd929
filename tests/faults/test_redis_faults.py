"""Redis behind a network that fails: what was to go out goes out when it is healed, and the reason is said."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.faults.proxy import Corruption, FaultProxy, flipped, socket_of
from tests.support import Subscriber, eventually_async
from tickstockpl.clock import MAX_SPEED, VirtualClock
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.timestamps import from_iso
from tickstockpl.errors import TickStockError
from tickstockpl.streaming.publisher import HEARTBEAT_S, REPLY_TIMEOUT_S, Publisher

NOTICED_WITHIN_S = 5.0

PATTERNS = [(Channel.PATTERNS, str(number).encode()) for number in range(100)]


@pytest.fixture
async def proxy(redis_url: str) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(socket_of(redis_url)) as running:
        yield running


@pytest.fixture
async def publisher(proxy: FaultProxy) -> AsyncIterator[Publisher]:
    """Open, and behind the proxy. Nothing paces its market, so it waits for Redis rather than keep what goes out."""
    clock = VirtualClock(MAX_SPEED)
    clock.start_at(from_iso("2018-02-26T14:30:00.000Z"))
    publisher = Publisher(f"redis://127.0.0.1:{proxy.port}", "service-1", "replay:test", clock)
    await publisher.open()
    yield publisher
    await publisher.close()


async def all_arrive(publishing: "asyncio.Task[None]", publisher: Publisher, heard: Subscriber) -> None:
    """After the healing every event has gone out in its order, and nothing is wrong any more."""
    async with asyncio.timeout(15):
        await publishing
    assert publisher.last_error is None
    heard.stop()
    assert list(dict.fromkeys(heard.on(Channel.PATTERNS))) == [payload for _, payload in PATTERNS]


async def test_a_black_hole_is_noticed_within_five_seconds_though_nothing_is_published(
    proxy: FaultProxy, publisher: Publisher, redis_url: str
) -> None:
    assert HEARTBEAT_S + REPLY_TIMEOUT_S < NOTICED_WITHIN_S
    with Subscriber(redis_url) as heard:
        proxy.black_hole()
        await eventually_async(lambda: publisher.last_error, NOTICED_WITHIN_S)
        assert publisher.last_error == f"Redis has not answered for {REPLY_TIMEOUT_S:g} s"
        publishing = asyncio.create_task(publisher.publish(PATTERNS))
        proxy.heal()
        await all_arrive(publishing, publisher, heard)


async def test_a_connection_cut_again_and_again_loses_no_event(
    proxy: FaultProxy, publisher: Publisher, redis_url: str
) -> None:
    with Subscriber(redis_url) as heard:
        for message in PATTERNS:
            if int(message[1]) % 10 == 5:
                proxy.cut()
                publishing = asyncio.create_task(publisher.publish([message]))
                await eventually_async(lambda: publisher.last_error)
                proxy.heal()
                await publishing
            else:
                await publisher.publish([message])
        await all_arrive(asyncio.create_task(publisher.publish([])), publisher, heard)


async def test_a_slow_link_delivers_in_order(proxy: FaultProxy, publisher: Publisher, redis_url: str) -> None:
    with Subscriber(redis_url) as heard:
        proxy.slow_down(bytes_per_s=20_000)
        await all_arrive(asyncio.create_task(publisher.publish(PATTERNS)), publisher, heard)


def endless(data: bytes) -> bytes:
    """The beginning of a reply of a hundred megabytes, which never comes."""
    return b"$100000000\r\n" + data


@pytest.mark.parametrize(("corruption", "says"), [(flipped, "does not speak Redis' protocol"), (endless, "not answer")])
async def test_a_redis_that_answers_garbage_is_said_and_waited_out(
    corruption: Corruption, says: str, proxy: FaultProxy, publisher: Publisher, redis_url: str
) -> None:
    with Subscriber(redis_url) as heard:
        proxy.corrupt(corruption)
        publishing = asyncio.create_task(publisher.publish(PATTERNS))
        await eventually_async(lambda: says in (publisher.last_error or ""))
        assert "\n" not in str(publisher.last_error)
        assert not publishing.done()
        proxy.heal()
        await all_arrive(publishing, publisher, heard)


async def test_garbage_at_the_start_is_one_sentence(proxy: FaultProxy) -> None:
    proxy.corrupt()
    publisher = Publisher(f"redis://127.0.0.1:{proxy.port}", "service-1", "replay:test", VirtualClock(1))
    with pytest.raises(TickStockError, match=r"does not speak Redis' protocol .*check the address") as refusal:
        await publisher.open()
    assert "\n" not in str(refusal.value)
    await publisher.close()
