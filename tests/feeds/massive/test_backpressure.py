"""A service that is busy with something else: the server never waits for it, and no trade is missing from a bar."""

import threading
from typing import Any

import msgspec
import numpy as np

from tests.feeds.massive.conftest import SYMBOLS
from tests.feeds.massive.listening import hear, opened
from tests.massive_server import MassiveServer, Tape
from tests.streaming.live import RunningClock
from tests.support import eventually, eventually_async
from tickstockpl.clock import monotonic_s
from tickstockpl.feeds.live.thread import LoopThread
from tickstockpl.feeds.massive.options import MassiveOptions
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.calendar import MarketDay

TRADES = 600_000
"""More than the inbox takes as they come, 75 MB of them: more than all buffers between two sockets hold."""

PER_FRAME = 200


def frames(day: MarketDay) -> list[bytes]:
    """The first second of a busy session."""
    rng = np.random.default_rng(11)
    symbols = rng.integers(0, len(SYMBOLS), TRADES).tolist()
    prices = np.round(100 + rng.random(TRADES), 2).tolist()
    made, messages = [], list[dict[str, Any]]()
    for number, (symbol, price) in enumerate(zip(symbols, prices, strict=True)):
        message = {"ev": "T", "sym": SYMBOLS[symbol], "x": 4, "i": f"{number}", "z": 3, "p": price, "s": 10}
        messages.append(message | {"t": day.open_ms + number * 1000 // TRADES, "q": number})
        if len(messages) == PER_FRAME:
            made.append(msgspec.json.encode(messages))
            messages = []
    return made


async def test_the_socket_is_drained_while_nobody_takes_anything(day: MarketDay, clock: RunningClock) -> None:
    clock.set(day.open_ms - 3_600_000, 1)
    burst = frames(day)
    thread = LoopThread("the server")
    server = MassiveServer(Tape(SYMBOLS, []), clock)
    await thread.call(server.__aenter__())
    try:
        async with opened(server, clock, SYMBOLS, mute_s=600) as feed:

            async def send() -> None:
                for frame in burst:
                    await server.send_frame(frame)

            sent = threading.Event()
            sending = thread.submit(send())
            sending.add_done_callback(lambda _: sent.set())
            # Here the main loop stands still: a minute is analysed, or Redis does not answer.
            assert sent.wait(60), "the server was kept waiting"
            eventually(lambda: feed.reader.data_messages == TRADES, 60, what="all trades to be read")
            assert feed.connection.status == "connected"
            clock.set(day.open_ms + 5_000, 60)
            heard = await hear(feed, day, day.open_ms, day.open_ms + MINUTE_MS)
            report = feed.report
        assert server.connections == 1
    finally:
        await thread.call(server.__aexit__(None, None, None))
        await thread.close()
    assert report.conflated > TRADES // 2
    assert sum(bar[4] for bar in heard.bars.values()) == 10 * TRADES
    assert len(heard.bars) == len(SYMBOLS)


async def test_in_real_time_a_mute_connection_is_told_within_15_seconds(day: MarketDay, clock: RunningClock) -> None:
    """The usual settings, at the speed of the clock on the wall."""
    clock.set(day.open_ms + 3_600_000, 1)
    usual = MassiveOptions("key").mute_s
    trade = {"ev": "T", "sym": "SPY", "p": 100.0, "s": 1, "t": clock.now_ms(), "q": 1}
    async with (
        MassiveServer(Tape(SYMBOLS, []), clock) as server,
        opened(server, clock, SYMBOLS, mute_s=usual) as feed,
    ):
        await server.send([trade])
        began_s = monotonic_s()
        await eventually_async(lambda: feed.connection.status != "connected", 30)
        took_s = monotonic_s() - began_s
        reason = feed.connection.reason
    assert usual <= took_s < 15
    assert "has sent no data for 10 seconds while the market is open" in reason
