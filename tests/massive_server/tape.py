"""What a market sends: messages, each with the market time at which the server has it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Self

import numpy as np

from tickstockpl.clock import MAX_SPEED, VirtualClock
from tickstockpl.feeds.base import Feed
from tickstockpl.feeds.replay import ReplayFeed
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.market.builder import BarBuilder
from tickstockpl.market.calendar import MarketCalendar
from tickstockpl.market.trades import Trades

Message = dict[str, Any]

SECOND_HELD_MS = 2000
"""Second bars are held back for so long after their end, minute bars for a little."""

MINUTE_HELD_MS = 500


@dataclass(slots=True)
class Tape:
    """Messages by the market time at which they are sent, and the minute bars that REST has of the same market.

    Attributes:
        symbols: in the order of the bars' index.
        messages: (market time, message), rising.
        bars: minute bars, oldest first.
    """

    symbols: tuple[str, ...]
    messages: list[tuple[int, Message]]
    bars: list[MinuteBars] = field(default_factory=list)

    @classmethod
    def of_trades(cls, symbols: tuple[str, ...], trades: Trades, kinds: Iterable[str] = ("T",)) -> Self:
        """A tape of trades, of the second bars and of the minute bars that they make, as ``kinds`` says."""
        bars = _bars(symbols, [trades])
        messages: list[tuple[int, Message]] = []
        for kind in kinds:
            match kind:
                case "T":
                    messages += _trade_messages(symbols, trades)
                case "A":
                    messages += _second_messages(symbols, trades)
                case "AM":
                    messages += _minute_messages(symbols, bars)
        messages.sort(key=lambda one: one[0])
        return cls(symbols, messages, bars)

    @classmethod
    def of_bars(cls, symbols: tuple[str, ...], bars: Sequence[MinuteBars]) -> Self:
        """A tape of ready-made minute bars."""
        return cls(symbols, list(_minute_messages(symbols, bars)), list(bars))

    @classmethod
    async def of_feed(cls, feed: Feed, days: int = 1, kinds: Iterable[str] = ("T",)) -> Self:
        """The first days of any feed that is not live: of the simulator, of files."""
        await feed.open()
        try:
            trades: list[Trades] = []
            bars: list[MinuteBars] = []
            for day, _ in zip(feed.days(), range(days), strict=False):
                async for batch in feed.batches(day, day.open_ms):
                    if isinstance(batch.data, Trades):
                        trades.append(batch.data)
                    elif batch.data is not None:
                        bars.append(batch.data)
            symbols = feed.universe.symbols
        finally:
            await feed.close()
        return cls.of_bars(symbols, bars) if bars else cls.of_trades(symbols, joined(trades), kinds)

    @classmethod
    async def of_files(cls, *paths: Path, kinds: Iterable[str] = ("T",), extended: bool = False) -> Self:
        """All days of files of bars or trades."""
        feed = ReplayFeed(paths, VirtualClock(MAX_SPEED), MarketCalendar(extended=extended))
        return await cls.of_feed(feed, 1_000_000, kinds)

    def between(self, from_ms: int, until_ms: int) -> Self:
        """What is sent from one market time to another, and the bars of the minutes that start in it."""
        return type(self)(
            self.symbols,
            [one for one in self.messages if from_ms <= one[0] < until_ms],
            [bars for bars in self.bars if from_ms <= bars.minute_ms < until_ms],
        )


def joined(parts: Sequence[Trades]) -> Trades:
    """Several runs of trades as one."""
    return Trades(
        np.concatenate([part.time_ms for part in parts]),
        np.concatenate([part.index for part in parts]),
        np.concatenate([part.price for part in parts]),
        np.concatenate([part.size for part in parts]),
    )


def bar_values(bars: MinuteBars, row: int) -> Mapping[str, float]:
    """A bar's prices and volume, as both interfaces name them."""
    return {
        "o": float(bars.open[row]),
        "h": float(bars.high[row]),
        "l": float(bars.low[row]),
        "c": float(bars.close[row]),
        "v": int(bars.volume[row]),
    }


def _bars(symbols: Sequence[str], parts: Sequence[Trades]) -> list[MinuteBars]:
    builder = BarBuilder(len(symbols))
    for trades in parts:
        builder.add(trades)
    return builder.seal(1 << 60)


def _trade_messages(symbols: Sequence[str], trades: Trades) -> list[tuple[int, Message]]:
    rows = zip(trades.time_ms.tolist(), trades.index.tolist(), trades.price.tolist(), trades.size.tolist(), strict=True)
    messages = []
    for number, (time_ms, position, price, size) in enumerate(rows):
        message = {"ev": "T", "sym": symbols[position], "x": 4, "i": f"{52_983_525_000 + number}", "z": 3, "p": price}
        message["s"] = int(size)
        if size != int(size):
            message["ds"] = f"{size}"
        # The numbers of a symbol rise and have gaps, as it is one tape that numbers them.
        messages.append((time_ms, message | {"t": time_ms, "q": 1000 + 3 * number}))
    return messages


def _second_messages(symbols: Sequence[str], trades: Trades) -> list[tuple[int, Message]]:
    order = np.lexsort((np.arange(len(trades)), trades.index, trades.time_ms // 1000))
    seconds, index = (trades.time_ms // 1000)[order].tolist(), trades.index[order].tolist()
    rows = zip(seconds, index, trades.price[order].tolist(), trades.size[order].tolist(), strict=True)
    messages = []
    for (second, position), group in groupby(rows, key=lambda row: (row[0], row[1])):
        parts = list(group)
        prices = [part[2] for part in parts]
        start_ms = second * 1000
        message = {
            "ev": "A",
            "sym": symbols[position],
            "v": sum(part[3] for part in parts),
            "o": prices[0],
            "c": prices[-1],
            "h": max(prices),
            "l": min(prices),
            "z": 100,
            "s": start_ms,
            "e": start_ms + 1000,
        }
        messages.append((start_ms + 1000 + SECOND_HELD_MS, message))
    return messages


def _minute_messages(symbols: Sequence[str], minutes: Sequence[MinuteBars]) -> Iterable[tuple[int, Message]]:
    for bars in minutes:
        for row, position in enumerate(bars.index.tolist()):
            message = {"ev": "AM", "sym": symbols[position], **bar_values(bars, row), "z": 100}
            yield bars.close_ms + MINUTE_HELD_MS, message | {"s": bars.minute_ms, "e": bars.minute_ms + MINUTE_MS}
