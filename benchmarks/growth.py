"""How much does the database grow? The simulator's market, 500 symbols, default indicators and patterns, as stored.

The whole producer runs as fast as it can for ``--minutes`` of market time into embedded servers. Bytes a row are the
size of the table, or of the index, over its rows; rows a symbol-minute are counted once every indicator is warm. A day
is 390 minutes in which every symbol trades. The figure for 11,000 symbols is no measurement: it is the same bytes and
rows times 11,000.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg

from tickstockpl.clock import MAX_SPEED, VirtualClock
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.feeds.simulator import SimulatorFeed
from tickstockpl.market.calendar import MarketCalendar
from tickstockpl.market.universes import load_universe
from tickstockpl.settings import Settings
from tickstockpl.store.migrate import migrate
from tickstockpl.streaming.service import StreamingService

DAY = date(2025, 10, 6)
DAY_MINUTES = 390
WARM_MINUTES = 200
"""The SMA 200 is the last indicator to be warm."""

SYMBOL_COUNTS = (500, 11_000)
TIME_OF_ROW = {
    "bars_1min": "minute",
    "intraday_indicators": "calculated_at",
    "intraday_patterns": "detected_at",
    "indicator_alerts": "triggered_at",
}


@dataclass(frozen=True)
class Growth:
    """One table or one index of it."""

    name: str
    bytes_per_row: float
    rows_per_symbol_minute: float

    @property
    def bytes_per_symbol_minute(self) -> float:
        """What a minute of one symbol adds."""
        return self.bytes_per_row * self.rows_per_symbol_minute


async def stream(servers: EmbeddedServers, minutes: int) -> int:
    """Stream so many minutes; how many symbols there were."""
    clock = VirtualClock(MAX_SPEED)
    universe = load_universe("market_leaders:top_500", Path())
    feed = SimulatorFeed(
        universe=universe, clock=clock, calendar=MarketCalendar(), seed=1, run="growth", first_date=DAY
    )
    service = StreamingService(
        feed=feed,
        clock=clock,
        settings=Settings(),
        redis_url=servers.redis_url,
        database_url=servers.database_url,
        duration_s=minutes * 60,
    )
    await service.open()
    try:
        await service.run(asyncio.Event())
    finally:
        await service.close()
    return len(universe)


def measure(database_url: str, symbols: int) -> list[Growth]:
    """Every table that grows with the market, each followed by its indexes."""
    found = []
    with psycopg.connect(database_url) as connection:
        for table, time in TIME_OF_ROW.items():
            row = connection.execute(
                f"SELECT count(*), count(*) FILTER (WHERE {time} >= warm), count(DISTINCT {time}) "
                f"FILTER (WHERE {time} >= warm), pg_table_size(%s) FROM {table}, "
                "(SELECT min(minute) + make_interval(mins => %s) AS warm FROM bars_1min) AS first GROUP BY warm",
                (table, WARM_MINUTES),
            ).fetchone()
            if row is None or row[1] == 0:
                continue
            rows, warm_rows, warm_minutes, size_bytes = row
            rate = warm_rows / warm_minutes / symbols
            found.append(Growth(table, size_bytes / rows, rate))
            indexes = connection.execute(
                "SELECT indexrelid::regclass::text, pg_relation_size(indexrelid) FROM pg_index "
                "WHERE indrelid = %s::regclass ORDER BY 1",
                (table,),
            )
            found.extend(Growth(f"  {name}", index_bytes / rows, rate) for name, index_bytes in indexes)
    return found


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks growth", description=__doc__)
    parser.add_argument("--minutes", type=int, default=240, help=f"of market time, above {WARM_MINUTES}")
    minutes = parser.parse_args(arguments).minutes
    if not WARM_MINUTES < minutes <= DAY_MINUTES:
        parser.error(f"--minutes was {minutes}; give a number above {WARM_MINUTES} and up to {DAY_MINUTES}")
    with tempfile.TemporaryDirectory() as folder, EmbeddedServers(Path(folder)) as servers:
        migrate(servers.database_url)
        symbols = asyncio.run(stream(servers, minutes))
        growth = measure(servers.database_url, symbols)
    print(f"{'':44}{'bytes a row':>12}{'rows':>8}{'bytes':>9}   a symbol-minute")
    for part in growth:
        rates = f"{part.rows_per_symbol_minute:8.3f}{part.bytes_per_symbol_minute:9.1f}"
        print(f"{part.name:44}{part.bytes_per_row:12.1f}{rates}")
    total = sum(part.bytes_per_symbol_minute for part in growth)
    print(f"{'all':64}{total:9.1f}")
    for count in SYMBOL_COUNTS:
        how = "at the bytes measured" if count == symbols else "extrapolated from the same bytes a symbol-minute"
        print(f"a day of {count:,} symbols: {total * count * DAY_MINUTES / 1e9:.2f} GB ({how})")
    return 0
