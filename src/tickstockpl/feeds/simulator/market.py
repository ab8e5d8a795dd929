"""The simulated market behind the feed: one day after the other, minute by minute."""

from tickstockpl.feeds.simulator.day import Outline, draw_day
from tickstockpl.feeds.simulator.extended import PRE_MARKET_MINUTES, draw_after_hours, draw_pre_market
from tickstockpl.feeds.simulator.randomness import Part, stream
from tickstockpl.feeds.simulator.stocks import Stocks
from tickstockpl.feeds.simulator.tape import draw_minute
from tickstockpl.market.bars import MINUTE_MS, Floats
from tickstockpl.market.calendar import MarketDay
from tickstockpl.market.trades import Trades


class LatentMarket:
    """The days of a simulated market, drawn when they are asked for; the newest is kept.

    Args:
        stocks: who trades.
        seed: the simulation's seed.
    """

    def __init__(self, stocks: Stocks, seed: int) -> None:
        self._stocks = stocks
        self._seed = seed
        self._day: _Day | None = None

    def minute(self, number: int, day: MarketDay, minute: int) -> Trades:
        """The trades of one minute, oldest first.

        Args:
            number: the day's number in the market, from 0.
            day: the hours it has.
            minute: the minute's number in them.
        """
        drawn = self._drawn(number)
        since_open = minute - day.pre_market_minutes
        since_close = since_open - day.regular_minutes
        if since_open < 0:
            outline, part, at = drawn.pre_market(), Part.PRE_MARKET_MINUTE, PRE_MARKET_MINUTES + since_open
        elif since_close < 0:
            outline, part, at = drawn.regular, Part.MINUTE, since_open
        else:
            outline, part, at = drawn.after_hours(day.regular_minutes), Part.AFTER_HOURS_MINUTE, since_close
        start_ms = day.open_ms + minute * MINUTE_MS
        random = stream(self._seed, part, number, at)
        return draw_minute(self._stocks, outline, random, at, start_ms, cross=since_open == 0)

    def _drawn(self, number: int) -> "_Day":
        day, self._day = self._day, None
        if day is None or number < day.number:
            day = _Day(self._stocks, self._seed, 0, None)
        while day.number < number:
            following, last = day.number + 1, day.regular.log_price[-1].copy()
            del day  # a day's outline is several MB, and is not needed beside the next one
            day = _Day(self._stocks, self._seed, following, last)
        self._day = day
        return day


class _Day:
    """One day; its thin hours are drawn when they are asked for."""

    def __init__(self, stocks: Stocks, seed: int, number: int, last_log_price: Floats | None) -> None:
        self.number = number
        self.regular = draw_day(stocks, seed, number, last_log_price)
        self._stocks = stocks
        self._seed = seed
        self._last = self.regular.log_price[0] if last_log_price is None else last_log_price
        self._pre_market: Outline | None = None
        self._after_hours: dict[int, Outline] = {}

    def pre_market(self) -> Outline:
        if self._pre_market is None:
            opening: Floats = self.regular.log_price[0]
            self._pre_market = draw_pre_market(self._stocks, self._seed, self.number, opening, opening - self._last)
        return self._pre_market

    def after_hours(self, close_minute: int) -> Outline:
        """After a close at that minute: on a half day it is an early one."""
        if close_minute not in self._after_hours:
            closing: Floats = self.regular.log_price[close_minute]
            self._after_hours[close_minute] = draw_after_hours(self._stocks, self._seed, self.number, closing)
        return self._after_hours[close_minute]
