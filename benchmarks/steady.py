"""Does anything fall behind? The simulator at 60 times real speed, 500 symbols, with the dashboard and one page.

Producer, Redis and dashboard run as their own processes, as they do for a user. In windows of 30 s this prints

- the age of the checkpoints on arrival at a Redis subscriber: from the first byte of a minute's burst to its last,
- how much later the page's WebSocket had the same minute's first pattern than the subscriber,
- the producer's own processing lag, from health.

The ratio is the last window's median to the first one's: near 1 where nothing falls behind. After a warm-up it prints
as well

- the resident sets of producer and dashboard, and by how much they grow in an hour of the market: least squares over
  one trading day, limit 1 MB. At 60 times real speed a day is over after 390 s. What drawing the next day adds is given
  beside it, as the difference of the medians: memory that is used again for the days after that one,
- what waits: writes in the producer, its spool, and messages in Redis for slow subscribers; by window.
"""

import argparse
import asyncio
import json
import re
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hiredis
import psutil
from websockets.asyncio.client import connect
from websockets.typing import Origin

from benchmarks.producer import command, figures, free_port, quantile
from tickstockpl.clock import monotonic_s, wall_ms
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.timestamps import from_iso
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.redis_link import RedisLink
from tickstockpl.store.migrate import migrate

WINDOW_S = 30
SAMPLE_S = 1.0
MEASURES = ("redis_ms", "page_ms", "producer_lag_ms")
MEMORY = ("producer_mb", "dashboard_mb")
QUEUES = ("writer_queue", "spool_mb", "redis_queue_mb")
GROWTH_LIMIT_MB = 1.0


