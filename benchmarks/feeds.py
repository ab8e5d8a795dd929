"""Do the feeds and the bar builder keep up? Each figure stands beside its limit or a peer measured in the same run.

- one simulated market minute of 500 symbols: limit 25 ms (at 60x there is one a second, and other work too)
- the simulator's history, a whole day of bars: limit 1.5 s
- the bar builder on that minute's trades: peer pandas, groupby and agg
- reading a million trades from CSV, checked row by row: peer pyarrow's own CSV reader, which checks nothing

A ratio below 1 is within the limit, or faster than the peer.
"""

import asyncio
import statistics
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.csv

from tickstockpl.clock import MAX_SPEED, VirtualClock, monotonic_s
from tickstockpl.feeds.replay import ReplayFeed
from tickstockpl.feeds.simulator import SimulatorFeed
from tickstockpl.market.builder import BarBuilder
from tickstockpl.market.calendar import MarketCalendar
from tickstockpl.market.trades import Trades
from tickstockpl.market.universes import load_universe

MINUTE_LIMIT_S = 0.025
HISTORY_LIMIT_S = 1.5
ROWS = 1_000_000


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """Median duration of one call."""

    def once() -> float:
        began_s = monotonic_s()
        work()
        return monotonic_s() - began_s

    return statistics.median(once() for _ in range(times))


def show(what: str, measured_s: float, against_s: float, against: str) -> None:
    """Print one figure and its ratio."""
    print(
        f"{what:34} {measured_s * 1e3:9.2f} ms   {against:26} {against_s * 1e3:9.2f} ms   {measured_s / against_s:6.3f}"
    )


async def drawn_minutes(feed: SimulatorFeed) -> tuple[list[Trades], list[float]]:
    """A whole day's trades by the minute, and how long each minute took to draw."""
    minutes: list[Trades] = []
    took_s: list[float] = []
    began_s = monotonic_s()
    async for batch in feed.batches(next(feed.days()), 0):
        took_s.append(monotonic_s() - began_s)
        if isinstance(batch.data, Trades):
            minutes.append(batch.data)
        began_s = monotonic_s()
    return minutes, took_s[1:]  # the first minute draws the day's outline too


def in_pandas(trades: Trades) -> pd.DataFrame:
    """The same bars, the way one would make them with pandas."""
    frame = pd.DataFrame({"index": trades.index, "price": trades.price, "size": trades.size})
    return frame.groupby("index").agg(
        open=("price", "first"), high=("price", "max"), low=("price", "min"), close=("price", "last"),
        volume=("size", "sum"),
    )  # fmt: skip


def bars(trades: Trades) -> None:
    """One minute through a fresh builder."""
    builder = BarBuilder(500)
    builder.add(trades)
    builder.seal(int(trades.time_ms[-1]) + 60_000)


def write_trades(path: Path, minutes: Sequence[Trades], symbols: Sequence[str]) -> None:
    """Write the first :data:`ROWS` trades as CSV."""
    columns = [np.concatenate([getattr(part, name) for part in minutes])[:ROWS].tolist() for name in Trades.__slots__]
    with path.open("w") as file:
        file.write("timestamp,symbol,price,size\n")
        file.writelines(f"{ms},{symbols[at]},{price},{size}\n" for ms, at, price, size in zip(*columns, strict=True))


def main(argv: list[str]) -> int:
    """Run them all; 1 where a limit is broken."""
    del argv
    calendar = MarketCalendar()
    universe = load_universe("market_leaders:top_500", Path("no-own-universes"))
    feed = SimulatorFeed(universe, VirtualClock(MAX_SPEED), calendar, 1, "benchmark", date(2025, 10, 6))
    asyncio.run(feed.open())
    history_s = seconds(lambda: list(feed.history(next(feed.days()))), 3)
    minutes, took_s = asyncio.run(drawn_minutes(feed))
    typical = sorted(minutes, key=len)[len(minutes) // 2]
    show("simulated minute, median", statistics.median(took_s), MINUTE_LIMIT_S, "limit")
    show("simulated minute, longest", max(took_s), MINUTE_LIMIT_S, "limit")
    show("history of 500 symbols", history_s, HISTORY_LIMIT_S, "limit")
    show(
        f"bars of {len(typical):,} trades",
        seconds(lambda: bars(typical), 50),
        seconds(lambda: in_pandas(typical), 50),
        "pandas",
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trades.csv"
        write_trades(path, minutes, universe.symbols)
        read_s = seconds(lambda: asyncio.run(ReplayFeed([path], VirtualClock(MAX_SPEED), calendar).open()), 3)
        show(f"read {ROWS:,} trades", read_s, seconds(lambda: pyarrow.csv.read_csv(path), 3), "pyarrow.csv, unchecked")
    return int(max(took_s) > MINUTE_LIMIT_S or history_s > HISTORY_LIMIT_S)
