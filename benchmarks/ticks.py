"""How many trades a second does one core take from Massive's frames to bars?

Frames of made-up trades, with the fields and the sale conditions of real ones and of 1 to 100 trades each, for 500 and
11,000 symbols, go the way they go in the feed: decoded, made columns, sieved, through the inbox and into the bar
builder, a market minute sealed every second. In the same run, one round after the other so that the machine is in the
same mood for all:

- msgspec's decoding of the same frames into the same messages, alone: the least that there is to do
- the vendor's own client's decoding, ``json`` and its models, for the same frames

Trades per second of processor time. A ratio to msgspec alone of 1 would mean that all the rest costs nothing. The
limits are 500,000 trades/s and a ratio of 0.3.
"""

import argparse
import json
import logging
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
from massive.websocket.models import Market
from massive.websocket.models import parse as parse_as_vendor

from tickstockpl.clock import cpu_s
from tickstockpl.feeds.base import FeedReport
from tickstockpl.feeds.massive.messages import Message
from tickstockpl.feeds.massive.options import Mode
from tickstockpl.feeds.massive.reader import FrameReader
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.builder import BarBuilder
from tickstockpl.market.trades import Trades

LEAST_PER_S = 500_000
LEAST_RATIO = 0.3

UNIVERSES = (500, 11_000)
TRADES = 200_000
LARGEST_FRAME = 100
BEGIN_MS = 1_519_655_400_000
LOOK_FRAMES = 100
"""Frames between two looks into the inbox."""

CONDITIONS: Sequence[list[int] | None] = (None, None, None, [37], [14, 37, 41], [14, 41], [12, 37], [2], [10], [41])
"""As a market has them, about; most trades have none, or are odd lots."""

_log = logging.getLogger(__name__)
_decode = msgspec.json.Decoder(list[Message]).decode


@dataclass(frozen=True)
class Figures:
    """What one universe gave.

    Attributes:
        symbols: in the universe.
        trades: that were decoded in each round.
        bytes_per_trade: of their frames.
        to_bars_per_s: trades per second of processor time, from frames to bars.
        msgspec_per_s: decoded by msgspec alone.
        vendor_per_s: decoded by the vendor's client.
        ratio_to_msgspec: of the first to the second.
        ratio_to_vendor: of the first to the third.
        bars: that were sealed in a round.
    """

    symbols: int
    trades: int
    bytes_per_trade: float
    to_bars_per_s: int
    msgspec_per_s: int
    vendor_per_s: int
    ratio_to_msgspec: float
    ratio_to_vendor: float
    bars: int


def frames_of(symbols: Sequence[str], count: int, seed: int) -> list[bytes]:
    """Frames of so many trades, five minutes of them, in the order of their time."""
    rng = random.Random(seed)
    prices = [rng.uniform(5, 500) for _ in symbols]
    numbers = [0 for _ in symbols]
    frames, messages, size = [], [], rng.randint(1, LARGEST_FRAME)
    for trade in range(count):
        symbol = min(int(rng.paretovariate(0.6)) - 1, len(symbols) * 50) % len(symbols)  # few have most of the trades
        prices[symbol] *= 1 + rng.gauss(0, 1e-4)
        numbers[symbol] += rng.randint(1, 9)
        time_ms = BEGIN_MS + trade * 5 * MINUTE_MS // count
        message: dict[str, Any] = {"ev": "T", "sym": symbols[symbol], "x": rng.randint(1, 20), "i": f"{trade}", "z": 3}
        message |= {"p": round(prices[symbol], 2), "s": rng.choice((1, 5, 30, 100, 200))}
        if (conditions := rng.choice(CONDITIONS)) is not None:
            message["c"] = conditions
        message |= {"t": time_ms, "q": numbers[symbol], "trfi": 202, "trft": time_ms - 1}
        messages.append(message)
        if len(messages) == size:
            frames.append(msgspec.json.encode(messages))
            messages, size = [], rng.randint(1, LARGEST_FRAME)
    if messages:
        frames.append(msgspec.json.encode(messages))
    return frames


