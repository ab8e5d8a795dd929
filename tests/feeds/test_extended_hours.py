"""Pre-market and after-hours, replayed and simulated; facts of 50 real stocks in January 2025 in brackets."""

import asyncio
from collections import defaultdict
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from tests.feeds.playing import AskedClock, check_watermarks, joined, play, same
from tickstockpl.errors import TickStockError
from tickstockpl.feeds.replay import ReplayFeed
from tickstockpl.feeds.simulator import SimulatorFeed
from tickstockpl.market.bars import MINUTE_MS, Floats, MinuteBars
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.market.trades import Trades
from tickstockpl.market.universes import Universe, load_universe, plain_universe

REGULAR, EXTENDED = MarketCalendar(), MarketCalendar(extended=True)
FORTY = plain_universe("t:t", tuple(f"S{n}" for n in range(40)))
WHOLE, HALF = date(2025, 10, 7), date(2025, 7, 3)


class TestReplay:
    HEADER = "timestamp,symbol,open,high,low,close,volume\n"

    async def replay(self, path: Path, calendar: MarketCalendar) -> ReplayFeed:
        feed = ReplayFeed([path], AskedClock(), calendar)
        await feed.open()
        return feed

    def write(self, path: Path, *minutes: str) -> Path:
        path.write_text(self.HEADER + "".join(f"{minute}:00Z,IBM,10,12,9,11,100\n" for minute in minutes))
        return path

    async def test_an_evening_that_is_tomorrow_in_utc_belongs_to_its_day(self, tmp_path: Path) -> None:
        inside = ["2025-01-02T09:00", "2025-01-02T14:30", "2025-01-03T00:59"]
        path = self.write(tmp_path / "evening.csv", *inside, "2025-01-02T08:59", "2025-01-03T01:00")
        feed = await self.replay(path, EXTENDED)
        (day,) = feed.days()
        assert day.date == date(2025, 1, 2)
        batches = await play(feed, day)
        check_watermarks(batches, day)
        assert len(batches) == 960
        bars = [batch.data.minute_ms for batch in batches if isinstance(batch.data, MinuteBars)]
        assert bars == [day.open_ms, day.open_ms + 330 * MINUTE_MS, day.close_ms - MINUTE_MS]
        assert feed.report.outside_hours == 2
        assert feed.row_count == 3

    async def test_a_day_with_evening_rows_alone_is_a_day(self, tmp_path: Path) -> None:
        path = self.write(tmp_path / "evening.csv", "2025-01-03T00:30", "2025-01-06T15:00")
        assert [day.date for day in (await self.replay(path, EXTENDED)).days()] == [date(2025, 1, 2), date(2025, 1, 6)]
        assert [day.date for day in (await self.replay(path, REGULAR)).days()] == [date(2025, 1, 6)]

    async def test_nothing_within_the_hours_names_them(self, tmp_path: Path) -> None:
        path = self.write(tmp_path / "night.csv", "2025-01-03T03:00")
        for calendar in (REGULAR, EXTENDED):
            with pytest.raises(TickStockError) as caught:
                await self.replay(path, calendar)
            assert f"none of the 1 usable rows lies within {calendar.hours_in_words}" in str(caught.value)

    async def test_a_month_of_fifty_stocks_lies_in_extended_hours_whole(self, test_data: Path) -> None:
        path = test_data / "bars_2025-01_50sym_extended.csv.gz"
        extended, regular = await self.replay(path, EXTENDED), await self.replay(path, REGULAR)
        assert [day.date for day in extended.days()] == [day.date for day in regular.days()]
        assert len(list(extended.days())) == 20
        assert (extended.report.outside_hours, extended.row_count) == (0, 472_057)
        assert regular.row_count + regular.report.outside_hours == 472_057
        assert regular.report.outside_hours > 50_000


async def simulator(
    universe: Universe = FORTY, seed: int = 1, first: date = WHOLE, calendar: MarketCalendar = EXTENDED
) -> SimulatorFeed:
    feed = SimulatorFeed(universe, AskedClock(), calendar, seed, "r", first)
    await feed.open()
    return feed


async def parts(feed: SimulatorFeed, number: int = 0) -> tuple[Trades, Trades, Trades]:
    """A day's trades before the open, in regular hours and after the close, timed from the regular open."""
    day = next(islice(feed.days(), number, None))
    batches = await play(feed, day)
    check_watermarks(batches, day)
    trades = joined(batches)
    time_ms = trades.time_ms - day.open_ms - day.pre_market_minutes * MINUTE_MS
    edges = np.searchsorted(time_ms, [0, day.regular_minutes * MINUTE_MS])
    before, regular, after = (
        Trades(*columns)
        for columns in zip(
            *(np.split(column, edges) for column in (time_ms, trades.index, trades.price, trades.size)), strict=True
        )
    )
    return before, regular, after


