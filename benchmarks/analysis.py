"""How long does the analysis of one minute take, for 500 and for 11,000 symbols?

The engine with the six default indicators and all patterns stands beside, in the same run and on the same bars:

- its limit of 100 ms
- TA-Lib's streaming handles, one per symbol and function, for the same indicators and for all candlestick functions
- talipp for the same indicators, where it is installed (the extra ``bench``)

The bars are a random walk on a grid of cents from a fixed seed. After the warm-up every minute goes to all, in an order
that rotates, so that the machine's noise hits all alike; the figures are medians. Each size has a process of its own on
one core. Memory is what the process grew by when a contestant was made and warmed up; the engine comes first.

What the engine does besides (the window of bars, alerts, results as arrays) is in its figures; peers only compute.
"""

import argparse
import gc
import json
import multiprocessing
import os
import resource
import statistics
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field

import numpy as np
import psutil

from benchmarks.analysis_peers import Peer, TalibIndicators, TalibPatterns, Talipp
from tickstockpl.analysis.engine import Engine
from tickstockpl.analysis.indicators.definition import DEFAULT_INDICATORS
from tickstockpl.analysis.patterns.selection import ChosenPattern, select_patterns
from tickstockpl.clock import monotonic_s
from tickstockpl.market.bars import MINUTE_MS, MinuteBars

LIMIT_MS = 100.0
WARM_UP_MINUTES = 250
SEED = 20180226

ENGINE = "engine"
ENGINE_INDICATORS = "engine, indicators alone"
HANDLES = "TA-Lib handles, all"


@dataclass
class Result:
    """The figures of one size.

    Attributes:
        symbols: how many have a bar in every minute.
        indicators: how many the engine computes.
        patterns: how many the engine looks for; TA-Lib always has all of its functions to run.
        minutes: over how many the medians are.
        core: the one that the process kept to; ``None`` where the platform cannot do that.
        ms: median of a minute, by contestant.
        grown_mib: what the process grew by, by contestant.
        peak_mib: the process's peak before there were peers: interpreter, bars and engine.
        skipped: contestants that are not there, and why.
    """

    symbols: int
    indicators: int
    patterns: int
    minutes: int
    core: int | None
    ms: dict[str, float] = field(default_factory=dict)
    grown_mib: dict[str, float] = field(default_factory=dict)
    peak_mib: float = 0.0
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def within_limit(self) -> bool:
        """Whether the engine keeps its limit."""
        return self.ms[ENGINE] <= LIMIT_MS


def random_walk(symbols: int, minutes: int) -> list[MinuteBars]:
    """Every symbol has a bar in every minute; prices are whole cents."""
    rng = np.random.default_rng(SEED)
    index = np.arange(symbols)
    close = rng.integers(2_000, 50_000, symbols)
    walk = []
    for minute in range(minutes):
        open_ = close + rng.integers(-1, 2, symbols)
        close = np.maximum(open_ + rng.integers(-8, 9, symbols), 100)
        high = np.maximum(open_, close) + rng.integers(0, 6, symbols)
        low = np.minimum(open_, close) - rng.integers(0, 6, symbols)
        volume = rng.integers(100, 10_000, symbols)
        walk.append(MinuteBars(minute * MINUTE_MS, index, open_ / 100, high / 100, low / 100, close / 100, volume))
    return walk


def measure(symbols: int, minutes: int) -> Result:
    """All contestants of one size, in this process."""
    core = _keep_to_one_core()
    walk = random_walk(symbols, WARM_UP_MINUTES + minutes)
    history, live = walk[:WARM_UP_MINUTES], walk[WARM_UP_MINUTES:]
    patterns = select_patterns("all", 0.0)
    result = Result(symbols, len(DEFAULT_INDICATORS), len(patterns), minutes, core)
    contestants: dict[str, Callable[[MinuteBars], object]] = {}

    def enter(name: str, make: Callable[[], Callable[[MinuteBars], object]]) -> None:
        gc.collect()
        before = _resident_mib()
        contestants[name] = make()
        gc.collect()
        result.grown_mib[name] = _resident_mib() - before

    def engine(wanted: Sequence[ChosenPattern]) -> Callable[[MinuteBars], object]:
        warm = Engine(symbols, DEFAULT_INDICATORS, wanted)
        warm.warm_up(history)
        return warm.update

    enter(ENGINE, lambda: engine(patterns))
    result.peak_mib = _peak_mib()
    enter(ENGINE_INDICATORS, lambda: engine(()))
    peers: list[type[Peer]] = [TalibIndicators, TalibPatterns, Talipp]
    for peer in peers:
        if reason := peer.missing():
            result.skipped[peer.name] = reason
        else:
            enter(peer.name, lambda peer=peer: peer(symbols, history).update)  # type: ignore[misc]
    gc.freeze()  # what the peers keep is not looked through while others are timed
    took_ms: dict[str, list[float]] = {name: [] for name in contestants}
    names = list(contestants)
    for number, bars in enumerate(live):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            began_s = monotonic_s()
            contestants[name](bars)
            took_ms[name].append((monotonic_s() - began_s) * 1000)
    result.ms.update({name: statistics.median(times) for name, times in took_ms.items()})
    result.ms[HANDLES] = result.ms[TalibIndicators.name] + result.ms[TalibPatterns.name]
    return result


def _keep_to_one_core() -> int | None:
    if not hasattr(os, "sched_setaffinity"):
        return None
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


def _resident_mib() -> float:
    return psutil.Process().memory_info().rss / 2**20


def _peak_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def show(result: Result) -> None:
    """Print one size as a table."""
    core = "a core that it does not choose" if result.core is None else f"core {result.core}"
    print(
        f"\n{result.symbols:,} symbols, {result.indicators} indicators, {result.patterns} patterns; median of "
        f"{result.minutes} minutes after {WARM_UP_MINUTES}, one process on {core}\n"
    )
    print(f"{'':28} {'ms':>9} {'/ limit':>8} {'/ engine':>9} {'MiB':>8}")
    ours = {
        ENGINE_INDICATORS: ENGINE_INDICATORS,
        TalibIndicators.name: ENGINE_INDICATORS,
        Talipp.name: ENGINE_INDICATORS,
    }
    for name, ms in result.ms.items():
        times = ms / result.ms[ours.get(name, ENGINE)]
        grown = f"{result.grown_mib[name]:8,.0f}" if name in result.grown_mib else ""
        print(f"{name:28} {ms:9.2f} {ms / LIMIT_MS:8.3f} {times:9.2f} {grown}")
    for name, reason in result.skipped.items():
        print(f"{name:28} {reason}")
    print(f"{'peak with the engine alone':58}{result.peak_mib:8,.0f}   (the bars of all minutes included)")


def main(argv: list[str]) -> int:
    """Measure and print; the exit code is 1 if the limit is passed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks analysis", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--symbols", type=int, nargs="+", default=[500, 11_000])
    parser.add_argument("--minutes", type=int, default=31)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    options = parser.parse_args(argv)
    results = []
    for symbols in options.symbols:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
            results.append(process.submit(measure, symbols, options.minutes).result())
    if options.json:
        print(json.dumps({"limit_ms": LIMIT_MS, "sizes": [asdict(result) for result in results]}))
    else:
        for result in results:
            show(result)
        print(
            f"\nThe limit is {LIMIT_MS:g} ms. '/ engine' compares with the engine, or with its indicators alone where "
            "the other computes nothing else; MiB is what the process grew by."
        )
    return int(not all(result.within_limit for result in results))
