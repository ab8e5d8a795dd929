"""Does anything fall behind? The simulator at 60 times real speed, 500 symbols, with the dashboard and one page.

Producer, Redis and dashboard run as their own processes, as they do for a user. In windows of 30 s this prints

- the age of the checkpoints on arrival at a Redis subscriber: from the first byte of a minute's burst to its last,
- how much later the page's WebSocket had the same minute's first pattern than the subscriber,
- the producer's own processing lag, from health.

The ratio is the last window's median to the first one's: near 1 where nothing falls behind.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import hiredis
from websockets.asyncio.client import connect
from websockets.typing import Origin

from tickstockpl.clock import monotonic_s, wall_ms
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.timestamps import from_iso
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.redis_link import RedisLink
from tickstockpl.store.migrate import migrate

WINDOW_S = 30
MEASURES = ("redis_ms", "page_ms", "producer_lag_ms")


@dataclass
class Measured:
    """What came in, each figure with the second in which it did."""

    began_s: float = field(default_factory=monotonic_s)
    figures: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: {name: [] for name in MEASURES})
    first_heard: dict[str, float] = field(default_factory=dict)
    messages: int = 0

    def note(self, name: str, value: float) -> None:
        """Take one figure down."""
        self.figures[name].append((monotonic_s() - self.began_s, value))

    def windows(self, name: str) -> list[list[float]]:
        """The figures by window, empty windows left out."""
        found: dict[int, list[float]] = {}
        for second, value in self.figures[name]:
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


async def run(folder: Path, seconds: int, speed: int) -> Measured:
    """Start everything, measure, stop everything."""
    with EmbeddedServers(folder) as servers:
        migrate(servers.database_url)
        addresses = {"TICKSTOCK_REDIS_URL": servers.redis_url, "TICKSTOCK_DATABASE_URL": servers.database_url}
        page = await start("dashboard", "--port", "0", "--held", addresses=addresses)
        producer = await start("stream", "--speed", str(speed), addresses=addresses)
        assert page.stdout is not None
        address = (await page.stdout.readline()).decode().removeprefix("ready ").strip()
        measured = Measured()
        try:
            async with asyncio.timeout(seconds), asyncio.TaskGroup() as tasks:
                tasks.create_task(listen(servers.redis_url, measured))
                tasks.create_task(watch_page(address, measured))
        except TimeoutError:
            pass
        finally:
            for process in (producer, page):
                if process.returncode is None:
                    process.terminate()
                await process.communicate()
        return measured


async def start(*arguments: str, addresses: dict[str, str]) -> asyncio.subprocess.Process:
    """Start a command of the package as a process of its own."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tickstockpl", *arguments),
        env={**os.environ, **addresses},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )


def main(argv: list[str]) -> int:
    """Measure and print; exit code 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks steady", description=__doc__)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--speed", type=int, default=60)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="tickstockpl-bench-") as folder:
        Path(folder).chmod(0o711)  # as root, PostgreSQL runs as another user who has to pass
        measured = asyncio.run(run(Path(folder), options.seconds, options.speed))
    result: dict[str, object] = {"seconds": options.seconds, "events_per_second": measured.messages / options.seconds}
    for name in MEASURES:
        windows = measured.windows(name)
        medians = [round(statistics.median(window), 1) for window in windows]
        worst = [round(_quantile(window, 0.95), 1) for window in windows]
        result[name] = {"p50": medians, "p95": worst, "ratio": _ratio(medians)}
    if options.json:
        print(json.dumps(result))
        return 0
    print(f"{result['events_per_second']:,.0f} events/s over {options.seconds} s, windows of {WINDOW_S} s")
    for name in MEASURES:
        print(f"{name:16} {result[name]}")
    return 0


def _quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _ratio(medians: list[float]) -> float | None:
    """The last window against the first; a millisecond is added to both, since 0 and 1 ms are the same."""
    return round((medians[-1] + 1) / (medians[0] + 1), 2) if medians else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
