from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.feeds.playing import AskedClock, check_watermarks, joined, play, same
from tickstockpl.clock import MAX_SPEED
from tickstockpl.errors import TickStockError
from tickstockpl.feeds.simulator import SimulatorFeed
from tickstockpl.feeds.simulator.day import draw_day
from tickstockpl.feeds.simulator.stocks import draw_stocks
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.builder import BarBuilder
from tickstockpl.market.calendar import NEW_YORK, MarketCalendar, MarketDay
from tickstockpl.market.trades import Trades
from tickstockpl.market.universes import Universe, load_universe, plain_universe

CALENDAR = MarketCalendar()
SMALL = Universe("t:t", ("AAA", "BBB", "CCC", "DDD"), ("X", "X", "Y", ""), ("", "", "", ""))
PLAIN_DAY = date(2025, 10, 7)


async def simulator(
    universe: Universe = SMALL, seed: int = 1, first: date = PLAIN_DAY, speed: float = MAX_SPEED
) -> SimulatorFeed:
    feed = SimulatorFeed(universe, AskedClock(speed), CALENDAR, seed, "r1", first)
    await feed.open()
    return feed


async def tape(feed: SimulatorFeed, number: int = 0, minutes: int | None = None) -> Trades:
    """A day's trades, timed from the open, on the whole or the first minutes of it."""
    day = next(islice(feed.days(), number, None))
    batches = []
    async for batch in feed.batches(day, 0):
        batches.append(batch)
        if minutes is not None and batch.until_ms >= day.open_ms + minutes * MINUTE_MS:
            break
    trades = joined(batches)
    return Trades(trades.time_ms - day.open_ms, trades.index, trades.price, trades.size)


async def test_a_run_is_a_source_of_its_own() -> None:
    assert (await simulator()).source == "simulator:r1"


async def test_the_same_seed_gives_the_same_trades_and_another_seed_others() -> None:
    first, again, other = await simulator(seed=5), await simulator(seed=5), await simulator(seed=6)
    assert same(await tape(first), await tape(again))
    assert not same(await tape(first), await tape(other))


async def test_a_days_trades_do_not_depend_on_the_date_or_on_what_was_played_before() -> None:
    # 2025-01-02 is preceded by a whole day, 2024-12-26 by a half one, which makes the history two days long.
    one, other = await simulator(first=date(2025, 1, 2)), await simulator(first=date(2024, 12, 26))
    third = await tape(one, number=2)
    await tape(other, number=0)
    assert same(await tape(other, number=2), third)
    await tape(one, number=3)
    assert same(await tape(one, number=2), third)


@pytest.mark.parametrize("speed", [7.0, 60.0, 333.0, 100_000.0])
async def test_a_days_trades_do_not_depend_on_the_speed(speed: float) -> None:
    whole, sliced = await simulator(), await simulator(speed=speed)
    assert same(await tape(sliced, minutes=5), await tape(whole, minutes=5))


@settings(max_examples=25, deadline=None)
@given(st.floats(20, 5_000), st.integers(-100_000, 24_000_000))
async def test_watermarks_rise_to_the_close_and_never_cross_a_minute(speed: float, into_day_ms: int) -> None:
    feed = await simulator(plain_universe("t:t", ("AAA",)), speed=speed)
    day = next(feed.days())
    check_watermarks(await play(feed, day, day.open_ms + into_day_ms), day)


async def test_what_is_before_the_start_is_not_waited_for() -> None:
    clock = AskedClock(speed=600)
    feed = SimulatorFeed(SMALL, clock, CALENDAR, 1, "r", PLAIN_DAY)
    await feed.open()
    day = next(feed.days())
    batches = await play(feed, day, day.close_ms - MINUTE_MS)
    assert clock.asked == [day.close_ms - 30_000, day.close_ms]
    assert same(joined(batches), joined(await play(await simulator(), day)))


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (date(2025, 7, 3), [("2025-07-03", 13), ("2025-07-07", 16), ("2025-07-08", 16)]),  # early close, then a holiday
        (date(2025, 3, 8), [("2025-03-10", 16), ("2025-03-11", 16), ("2025-03-12", 16)]),  # clocks go forward
        (date(2024, 11, 1), [("2024-11-01", 16), ("2024-11-04", 16), ("2024-11-05", 16)]),  # clocks go back
    ],
)
async def test_days_are_the_exchanges(first: date, expected: list[tuple[str, int]]) -> None:
    feed = await simulator(first=first)
    days = list(islice(feed.days(), 3))
    assert [(day.date.isoformat(), hour(day.close_ms)) for day in days] == expected
    assert {hour(day.open_ms) for day in days} == {9}
    for day in days[:2]:
        trades = joined(batches := await play(feed, day))
        check_watermarks(batches, day)
        assert day.open_ms <= trades.time_ms[0] < day.open_ms + 3_000
        assert day.close_ms - 5 * MINUTE_MS < trades.time_ms[-1] < day.close_ms


def hour(moment_ms: int) -> int:
    return datetime.fromtimestamp(moment_ms / 1000, UTC).astimezone(NEW_YORK).hour


