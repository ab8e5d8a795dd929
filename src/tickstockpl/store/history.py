"""Stored bars as history, for an analysis that starts."""

from collections.abc import Generator, Sequence
from typing import Any, Final

import numpy as np

from tickstockpl.market.bars import Integers, MinuteBars
from tickstockpl.market.calendar import MarketDay
from tickstockpl.store.connection import connected

_FETCHED_MINUTES: Final = 10

_FIRST_DATE = """
    SELECT min(trading_date) FROM (
        SELECT DISTINCT trading_date FROM session_sources
        WHERE source = %(source)s AND trading_date < %(before)s
        ORDER BY trading_date DESC LIMIT %(days)s
    ) AS newest
"""

# By the key of the table: of a source with years of bars only these are looked at.
_BARS = """
    SELECT (extract(epoch FROM minute) * 1000)::bigint, array_agg(symbol), array_agg(open), array_agg(high),
           array_agg(low), array_agg(close), array_agg(volume)
    FROM bars_1min
    WHERE source = %(source)s AND symbol = ANY(%(symbols)s)
      AND minute >= %(first)s::date::timestamp AT TIME ZONE 'UTC'
      AND minute < to_timestamp(%(before_ms)s / 1000.0)
    GROUP BY minute ORDER BY minute
"""


_COUNTS = """
    SELECT symbol, count(*), count(*) FILTER (WHERE minute >= to_timestamp(%(open_ms)s / 1000.0))
    FROM bars_1min
    WHERE source = %(source)s AND symbol = ANY(%(symbols)s)
      AND minute >= %(first)s::date::timestamp AT TIME ZONE 'UTC'
      AND minute < to_timestamp(%(before_ms)s / 1000.0)
    GROUP BY symbol
"""


def stored_counts(
    database_url: str, source: str, symbols: Sequence[str], day: MarketDay, days: int, until_ms: int
) -> tuple[Integers, Integers]:
    """How many bars :func:`stored_bars` has of each symbol, and how many of them are of the day itself.

    Returns:
        Two arrays of shape (symbols,).

    Raises:
        TickStockError: if the database cannot be reached.
    """
    asked = {"source": source, "before": day.date, "days": days, "symbols": list(symbols)}
    positions = {symbol: position for position, symbol in enumerate(symbols)}
    counts = np.zeros((2, len(symbols)), np.int64)
    with connected(database_url) as connection:
        row = connection.execute(_FIRST_DATE, asked).fetchone()
        first = row[0] if row is not None and row[0] is not None else day.date
        times = {"first": first, "open_ms": day.open_ms, "before_ms": max(day.open_ms, until_ms)}
        for symbol, count, of_day in connection.execute(_COUNTS, {**asked, **times}):
            counts[:, positions[symbol]] = count, of_day
    return counts[0], counts[1]


def stored_bars(
    database_url: str,
    source: str,
    symbols: Sequence[str],
    before: MarketDay,
    days: int,
    until_ms: int | None = None,
) -> Generator[MinuteBars, None, None]:
    """The bars of a source's newest trading days before another, minute by minute, oldest first.

    They come through a cursor of the server's, ten minutes at a time, and are not kept. Cost: 1 to 2 s for three days
    of 500 symbols, half of it until the first minute comes.

    Args:
        database_url: a ``postgresql://`` URL of a migrated database.
        source: where the bars came from.
        symbols: the universe, in its order; bars of others are passed over.
        before: only what lies before the open of this day.
        days: of how many trading days, at most; those on which the source was not streamed do not count.
        until_ms: a moment of that day, if what is stored of the day itself is wanted too, up to there.

    Raises:
        TickStockError: if the database cannot be reached.
    """
    asked = {"source": source, "before": before.date, "days": days, "symbols": list(symbols)}
    before_ms = before.open_ms if until_ms is None else until_ms
    positions = {symbol: position for position, symbol in enumerate(symbols)}
    with connected(database_url) as connection:
        row = connection.execute(_FIRST_DATE, asked).fetchone()
        first = row[0] if row is not None and row[0] is not None else before.date
        # Binary: a double is to come back with every bit, and arrays of them twice as fast as text.
        with connection.transaction(), connection.cursor("history", binary=True) as cursor:
            cursor.itersize = _FETCHED_MINUTES
            cursor.execute(_BARS, {**asked, "first": first, "before_ms": before_ms})
            for minute_ms, of_symbols, *columns in cursor:
                yield _minute(minute_ms, [positions[symbol] for symbol in of_symbols], columns)


def _minute(minute_ms: int, positions: list[int], columns: list[list[Any]]) -> MinuteBars:
    index = np.array(positions, np.intp)
    order = np.argsort(index)
    open_, high, low, close = (np.array(column, np.float64)[order] for column in columns[:4])
    return MinuteBars(minute_ms, index[order], open_, high, low, close, np.array(columns[4], np.int64)[order])
