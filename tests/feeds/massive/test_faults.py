"""Whatever goes wrong on the way: no crash, no silent gap, and the bars of a day on which nothing did."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from tests.feeds.massive.conftest import MINUTES, SYMBOLS
from tests.feeds.massive.listening import Bars, Heard, by_key, hear, opened
from tests.massive_server import MassiveServer, Tape
from tests.streaming.live import RunningClock
from tests.support import eventually_async
from tickstockpl.feeds.base import Batch
from tickstockpl.feeds.massive import refusals
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


@pytest.mark.parametrize(
    "fault",
    [cut, stay_away, be_mute, freeze, close_cleanly, send_garbage, truncate, refuse_a_while, time_out],
    ids=lambda fault: fault.__name__,
)
@pytest.mark.parametrize("kind", ["T", "AM", "A"])
async def test_after_any_fault_the_bars_are_those_of_a_whole_day(
    fault: Fault, kind: str, tape_of: TapeOf, day: MarketDay, clock: RunningClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "TOO_MANY", replace(refusals.TOO_MANY, pause_s=0.2))  # the market runs fast
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
