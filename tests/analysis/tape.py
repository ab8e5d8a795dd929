"""Bars to analyse: real ones from a file, made ones from a seed, and what an engine says of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyarrow import csv

from tickstockpl.analysis.engine import Engine, MinuteAnalysis
from tickstockpl.market.bars import MINUTE_MS, Floats, MinuteBars

TICK = 1 / 64
"""Made prices lie on a grid that doubles can hold, so that equal prices are equal."""


@dataclass(frozen=True, eq=False)
class Tape:
    """The bars of several symbols, one symbol after the other; each symbol's by time.

    ``starts[s]:starts[s + 1]`` are the positions of symbol s.
    """

    starts: NDArray[np.intp]
    minute_ms: NDArray[np.int64]
    open: Floats
    high: Floats
    low: Floats
    close: Floats

    def __len__(self) -> int:
        return len(self.close)

    @property
    def symbol_count(self) -> int:
        return len(self.starts) - 1

    def spans(self) -> list[slice]:
        """Where each symbol's bars are."""
        return [slice(*pair) for pair in zip(self.starts[:-1].tolist(), self.starts[1:].tolist(), strict=True)]

    def prices(self, span: slice) -> tuple[Floats, Floats, Floats, Floats]:
        """Open, high, low and close of a stretch."""
        return self.open[span], self.high[span], self.low[span], self.close[span]

    def minutes(self) -> list[MinuteBars]:
        """The same bars minute by minute."""
        symbol = np.repeat(np.arange(self.symbol_count), np.diff(self.starts))
        order = np.lexsort((symbol, self.minute_ms))
        bounds = np.flatnonzero(np.diff(self.minute_ms[order])) + 1
        return [
            MinuteBars(
                int(self.minute_ms[rows[0]]),
                symbol[rows],
                self.open[rows],
                self.high[rows],
                self.low[rows],
                self.close[rows],
                np.full(len(rows), 100),
            )
            for rows in np.split(order, bounds)
        ]


def read_tape(
    path: Path, symbols: int | None = None, before: str | None = None, without_minute: str | None = None
) -> Tape:
    """Read a file of bars.

    Args:
        path: the file.
        symbols: only that many, those with the fewest bars.
        before: a date on which to stop.
        without_minute: a time of day, ``21:00``, whose bars are left out.
    """
    table: Any = csv.read_csv(path)
    name = table["symbol"].to_numpy()
    minute_ms = table["timestamp"].to_numpy().astype("datetime64[ms]").astype(np.int64)
    kept = np.ones(len(name), np.bool_)
    if without_minute:
        hours, minutes = without_minute.split(":")
        kept &= minute_ms % (24 * 60 * MINUTE_MS) != (int(hours) * 60 + int(minutes)) * MINUTE_MS
    if before:
        kept &= minute_ms < np.datetime64(before, "ms").astype(np.int64)
    if symbols is not None:
        names, bars = np.unique(name, return_counts=True)
        kept &= np.isin(name, names[np.argsort(bars, kind="stable")[:symbols]])
    name, minute_ms = name[kept], minute_ms[kept]
    _, symbol = np.unique(name, return_inverse=True)
    order = np.lexsort((minute_ms, symbol))
    prices = (table[column].to_numpy().astype(np.float64)[kept][order] for column in ("open", "high", "low", "close"))
    starts = np.concatenate(([0], np.cumsum(np.bincount(symbol))))
    return Tape(starts, minute_ms[order], *prices)


@dataclass(eq=False)
class Recording:
    """What an engine said of every bar of a tape, in the tape's order.

    Attributes:
        found: by pattern, where it was found.
        confidence: by pattern, NaN where it was not found.
        outputs: by indicator instance and output, NaN where there was none.
        fired: by alert type, where it fired.
    """

    found: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    confidence: dict[str, Floats] = field(default_factory=dict)
    outputs: dict[tuple[str, str], Floats] = field(default_factory=dict)
    fired: dict[str, NDArray[np.bool_]] = field(default_factory=dict)


def record(tape: Tape, engine: Engine) -> Recording:
    """Play a tape to an engine."""
    recording = Recording()
    bars = len(tape)
    seen = tape.starts[:-1].copy()
    for minute in tape.minutes():
        analysis = engine.update(minute)
        place = seen[minute.index]
        seen[minute.index] += 1
        for pattern in analysis.patterns:
            name = pattern.definition.name
            recording.found.setdefault(name, np.zeros(bars, np.bool_))[place[pattern.rows]] = True
            recording.confidence.setdefault(name, np.full(bars, np.nan))[place[pattern.rows]] = pattern.confidence
        for indicator in analysis.indicators:
            for output, values in indicator.outputs.items():
                key = indicator.definition.instance, output
                recording.outputs.setdefault(key, np.full(bars, np.nan))[place[indicator.rows]] = values
        for alert in analysis.alerts:
            recording.fired.setdefault(alert.rule.alert_type, np.zeros(bars, np.bool_))[place[alert.rows]] = True
    return recording


def made_minutes(seed: int, symbols: int, minutes: int) -> list[MinuteBars]:
    """A small market: prices on a coarse grid, so that ties are common, and bars missing here and there."""
    rng = np.random.default_rng(seed)
    close = np.full(symbols, 100.0)
    made = []
    for minute in range(minutes):
        index = np.flatnonzero(rng.random(symbols) < 0.85)
        if not len(index):
            continue
        ticks = rng.integers(-6, 7, (2, len(index))) * TICK
        open_ = close[index] + ticks[0] * (rng.random(len(index)) < 0.3)
        close[index] = open_ + ticks[1]
        shadows = rng.integers(0, 6, (2, len(index))) * TICK
        high = np.maximum(open_, close[index]) + shadows[0]
        low = np.minimum(open_, close[index]) - shadows[1]
        volume = rng.integers(1, 1000, len(index))
        made.append(MinuteBars(minute * MINUTE_MS, index, open_, high, low, close[index], volume))
    return made


Fact = tuple[int, str, str, bytes]
"""Minute, kind, name and the numbers of something that was said of a symbol."""


def facts(analyses: Iterable[MinuteAnalysis]) -> dict[int, list[Fact]]:
    """What was said of each symbol, by its position, to the last bit."""
    said: dict[int, list[Fact]] = {}
    for analysis in analyses:
        symbols = analysis.bars.index.tolist()
        for symbol in symbols:
            said.setdefault(symbol, [])
        columns: list[tuple[str, str, Any, Sequence[Floats]]] = [
            *(("indicator", i.definition.instance, i.rows, list(i.outputs.values())) for i in analysis.indicators),
            *(("pattern", p.definition.name, p.rows, [p.confidence, *p.margins]) for p in analysis.patterns),
            *(("alert", a.rule.alert_type, a.rows, [a.value, a.threshold]) for a in analysis.alerts),
        ]
        for kind, name, rows, values in columns:
            table = np.array(values)
            for position, row in enumerate(rows.tolist()):
                fact = (analysis.bars.minute_ms, kind, name, np.ascontiguousarray(table[:, position]).tobytes())
                said[symbols[row]].append(fact)
    return said
