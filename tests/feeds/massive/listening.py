"""What the tests of the feed share: a day of it, heard against a server."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from tests.massive_server import MassiveServer
from tests.massive_server.server import KEY
from tests.streaming.live import RunningClock
from tickstockpl.feeds.base import Batch, Feed
from tickstockpl.feeds.massive.feed import MassiveFeed
from tickstockpl.feeds.massive.options import MassiveOptions
from tickstockpl.market.bars import MinuteBars
from tickstockpl.market.builder import BarBuilder
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.market.trades import Trades
from tickstockpl.market.universes import plain_universe

Bar = tuple[float, float, float, float, int]

Bars = dict[tuple[int, str], Bar]
"""By minute and symbol."""


@dataclass(slots=True)
class Heard:
    """What a day of a feed has come to.

    Attributes:
        bars: as they went out.
        backfilled: the minutes that were completed afterwards, in the order in which they went out.
        minutes: all minutes, in the order in which they went out.
        lost: (since, until) of what was told as lost.
        revised: bars of minutes that were out.
        statuses: of the connection, as they changed.
        reasons: why it was not connected.
        until_ms: how far it was played.
        late: trades that came when their minute was out.
    """

    bars: Bars = field(default_factory=dict)
    backfilled: list[int] = field(default_factory=list)
    minutes: list[int] = field(default_factory=list)
    lost: list[tuple[int, int]] = field(default_factory=list)
    revised: Bars = field(default_factory=dict)
    statuses: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    until_ms: int = 0
    late: int = 0


def by_key(symbols: Sequence[str], minutes: Sequence[MinuteBars]) -> Bars:
    return {
        (bars.minute_ms, symbols[position]): (
            float(bars.open[row]),
            float(bars.high[row]),
            float(bars.low[row]),
            float(bars.close[row]),
            int(bars.volume[row]),
        )
        for bars in minutes
        for row, position in enumerate(bars.index.tolist())
    }


def options(server: MassiveServer, **changed: Any) -> MassiveOptions:
    """To connect with a server; impatient, for its market runs fast."""
    usual = MassiveOptions(KEY, server.url, server.rest_url, settle_ms=100, mute_s=0.5, backfill_s=10.0)
    return replace(usual, **changed)


@asynccontextmanager
async def opened(
    server: MassiveServer, clock: RunningClock, symbols: Sequence[str], **changed: Any
) -> AsyncIterator[MassiveFeed]:
    """A feed that is connected to a server."""
    universe = plain_universe("own:heard", tuple(symbols))
    feed = MassiveFeed(universe, clock, MarketCalendar(), options(server, **changed))
    await feed.open()
    try:
        yield feed
    finally:
        await feed.close()


async def hear(
    feed: Feed,
    day: MarketDay,
    from_ms: int,
    until_ms: int,
    meanwhile: Callable[[Batch], Any] = lambda _: None,
) -> Heard:
    """Play a day's feed until a market time, as the player does; ``meanwhile`` sees every batch, and may await."""
    heard = Heard()
    symbols = feed.universe.symbols
    builder = BarBuilder(len(symbols))
    async with aclosing(feed.batches(day, from_ms)) as batches:  # type: ignore[type-var]
        async for batch in batches:
            if not heard.statuses or heard.statuses[-1] != feed.connection.status:
                heard.statuses.append(feed.connection.status)
                heard.reasons.append(feed.connection.reason)
            if isinstance(batch.data, Trades):
                builder.add(batch.data)
                minutes = builder.seal(batch.until_ms)
            else:
                minutes = builder.complete(batch.until_ms, batch.data)
            heard.minutes += [bars.minute_ms for bars in minutes]
            heard.bars |= by_key(symbols, minutes)
            heard.revised |= by_key(symbols, batch.revised)
            if batch.backfilled:
                heard.backfilled += [bars.minute_ms for bars in minutes]
            if batch.lost_since_ms is not None:
                heard.lost.append((batch.lost_since_ms, batch.until_ms))
            assert batch.until_ms >= heard.until_ms
            heard.until_ms = batch.until_ms
            if (waiting := meanwhile(batch)) is not None:
                await waiting
            if batch.until_ms >= until_ms:
                break
    heard.late = builder.late_trades
    assert heard.minutes == sorted(set(heard.minutes)), "minutes went out twice, or out of order"
    return heard
