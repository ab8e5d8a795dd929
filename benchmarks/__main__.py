"""``python -m benchmarks NAME [options]``: run one benchmark; without a name, list them."""

import importlib
import sys

BENCHMARKS = {
    "analysis": "one minute of 500 and 11,000 symbols through the engine, against TA-Lib handles and talipp",
    "browser": "how late an event is painted in a real Chromium, at two rates and in whole minutes of 500 symbols",
    "fanout": "up to 1,000 pages at 1,000 events/s, some of which read nothing, and all come back after a restart",
    "feeds": "simulator, bar builder and file reading against their limits and peers",
    "growth": "bytes a row and a day, by table and index, for 500 symbols and, extrapolated, 11,000",
    "live": "how late an event is on a page, at 1,000 and 5,000 events/s",
    "outages": "500 symbols at 60x, PostgreSQL or Redis away: are events late, is every row and event there?",
    "steady": "500 symbols at 60x: does anything fall behind over time, in producer, Redis or dashboard?",
    "tab": "a page open for an hour of 500 symbols at 60x: does it grow, does it scroll smoothly?",
    "ticks": "trades a second from Massive's frames to bars, against msgspec and the vendor's client",
    "writer": "a 500-symbol minute into PostgreSQL, against COPY alone",
}


def main() -> int:
    """Run the benchmark that the command line names."""
    if len(sys.argv) < 2 or sys.argv[1] not in BENCHMARKS:
        for name, question in BENCHMARKS.items():
            print(f"{name:12} {question}")
        return 2
    return int(importlib.import_module(f"benchmarks.{sys.argv[1]}").main(sys.argv[2:]))


if __name__ == "__main__":
    sys.exit(main())
