"""How long an event takes from Redis to a page: publish → WebSocket frame received, at two rates.

A dashboard of its own process on a real Redis and PostgreSQL; this process publishes and is the page. A tenth of the
messages are patterns, which are never conflated and are timed one by one; the rest are indicators of 500 symbols.
The limit is the specification's: 95 of 100 within 100 ms, publish to browser.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import hiredis
import psutil
from websockets.asyncio.client import ClientConnection, connect

from tickstockpl import clock
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import (
    BarData,
    Calculation,
    Detection,
    PatternMetadata,
    StreamingIndicator,
    StreamingPattern,
    encode,
)
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.redis_link import RedisLink
from tickstockpl.store.migrate import migrate

LIMIT_P95_MS = 100.0
RATES = (1_000, 5_000)
TICK_S = 0.01
PATTERNS_IN = 10
"""Every so many messages one is a pattern."""

_SESSION = "00000000-0000-0000-0000-000000000001"
_LAST = "last"
_TIME = "2025-10-06T14:15:00.000Z"
_INSTANCES = ("RSI_14", "SMA_20", "SMA_50", "SMA_200", "MACD_12_26_9", "BB_20_2")
_DASHBOARD = """
import sys
from tickstockpl.dashboard.server import run_dashboard
from tickstockpl.settings import load_settings
settings = load_settings(port=0, auth="off")
run_dashboard(settings, *sys.argv[1:], lambda url: print(url, flush=True), exit_with_stdin=True)
"""


@dataclass(frozen=True, slots=True)
class Result:
    """One rate's figures; ``p95_of_limit`` below 1 is within the limit."""

    events_per_second: int
    seconds: float
    published: int
    patterns_sent: int
    patterns_received: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    p95_of_limit: float
    dashboard_cpu_percent: float
    dashboard_memory_mb: int
    frames: int


def main(argv: list[str]) -> int:
    """Measure and print; 0 if every rate is within the limit and nothing was lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks live", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each rate is held (5)")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="tickstockpl-bench-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL runs as another user where this one is root
        with EmbeddedServers(Path(folder)) as servers:
            migrate(servers.database_url)
            with _dashboard(servers.redis_url, servers.database_url) as (url, process):
                results = [
                    asyncio.run(_measure(url, servers.redis_url, rate, options.seconds, process)) for rate in RATES
                ]
    if options.json:
        print(json.dumps({"benchmark": "live", "limit_p95_ms": LIMIT_P95_MS, "results": [asdict(r) for r in results]}))
    else:
        for result in results:
            print(
                f"{result.events_per_second:6,} events/s: p50 {result.p50_ms:.1f} ms, p95 {result.p95_ms:.1f} ms, "
                f"p99 {result.p99_ms:.1f} ms ({result.p95_of_limit:.2f} of the limit), "
                f"{result.patterns_received:,} of {result.patterns_sent:,} patterns, "
                f"dashboard {result.dashboard_cpu_percent:.0f} % of a core, {result.dashboard_memory_mb} MB"
            )
    good = all(r.p95_of_limit <= 1 and r.patterns_received == r.patterns_sent for r in results)
    return 0 if good else 1


@contextmanager
def _dashboard(redis_url: str, database_url: str) -> Iterator[tuple[str, psutil.Process]]:
    with subprocess.Popen(
        [sys.executable, "-c", _DASHBOARD, redis_url, database_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            yield child.stdout.readline().strip(), psutil.Process(child.pid)
        finally:
            child.stdin.close()
            child.wait(timeout=10)


async def _measure(url: str, redis_url: str, rate: int, seconds: float, process: psutil.Process) -> Result:
    link = await RedisLink.connect(redis_url)
    sent_s: dict[str, float] = {}
    latencies_ms: list[float] = []
    async with connect(url.replace("http", "ws", 1) + "/ws/live", origin=url, max_size=None) as page:  # type: ignore[arg-type]
        await page.recv()
        reading = asyncio.create_task(_read(page, sent_s, latencies_ms))
        process.cpu_percent()
        began_s = clock.monotonic_s()
        published = await _publish(link, rate, seconds, sent_s)
        took_s = clock.monotonic_s() - began_s
        cpu_percent = process.cpu_percent()
        await link.call("PUBLISH", Channel.PATTERNS.value, _pattern("S0", f"{_LAST}-{rate}").decode())
        frames = await asyncio.wait_for(reading, timeout=10)
    await link.close()
    ordered = sorted(latencies_ms) or [float("inf")]
    p95_ms = _percentile(ordered, 95)
    return Result(
        events_per_second=rate,
        seconds=round(took_s, 2),
        published=published,
        patterns_sent=len(sent_s),
        patterns_received=len(latencies_ms),
        p50_ms=round(_percentile(ordered, 50), 2),
        p95_ms=round(p95_ms, 2),
        p99_ms=round(_percentile(ordered, 99), 2),
        p95_of_limit=round(p95_ms / LIMIT_P95_MS, 3),
        dashboard_cpu_percent=cpu_percent,
        dashboard_memory_mb=process.memory_info().rss >> 20,
        frames=frames,
    )


async def _publish(link: RedisLink, rate: int, seconds: float, sent_s: dict[str, float]) -> int:
    """Hold the rate, a burst every ``TICK_S``; note when each pattern left."""
    began_s = clock.monotonic_s()
    number = 0
    for tick in range(1, int(seconds / TICK_S) + 1):
        burst = range(number, int(rate * tick * TICK_S))
        number = burst.stop
        ids = [f"pattern-{rate}-{one}" for one in burst if one % PATTERNS_IN == 0]
        commands = b"".join(hiredis.pack_command(("PUBLISH", *_message(rate, one))) for one in burst)  # type: ignore[arg-type]
        now_s = clock.monotonic_s()
        sent_s.update((one, now_s) for one in ids)
        await link.send(commands)
        await link.replies(len(burst))
        await asyncio.sleep(max(0.0, began_s + tick * TICK_S - clock.monotonic_s()))
    return number


def _message(rate: int, number: int) -> tuple[str, bytes]:
    symbol = f"S{number % 500}"
    if number % PATTERNS_IN == 0:
        return Channel.PATTERNS.value, _pattern(symbol, f"pattern-{rate}-{number}")
    instance = _INSTANCES[number % len(_INSTANCES)]
    calculation = Calculation(symbol, instance.split("_")[0], number / 7, _TIME, "1min", {"instance": instance})
    return Channel.INDICATORS.value, encode(StreamingIndicator(calculation))


def _pattern(symbol: str, pattern_id: str) -> bytes:
    metadata = PatternMetadata(_SESSION, "benchmark", pattern_id)
    bar = BarData(125.5, 125.75, 125.45, 125.52, 250_000)
    return encode(StreamingPattern(Detection(symbol, "Doji", 0.75, _TIME, "1min", bar, metadata)))


async def _read(page: ClientConnection, sent_s: dict[str, float], latencies_ms: list[float]) -> int:
    """Time every pattern until the last one; the number of frames."""
    frames = 0
    while True:
        text = await page.recv()
        now_s = clock.monotonic_s()
        frames += 1
        ids = [pattern["metadata"]["pattern_id"] for pattern in json.loads(text).get("patterns", ())]
        latencies_ms += [1000 * (now_s - sent_s[one]) for one in ids if one in sent_s]
        if any(one.startswith(_LAST) for one in ids):
            return frames


def _percentile(ordered: list[float], percent: int) -> float:
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