class TestSimulatedTrades:
    @pytest.mark.parametrize("first", [WHOLE, HALF])
    async def test_regular_hours_are_the_same_with_and_without(self, first: date) -> None:
        thin, plain = await simulator(first=first), await simulator(first=first, calendar=REGULAR)
        for number in (0, 1):
            nothing, regular, nothing_more = await parts(plain, number)
            assert len(nothing) == len(nothing_more) == 0
            assert same((await parts(thin, number))[1], regular)

    async def test_a_days_trades_do_not_depend_on_the_date_or_on_what_was_played_before(self) -> None:
        # 2025-01-02 is preceded by a whole day, 2024-12-26 by a half one.
        one, other = await simulator(first=date(2025, 1, 2)), await simulator(first=date(2024, 12, 26))
        third = await parts(one, number=2)
        await parts(other, number=0)
        assert all(same(left, right) for left, right in zip(await parts(other, number=2), third, strict=True))
        await parts(one, number=3)
        assert all(same(left, right) for left, right in zip(await parts(one, number=2), third, strict=True))
        of_another_seed = await parts(await simulator(seed=2, first=date(2025, 1, 2)), number=2)
        assert not any(same(left, right) for left, right in zip(of_another_seed, third, strict=True))

    async def test_days_differ_in_their_thin_hours_too(self) -> None:
        feed = await simulator()
        one, other = await parts(feed, 0), await parts(feed, 1)
        assert not same(one[0], other[0])
        assert not same(one[2], other[2])

    @pytest.mark.parametrize(("first", "minutes"), [(WHOLE, 390), (HALF, 210)])
    async def test_trading_goes_on_for_four_hours_after_the_close_an_early_one_too(
        self, first: date, minutes: int
    ) -> None:
        before, regular, after = await parts(await simulator(first=first))
        assert before.time_ms[0] >= -330 * MINUTE_MS
        assert before.time_ms[0] < -320 * MINUTE_MS
        assert regular.time_ms[-1] < minutes * MINUTE_MS <= after.time_ms[0]
        assert (minutes + 220) * MINUTE_MS < after.time_ms[-1] < (minutes + 240) * MINUTE_MS

    async def test_the_history_has_thin_hours_and_a_whole_day_of_regular_ones(self) -> None:
        feed = await simulator(first=date(2024, 12, 26))
        starts = {bars.minute_ms for bars in feed.history(next(feed.days()))}
        days = [day for when in (date(2024, 12, 23), date(2024, 12, 24)) if (day := EXTENDED.day(when))]
        assert starts <= {start for day in days for start in range(day.open_ms, day.close_ms, MINUTE_MS)}
        regular = [day for when in (date(2024, 12, 23), date(2024, 12, 24)) if (day := REGULAR.day(when))]
        assert starts > {start for day in regular for start in range(day.open_ms, day.close_ms, MINUTE_MS)}

    async def test_a_symbol_that_does_not_trade_for_minutes_is_no_trouble(self) -> None:
        before, regular, after = await parts(await simulator(plain_universe("t:t", ("AAA",))))
        assert len(before) + len(after) < len(regular) / 10


@pytest.fixture(scope="module")
def day() -> tuple[MarketDay, Trades, Trades, Trades]:
    """One day of the 500 market leaders."""
    universe = load_universe("market_leaders:top_500", Path("no-own-universes"))

    async def played() -> tuple[MarketDay, Trades, Trades, Trades]:
        feed = await simulator(universe)
        return (next(feed.days()), *await parts(feed))

    return asyncio.run(played())


Day = tuple[MarketDay, Trades, Trades, Trades]


def typical_step(early: Trades, late: Trades) -> float:
    """A typical stock's log return from its last trade in some hours to its first in those that follow."""
    last: dict[int, float] = dict(zip(early.index.tolist(), early.price.tolist(), strict=True))
    first: dict[int, float] = dict(zip(late.index[::-1].tolist(), late.price[::-1].tolist(), strict=True))
    return float(np.median([abs(np.log(first[at] / last[at])) for at in last.keys() & first.keys()]))


def per_stock(trades: Trades, minutes: int) -> Floats:
    return np.bincount(trades.index, minlength=500) / minutes


