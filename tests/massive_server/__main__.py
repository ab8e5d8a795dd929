"""``python -m tests.massive_server``: a file, or a simulated day, served as Massive would serve the market of today."""

import argparse
import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from tests.massive_server.server import KEY, MassiveServer
from tests.massive_server.tape import Message, Tape
from tickstockpl.clock import MAX_SPEED, SystemClock, VirtualClock
from tickstockpl.feeds.simulator import SimulatorFeed
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.calendar import MarketCalendar
from tickstockpl.market.universes import load_universe

TIMES = ("t", "s", "e")
"""Fields of a message that are times; ``s`` of a trade is its size."""


def moved(tape: Tape, by_ms: int) -> Tape:
    """The same market at another time."""

    def message(one: Message) -> Message:
        times = ("t",) if one["ev"] == "T" else TIMES
        return {name: value + by_ms if name in times else value for name, value in one.items()}

    messages = [(at_ms + by_ms, message(one)) for at_ms, one in tape.messages]
    return Tape(tape.symbols, messages, [replace(bars, minute_ms=bars.minute_ms + by_ms) for bars in tape.bars])


async def serve(options: argparse.Namespace) -> None:
    """Serve until interrupted."""
    clock = SystemClock()
    if options.file:
        tape = await Tape.of_files(*options.file, kinds=options.kinds.split(","))
    else:
        calendar = MarketCalendar()
        day = calendar.last_day(next(calendar.days_to_come(clock.now_ms())).date)
        universe = load_universe("demo:top_50", Path("no own universes"))
        feed = SimulatorFeed(universe, VirtualClock(MAX_SPEED), calendar, 1, "served", day.date)
        tape = await Tape.of_feed(feed, 1, options.kinds.split(","))
    begin_ms = tape.messages[0][0] - tape.messages[0][0] % MINUTE_MS
    now_ms = clock.now_ms()
    async with MassiveServer(
        moved(tape, now_ms - now_ms % MINUTE_MS + MINUTE_MS - begin_ms), clock, options.key
    ) as server:
        print(f"export TICKSTOCK_MASSIVE_API_KEY={options.key}")
        print(f"export TICKSTOCK_MASSIVE_URL={server.url} TICKSTOCK_MASSIVE_REST_URL={server.rest_url}")
        print(
            f"{len(tape.messages):,} messages of {len(tape.symbols):,} symbols from the next minute on; Ctrl-C ends it."
        )
        await asyncio.Event().wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.massive_server", description=__doc__)
    parser.add_argument("--file", type=Path, action="append", help="CSV or Parquet file of bars or trades")
    parser.add_argument("--kinds", default="T,A,AM", help="messages of which kinds: T, A, AM")
    parser.add_argument("--key", default=KEY, help="the API key that is accepted")
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
