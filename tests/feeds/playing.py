"""What the feeds' tests share: a clock that only says what it was asked for, and how a feed is played."""

import itertools
from collections.abc import Sequence

import numpy as np

from tickstockpl.clock import MAX_SPEED
from tickstockpl.feeds.base import Batch, Feed
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.market.calendar import MarketDay
from tickstockpl.market.trades import Trades


class AskedClock:
    """A clock that jumps to every moment it is told to wait for, and keeps them."""

    is_live = False
    set_by_ms = 0

    def __init__(self, speed: float = MAX_SPEED) -> None:
        self.speed = speed
        self.asked: list[int] = []

    def now_ms(self) -> int:
        return self.asked[-1] if self.asked else 0

    def hold_at(self, market_ms: int) -> None:
        """Nothing is held."""

    def start_at(self, market_ms: int) -> None:
        self.asked.append(market_ms)

    async def sleep_until(self, market_ms: int) -> None:
        self.asked.append(market_ms)


async def play(feed: Feed, day: MarketDay, from_ms: int = 0) -> list[Batch]:
    """All batches of a day, in order."""
    return [batch async for batch in feed.batches(day, from_ms)]


def joined(batches: Sequence[Batch]) -> Trades:
    """All trades of some batches."""
    parts = [batch.data for batch in batches if isinstance(batch.data, Trades)]
    return Trades(
        np.concatenate([part.time_ms for part in parts]),
        np.concatenate([part.index for part in parts]),
        np.concatenate([part.price for part in parts]),
        np.concatenate([part.size for part in parts]),
    )


def same(left: Trades, right: Trades) -> bool:
    """Whether two runs of trades are equal to the bit."""
    return all(
        np.array_equal(getattr(left, name), getattr(right, name)) for name in ("time_ms", "index", "price", "size")
    )


def check_watermarks(batches: Sequence[Batch], day: MarketDay) -> None:
    """The law of every feed: watermarks rise to the close, and no batch crosses a minute or its own watermark."""
    marks = [batch.until_ms for batch in batches]
    assert all(earlier < later for earlier, later in itertools.pairwise(marks))
    assert marks[-1] == day.close_ms
    for before, batch in zip([day.open_ms, *marks], batches, strict=False):
        assert before // MINUTE_MS == (batch.until_ms - 1) // MINUTE_MS
        if isinstance(batch.data, MinuteBars):
            assert batch.data.minute_ms == before
            assert batch.data.close_ms == batch.until_ms
            assert (np.diff(batch.data.index) > 0).all()
            assert len(batch.data) > 0
        elif batch.data is not None:
            assert len(batch.data) > 0
            assert (np.diff(batch.data.time_ms) >= 0).all()
            assert before <= batch.data.time_ms[0]
            assert batch.data.time_ms[-1] < batch.until_ms