async def test_a_half_day_plays_the_first_part_of_its_tape() -> None:
    whole, half = await tape(await simulator()), await tape(await simulator(first=date(2025, 7, 3)))
    end = int(np.searchsorted(whole.time_ms, 210 * MINUTE_MS))
    assert same(half, Trades(whole.time_ms[:end], whole.index[:end], whole.price[:end], whole.size[:end]))


@pytest.mark.parametrize(
    ("first", "dates", "minutes"),
    [(PLAIN_DAY, ["2025-10-06"], 390), (date(2024, 12, 26), ["2024-12-23", "2024-12-24"], 600)],
)
async def test_the_history_is_the_day_before_or_two_where_that_was_a_half_day(
    first: date, dates: list[str], minutes: int
) -> None:
    feed = await simulator(plain_universe("t:t", tuple(f"S{n}" for n in range(40))), first=first)
    bars = list(feed.history(next(feed.days())))
    before = [day for when in dates if (day := CALENDAR.day(date.fromisoformat(when)))]
    assert [minute.minute_ms for minute in bars] == [
        start for day in before for start in range(day.open_ms, day.close_ms, MINUTE_MS)
    ]
    assert len(bars) == minutes
    per_symbol = np.bincount(np.concatenate([minute.index for minute in bars]))
    assert per_symbol.min() > 200  # enough for the longest average


async def test_history_and_days_join_up_to_an_overnight_gap() -> None:
    universe = plain_universe("t:t", tuple(f"S{n}" for n in range(100)))
    feed = await simulator(universe)
    days = list(islice(feed.days(), 3))
    last = np.full(100, np.nan)
    for minute in feed.history(days[0]):
        last[minute.index] = minute.close
    for day in days:
        trades = joined(await play(feed, day))
        symbols, first_rows = np.unique(trades.index, return_index=True)
        gaps = np.abs(np.log(trades.price[first_rows] / last[symbols]))
        assert len(symbols) == 100
        assert 0.001 < np.median(gaps) < 0.008
        assert gaps.max() < 0.06
        last[trades.index] = trades.price


async def test_later_days_have_no_history_of_their_own() -> None:
    feed = await simulator()
    days = list(islice(feed.days(), 3))
    assert [len(list(feed.history(day))) for day in days] == [390, 0, 0]


async def test_one_day_does_not_repeat_the_chances_of_another() -> None:
    feed = await simulator(plain_universe("t:t", ("AAA",)))
    counts = [np.bincount((await tape(feed, number)).time_ms // MINUTE_MS, minlength=390) for number in (0, 1)]
    # Both days have the same shape; what differs from one minute to the next is chance.
    one, other = np.diff(counts)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.25


async def test_a_symbol_is_the_same_stock_in_every_universe() -> None:
    alone = await tape(await simulator(plain_universe("t:a", ("BBB",))), minutes=1)
    among = await tape(await simulator(plain_universe("t:b", ("AAA", "BBB"))), minutes=1)
    price = among.price[among.index == 1][0]
    assert price == pytest.approx(alone.price[0], rel=0.1)


async def test_trades_are_such_as_an_exchange_prints() -> None:
    trades = await tape(await simulator(plain_universe("t:t", tuple(f"S{n}" for n in range(100)))))
    cents = trades.price * 100
    assert np.array_equal(trades.price, np.rint(cents) / 100)
    assert trades.price.min() > 5
    assert trades.price.max() < 1_200
    assert np.array_equal(trades.size, np.rint(trades.size))
    assert trades.size.min() >= 1
    assert 0.4 < np.mean(trades.size == 100) < 0.6
    assert np.mean(trades.size % 100 == 0) > 0.7


async def test_busy_symbols_trade_dozens_of_times_a_minute_and_thin_ones_now_and_then(tmp_path: Path) -> None:
    universe = load_universe("market_leaders:top_500", tmp_path)
    trades = await tape(await simulator(universe), minutes=60)
    per_minute = np.sort(np.bincount(trades.index, minlength=500) / 60)
    assert 15 < per_minute.mean() < 45  # the first hour is a busy one
    assert per_minute[5] < 3
    assert per_minute[-5] > 90


async def test_prices_stay_in_range_over_a_year() -> None:
    stocks = draw_stocks(plain_universe("t:t", tuple(f"S{n}" for n in range(20))), 3)
    last = None
    for number in range(250):
        last = draw_day(stocks, 3, number, last).log_price[-1]
    assert last is not None
    assert np.abs(last - np.log(stocks.price)).max() < 0.7


async def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(TickStockError, match="seed was -1; it must be 0 or more"):
        await simulator(seed=-1)


async def test_trades_make_bars_without_a_late_or_rejected_one() -> None:
    feed = await simulator()
    day: MarketDay = next(feed.days())
    builder = BarBuilder(len(SMALL))
    minutes = 0
    for batch in await play(feed, day):
        if isinstance(batch.data, Trades):
            builder.add(batch.data)
        minutes += len(builder.seal(batch.until_ms))
    assert (minutes, builder.late_trades, builder.rejected_trades) == (390, 0, 0)
