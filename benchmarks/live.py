"""How long an event takes from Redis to a page: publish → WebSocket frame received, at two rates.

A dashboard of its own process on a real Redis and PostgreSQL; this process publishes and is the page. A tenth of the
messages are patterns, which are never conflated and are timed one by one; the rest are indicators of 500 symbols.
The limit is the specification's: 95 of 100 within 100 ms, publish to browser.
"""

import argparse
import asyncio
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from benchmarks.dashboard import Dashboard
from benchmarks.percentiles import Percentiles, print_json
from benchmarks.stream import PATTERN_ID, Publisher
from benchmarks.usage import CpuMeter
from tickstockpl.clock import monotonic_s
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.redis_link import RedisLink
from tickstockpl.store.migrate import migrate

LIMIT_P95_MS = 100.0
RATES = (1_000, 5_000)
PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Result:
    """One rate's figures; ``p95_of_limit`` below 1 is within the limit."""

    events_per_second: int
    seconds: float
    published: int
    patterns_sent: int
    patterns_received: int
    delays: Percentiles
    p95_of_limit: float
    dashboard_cpu_percent: int
    dashboard_memory_mb: int
    frames: int


def main(argv: list[str]) -> int:
    """Measure and print; 0 if every rate is within the limit and nothing was lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks live", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each rate is held (5)")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="tickstockpl-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL runs as another user where this one is root
        with EmbeddedServers(folder) as servers:
            migrate(servers.database_url)
            with Dashboard(servers.redis_url, servers.database_url, folder) as dashboard:
                results = asyncio.run(_measure_all(dashboard, servers.redis_url, options.seconds))
    if options.json:
        print_json({"benchmark": "live", "limit_p95_ms": LIMIT_P95_MS, "results": results})
    else:
        for result in results:
            print(
                f"{result.events_per_second:6,} events/s: {result.delays} ({result.p95_of_limit:.2f} of the limit), "
                f"{result.patterns_received:,} of {result.patterns_sent:,} patterns, "
                f"dashboard {result.dashboard_cpu_percent} % of a core, {result.dashboard_memory_mb} MB"
            )
    good = all(r.p95_of_limit <= 1 and r.patterns_received == r.patterns_sent for r in results)
    return 0 if good else 1


async def _measure_all(dashboard: Dashboard, redis_url: str, seconds: float) -> list[Result]:
    link = await RedisLink.connect(redis_url)
    publisher = Publisher(link)
    await publisher.open()
    try:
        return [await _measure(dashboard, publisher, rate, seconds) for rate in RATES]
    finally:
        await link.close()


async def _measure(dashboard: Dashboard, publisher: Publisher, rate: int, seconds: float) -> Result:
    first_pattern, first_event = publisher.patterns, publisher.events
    address = dashboard.url.replace("http", "ws", 1) + "/ws/live"
    async with connect(address, origin=Origin(dashboard.url), max_size=None) as socket:
        await socket.recv()
        page = _Page(socket)
        reading = asyncio.create_task(page.read())
        cpu = CpuMeter(dashboard=dashboard.process)
        took_s = await publisher.hold(rate, seconds)
        cpu_percent = cpu.percent()["dashboard"]
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        with suppress(TimeoutError):  # what is missing is counted
            async with asyncio.timeout(PATIENCE_S):
                await page.read(publisher.patterns - 1)
    delays = Percentiles.of(page.delays_ms)
    return Result(
        events_per_second=rate,
        seconds=round(took_s, 2),
        published=publisher.events - first_event,
        patterns_sent=publisher.patterns - first_pattern,
        patterns_received=len(page.delays_ms),
        delays=delays,
        p95_of_limit=round(delays.p95_ms / LIMIT_P95_MS, 3),
        dashboard_cpu_percent=cpu_percent,
        dashboard_memory_mb=round(dashboard.memory_mb),
        frames=page.frames,
    )


@dataclass
class _Page:
    """What a page has received: how late each pattern was, and how many frames there were."""

    socket: ClientConnection
    newest: int = -1
    delays_ms: list[float] = field(default_factory=list)
    frames: int = 0

    async def read(self, until: int | None = None) -> None:
        """Read up to the pattern of this number, or until cancelled."""
        while until is None or self.newest < until:
            frame = await self.socket.recv(decode=False)
            now_ms = monotonic_s() * 1000
            self.frames += 1
            for number, published_us in PATTERN_ID.findall(frame):
                self.newest = int(number)
                self.delays_ms.append(now_ms - int(published_us) / 1000)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
