"""Does a page that stays open grow, and does it scroll smoothly? The simulator at 60 times real speed, 500 symbols.

Producer, dashboard, Redis, PostgreSQL and a real Chromium are processes of their own. Each minute

- the list of patterns is scrolled by the wheel for some seconds, while the stream goes on: the time from one animation
  frame to the next, and which part of the frames came within 20 ms, as they do at 60 a second,
- then the browser collects its garbage, and what is left is counted: the page's JavaScript heap, nodes of the document
  and listeners.

The heap is flat unless it grows by 1 MB an hour or more beyond doubt: by least squares over all minutes after the
warm-up, in which the page fills what it keeps (2,000 patterns, 2,000 alerts, 500 symbols), less two standard errors of
that. An hour here is 60 of the market, nine trading days: a page that stays open for a month of them then has some 2 MB
more, which nobody notices. What is left after a collection goes up and down by a megabyte, so that a run of a few
minutes says little; ``heap_floor_mb``, the least of the first third and of the last, shows a leak as well. Nodes and
listeners are flat when the last third has at most 1.1 times as many as the first. ``cpu_percent`` says who used the
processor; a frame comes late, too, where others need the machine.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
from playwright.async_api import CDPSession, Page

from benchmarks.chromium import VIEWPORT, browser_processes, chromium
from benchmarks.dashboard import Dashboard
from benchmarks.percentiles import Percentiles, print_json
from benchmarks.producer import command, figures
from benchmarks.usage import CpuMeter, machine
from tickstockpl.clock import monotonic_s
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.store.migrate import migrate

SPEED = 60
SAMPLE_S = 60.0
SCROLL_S = 5.0
NOTCH_PX = 120
NOTCH_S = 0.05
SCROLLED_PX = 4_800
SMOOTH_MS = 20.0

HEAP_LIMIT_MB_PER_HOUR = 1.0
COUNT_LIMIT_RATIO = 1.1
SMOOTH_LIMIT = 0.95

_LIST = "#patterns ul[aria-label]"
_COUNT_FRAMES = """() => {
  const times = (window.tickstockFrames = []);
  const next = (time) => { times.push(time); if (window.tickstockFrames === times) requestAnimationFrame(next); };
  requestAnimationFrame(next);
}"""
_TAKE_FRAMES = "(() => { const times = window.tickstockFrames; window.tickstockFrames = null; return times; })()"


@dataclass(frozen=True, slots=True)
class Sample:
    """What the page keeps at one minute."""

    minute: float
    heap_mb: float
    nodes: int
    listeners: int


@dataclass
class Measured:
    """What came of a run; ``frames_ms`` are the times between animation frames while the stream was scrolled."""

    samples: list[Sample] = field(default_factory=list)
    frames_ms: list[float] = field(default_factory=list)
    cpu_percent: dict[str, int] = field(default_factory=dict)
    missed: int = 0


async def scroll(page: Page) -> list[float]:
    """Scroll the patterns down and up again; times between frames, milliseconds."""
    box = await page.locator(_LIST).bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + NOTCH_PX)
    await page.evaluate(_COUNT_FRAMES)
    end_s = monotonic_s() + SCROLL_S
    down, scrolled = 1, 0
    while monotonic_s() < end_s:
        await page.mouse.wheel(0, down * NOTCH_PX)
        scrolled += down * NOTCH_PX
        if not 0 < scrolled < SCROLLED_PX:
            down = -down
        await asyncio.sleep(NOTCH_S)
    times: list[float] = await page.evaluate(_TAKE_FRAMES)
    await page.mouse.wheel(0, -2 * SCROLLED_PX)
    await page.mouse.move(0, 0)
    return [after - before for before, after in pairwise(times)]


async def look(session: CDPSession, minute: float) -> Sample:
    """Collect the garbage and count what is left."""
    await session.send("HeapProfiler.collectGarbage")
    heap = await session.send("Runtime.getHeapUsage")
    metrics = {one["name"]: one["value"] for one in (await session.send("Performance.getMetrics"))["metrics"]}
    return Sample(
        round(minute, 2), round(heap["usedSize"] / 1e6, 3), int(metrics["Nodes"]), int(metrics["JSEventListeners"])
    )


async def watch(page: Page, minutes: float, measured: Measured) -> None:
    """Scroll and count, once a minute."""
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable")
    began_s = monotonic_s()
    for number in range(1, round(minutes * 60 / SAMPLE_S) + 1):
        await asyncio.sleep(max(0.0, began_s + number * SAMPLE_S - SCROLL_S - monotonic_s()))
        measured.frames_ms += await scroll(page)
        measured.samples.append(await look(session, (monotonic_s() - began_s) / 60))
        print(f"{measured.samples[-1]}", file=sys.stderr, flush=True)


async def run(folder: Path, minutes: float) -> Measured:
    """Start everything, measure, stop everything."""
    measured = Measured()
    with EmbeddedServers(folder) as servers:
        migrate(servers.database_url)
        settings = {
            "TICKSTOCK_REDIS_URL": servers.redis_url,
            "TICKSTOCK_DATABASE_URL": servers.database_url,
            "TICKSTOCK_DATA_DIR": str(folder),
        }
        with Dashboard(servers.redis_url, servers.database_url, folder) as dashboard:
            async with command("stream", "--speed", str(SPEED), settings=settings) as producer, chromium() as browser:
                page = await browser.new_page(viewport=VIEWPORT, color_scheme="dark", locale="en-US")
                await page.goto(dashboard.url)
                await page.locator(f"{_LIST} li").first.wait_for()
                cpu = CpuMeter(
                    browser=browser_processes(), dashboard=dashboard.process, producer=psutil.Process(producer.pid)
                )
                await watch(page, minutes, measured)
                measured.cpu_percent = cpu.percent()
                now = await figures(f"{dashboard.url}/metrics")
                measured.missed = int(now.get("tickstock_dashboard_missed_total", 0))
    return measured


def slope_per_hour(samples: Sequence[Sample]) -> tuple[float, float]:
    """Megabytes by which the heap grows in an hour: least squares, and two standard errors of that."""
    if len(samples) < 3:
        return 0.0, float("inf")
    hours = [sample.minute / 60 for sample in samples]
    heap = [sample.heap_mb for sample in samples]
    slope, intercept = statistics.linear_regression(hours, heap)
    left = sum((value - intercept - slope * hour) ** 2 for hour, value in zip(hours, heap, strict=True))
    spread = sum((hour - statistics.fmean(hours)) ** 2 for hour in hours)
    return slope, 2 * (left / (len(samples) - 2) / spread) ** 0.5


def main(argv: list[str]) -> int:
    """Measure and print; 0 if the page does not grow and scrolls smoothly."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks tab", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--minutes", type=float, default=60.0, help="how long the page stays open (60)")
    parser.add_argument("--warm-up", type=float, default=10.0, help="minutes after which the heap is looked at (10)")
    options = parser.parse_args(argv)
    before = machine()
    with tempfile.TemporaryDirectory(prefix="tickstockpl-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL runs as another user where this one is root
        measured = asyncio.run(run(folder, options.minutes))
    warm = [sample for sample in measured.samples if sample.minute > options.warm_up]
    slope, doubt = slope_per_hour(warm)
    smooth = sum(time_ms <= SMOOTH_MS for time_ms in measured.frames_ms) / max(1, len(measured.frames_ms))
    frames = Percentiles.of(measured.frames_ms)
    result: dict[str, Any] = {
        "minutes": options.minutes,
        "warm_up_minutes": options.warm_up,
        "heap_mb": [warm[0].heap_mb, warm[-1].heap_mb] if warm else [],
        "heap_floor_mb": _floors([sample.heap_mb for sample in warm]),
        "heap_mb_per_hour": round(slope, 3),
        "heap_mb_per_hour_doubt": round(doubt, 3),
        "heap_limit_mb_per_hour": HEAP_LIMIT_MB_PER_HOUR,
        "nodes_ratio": _ratio([sample.nodes for sample in warm]),
        "listeners_ratio": _ratio([sample.listeners for sample in warm]),
        "frames": len(measured.frames_ms),
        "frame_time": frames,
        "frames_within_20_ms": round(smooth, 4),
        "missed_by_the_dashboard": measured.missed,
        "cpu_percent": measured.cpu_percent,
    }
    if options.json:
        print_json({"benchmark": "tab", "machine": before, **result, "samples": measured.samples})
    else:
        for key, figure in result.items():
            print(f"{key:26} {figure}")
    flat = slope - doubt < HEAP_LIMIT_MB_PER_HOUR and all(
        result[name] <= COUNT_LIMIT_RATIO for name in ("nodes_ratio", "listeners_ratio")
    )
    return int(not flat or smooth < SMOOTH_LIMIT)


def _floors(heap_mb: Sequence[float]) -> list[float]:
    """The least of the first third and of the last."""
    third = max(1, len(heap_mb) // 3)
    return [min(part) for part in (heap_mb[:third], heap_mb[-third:]) if part]


def _ratio(counts: Sequence[int]) -> float:
    """The last third's median to the first's."""
    third = max(1, len(counts) // 3)
    if not counts:
        return 1.0
    return round(statistics.median(counts[-third:]) / max(1, statistics.median(counts[:third])), 3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
