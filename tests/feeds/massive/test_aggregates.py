"""The REST interface: paged, paced, retried, given up in time, and never told the key where it does not belong."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.feeds.massive.conftest import SYMBOLS
from tests.feeds.massive.listening import by_key
from tests.massive_server import Tape
from tests.massive_server.rest import RestServer
from tests.support import eventually_async
from tickstockpl.feeds.massive.aggregates import Aggregates, FetchedMinutes
from tickstockpl.feeds.massive.pace import Pace
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.calendar import MarketDay

KEY = "a-key-of-the-rest-interface"


@pytest.fixture
async def tape(tape_of: Callable[..., asyncio.Future[Tape]]) -> Tape:
    return await tape_of("T", minutes=30)


@pytest.fixture
async def server(tape: Tape, day: MarketDay) -> AsyncIterator[RestServer]:
    async with RestServer(tape, KEY, lambda: day.close_ms) as running:
        yield running


async def fetch(
    server: RestServer, day: MarketDay, minutes: int = 30, *, key: str = KEY, deadline_s: float = 20.0
) -> FetchedMinutes:
    until_ms = day.open_ms + minutes * MINUTE_MS
    async with Aggregates(server.url, key, 1000) as aggregates:
        return await aggregates.minutes(SYMBOLS, day.open_ms, until_ms, deadline_s)


@pytest.mark.parametrize("page", [3, 7, 50_000])
async def test_all_pages_of_all_symbols(server: RestServer, tape: Tape, day: MarketDay, page: int) -> None:
    server.page = page
    fetched = await fetch(server, day)
    assert by_key(SYMBOLS, fetched.bars) == by_key(SYMBOLS, tape.between(day.open_ms, day.open_ms + 1_800_000).bars)
    assert [bars.minute_ms for bars in fetched.bars] == sorted({bars.minute_ms for bars in fetched.bars})
    assert (fetched.missing, fetched.reason) == ((), "")
    assert (server.requests["SPY"] > 1) == (page < 30)


async def test_the_end_is_excluded(server: RestServer, day: MarketDay) -> None:
    fetched = await fetch(server, day, minutes=5)
    assert [bars.minute_ms for bars in fetched.bars] == [day.open_ms + minute * MINUTE_MS for minute in range(5)]


@pytest.mark.parametrize("fault", [429, 500, 503, "garbage"])
async def test_what_fails_for_a_while_is_tried_again(
    server: RestServer, tape: Tape, day: MarketDay, fault: int | str
) -> None:
    server.faults = [fault] * 8
    fetched = await fetch(server, day)
    assert by_key(SYMBOLS, fetched.bars) == by_key(SYMBOLS, tape.between(day.open_ms, day.open_ms + 1_800_000).bars)
    assert sum(server.requests.values()) == 8 + len(SYMBOLS)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (500, "they were not all had within 0.6 seconds (http://127.0.0.1:PORT answered HTTP 500)"),
        (429, "they were not all had within 0.6 seconds (Massive is asked too often"),
        ("garbage", "they were not all had within 0.6 seconds (http://127.0.0.1:PORT answered what cannot be read)"),
        ("slow", "they were not all had within 0.6 seconds"),
        (403, "the plan of the API key does not cover this data"),
        (401, "Massive does not accept the API key"),
        ("elsewhere", "names another host for the next page, which does not get the API key"),
    ],
)
async def test_what_cannot_be_had_is_given_up_in_time_and_told(
    server: RestServer, day: MarketDay, fault: int | str, said: str
) -> None:
    server.fault = fault
    fetched = await fetch(server, day, deadline_s=0.6)
    assert (fetched.bars, fetched.missing) == ((), SYMBOLS)
    port = server.url.rpartition(":")[2]
    assert said.replace("PORT", port) in fetched.reason
    assert KEY not in fetched.reason


async def test_a_part_is_better_than_nothing(server: RestServer, tape: Tape, day: MarketDay) -> None:
    server.faults = ["slow"]
    fetched = await fetch(server, day, deadline_s=1.0)
    (missing,) = fetched.missing
    expected = by_key(SYMBOLS, tape.between(day.open_ms, day.open_ms + 1_800_000).bars)
    assert by_key(SYMBOLS, fetched.bars) == {key: bar for key, bar in expected.items() if key[1] != missing}
    assert fetched.reason.startswith("they were not all had within 1 seconds")


async def test_a_wrong_key_is_refused_at_once(server: RestServer, day: MarketDay) -> None:
    fetched = await fetch(server, day, key="another")
    assert "correct TICKSTOCK_MASSIVE_API_KEY" in fetched.reason
    assert sum(server.requests.values()) <= len(SYMBOLS)


async def test_a_server_that_is_not_there(day: MarketDay) -> None:
    async with Aggregates("http://127.0.0.1:1", KEY, 1000) as aggregates:
        fetched = await aggregates.minutes(SYMBOLS, day.open_ms, day.close_ms, 0.4)
    assert "http://127.0.0.1:1 cannot be reached (ConnectError)" in fetched.reason


async def test_symbols_that_mean_something_in_an_address(server: RestServer, tape: Tape, day: MarketDay) -> None:
    odd = ("BRK.B", "BF/B", "A?B", "Ü", "A B#")
    server.load(Tape(odd, [], tape.bars))
    async with Aggregates(server.url, KEY, 1000) as aggregates:
        fetched = await aggregates.minutes(odd, day.open_ms, day.open_ms + MINUTE_MS, 10)
    assert len(fetched.bars[0]) == len(odd)
    assert set(server.requests) == set(odd)


async def test_whoever_gives_up_leaves_nothing_behind(server: RestServer, day: MarketDay) -> None:
    server.fault = "slow"
    before = asyncio.all_tasks()
    fetching = asyncio.create_task(fetch(server, day))
    await eventually_async(lambda: sum(server.requests.values()) >= len(SYMBOLS))
    fetching.cancel()
    await asyncio.gather(fetching, return_exceptions=True)
    assert {task.get_name() for task in asyncio.all_tasks() - before - server._serving} == set()


@given(st.floats(0.5, 200), st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_never_more_turns_than_a_second_allows(per_second: float, pauses: list[float]) -> None:
    now = [100.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    async def turns() -> list[float]:
        pace = Pace(per_second, lambda: now[0], sleep)
        at = []
        for pause in pauses:
            await pace.turn()
            at.append(now[0])
            now[0] += pause
        return at

    at = asyncio.run(turns())
    for first in at:
        assert sum(first <= moment < first + 1 - 1e-6 for moment in at) <= per_second + 1