def to_bars(symbols: tuple[str, ...], frames: Sequence[bytes]) -> int:
    """The feed's way; how many bars there were."""
    reader, builder, bars = FrameReader(Mode.TRADES, symbols, FeedReport()), BarBuilder(len(symbols)), 0
    until_ms = reader.inbox.attend(BEGIN_MS)
    for number, frame in enumerate(frames):
        reader.read(frame)
        if number % LOOK_FRAMES == 0:
            for batch in reader.inbox.batches(until_ms):
                if isinstance(batch.data, Trades):
                    builder.add(batch.data)
                    until_ms = int(batch.data.time_ms[-1])
            bars += sum(map(len, builder.seal(until_ms)))
    reader.flush()
    for batch in reader.inbox.batches(until_ms):
        if isinstance(batch.data, Trades):
            builder.add(batch.data)
    return bars + sum(map(len, builder.seal(BEGIN_MS + 10 * MINUTE_MS)))


def by_msgspec(frames: Sequence[bytes]) -> None:
    """The least that there is to do."""
    for frame in frames:
        _decode(frame)


def by_vendor(frames: Sequence[bytes]) -> None:
    """As the vendor's client decodes what it receives."""
    for frame in frames:
        parse_as_vendor(json.loads(frame), _log, Market.Stocks)


def per_second(work: Callable[[], object], count: int) -> float:
    """Trades per second of processor time."""
    began_s = cpu_s()
    work()
    return count / (cpu_s() - began_s)


def measure(symbol_count: int, rounds: int) -> Figures:
    """All three, round by round; the medians."""
    symbols = tuple(f"S{number}" for number in range(symbol_count))
    frames = frames_of(symbols, TRADES, symbol_count)
    bars = to_bars(symbols, frames)  # and everything has been imported, and every table been made
    ours, least, vendors = [], [], []
    for _ in range(rounds):
        ours.append(per_second(lambda: to_bars(symbols, frames), TRADES))
        least.append(per_second(lambda: by_msgspec(frames), TRADES))
        vendors.append(per_second(lambda: by_vendor(frames), TRADES))
    to_bars_per_s, msgspec_per_s, vendor_per_s = map(statistics.median, (ours, least, vendors))
    return Figures(
        symbols=symbol_count,
        trades=TRADES,
        bytes_per_trade=round(sum(map(len, frames)) / TRADES, 1),
        to_bars_per_s=round(to_bars_per_s),
        msgspec_per_s=round(msgspec_per_s),
        vendor_per_s=round(vendor_per_s),
        ratio_to_msgspec=round(to_bars_per_s / msgspec_per_s, 3),
        ratio_to_vendor=round(to_bars_per_s / vendor_per_s, 2),
        bars=bars,
    )


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 where a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks ticks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=7, help="of which the medians are told")
    options = parser.parse_args(arguments)
    figures = [measure(count, max(1, options.rounds)) for count in UNIVERSES]
    within = all(one.to_bars_per_s >= LEAST_PER_S and one.ratio_to_msgspec >= LEAST_RATIO for one in figures)
    if options.json:
        limits = {"least_per_s": LEAST_PER_S, "least_ratio": LEAST_RATIO}
        print(json.dumps({"universes": [asdict(one) for one in figures], **limits, "within_limits": within}))
    else:
        for one in figures:
            print(
                f"{one.symbols:6,} symbols: {one.to_bars_per_s:9,} trades/s from frames to bars; "
                f"{one.ratio_to_msgspec:.3f} of msgspec's decoding alone ({one.msgspec_per_s:,}), "
                f"{one.ratio_to_vendor:.1f} times the vendor's client's ({one.vendor_per_s:,})"
            )
    return 0 if within else 1
