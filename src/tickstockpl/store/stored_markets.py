"""All that is stored of a source's bars, as a market that can be played again."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from tickstockpl.errors import TickStockError
from tickstockpl.market.bars import MinuteBars
from tickstockpl.market.calendar import MarketCalendar
from tickstockpl.store.connection import connected
from tickstockpl.store.history import stored_bars

_NAMED_SOURCES: Final = 10

_DAYS = "SELECT count(DISTINCT trading_date), max(trading_date) FROM session_sources WHERE source = %(source)s"
_BARS = "SELECT array_agg(DISTINCT symbol), count(DISTINCT minute) FROM bars_1min WHERE source = %(source)s"
_SOURCES = """
    SELECT source FROM session_sources GROUP BY source ORDER BY max(trading_date) DESC, source LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class StoredMarket:
    """A source with bars in the database.

    Attributes:
        source: where the bars came from.
        symbols: those that have bars, sorted.
        minute_count: minutes that have bars.
        day_count: trading days on which it was streamed.
        last_date: the newest of them.
    """

    source: str
    symbols: tuple[str, ...]
    minute_count: int
    day_count: int
    last_date: date


def find_stored_market(database_url: str, source: str) -> StoredMarket:
    """Look up a source; reads the keys of all its bars.

    Raises:
        TickStockError: if the source has no bars, with the sources there are, or the database cannot be reached.
    """
    with connected(database_url) as connection:
        days = connection.execute(_DAYS, {"source": source}).fetchone()
        bars = connection.execute(_BARS, {"source": source}).fetchone()
        if days is None or days[1] is None or bars is None or bars[0] is None:
            rows = connection.execute(_SOURCES, {"limit": _NAMED_SOURCES + 1}).fetchall()
            raise TickStockError(_no_such(source, [row[0] for row in rows]))
    return StoredMarket(source, tuple(sorted(bars[0])), bars[1], *days)


def stored_market_bars(database_url: str, market: StoredMarket) -> Generator[MinuteBars, None, None]:
    """The bars of all days, minute by minute, oldest first; ``index`` is the position in ``market.symbols``.

    Raises:
        TickStockError: if the database cannot be reached.
    """
    day_after = next(MarketCalendar().days_from(market.last_date + timedelta(days=1)))
    return stored_bars(database_url, market.source, market.symbols, day_after, market.day_count)


def _no_such(source: str, sources: list[str]) -> str:
    if not sources:
        return f"no bars of source {source!r} are stored, nor of any other; stream a market first, or name a --file"
    more = " …" if len(sources) > _NAMED_SOURCES else ""
    return f"no bars of source {source!r} are stored; there are: {', '.join(sources[:_NAMED_SOURCES])}{more}"
