"""Markets made for counting: a large one from a seed, and a small one that can be counted by hand."""

from pathlib import Path

import numpy as np

from tests.analysis.tape import TICK
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.market.bars import MINUTE_MS, MinuteBars

OPEN_MS = 1_519_655_400_000
"""2018-02-26 09:30 in New York."""

LARGE_MARKET_SYMBOLS = 20

HEAD = "timestamp,symbol,open,high,low,close,volume"


def large_market() -> list[MinuteBars]:
    """A whole day: steps with fat tails, on a grid, so that some patterns are often in context and others never."""
    rng = np.random.default_rng(7)
    close = np.full(LARGE_MARKET_SYMBOLS, 500.0)
    minutes = []
    for minute in range(390):
        index = np.flatnonzero(rng.random(LARGE_MARKET_SYMBOLS) < 0.9)
        steps = np.round(rng.standard_t(2.5, (4, len(index))) * 8) * TICK
        open_ = close[index] + steps[0] / 4
        close[index] = open_ + steps[1]
        high = np.maximum(open_, close[index]) + np.abs(steps[2]) / 2
        low = np.minimum(open_, close[index]) - np.abs(steps[3]) / 2
        volume = rng.integers(1, 1000, len(index))
        minutes.append(MinuteBars(OPEN_MS + minute * MINUTE_MS, index, open_, high, low, close[index], volume))
    return minutes


def write_large_market(path: Path) -> Path:
    """The large market as a file."""
    lines = [HEAD]
    for bars in large_market():
        columns = (column.tolist() for column in (bars.index, bars.open, bars.high, bars.low, bars.close, bars.volume))
        for index, *values in zip(*columns, strict=True):
            lines.append(",".join([to_iso(bars.minute_ms), f"S{index:02}", *map(str, values)]))
    path.write_text("\n".join(lines) + "\n")
    return path


def write_small_market(path: Path) -> Path:
    """One symbol, 30 bars, 2 dojis: one among bars that stand still, one of twice their height after a fall of 5."""
    still = (100.0, 101.0, 100.0, 101.0)
    fall = [(101.0 - step, 101.0 - step, 100.0 - step, 100.0 - step) for step in range(5)]
    prices = [
        *[still] * 10,
        (100.5, 101.0, 100.0, 100.5),
        *[still] * 5,
        *fall,
        (96.0, 97.0, 95.0, 96.0),
        *[(96.0, 97.0, 96.0, 97.0)] * 8,
    ]
    lines = [HEAD]
    for minute, (open_, high, low, close) in enumerate(prices):
        lines.append(f"{to_iso(OPEN_MS + minute * MINUTE_MS)},AAPL,{open_},{high},{low},{close},100")
    path.write_text("\n".join(lines) + "\n")
    return path
