"""What leaves for Redis: all of it, in order, counted; through lost connections and dead servers."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
import redis

from tests.support import Subscriber, eventually_async
from tickstockpl.clock import MAX_SPEED, VirtualClock, wall_ms
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.codec import decode
from tickstockpl.contract.events import Checkpoint, Session
from tickstockpl.contract.timestamps import from_iso
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.errors import TickStockError
from tickstockpl.redis_link import RedisLink, RedisLinkError
from tickstockpl.streaming import publisher as publisher_module
from tickstockpl.streaming.backlog import Backlog
from tickstockpl.streaming.encoder import Message
from tickstockpl.streaming.publisher import BURST_MESSAGES, HEARTBEAT_S, Publisher

SESSION = Session("550e8400-e29b-41d4-a716-446655440000", "demo:top_50", "2018-02-26T14:30:00.000Z", 50, "active")
OPEN_MS = from_iso("2018-02-26T14:30:00.000Z")


@asynccontextmanager
async def publishing(redis_url: str, speed: float = MAX_SPEED) -> AsyncIterator[Publisher]:
    """A publisher that is open, its clock at a market's open."""
    clock = VirtualClock(speed)
    clock.start_at(OPEN_MS)
    publisher = Publisher(redis_url, "service-1", "replay:test", clock)
    await publisher.open()
    try:
        yield publisher
    finally:
        await publisher.close()


def numbered(count: int, channel: Channel = Channel.BARS) -> list[Message]:
    """So many messages that can be told apart; a publisher does not look into them."""
    return [(channel, str(number).encode()) for number in range(count)]


def checkpoints(subscriber: Subscriber) -> list[Checkpoint]:
    events = [decode(Channel.CHECKPOINT, payload) for payload in subscriber.on(Channel.CHECKPOINT)]
    return [event for event in events if isinstance(event, Checkpoint)]


def publishers(redis_url: str) -> list[str]:
    """The ids of the connections over which something was published last."""
    with redis.Redis.from_url(redis_url) as admin:
        return [client["id"] for client in admin.client_list() if client["cmd"] == "publish"]


def kill_publisher(redis_url: str) -> bool:
    """Cut every connection that is neither a subscriber's nor this one; whether there was one."""
    with redis.Redis.from_url(redis_url) as admin:
        return bool(admin.client_kill_filter(_type="normal", skipme=True))


def first_time(heard: Sequence[bytes]) -> list[bytes]:
    """What was heard, without what had been heard before."""
    return list(dict.fromkeys(heard))


async def within(task: "asyncio.Task[None]", timeout_s: float = 20) -> None:
    """Wait for a task, and for no longer than that."""
    async with asyncio.timeout(timeout_s):
        await task


