import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.feeds.base import FeedReport
from tickstockpl.feeds.massive.columns import Positions, TradeColumns
from tickstockpl.feeds.massive.conditions import OUTSIDE_ONLY, KnownConditions, counts_for
from tickstockpl.feeds.massive.messages import TradeMessage
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.builder import BarBuilder
from tickstockpl.market.calendar import MarketCalendar, new_york_date
from tickstockpl.market.trades import EVERYTHING, HIGH_LOW, OPEN_CLOSE, VOLUME

DAY = MarketCalendar().last_day(new_york_date(1_519_660_800_000))


@pytest.mark.parametrize(
    ("conditions", "bits"),
    [
        (None, EVERYTHING),
        ((), EVERYTHING),
        ((0,), EVERYTHING),
        ((14, 41), EVERYTHING),
        *(((number,), VOLUME) for number in (2, 7, 13, 20, 21, 29, 37, 52, 53)),
        *(((number,), HIGH_LOW | VOLUME) for number in (5, 10, 22, 32, 33)),
        *(((number,), 0) for number in (15, 16)),
        ((38,), OPEN_CLOSE | HIGH_LOW),
        ((12,), EVERYTHING | OUTSIDE_ONLY),
        ((12, 37), VOLUME | OUTSIDE_ONLY),
        ((37, 16), 0),
        ((10, 38), HIGH_LOW),
        ((37, 38), 0),
    ],
)
def test_each_condition_takes_away_what_the_tapes_say(conditions: tuple[int, ...] | None, bits: int) -> None:
    assert counts_for(conditions) == bits
    assert KnownConditions()[conditions] == bits


@given(st.lists(st.integers(-(2**40), 2**40), max_size=6), st.lists(st.integers(0, 60), max_size=3))
def test_a_further_condition_never_gives_anything_back(conditions: list[int], further: list[int]) -> None:
    before, after = counts_for(tuple(conditions)), counts_for((*conditions, *further))
    assert after & EVERYTHING & ~before == 0


def test_nonsense_does_not_fill_the_memory() -> None:
    known = KnownConditions()
    for number in range(20_000):
        assert known[1000 + number, 37] == VOLUME
    assert len(known) <= 4096


def bar_at(minute_ms: int, *trades: tuple[float, float, tuple[int, ...] | None]) -> list[float] | None:
    """open, high, low, close and volume of trades (price, size, conditions) in one minute."""
    columns = TradeColumns(Positions(["AAPL"]), FeedReport())
    messages = [
        TradeMessage("AAPL", price, size, minute_ms + number, number, conditions)
        for number, (price, size, conditions) in enumerate(trades)
    ]
    builder = BarBuilder(1)
    builder.add(columns.trades(messages))
    for bars in builder.seal(minute_ms + MINUTE_MS):
        return [float(np.asarray(column)[0]) for column in (bars.open, bars.high, bars.low, bars.close, bars.volume)]
    return None


def test_an_odd_lot_at_the_edge_of_a_minute_is_volume_and_no_price() -> None:
    trades = ((90.0, 5, (37,)), (100.0, 100, None), (101.0, 200, (0,)), (150.0, 7, (37, 41)))
    assert bar_at(DAY.open_ms, *trades) == [100, 101, 100, 101, 312]


def test_a_trade_out_of_sequence_is_a_high_and_no_close() -> None:
    assert bar_at(DAY.open_ms, (100.0, 100, None), (103.0, 100, (32,))) == [100, 103, 100, 100, 200]


def test_the_official_close_repeats_what_was_told() -> None:
    assert bar_at(DAY.open_ms, (100.0, 100, None), (99.0, 5_000_000, (15,))) == [100, 100, 100, 100, 100]


def test_a_minute_of_odd_lots_alone_has_no_bar() -> None:
    assert bar_at(DAY.open_ms, (100.0, 3, (37,)), (101.0, 4, (37,))) is None


def test_trades_of_extended_hours_make_bars_outside_the_regular_session_only() -> None:
    trades = ((100.0, 100, (12,)), (102.0, 50, (12,)))
    assert bar_at(DAY.close_ms, *trades) == [100, 102, 100, 102, 150]
    assert bar_at(DAY.open_ms - MINUTE_MS, *trades) == [100, 102, 100, 102, 150]
    assert bar_at(DAY.open_ms, *trades) is None
    assert bar_at(DAY.close_ms - MINUTE_MS, (99.0, 1, None), *trades) == [99, 99, 99, 99, 151]