def bounce(trades: Trades) -> float:
    """Share of the price that a trade at one side of the book is from the next at the other, for a typical stock.

    Seen where two trades follow within two seconds, in which a fair price hardly moves.
    """
    steps: dict[int, list[float]] = defaultdict(list)
    order = np.lexsort((trades.time_ms, trades.index))
    index, time_ms, price = trades.index[order], trades.time_ms[order], trades.price[order]
    pairs = np.flatnonzero((index[1:] == index[:-1]) & (np.diff(time_ms) < 2_000) & (np.diff(price) != 0))
    for at in pairs.tolist():
        steps[int(index[at])].append(abs(price[at + 1] / price[at] - 1))
    return float(np.median([np.median(seen) for seen in steps.values()]))


class TestSimulatedFacts:
    def test_prices_go_over_into_the_open_and_out_of_the_close(self, day: Day) -> None:
        _, before, regular, after = day
        last_hour = before.time_ms >= -60 * MINUTE_MS
        late = Trades(
            before.time_ms[last_hour], before.index[last_hour], before.price[last_hour], before.size[last_hour]
        )
        assert typical_step(late, regular) < 0.0015
        assert typical_step(regular, after) < 0.0015

    async def test_so_they_do_out_of_an_early_close(self) -> None:
        _, regular, after = await parts(await simulator(first=HALF))
        assert typical_step(regular, after) < 0.0015

    def test_only_the_regular_open_has_a_cross_of_all_stocks(self, day: Day) -> None:
        _, before, regular, after = day
        assert len(np.unique(regular.index[regular.time_ms < 3_000])) == 500
        for trades in (before, after):
            first_seconds = trades.time_ms < trades.time_ms[0] + 3_000
            assert len(np.unique(trades.index[first_seconds])) < 100

    def test_thin_hours_have_a_few_per_cent_of_the_trades(self, day: Day) -> None:
        """Of the volume per minute [0.03 before the open, 0.03 from 17:00 on]."""
        _, before, regular, after = day
        usual = len(regular) / 390
        assert 0.01 < len(before) / 330 / usual < 0.08
        assert 0.005 < len(after) / 240 / usual < 0.06

    def test_a_typical_stock_trades_in_few_minutes_and_a_busy_one_in_most(self, day: Day) -> None:
        """The share of the minutes from 08:00 to 09:30 with a bar [a median of 0.2, 1.0 of the busiest]."""
        _, before, _, after = day
        for trades, low, high in ((before, 0.03, 0.4), (after, 0.01, 0.3)):
            minutes = np.unique(trades.time_ms // MINUTE_MS * 500 + trades.index) % 500
            length = 330 if trades is before else 240
            present = np.sort(np.bincount(minutes, minlength=500) / length)
            assert low < np.median(present) < high
            assert present[-3] > 0.6
            assert present[50] < 0.05

    def test_thin_stocks_are_thinner_than_in_proportion(self, day: Day) -> None:
        _, before, regular, _ = day
        ratio = per_stock(before, 330) / per_stock(regular, 390)
        by_trade = np.argsort(per_stock(regular, 390))
        assert ratio[by_trade[-50:]].mean() > 3 * ratio[by_trade[:50]].mean()

    def test_spreads_are_wider(self, day: Day) -> None:
        _, before, regular, after = day
        assert bounce(before) > 2 * bounce(regular)
        assert bounce(after) > 2 * bounce(regular)

    def test_it_is_busiest_towards_the_open_and_right_after_the_close(self, day: Day) -> None:
        _, before, _, after = day
        assert np.count_nonzero(before.time_ms >= -60 * MINUTE_MS) > 2 * np.count_nonzero(
            before.time_ms < -270 * MINUTE_MS
        )
        assert np.count_nonzero(after.time_ms < 450 * MINUTE_MS) > 1.5 * np.count_nonzero(
            after.time_ms >= 570 * MINUTE_MS
        )

    def test_prices_move_less_than_in_regular_hours(self, day: Day) -> None:
        """Close to last trade [a median of 0.2 %]; 04:00 to the open [a standard deviation of 1 %]."""
        _, before, regular, after = day
        closing: dict[int, float] = dict(zip(regular.index.tolist(), regular.price.tolist(), strict=True))
        last: dict[int, float] = dict(zip(after.index.tolist(), after.price.tolist(), strict=True))
        moved = np.median([abs(np.log(last[at] / closing[at])) for at in last])
        assert 0.0003 < moved < 0.004
        opening: dict[int, float] = dict(zip(regular.index[::-1].tolist(), regular.price[::-1].tolist(), strict=True))
        first: dict[int, float] = dict(zip(before.index[::-1].tolist(), before.price[::-1].tolist(), strict=True))
        assert 0.001 < np.std([np.log(opening[at] / first[at]) for at in first]) < 0.02