class TestBursts:
    async def test_messages_arrive_in_order_and_a_checkpoint_ends_each_burst(self, redis_url: str) -> None:
        bursts = [
            [(Channel.INDICATOR_ALERTS, b"alert"), (Channel.PATTERNS, b"pattern"), (Channel.BARS, b"bars")],
            numbered(2 * BURST_MESSAGES + 1, Channel.INDICATORS),
            [(Channel.HEALTH, "issue: 85 % – ☂".encode())],
        ]
        with Subscriber(redis_url) as subscriber:
            async with publishing(redis_url) as publisher:
                for burst in bursts:
                    await publisher.publish(burst)
        heard = [message for message in subscriber.messages if message[0] != Channel.CHECKPOINT]
        assert heard == [(channel.value, payload) for burst in bursts for channel, payload in burst]
        place = 0
        for burst in bursts:
            place += len(burst)
            assert subscriber.messages[place][0] == Channel.CHECKPOINT
            place += 1

    async def test_checkpoints_count_exactly_what_a_subscriber_hears(self, redis_url: str) -> None:
        with Subscriber(redis_url) as subscriber:
            async with publishing(redis_url) as publisher:
                await publisher.publish(numbered(3, Channel.PATTERNS))
                await publisher.publish([])
                await publisher.publish(numbered(5, Channel.INDICATORS) + numbered(2, Channel.PATTERNS))
                assert publisher.published == 10
        heard: Counter[str] = Counter()
        for channel, payload in subscriber.messages:
            heard[channel] += 1
            if channel == Channel.CHECKPOINT:
                checkpoint = decode(channel, payload)
                assert isinstance(checkpoint, Checkpoint)
                assert checkpoint.counts == {name.value: heard[name] for name in Channel}
        assert [checkpoint.sequence for checkpoint in checkpoints(subscriber)] == [1, 2, 3]

    async def test_a_checkpoint_says_who_plays_what_and_when(self, redis_url: str) -> None:
        before_ms = wall_ms()
        with Subscriber(redis_url) as subscriber:
            async with publishing(redis_url) as publisher:
                await publisher.publish([])
                publisher.session = SESSION
                await publisher.publish([])
                publisher.session = None
                await publisher.publish([])
            async with publishing(redis_url, speed=60) as publisher:
                await publisher.publish([])
        first, during, after, paced = checkpoints(subscriber)
        assert [first.session, during.session, after.session] == [None, SESSION, None]
        assert (first.service_id, first.source, first.speed) == ("service-1", "replay:test", None)
        assert first.market_time == "2018-02-26T14:30:00.000Z"
        assert before_ms <= from_iso(first.timestamp) <= wall_ms()
        assert paced.speed == 60
        assert from_iso(paced.market_time) >= OPEN_MS

    async def test_it_beats_at_least_once_a_second_while_nothing_happens(
        self, redis_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert HEARTBEAT_S <= 1
        monkeypatch.setattr(publisher_module, "HEARTBEAT_S", 0.1)
        with Subscriber(redis_url) as subscriber:
            async with publishing(redis_url):
                await eventually_async(lambda: len(checkpoints(subscriber)) >= 5, timeout=5)
        sequences = [checkpoint.sequence for checkpoint in checkpoints(subscriber)]
        assert sequences == list(range(1, len(sequences) + 1))


class TestLostConnections:
    async def test_killed_before_a_burst(self, redis_url: str) -> None:
        with Subscriber(redis_url) as subscriber:
            async with publishing(redis_url) as publisher:
                await publisher.publish(numbered(10))
                assert kill_publisher(redis_url)
                await publisher.publish([(Channel.PATTERNS, b"after")])
                assert publisher.last_error is None
        assert subscriber.on(Channel.BARS) == [payload for _, payload in numbered(10)]
        assert first_time(subscriber.on(Channel.PATTERNS)) == [b"after"]

    async def test_killed_in_the_middle_of_a_burst(self, redis_url: str) -> None:
        messages = numbered(60_000)
        with Subscriber(redis_url) as subscriber:
            async with publishing(redis_url) as publisher:
                sending = asyncio.create_task(publisher.publish(messages))
                await eventually_async(lambda: len(subscriber.messages) > BURST_MESSAGES)
                assert not sending.done()
                assert kill_publisher(redis_url)
                await within(sending)
        heard = subscriber.on(Channel.BARS)
        assert first_time(heard) == [payload for _, payload in messages]
        # What came twice begins again once, and runs on without a hole from there.
        numbers = [int(payload) for payload in heard]
        assert len([1 for one, next_ in pairwise(numbers) if next_ != one + 1]) <= 1
        assert subscriber.messages[-1][0] == Channel.CHECKPOINT

    async def test_a_cancelled_burst_does_not_answer_for_the_next(self, redis_url: str) -> None:
        with Subscriber(redis_url) as subscriber:
            async with publishing(redis_url) as publisher:
                await publisher.publish([(Channel.BARS, b"first")])
                (before,) = publishers(redis_url)
                sending = asyncio.create_task(publisher.publish(numbered(60_000)))
                await eventually_async(lambda: len(subscriber.messages) > BURST_MESSAGES)
                sending.cancel()
                await asyncio.wait({sending})
                assert sending.cancelled()
                await publisher.publish([(Channel.PATTERNS, b"next")])
                # Answers are still due on the connection of the burst: it is given up, and the next one is another.
                await eventually_async(lambda: before not in publishers(redis_url) and len(publishers(redis_url)) == 1)
                await eventually_async(lambda: subscriber.on(Channel.PATTERNS) == [b"next"])


class TestRefusals:
    @pytest.fixture
    def limited_url(self, redis_url: str) -> Iterator[Callable[[str], str]]:
        """The address of a user who may publish on channels of one pattern only."""
        with redis.Redis.from_url(redis_url) as admin:

            def limited_to(pattern: str) -> str:
                admin.acl_setuser(
                    "limited",
                    enabled=True,
                    passwords=["+right"],
                    commands=["+ping", "+publish"],
                    channels=[pattern],
                    reset_channels=True,
                )
                return redis_url.replace("unix://", "unix://limited:right@")

            yield limited_to
            admin.acl_deluser("limited")

    async def test_a_channel_that_the_user_may_not_publish_on_is_named(
        self, redis_url: str, limited_url: Callable[[str], str]
    ) -> None:
        with Subscriber(redis_url) as subscriber:
            async with publishing(limited_url("tickstock:streaming:*")) as publisher:
                with pytest.raises(TickStockError, match=r"refused to publish on tickstock:patterns:streaming: NOPERM"):
                    await publisher.publish(numbered(2 * BURST_MESSAGES + 1, Channel.PATTERNS))
                # The refusals of the rest are not taken for answers to what follows.
                await publisher.publish([(Channel.SESSION_STOPPED, b"stopped")])
        assert subscriber.on(Channel.SESSION_STOPPED) == [b"stopped"]
        assert subscriber.on(Channel.PATTERNS) == []

    async def test_a_refused_heartbeat_is_told_by_the_next_publish_and_by_close(
        self, limited_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(publisher_module, "HEARTBEAT_S", 0.02)
        publisher = Publisher(limited_url("tickstock:patterns:*"), "service-1", "replay:test", VirtualClock(1))
        await publisher.open()
        heart = publisher._heart
        assert heart is not None
        await eventually_async(heart.done)
        with pytest.raises(TickStockError, match="tickstock:streaming:checkpoint"):
            await publisher.publish([(Channel.PATTERNS, b"pattern")])
        with pytest.raises(TickStockError, match="tickstock:streaming:checkpoint"):
            await publisher.close()

    async def test_a_wrong_password_is_said_but_not_shown(self, limited_url: Callable[[str], str]) -> None:
        url = limited_url("*").replace(":right@", ":swordfish@")
        publisher = Publisher(url, "service-1", "replay:test", VirtualClock(1))
        with pytest.raises(TickStockError, match="WRONGPASS") as refusal:
            await publisher.open()
        assert "swordfish" not in str(refusal.value)
        await publisher.close()

    async def test_no_redis_there(self) -> None:
        publisher = Publisher("redis://127.0.0.1:1", "service-1", "replay:test", VirtualClock(1))
        with pytest.raises(TickStockError, match=r"Redis at redis://127\.0\.0\.1:1 cannot be reached \(Conn.*running"):
            await publisher.open()
        await publisher.close()


@pytest.fixture
def own_redis(data_dir: Path) -> Iterator[EmbeddedServers]:
    """A Redis that the test may stop."""
    with EmbeddedServers(data_dir, need_database=False) as servers:
        yield servers


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis that says nothing is given up after a fifth of a second."""
    monkeypatch.setattr(publisher_module, "REPLY_TIMEOUT_S", 0.2)
    monkeypatch.setattr("tickstockpl.redis_link.CONNECT_TIMEOUT_S", 0.2)


@contextmanager
def frozen(server: EmbeddedServers) -> Iterator[None]:
    """The server does nothing for the length of the block, and does not hang up either."""
    (pid,) = server.pids
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


class TestDeadServers:
    async def test_events_wait_for_a_redis_that_is_restarted(self, data_dir: Path) -> None:
        first = EmbeddedServers(data_dir, need_database=False)
        second = EmbeddedServers(data_dir, need_database=False)
        first.start()
        try:
            async with publishing(first.redis_url) as publisher:
                await publisher.publish(numbered(1))
                await asyncio.to_thread(first.stop)
                sending = asyncio.create_task(publisher.publish(numbered(1000)))
                await eventually_async(lambda: publisher.last_error is not None)
                assert not sending.done()
                await asyncio.to_thread(second.start)
                await within(sending)
                assert publisher.last_error is None
                with redis.Redis.from_url(second.redis_url) as admin:
                    assert admin.info("commandstats")["cmdstat_publish"]["calls"] >= 1001
                with Subscriber(second.redis_url) as subscriber:
                    await publisher.publish([(Channel.PATTERNS, b"later")])
                assert subscriber.on(Channel.PATTERNS) == [b"later"]
        finally:
            first.stop()
            second.stop()

    @pytest.mark.usefixtures("impatient")
    async def test_a_redis_that_says_nothing_is_noticed_and_taken_up_again(self, own_redis: EmbeddedServers) -> None:
        messages = numbered(5000)
        with Subscriber(own_redis.redis_url) as subscriber:
            async with publishing(own_redis.redis_url) as publisher:
                await publisher.publish([])
                with frozen(own_redis):
                    sending = asyncio.create_task(publisher.publish(messages))
                    await eventually_async(lambda: "has not answered" in (publisher.last_error or ""), timeout=3)
                    assert not sending.done()
                await within(sending)
                assert publisher.last_error is None
        assert first_time(subscriber.on(Channel.BARS)) == [payload for _, payload in messages]

    @pytest.mark.usefixtures("impatient")
    async def test_closing_does_not_wait_for_a_dead_redis(self, own_redis: EmbeddedServers) -> None:
        publisher = Publisher(own_redis.redis_url, "service-1", "replay:test", VirtualClock(MAX_SPEED))
        await publisher.open()
        with frozen(own_redis):
            sending = asyncio.create_task(publisher.publish(numbered(100_000)))
            await eventually_async(lambda: publisher.last_error is not None)
            async with asyncio.timeout(5):
                await publisher.close()
            with pytest.raises(TickStockError, match=r"closed while events waited for Redis: Redis .*not answer"):
                await within(sending)


class TestPacedMarket:
    """A market that does not wait for Redis."""

    async def test_nothing_waits_and_everything_goes_out_on_return_and_is_counted(self, data_dir: Path) -> None:
        first = EmbeddedServers(data_dir, need_database=False)
        second = EmbeddedServers(data_dir, need_database=False)
        first.start()
        try:
            async with publishing(first.redis_url, speed=60) as publisher:
                await publisher.publish(numbered(3, Channel.PATTERNS))
                await asyncio.to_thread(first.stop)
                async with asyncio.timeout(1):
                    for number in range(3, 3000):
                        await publisher.publish([(Channel.PATTERNS, b"%d" % number), (Channel.HEALTH, b"%d" % number)])
                assert publisher.waiting in (2998, 2999)  # the first health may have been on its way already
                assert publisher.away_s > 0
                await asyncio.to_thread(second.start)
                await eventually_async(lambda: publisher.away_s == 0)
                assert (publisher.waiting, publisher.last_error) == (0, None)
                assert publisher.last_outage_s > 0
                assert publisher.counts[Channel.PATTERNS] == 3000
                assert publisher.counts[Channel.HEALTH] in (1, 2)
                with redis.Redis.from_url(second.redis_url) as admin:
                    assert admin.info("commandstats")["cmdstat_publish"]["calls"] >= 2998
        finally:
            first.stop()
            second.stop()

    async def test_what_an_outage_leaves_is_heard_once_in_order_and_as_counted(
        self, redis_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with Subscriber(redis_url) as subscriber:
            async with publishing(redis_url, speed=60) as publisher:
                await publisher.publish(numbered(10, Channel.PATTERNS))
                connected = RedisLink.connect

                async def refuse(url: str) -> RedisLink:
                    raise RedisLinkError("not yet")

                monkeypatch.setattr(RedisLink, "connect", refuse)
                kill_publisher(redis_url)
                await publisher.publish([])
                assert publisher.away_s > 0
                for number in range(10, 5000):
                    await publisher.publish([(Channel.PATTERNS, b"%d" % number), (Channel.HEALTH, b"%d" % number)])
                monkeypatch.setattr(RedisLink, "connect", connected)
                await eventually_async(lambda: publisher.away_s == 0)
                await publisher.publish(numbered(1, Channel.INDICATOR_ALERTS))
        assert subscriber.on(Channel.PATTERNS) == [payload for _, payload in numbered(5000)]
        assert subscriber.on(Channel.HEALTH) == [b"4999"]
        last = checkpoints(subscriber)[-1]
        assert last.counts == {channel.value: len(subscriber.on(channel)) for channel in Channel}

    async def test_what_is_lost_because_too_much_waits_is_counted_as_carried(
        self, redis_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(publisher_module, "Backlog", lambda: Backlog(max_bytes=5))
        with Subscriber(redis_url) as subscriber:
            async with publishing(redis_url, speed=60) as publisher:
                await publisher.publish([])
                kill_publisher(redis_url)
                await publisher.publish([])
                await publisher.publish(numbered(8, Channel.PATTERNS))
                assert publisher.lost == 3
                await eventually_async(lambda: publisher.away_s == 0)
        assert subscriber.on(Channel.PATTERNS) == [b"0", b"1", b"2", b"3", b"4"]
        assert checkpoints(subscriber)[-1].counts[Channel.PATTERNS] == 8

    async def test_closing_gives_a_dead_redis_up_and_says_what_was_not_published(
        self, data_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(publisher_module, "CLOSE_GRACE_S", 0.1)
        with EmbeddedServers(data_dir, need_database=False) as server:
            publisher = Publisher(server.redis_url, "service-1", "replay:test", VirtualClock(60))
            await publisher.open()
        await publisher.publish([(Channel.SESSION_STOPPED, b"stopped"), (Channel.HEALTH, b"state")])
        await publisher.publish([(Channel.PATTERNS, b"pattern")])
        with pytest.raises(
            TickStockError, match=r"closed while \d events waited for Redis; their rows are stored: Redis"
        ):
            await publisher.close()
        await publisher.close()
