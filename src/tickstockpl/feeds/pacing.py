"""How feeds on a virtual clock keep pace: a minute is cut into pieces, each handed over when its time has come."""

import asyncio
from collections.abc import Iterator
from typing import Final

import numpy as np

from tickstockpl.clock import MAX_SPEED, Clock
from tickstockpl.feeds.base import Batch
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.trades import Trades

SLICE_MS: Final = 50
"""How often trades are handed over, milliseconds of wall time."""


async def wait_for(clock: Clock, market_ms: int, from_ms: int) -> None:
    """Wait until the clock reaches ``market_ms``; what lies at or before ``from_ms`` only yields to other tasks."""
    if market_ms <= from_ms:
        await asyncio.sleep(0)
    else:
        await clock.sleep_until(market_ms)


def cut_minute(trades: Trades | None, minute_ms: int, speed: float, from_ms: int) -> Iterator[Batch]:
    """Cut one minute into batches of about :data:`SLICE_MS` of wall time.

    At :data:`~tickstockpl.clock.MAX_SPEED`, and for what lies before ``from_ms``, a minute is one batch.

    Args:
        trades: the minute's trades, oldest first; ``None`` where there are none.
        minute_ms: the minute's start.
        speed: market seconds per wall second.
        from_ms: market time up to which nothing will be waited for.
    """
    first = 0
    for until_ms in _cuts(minute_ms, speed, from_ms):
        data = None
        if trades is not None:
            end = int(np.searchsorted(trades.time_ms, until_ms))
            if end > first:
                rows = slice(first, end)
                data = Trades(trades.time_ms[rows], trades.index[rows], trades.price[rows], trades.size[rows])
                first = end
        yield Batch(until_ms, data)


def _cuts(minute_ms: int, speed: float, from_ms: int) -> list[int]:
    end_ms = minute_ms + MINUTE_MS
    slice_ms = MINUTE_MS if speed == MAX_SPEED else max(1, min(MINUTE_MS, round(speed * SLICE_MS)))
    start_ms = min(max(minute_ms, from_ms), end_ms)
    cuts = [start_ms] if start_ms > minute_ms else []
    cuts.extend(range(start_ms + slice_ms, end_ms, slice_ms))
    if not cuts or cuts[-1] < end_ms:
        cuts.append(end_ms)
    return cuts
