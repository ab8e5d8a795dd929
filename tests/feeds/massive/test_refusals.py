"""A server that says no: told apart, final where trying again is of no use, and no loop of a try a second."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest

from tests.feeds.massive.conftest import SYMBOLS
from tests.feeds.massive.listening import opened, options
from tests.massive_server import MassiveServer, Tape
from tests.streaming.live import RunningClock
from tests.support import eventually_async
from tickstockpl.errors import TickStockError
from tickstockpl.feeds.massive import link, refusals
from tickstockpl.feeds.massive.messages import StatusMessage
from tickstockpl.feeds.massive.options import Mode
from tickstockpl.feeds.massive.topics import TOPICS_AT_ONCE, WHOLE_MARKET, Topics
from tickstockpl.market.calendar import MarketDay

TapeOf = Callable[..., Awaitable[Tape]]


@pytest.fixture
async def server(tape_of: TapeOf, day: MarketDay, clock: RunningClock) -> AsyncIterator[MassiveServer]:
    """A market whose clock stands an hour before the open, so that nothing has to come."""
    clock.set(day.open_ms - 3_600_000, 1)
    async with MassiveServer(await tape_of("T", minutes=1), clock) as running:
        yield running


async def refusal(server: MassiveServer, clock: RunningClock) -> str:
    """What a feed says that cannot be opened."""
    with pytest.raises(TickStockError) as caught:
        async with opened(server, clock, SYMBOLS):
            pass
    assert "\n" not in str(caught.value)
    assert options(server).api_key not in str(caught.value)
    return str(caught.value)


async def test_a_wrong_key_is_final(server: MassiveServer, clock: RunningClock) -> None:
    with pytest.raises(TickStockError, match=r"does not accept the API key; correct TICKSTOCK_MASSIVE_API_KEY"):
        async with opened(server, clock, SYMBOLS, api_key="a-key-of-nobody"):
            pass
    assert server.sign_ins == ["a-key-of-nobody"]
    assert server.connections == 1


async def test_a_plan_that_does_not_cover_real_time_is_final(server: MassiveServer, clock: RunningClock) -> None:
    server.refuses = "no_access"
    said = await refusal(server, clock)
    assert said.startswith("the plan of the API key does not cover this data; set TICKSTOCK_MASSIVE_HOST=delayed")
    assert server.connections == 1


async def test_topics_that_are_all_refused_are_final(server: MassiveServer, clock: RunningClock) -> None:
    server.unauthorized = {"T.*", "A.*"}
    assert (await refusal(server, clock)).startswith("the plan of the API key does not cover this data")
    assert server.connections == 1


async def test_an_address_of_nothing_is_final(server: MassiveServer, clock: RunningClock) -> None:
    with pytest.raises(TickStockError, match="is no address of a WebSocket"):
        async with opened(server, clock, SYMBOLS, url="http://127.0.0.1:1/stocks"):
            pass


async def test_a_second_program_with_the_key_is_tried_on_slower_and_slower(
    server: MassiveServer, clock: RunningClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "TOO_MANY", replace(refusals.TOO_MANY, pause_s=0.2))
    server.refuses = "max_connections"
    async with opened(server, clock, SYMBOLS) as feed:
        await eventually_async(lambda: server.connections >= 3, what="three tries")
        connection = feed.connection
        assert connection.status == "reconnecting"
        assert "another program is connected with the same API key" in connection.reason
        assert "end the other program" in connection.action_required
        # It was accepted each time, and yet the waits grow: only data would have made them start over.
        assert feed._link._backoff._span_s >= 0.2 * 2**2
        server.refuses = None
        await eventually_async(lambda: feed.connection.status == "connected", 20)
    assert server.connections <= 6


async def test_a_real_second_connection_is_what_the_server_refuses(server: MassiveServer, clock: RunningClock) -> None:
    server.one_connection = True
    async with opened(server, clock, SYMBOLS) as feed, opened(server, clock, SYMBOLS) as second:
        await eventually_async(lambda: second.connection.status == "reconnecting")
        assert feed.connection.status == "connected"


async def test_a_feed_with_other_symbols_takes_the_one_connection_over(
    server: MassiveServer, clock: RunningClock, day: MarketDay
) -> None:
    server.one_connection = True
    async with opened(server, clock, SYMBOLS) as feed:
        other = feed.of(replace(feed.universe, symbols=SYMBOLS[:2]))
        await other.open()
        try:
            assert other.connection.status == "connected"
            assert feed.connection.status == "connected"  # it does not play, and needs none
            assert server.listeners == 1
        finally:
            await other.close()


async def test_topics_that_are_not_acknowledged_are_asked_for_again_and_told(
    server: MassiveServer, clock: RunningClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "ACKNOWLEDGE_S", 0.2)
    server.silent_topics = {"T.AMD", "T.SPY"}
    async with opened(server, clock, SYMBOLS) as feed:
        assert feed.connection.status == "connected"
        assert feed.connection.reason == "Massive has not acknowledged 2 of 5 topics: T.AMD, T.SPY"
    assert server.subscriptions[1:] == [["T.AMD", "T.SPY"]]


async def test_a_pulse_that_the_plan_does_not_cover_is_not_missed(server: MassiveServer, clock: RunningClock) -> None:
    server.unauthorized = {"A.SPY"}
    async with opened(server, clock, SYMBOLS) as feed:
        assert (feed.connection.status, feed.connection.reason) == ("connected", "")
    async with opened(server, clock, ("AMD",)) as feed:  # as many refusals as there are symbols
        assert (feed.connection.status, feed.connection.reason) == ("connected", "")


async def test_a_server_that_cannot_be_reached_at_the_start_is_tried_on(
    server: MassiveServer, clock: RunningClock
) -> None:
    await server.down()
    async with opened(server, clock, SYMBOLS) as feed:
        assert feed.connection.status == "reconnecting"
        assert "cannot be reached" in feed.connection.reason
        await server.up()
        await eventually_async(lambda: feed.connection.status == "connected", 20)


async def test_a_large_universe_is_subscribed_in_portions(server: MassiveServer, clock: RunningClock) -> None:
    symbols = tuple(f"S{number}" for number in range(1200))
    async with opened(server, clock, symbols) as feed:
        assert feed.connection.status == "connected"
    assert [len(topics) for topics in server.subscriptions] == [TOPICS_AT_ONCE, TOPICS_AT_ONCE, 201]


@pytest.mark.parametrize(("mode", "topic"), [(Mode.TRADES, "T.*"), (Mode.MINUTES, "AM.*"), (Mode.SECONDS, "A.*")])
def test_the_whole_market_is_one_topic(mode: Mode, topic: str) -> None:
    topics = Topics(mode, [f"S{number}" for number in range(WHOLE_MARKET)])
    assert topics.wanted == (topic,)
    assert topics.acknowledge(f"subscribed to: {topic}")
    assert topics.is_complete


def test_statuses_that_refuse_nothing_are_let_be() -> None:
    for status in ("connected", "auth_success", "success", "whatever", ""):
        assert refusals.refusal_of(StatusMessage(status, "authenticated")) is None
    for status in ("auth_failed", "auth_timeout", "max_connections", "slow_consumer", "force_disconnect"):
        assert refusals.refusal_of(StatusMessage(status, "")) is not None
