import numpy as np
import pytest

from tests.feeds.playing import AskedClock, joined, same
from tickstockpl.clock import MAX_SPEED
from tickstockpl.feeds.base import Batch
from tickstockpl.feeds.pacing import cut_minute, wait_for
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.trades import Trades

START = 10 * MINUTE_MS


def one_a_second() -> Trades:
    return Trades(
        START + np.arange(60, dtype=np.int64) * 1000, np.zeros(60, np.intp), np.full(60, 10.0), np.full(60, 100.0)
    )


async def paced(trades: Trades | None, clock: AskedClock, from_ms: int = 0) -> list[Batch]:
    batches = list(cut_minute(trades, START, clock.speed, from_ms))
    for batch in batches:
        await wait_for(clock, batch.until_ms, from_ms)
    return batches


async def test_a_slice_is_50_ms_of_wall_time() -> None:
    clock = AskedClock(speed=60)
    batches = await paced(one_a_second(), clock)
    assert [batch.until_ms for batch in batches] == list(range(START + 3000, START + MINUTE_MS + 1, 3000))
    assert clock.asked == [batch.until_ms for batch in batches]
    assert all(batch.data is not None and len(batch.data) == 3 for batch in batches)
    assert same(joined(batches), one_a_second())


@pytest.mark.parametrize("speed", [1200, 50_000, MAX_SPEED])
async def test_at_high_speed_a_minute_is_one_batch(speed: float) -> None:
    [batch] = await paced(one_a_second(), AskedClock(speed))
    assert batch.until_ms == START + MINUTE_MS
    assert batch.data is not None
    assert len(batch.data) == 60


async def test_slices_that_do_not_divide_a_minute_still_end_with_it() -> None:
    batches = await paced(one_a_second(), AskedClock(speed=500))
    assert [batch.until_ms - START for batch in batches] == [25_000, 50_000, 60_000]


async def test_a_quiet_minute_still_moves_the_watermark() -> None:
    batches = await paced(None, AskedClock(speed=600))
    assert [(batch.until_ms - START, batch.data) for batch in batches] == [(30_000, None), (60_000, None)]


async def test_what_lies_before_the_start_is_one_batch_that_waits_for_nothing() -> None:
    clock = AskedClock(speed=600)
    batches = await paced(one_a_second(), clock, from_ms=START + 20_000)
    assert [batch.until_ms - START for batch in batches] == [20_000, 50_000, 60_000]
    assert clock.asked == [START + 50_000, START + 60_000]
    assert same(joined(batches), one_a_second())


async def test_a_minute_that_lies_wholly_before_the_start_waits_for_nothing() -> None:
    clock = AskedClock(speed=1)
    [batch] = await paced(one_a_second(), clock, from_ms=START + MINUTE_MS)
    assert batch.until_ms == START + MINUTE_MS
    assert clock.asked == []
