from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.feeds.base import FeedReport
from tickstockpl.feeds.live.inbox import KEPT_MS, TradeInbox
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.market.builder import BarBuilder
from tickstockpl.market.trades import EVERYTHING, Trades

SYMBOLS = 3
END_MS = 10 * MINUTE_MS


def trades(rows: Sequence[tuple[int, int, float, float, int, int]]) -> Trades:
    """Of rows (time, symbol, price, size, what it counts for, sequence)."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * 6
    types = (np.int64, np.intp, np.float64, np.float64, np.uint8, np.int64)
    return Trades(*(np.array(column, kind) for column, kind in zip(columns, types, strict=True)))


ROWS = st.lists(
    st.tuples(
        st.integers(0, 3 * MINUTE_MS),
        st.integers(0, SYMBOLS - 1),
        st.sampled_from([99.5, 100.0, 100.25, 101.0]),
        st.sampled_from([0.0, 1.0, 100.0, 250.0]),
        st.integers(0, EVERYTHING),
        st.integers(0, 50),
    ),
    max_size=60,
)


def bars_of(batches: Sequence[Trades]) -> list[tuple[object, ...]]:
    builder = BarBuilder(SYMBOLS)
    for batch in batches:
        builder.add(batch)
    return [as_tuple(bars) for bars in builder.seal(END_MS)]


def as_tuple(bars: MinuteBars) -> tuple[object, ...]:
    columns = (bars.index, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return bars.minute_ms, *(tuple(column.tolist()) for column in columns)


def taken(inbox: TradeInbox) -> list[Trades]:
    return [batch.data for batch in inbox.batches(0) if isinstance(batch.data, Trades)]


@given(ROWS, st.lists(st.integers(0, 60), max_size=6), st.integers(1, 30))
def test_conflated_trades_give_the_same_bars(
    rows: list[tuple[int, int, float, float, int, int]], cuts: list[int], capacity: int
) -> None:
    inbox = TradeInbox(SYMBOLS, FeedReport(), capacity)
    inbox.attend(0)
    edges = [0, *sorted(cut for cut in cuts if cut < len(rows)), len(rows)]
    for first, end in pairwise(edges):
        inbox.put(trades(rows[first:end]))
    assert bars_of(taken(inbox)) == bars_of([trades(rows)])


def test_what_waits_is_bounded_by_the_universe_and_not_by_the_market() -> None:
    inbox = TradeInbox(SYMBOLS, report := FeedReport(), capacity=100)
    inbox.attend(0)
    rng = np.random.default_rng(5)
    for number in range(200):
        size = 50
        inbox.put(
            Trades(
                np.full(size, number * 300),
                rng.integers(0, SYMBOLS, size),
                np.round(100 + rng.random(size), 2),
                np.full(size, 100.0),
            )
        )
    waiting = taken(inbox)
    assert sum(map(len, waiting)) <= 100 + 50
    assert report.conflated > 9000
    builder = BarBuilder(SYMBOLS)
    for batch in waiting:
        builder.add(batch)
    (bars,) = builder.seal(MINUTE_MS)
    assert int(bars.volume.sum()) == 200 * 50 * 100


def test_trades_that_cannot_be_part_of_a_bar_stay_outside() -> None:
    inbox = TradeInbox(SYMBOLS, report := FeedReport())
    inbox.attend(0)
    inbox.put(trades([(1, 0, 100.0, 1.0, 7, 1), (2, 0, float("nan"), 1.0, 7, 2), (3, 0, 100.0, -1.0, 7, 3)]))
    (waiting,) = taken(inbox)
    assert waiting.time_ms.tolist() == [1]
    assert report.rejected == 2


def test_an_inbox_that_nobody_empties_keeps_the_last_minutes_only() -> None:
    inbox = TradeInbox(SYMBOLS, FeedReport())
    for minute in range(60):
        inbox.put(trades([(minute * MINUTE_MS, 0, 100.0, 1.0, 7, minute)]))
    gone_ms = inbox.attend(0)
    assert gone_ms == 59 * MINUTE_MS - KEPT_MS
    (waiting,) = taken(inbox)
    assert waiting.time_ms.min() == gone_ms


def test_whoever_comes_later_hears_what_is_gone() -> None:
    inbox = TradeInbox(SYMBOLS, FeedReport())
    assert inbox.attend(0) == 0
    inbox.put(trades([(5 * MINUTE_MS, 0, 100.0, 1.0, 7, 1)]))
    taken(inbox)
    inbox.leave()
    assert inbox.attend(0) == 5 * MINUTE_MS


def test_trades_without_a_sequence_keep_the_order_in_which_they_came() -> None:
    inbox = TradeInbox(SYMBOLS, FeedReport())
    inbox.attend(0)
    one = trades([(1, 0, 100.0, 1.0, 7, 0)])
    for price in (100.0, 105.0, 95.0, 101.0):
        inbox.put(replace(one, price=np.array([price]), counts_for=None, sequence=None))
    ((_, _, opens, highs, lows, closes, _),) = bars_of(taken(inbox))
    assert (opens, highs, lows, closes) == ((100.0,), (105.0,), (95.0,), (101.0,))