@dataclass
class Measured:
    """What came in, each figure with the second in which it did."""

    began_s: float = field(default_factory=monotonic_s)
    figures: dict[str, list[tuple[float, float]]] = field(
        default_factory=lambda: {name: [] for name in (*MEASURES, *MEMORY, *QUEUES)}
    )
    first_heard: dict[str, float] = field(default_factory=dict)
    messages: int = 0
    missed: int = 0
    day_ended_s: float = float("inf")

    def note(self, name: str, value: float) -> None:
        """Take one figure down."""
        self.figures[name].append((monotonic_s() - self.began_s, value))

    def between(self, name: str, begin_s: float, end_s: float = float("inf")) -> list[tuple[float, float]]:
        """The figures that came in a span of time."""
        return [(second, value) for second, value in self.figures[name] if begin_s <= second < end_s]

    def windows(self, name: str, warm_up_s: float = 0) -> list[list[float]]:
        """The figures by window, empty windows left out."""
        found: dict[int, list[float]] = {}
        for second, value in self.between(name, warm_up_s):
            found.setdefault(int(second // WINDOW_S), []).append(value)
        return [found[number] for number in sorted(found)]


async def listen(url: str, measured: Measured) -> None:
    """Take down checkpoint ages, health lags and when each pattern was heard."""
    link = await RedisLink.connect(url)
    try:
        await link.send(hiredis.pack_command(("SUBSCRIBE", *Channel)))
        while True:
            for kind, channel, payload in await link.messages():
                if kind == b"message":
                    take_down(channel.decode(), payload, measured)
    finally:
        await link.close()


def take_down(channel: str, payload: bytes, measured: Measured) -> None:
    """One message of a channel."""
    measured.messages += 1
    if channel == Channel.CHECKPOINT:
        measured.note("redis_ms", wall_ms() - from_iso(json.loads(payload)["timestamp"]))
    elif channel == Channel.HEALTH:
        measured.note("producer_lag_ms", json.loads(payload)["health"]["data_flow"]["processing_lag_ms"])
    elif channel == Channel.SESSION_STOPPED:
        measured.day_ended_s = min(measured.day_ended_s, monotonic_s() - measured.began_s)
    elif channel == Channel.PATTERNS:
        measured.first_heard[json.loads(payload)["detection"]["metadata"]["pattern_id"]] = monotonic_s()


async def watch_page(address: str, measured: Measured) -> None:
    """Take down how much later the page has a pattern than a Redis subscriber."""
    async with connect(address.replace("http", "ws") + "/ws/live", max_size=None, origin=Origin(address)) as socket:
        async for text in socket:
            arrived_s = monotonic_s()
            frame = json.loads(text)
            if frame["type"] != "delta":
                continue
            for pattern in frame.get("patterns", [])[:1]:
                heard_s = measured.first_heard.get(pattern["metadata"]["pattern_id"])
                if heard_s is not None:
                    measured.note("page_ms", max(0.0, (arrived_s - heard_s) * 1000))


async def watch_processes(producer: int, page: int, port: int, address: str, measured: Measured) -> None:
    """Take down what both processes keep in memory, and what waits in them."""
    processes = {"producer_mb": psutil.Process(producer), "dashboard_mb": psutil.Process(page)}
    while True:
        for name, process in processes.items():
            measured.note(name, process.memory_info().rss / 1e6)
        now = await figures(f"http://127.0.0.1:{port}/metrics")
        if "tickstock_writer_queue_jobs" in now:
            measured.note("writer_queue", now["tickstock_writer_queue_jobs"])
            measured.note("spool_mb", now["tickstock_spool_bytes"] / 1e6)
        page_now = await figures(f"{address}/metrics")
        measured.missed = int(page_now.get("tickstock_dashboard_missed_total", 0))
        await asyncio.sleep(SAMPLE_S)


async def watch_redis(url: str, measured: Measured) -> None:
    """Take down what waits in Redis for subscribers that read too slowly."""
    link = await RedisLink.connect(url)
    try:
        while True:
            clients = await link.call("CLIENT", "LIST")
            measured.note("redis_queue_mb", sum(map(int, re.findall(r" omem=(\d+)", clients.decode()))) / 1e6)
            await asyncio.sleep(SAMPLE_S)
    finally:
        link.abort()


async def run(folder: Path, seconds: int, speed: int) -> Measured:
    """Start everything, measure, stop everything."""
    with EmbeddedServers(folder) as servers:
        migrate(servers.database_url)
        port = free_port()
        settings = {
            "TICKSTOCK_REDIS_URL": servers.redis_url,
            "TICKSTOCK_DATABASE_URL": servers.database_url,
            "TICKSTOCK_DATA_DIR": str(folder),
            "TICKSTOCK_METRICS_PORT": str(port),
        }
        async with (
            command("dashboard", "--port", "0", "--held", settings=settings) as page,
            command("stream", "--speed", str(speed), settings=settings) as producer,
        ):
            assert page.stdout is not None
            address = (await page.stdout.readline()).decode().removeprefix("ready ").strip()
            measured = Measured()
            try:
                async with asyncio.timeout(seconds), asyncio.TaskGroup() as tasks:
                    tasks.create_task(listen(servers.redis_url, measured))
                    tasks.create_task(watch_page(address, measured))
                    tasks.create_task(watch_redis(servers.redis_url, measured))
                    tasks.create_task(watch_processes(producer.pid, page.pid, port, address, measured))
            except TimeoutError:
                pass
        return measured


def slope_per_hour(samples: list[tuple[float, float]], speed: int) -> float:
    """By how much a figure grows in an hour of the market: least squares over its samples (second, value)."""
    if len(samples) < 2:
        return 0.0
    return statistics.linear_regression(*zip(*samples, strict=True)).slope * 3600 / speed


def main(argv: list[str]) -> int:
    """Measure and print; exit code 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks steady", description=__doc__)
    parser.add_argument("--seconds", type=int, default=480)
    parser.add_argument("--warm-up", type=int, default=120, help="seconds after which memory and queues are looked at")
    parser.add_argument("--speed", type=int, default=60)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="tickstockpl-bench-") as folder:
        Path(folder).chmod(0o711)  # as root, PostgreSQL runs as another user who has to pass
        measured = asyncio.run(run(Path(folder), options.seconds, options.speed))
    result: dict[str, Any] = {
        "seconds": options.seconds,
        "events_per_second": round(measured.messages / options.seconds),
        "missed_by_the_dashboard": measured.missed,
    }
    for name in MEASURES:
        windows = measured.windows(name)
        medians = [round(statistics.median(window), 1) for window in windows]
        worst = [round(quantile(window, 0.95), 1) for window in windows]
        result[name] = {"p50": medians, "p95": worst, "ratio": _ratio(medians)}
    for name in MEMORY:
        day = measured.between(name, options.warm_up, measured.day_ended_s)
        next_day = measured.between(name, measured.day_ended_s)
        result[name] = {
            "ends": [round(value, 1) for _, value in (day[0], day[-1])],
            "growth_per_market_hour": round(slope_per_hour(day, options.speed), 2),
            "limit": GROWTH_LIMIT_MB,
            "next_day": round(_median(next_day) - _median(day), 1) if next_day else None,
        }
    for name in QUEUES:
        windows = measured.windows(name, options.warm_up)
        means = [round(statistics.fmean(window), 2) for window in windows]
        result[name] = {"mean": means, "max": [round(max(window), 2) for window in windows]}
    if options.json:
        print(json.dumps({"benchmark": "steady", **result}))
    else:
        for name, figure in result.items():
            print(f"{name:24} {figure}")
    return int(any(result[name]["growth_per_market_hour"] >= GROWTH_LIMIT_MB for name in MEMORY))


def _median(samples: list[tuple[float, float]]) -> float:
    return statistics.median(value for _, value in samples)


def _ratio(medians: list[float]) -> float | None:
    """The last window against the first; a millisecond is added to both, since 0 and 1 ms are the same."""
    return round((medians[-1] + 1) / (medians[0] + 1), 2) if medians else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
