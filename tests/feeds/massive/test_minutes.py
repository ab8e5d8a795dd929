"""Ready-made bars: of the vendor's minutes, and of its seconds."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.feeds.base import FeedReport
from tickstockpl.feeds.massive.columns import Positions
from tickstockpl.feeds.massive.messages import MinuteMessage, SecondMessage
from tickstockpl.feeds.massive.minutes import MOST_WAITING, MinuteInbox
from tickstockpl.feeds.massive.seconds import SecondColumns
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.market.builder import BarBuilder

SYMBOLS = ("AAA", "BBB")
T0 = 1_519_655_400_000


def minute(number: int, symbol: str = "AAA", close: float = 10.0, volume: float = 100) -> MinuteMessage:
    return MinuteMessage(symbol, 10.0, 11.0, 9.0, close, volume, T0 + number * MINUTE_MS)


def inbox(report: FeedReport | None = None) -> MinuteInbox:
    made = MinuteInbox(Positions(SYMBOLS), report if report is not None else FeedReport())
    made.attend(T0)
    return made


def closes(bars: MinuteBars) -> dict[int, float]:
    return dict(zip(bars.index.tolist(), bars.close.tolist(), strict=True))


def out(box: MinuteInbox, until_minute: int) -> tuple[list[tuple[int, dict[int, float]]], list[dict[int, float]]]:
    """What goes out up to the end of a minute: bars by minute, and revisions."""
    batches = list(box.batches(T0 + until_minute * MINUTE_MS))
    sent = [
        ((batch.data.minute_ms - T0) // MINUTE_MS, closes(batch.data))
        for batch in batches
        if isinstance(batch.data, MinuteBars)
    ]
    return sent, [closes(bars) for batch in batches for bars in batch.revised]


class TestMinutes:
    def test_a_minute_goes_out_when_it_is_over_with_all_symbols_in_one(self) -> None:
        box = inbox()
        box.put([minute(0), minute(1)])
        box.put([minute(0, "BBB", 20.0)])
        assert out(box, 1) == ([(0, {0: 10.0, 1: 20.0})], [])
        assert out(box, 1) == ([], [])
        assert out(box, 2) == ([(1, {0: 10.0})], [])

    def test_of_a_bar_that_comes_again_before_it_is_out_the_last_counts(self) -> None:
        box = inbox(report := FeedReport())
        box.put([minute(0), minute(0, close=10.5), minute(0, close=10.5)])
        assert out(box, 1) == ([(0, {0: 10.5})], [])
        assert report.duplicates == 1

    def test_a_bar_of_a_minute_that_is_out_is_a_revision_unless_it_is_the_same(self) -> None:
        box = inbox(report := FeedReport())
        box.put([minute(0)])
        out(box, 1)
        box.put([minute(0), minute(0, close=10.25), minute(0, "BBB", 7.0)])
        assert out(box, 1) == ([], [{0: 10.25, 1: 7.0}])
        box.put([minute(0, close=10.25)])
        assert out(box, 2) == ([], [])
        assert report.duplicates == 2

    def test_fetched_bars_win_and_those_of_other_symbols_stay(self) -> None:
        box = inbox()
        box.put([minute(0), minute(0, "BBB", 7.0), minute(1)])
        price = np.array([12.0])
        fetched = MinuteBars(T0, np.array([0]), price, price, price, price, np.array([5]))
        completed = box.complete(T0, fetched)
        assert completed is not None
        assert closes(completed) == {0: 12.0, 1: 7.0}
        box.put([MinuteMessage("AAA", 12, 12, 12, 12, 5, T0)])
        assert out(box, 1) == ([], [])  # what was fetched has come again as it is
        assert box.complete(T0 + 5 * MINUTE_MS, None) is None

    def test_what_cannot_be_used_is_counted(self) -> None:
        report = FeedReport()
        box = MinuteInbox(Positions(SYMBOLS), report)
        box.attend(T0)
        good = minute(0)
        box.put([MinuteMessage("ZZZ", 1, 1, 1, 1, 1, T0), MinuteMessage("AAA", 1, 1, 1, 1, 1, T0 + 5)])
        box.put([MinuteMessage("AAA", 1, 1, 1, 1, -1, T0), MinuteMessage("AAA"), minute(-3), good])
        assert (report.outside_universe, report.rejected, report.outside_hours) == (1, 3, 1)
        assert out(box, 1) == ([(0, {0: 10.0})], [])

    def test_minutes_of_nonsense_do_not_fill_the_memory(self) -> None:
        report = FeedReport()
        box = MinuteInbox(Positions(SYMBOLS), report)
        box.attend(T0)
        box.put([minute(number) for number in range(5000)])
        assert len(box._waiting) == MOST_WAITING
        assert report.rejected == 5000 - MOST_WAITING
        sent, _ = out(box, 2)
        assert [number for number, _ in sent] == [0, 1]

    def test_an_inbox_that_nobody_empties_keeps_the_newest_minutes(self) -> None:
        box = MinuteInbox(Positions(SYMBOLS), FeedReport())
        box.put([minute(number) for number in range(100)])
        assert box.attend(T0) == T0 + (100 - MOST_WAITING) * MINUTE_MS


Second = tuple[int, int, float, float, float]
"""second, symbol, open, close, volume"""

seconds = st.lists(
    st.tuples(
        st.integers(0, 179),
        st.integers(0, 1),
        st.sampled_from([9.5, 10.0, 10.25, 11.0]),
        st.sampled_from([9.5, 10.0, 10.25, 11.0]),
        st.integers(1, 500).map(float),
    ),
    max_size=40,
    unique_by=lambda one: (one[0], one[1]),
)


def message(one: Second, more: float = 0.0) -> SecondMessage:
    second, symbol, open_, close, volume = one
    low, high = min(open_, close), max(open_, close)
    return SecondMessage(SYMBOLS[symbol], open_, high, low, close, volume + more, T0 + second * 1000)


def built(portions: Sequence[Sequence[SecondMessage]]) -> list[tuple[object, ...]]:
    columns, builder = SecondColumns(Positions(SYMBOLS), FeedReport()), BarBuilder(len(SYMBOLS))
    for portion in portions:
        builder.add(columns.trades(portion))
    return [
        (bars.minute_ms, *(tuple(column.tolist()) for column in (bars.index, bars.open, bars.high, bars.low)),
         tuple(bars.close.tolist()), tuple(bars.volume.tolist()))
        for bars in builder.seal(1 << 60)
    ]  # fmt: skip


def plainly(found: Sequence[Second]) -> list[tuple[object, ...]]:
    minutes: list[tuple[object, ...]] = []
    for number in sorted({one[0] // 60 for one in found}):
        of_minute = sorted(one for one in found if one[0] // 60 == number)
        symbols = sorted({one[1] for one in of_minute})
        groups = [[one for one in of_minute if one[1] == symbol] for symbol in symbols]
        minutes.append(
            (
                T0 + number * MINUTE_MS,
                tuple(symbols),
                tuple(group[0][2] for group in groups),
                tuple(max(max(one[2:4]) for one in group) for group in groups),
                tuple(min(min(one[2:4]) for one in group) for group in groups),
                tuple(group[-1][3] for group in groups),
                tuple(round(sum(one[4] for one in group)) for group in groups),
            )
        )
    return minutes


class TestSeconds:
    @given(seconds, st.randoms())
    def test_minutes_are_those_of_their_seconds_in_whatever_order_they_come(self, found, random) -> None:  # type: ignore[no-untyped-def]
        shuffled = [message(one) for one in found]
        random.shuffle(shuffled)
        assert built([[one] for one in shuffled]) == plainly(found)

    def test_a_second_that_comes_again_adds_only_what_is_new(self) -> None:
        one, other = (3, 0, 10.0, 10.25, 100.0), (4, 0, 10.5, 10.0, 50.0)
        again = message(one, more=20)
        again.h = 12.0
        assert built([[message(one), message(other)], [message(one), again, again]]) == [
            (T0, (0,), (10.0,), (12.0,), (10.0,), (10.0,), (170,))
        ]

    def test_seconds_are_known_for_a_bounded_time(self) -> None:
        columns = SecondColumns(Positions(SYMBOLS), FeedReport())
        for second in range(0, 36_000, 7):
            columns.trades([message((second, 0, 10.0, 10.0, 1.0))])
        assert sum(map(len, columns._volumes.values())) < 60
