"""Whatever goes wrong on the way: no crash, no silent gap, and the bars of a day on which nothing did."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest

from tests.feeds.massive.conftest import MINUTES, SYMBOLS
from tests.feeds.massive.listening import Bars, Heard, by_key, hear, opened
from tests.massive_server import MassiveServer, Tape
from tests.massive_server.faults import Disorder
from tests.streaming.live import RunningClock
from tests.support import eventually_async
from tickstockpl.feeds.base import Batch
from tickstockpl.feeds.massive.options import Mode
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.calendar import MarketDay

TapeOf = Callable[..., Awaitable[Tape]]

Fault = Callable[[MassiveServer], Awaitable[None]]


def oracle(tape: Tape, day: MarketDay) -> Bars:
    """The bars of a market that was heard whole."""
    return by_key(SYMBOLS, tape.between(day.open_ms, day.open_ms + MINUTES * MINUTE_MS).bars)


MUTE_S = {"T": 0.5, "A": 0.5, "AM": 1.5}
"""After which a connection is given up; the one symbol that is the pulse of minute bars does not trade so often."""


class At:
    """Does something once the feed has played up to a minute, and keeps what may go wrong with it."""

    def __init__(self, day: MarketDay, minute: float, fault: Callable[[], Awaitable[None]]) -> None:
        self._at_ms = day.open_ms + int(minute * MINUTE_MS)
        self._fault = fault
        self.task: asyncio.Task[None] | None = None

    def __call__(self, batch: Batch) -> None:
        if self.task is None and batch.until_ms >= self._at_ms:
            self.task = asyncio.ensure_future(self._do())

    async def _do(self) -> None:
        await self._fault()

    async def done(self) -> None:
        assert self.task is not None, "the fault did not happen"
        await self.task


async def cut(server: MassiveServer) -> None:
    server.cut()


async def stay_away(server: MassiveServer) -> None:
    await server.down()
    await asyncio.sleep(1.2)
    await server.up()


async def be_mute(server: MassiveServer) -> None:
    connections = server.connections
    server.is_mute = True
    await eventually_async(lambda: server.connections > connections, what="a new connection")
    server.is_mute = False


async def freeze(server: MassiveServer) -> None:
    server.freeze()


async def close_cleanly(server: MassiveServer) -> None:
    await server.close_cleanly()


async def send_garbage(server: MassiveServer) -> None:
    server.mangler.spoil("garbage", 3)
    await server.send_frame("[]")
    await server.send_frame('{"ev":"T"}')
    await server.send_frame(b"\xff\xfe\x00")


async def truncate(server: MassiveServer) -> None:
    server.mangler.spoil("truncated", 3)


async def refuse_a_while(server: MassiveServer) -> None:
    server.refuses = "max_connections"
    server.cut()
    await eventually_async(lambda: len(server.subscriptions) >= 3, what="two further tries")
    server.refuses = None


async def time_out(server: MassiveServer) -> None:
    server.refuses = "auth_timeout"
    connections = server.connections
    server.cut()
    await eventually_async(lambda: server.connections >= connections + 2, what="two further tries")
    server.refuses = None


# Of trades each fault is tried through the whole service (test_service.py).
FAULTS_OF = {
    "T": [cut, freeze],
    "AM": [cut, be_mute, freeze, stay_away, send_garbage],
    "A": [cut, be_mute, freeze, truncate],
}


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        pytest.param(kind, fault, id=f"{kind}-{fault.__name__}")
        for kind, faults in FAULTS_OF.items()
        for fault in faults
    ],
)
async def test_after_any_fault_the_bars_are_those_of_a_whole_day(
    fault: Fault, kind: str, tape_of: TapeOf, day: MarketDay, clock: RunningClock
) -> None:
    # The pulse, second bars of one symbol, tells a mute connection from a market of minute bars.
    tape = await tape_of("AM", "A") if kind == "AM" else await tape_of(kind)
    clock.set(day.open_ms - 30_000)
    heard, server = await with_fault(fault, kind, tape, day, clock)
    corrected = heard.bars | heard.revised
    assert corrected == oracle(tape, day)
    assert heard.lost == []
    assert heard.backfilled, "nothing was missed: the fault had no effect"
    # What went out wrong before anybody could know was put right, and is the least of it.
    assert len({minute_ms for minute_ms, _ in heard.revised}) <= 2
    if fault not in (send_garbage, truncate):
        assert heard.statuses == ["connected", "reconnecting", "connected"]
        assert server.connections <= 8


async def with_fault(
    fault: Fault, kind: str, tape: Tape, day: MarketDay, clock: RunningClock
) -> tuple[Heard, MassiveServer]:
    mode = {"T": Mode.TRADES, "AM": Mode.MINUTES, "A": Mode.SECONDS}[kind]
    async with (
        MassiveServer(tape, clock) as server,
        opened(server, clock, SYMBOLS, mode=mode, mute_s=MUTE_S[kind]) as feed,
    ):
        at = At(day, 2.5, lambda: fault(server))
        heard = await hear(feed, day, day.open_ms, day.open_ms + MINUTES * MINUTE_MS, at)
        await at.done()
    return heard, server


@pytest.mark.parametrize("kind", ["T", "A"])
async def test_messages_twice_and_in_another_order_give_the_same_bars(
    kind: str, tape_of: TapeOf, day: MarketDay, clock: RunningClock
) -> None:
    tape = await tape_of(kind, minutes=4)
    clock.set(day.open_ms - 30_000)
    mode = {"T": Mode.TRADES, "A": Mode.SECONDS}[kind]
    disorder = Disorder(seed=3, twice=0.2, swapped=0.3)
    async with (
        MassiveServer(tape, clock, disorder=disorder) as server,
        opened(server, clock, SYMBOLS, mode=mode, mute_s=5.0, settle_ms=300) as feed,
    ):
        heard = await hear(feed, day, day.open_ms, day.open_ms + 4 * MINUTE_MS)
        duplicates = feed.report.duplicates
    assert heard.bars == by_key(SYMBOLS, tape.between(day.open_ms, day.open_ms + 4 * MINUTE_MS).bars)
    assert duplicates > len(tape.messages) // 10
    assert (heard.lost, heard.backfilled) == ([], [])


async def test_minute_bars_that_come_again_late_are_revisions(
    tape_of: TapeOf, day: MarketDay, clock: RunningClock
) -> None:
    tape = await tape_of("AM", minutes=4)
    first_ms, first = tape.messages[0]
    late = {**first, "v": first["v"] + 500, "c": first["h"]}
    again = [*tape.messages, (first_ms + 2 * MINUTE_MS, late), (first_ms + 2 * MINUTE_MS + 100, late)]
    resent = Tape(tape.symbols, sorted(again, key=lambda one: one[0]), tape.bars)
    clock.set(day.open_ms - 30_000)
    async with (
        MassiveServer(resent, clock) as server,
        opened(server, clock, SYMBOLS, mode=Mode.MINUTES, mute_s=60.0, settle_ms=100) as feed,
    ):
        heard = await hear(feed, day, day.open_ms, day.open_ms + 4 * MINUTE_MS)
        duplicates = feed.report.duplicates
    expected = oracle(tape, day)
    key = (first["s"], first["sym"])
    assert heard.bars == {one: bar for one, bar in expected.items() if one[0] < day.open_ms + 4 * MINUTE_MS}
    assert heard.revised == {key: (*expected[key][:3], late["c"], late["v"])}
    assert duplicates == 1


async def test_trades_that_come_late_are_counted_and_change_nothing(
    tape_of: TapeOf, day: MarketDay, clock: RunningClock
) -> None:
    tape = await tape_of("T", minutes=3)
    clock.set(day.open_ms - 30_000)
    disorder = Disorder(seed=5, late=0.02, late_ms=70_000)
    async with (
        MassiveServer(tape, clock, disorder=disorder) as server,
        opened(server, clock, SYMBOLS, mute_s=5.0) as feed,
    ):
        heard = await hear(feed, day, day.open_ms, day.open_ms + 4 * MINUTE_MS)
    expected = by_key(SYMBOLS, tape.between(day.open_ms, day.open_ms + 3 * MINUTE_MS).bars)
    assert heard.late > 0
    missing = {key: expected[key][4] - bar[4] for key, bar in heard.bars.items() if key in expected}
    assert all(volume >= 0 for volume in missing.values())
    assert sum(missing.values()) > 0


async def test_without_a_history_a_gap_is_told_and_the_market_goes_on(
    tape_of: TapeOf, day: MarketDay, clock: RunningClock
) -> None:
    tape = await tape_of("T")
    clock.set(day.open_ms - 30_000)
    async with MassiveServer(tape, clock) as server, opened(server, clock, SYMBOLS, rest_url=None) as feed:
        at = At(day, 2.5, lambda: stay_away(server))
        heard = await hear(feed, day, day.open_ms, day.open_ms + MINUTES * MINUTE_MS, at)
        await at.done()
    expected = oracle(tape, day)
    ((since_ms, until_ms),) = heard.lost
    assert heard.backfilled == []
    assert day.open_ms + 2 * MINUTE_MS < since_ms < until_ms < day.open_ms + 6 * MINUTE_MS
    whole = {key: bar for key, bar in expected.items() if key[0] + MINUTE_MS <= since_ms or key[0] >= until_ms}
    assert {key: heard.bars[key] for key in whole} == whole
    assert heard.bars != expected


async def test_a_history_that_does_not_answer_is_told_as_a_gap(
    tape_of: TapeOf, day: MarketDay, clock: RunningClock
) -> None:
    tape = await tape_of("T")
    clock.set(day.open_ms - 30_000)
    async with MassiveServer(tape, clock) as server, opened(server, clock, SYMBOLS, backfill_s=0.5) as feed:
        server.rest.fault = 500
        at = At(day, 2.5, lambda: cut(server))
        heard = await hear(feed, day, day.open_ms, day.open_ms + MINUTES * MINUTE_MS, at)
        await at.done()
    ((since_ms, until_ms),) = heard.lost
    assert since_ms <= day.open_ms + int(2.5 * MINUTE_MS) < until_ms
    assert len(heard.minutes) == MINUTES


async def test_a_start_in_mid_session_that_goes_on_where_an_earlier_one_has_ended(
    tape_of: TapeOf, day: MarketDay, clock: RunningClock
) -> None:
    tape = await tape_of("T")
    clock.set(day.open_ms + int(3.4 * MINUTE_MS))
    async with MassiveServer(tape, clock) as server, opened(server, clock, SYMBOLS) as feed:
        heard = await hear(feed, day, day.open_ms + MINUTE_MS, day.open_ms + MINUTES * MINUTE_MS)
    expected = {key: bar for key, bar in oracle(tape, day).items() if key[0] >= day.open_ms + MINUTE_MS}
    assert heard.bars == expected
    assert heard.backfilled[0] == day.open_ms + MINUTE_MS
    assert heard.lost == []


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_one_fault_after_the_other_leaves_the_bars_of_a_whole_day(
    seed: int, tape_of: TapeOf, day: MarketDay, clock: RunningClock
) -> None:
    tape = await tape_of("T", minutes=14)
    clock.set(day.open_ms - 30_000)
    rng = random.Random(seed)
    faults: list[Fault] = [cut, close_cleanly, send_garbage, truncate, freeze, stay_away]
    chosen = rng.sample(faults, 4)

    async with MassiveServer(tape, clock) as server, opened(server, clock, SYMBOLS, mute_s=MUTE_S["T"]) as feed:

        async def one_after_the_other() -> None:
            for fault in chosen:
                await fault(server)
                await asyncio.sleep(rng.uniform(0.3, 2.0))  # of a market that runs fast: half a minute to two

        at = At(day, 1.2, one_after_the_other)
        heard = await hear(feed, day, day.open_ms, day.open_ms + 13 * MINUTE_MS, at)
        await at.done()
    expected = by_key(SYMBOLS, tape.between(day.open_ms, day.open_ms + 13 * MINUTE_MS).bars)
    assert heard.bars | heard.revised == expected, [fault.__name__ for fault in chosen]
    assert heard.lost == []
    assert heard.backfilled
