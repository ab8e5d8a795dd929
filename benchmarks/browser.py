"""How long until a trader sees it? Publish → painted in a real Chromium, at two rates and with whole minutes at once.

Dashboard, Redis and the browser are processes of their own; this one publishes. A tenth of the messages of a rate are
patterns; a minute is 500 bars, 3,000 indicators, 60 patterns and 40 alerts in one burst, as the producer publishes
them, and half a second later the next. Each pattern is timed: when the page's WebSocket has it (``received``), and
when the browser has produced the first frame whose list begins with it or with a later one (``painted``), see
``page_probe.js``. ``seen`` patterns were in the visible part of the list; the others had newer ones above them by
then.

Limits: 50 ms to the painted frame at the 95th percentile at 1,000 events/s, 100 ms at 5,000 and for the minutes; and
the page has every pattern once. ``cpu_percent`` says for each process which part of a core it used; where
``elsewhere`` is large other work ran beside, and the browser, which has several processes, waited for its turn.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from playwright.async_api import Page

from benchmarks.chromium import VIEWPORT, browser_processes, chromium, clock_offset_ms
from benchmarks.dashboard import Dashboard
from benchmarks.percentiles import Percentiles, print_json
from benchmarks.stream import Publisher
from benchmarks.usage import CpuMeter, machine
from tickstockpl.clock import monotonic_s
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.redis_link import RedisLink
from tickstockpl.store.migrate import migrate

PROBE = Path(__file__).with_name("page_probe.js")
LIMITS_P95_MS = {1_000: 50.0, 5_000: 100.0}
MINUTE_LIMIT_P95_MS = 100.0
MINUTE_S = 0.5
WARM_UP_S = 3.0
LOOK_S = 0.1
PATIENCE_S = 15.0

_TAKE = "(() => { const p = tickstockProbe; const taken = {...p}; p.received = []; p.painted = []; return taken; })()"


@dataclass(frozen=True, slots=True)
class Result:
    """One load's figures; ``p95_of_limit`` below 1 is within the limit.

    ``lost`` and ``repeated`` are patterns that the page's WebSocket did not have, or had twice; ``never_painted`` those
    after which no frame came.
    """

    load: str
    seconds: float
    events: int
    patterns: int
    received: Percentiles
    painted: Percentiles
    p95_of_limit: float
    seen: int
    never_painted: int
    lost: int
    repeated: int
    frames_painted_per_second: float
    cpu_percent: dict[str, int]


@dataclass(frozen=True, slots=True)
class Bench:
    """What every measurement needs."""

    page: Page
    publisher: Publisher
    dashboard: Dashboard
    offset_ms: float

    async def measure(self, load: str, limit_ms: float, publishing: Awaitable[object]) -> Result:
        """Wait until it is published and take down what the page makes of it."""
        await self.page.evaluate(_TAKE)
        first, events = self.publisher.patterns, self.publisher.events
        cpu = CpuMeter(browser=browser_processes(), dashboard=self.dashboard.process, publisher=psutil.Process())
        began_s = monotonic_s()
        await publishing
        took_s = monotonic_s() - began_s
        cpu_percent = cpu.percent()
        await self.shown(self.publisher.patterns - 1)
        taken = await self.page.evaluate(_TAKE)
        received = np.array(taken["received"]).reshape(-1, 3)
        painted = np.array(taken["painted"], dtype=float).reshape(-1, 3)
        numbers = received[:, 0].astype(int)
        published_ms = received[:, 1]
        frames_ms, newest = _frames(painted)
        later = np.searchsorted(newest, numbers)
        on_screen = later < len(newest)
        delays_ms = frames_ms[later[on_screen]] + self.offset_ms - published_ms[on_screen]
        return Result(
            load=load,
            seconds=round(took_s, 2),
            events=self.publisher.events - events,
            patterns=self.publisher.patterns - first,
            received=Percentiles.of(received[:, 2] + self.offset_ms - published_ms),
            painted=(shown := Percentiles.of(delays_ms)),
            p95_of_limit=round(shown.p95_ms / limit_ms, 3),
            seen=len(np.unique(painted[painted[:, 2] == 1, 0])),
            never_painted=int((~on_screen).sum()),
            lost=len(set(range(first, self.publisher.patterns)) - set(numbers.tolist())),
            repeated=len(numbers) - len(np.unique(numbers)),
            frames_painted_per_second=round(len(frames_ms) / took_s, 1),
            cpu_percent=cpu_percent,
        )

    async def shown(self, number: int) -> None:
        """Wait until the page has painted the pattern of this number, but not for ever: what is missing is counted."""
        is_there = f"tickstockProbe.painted.some(([number]) => number === {number})"
        await until(self.page, is_there)


async def until(page: Page, expression: str) -> None:
    """Wait until something holds on the page; ``wait_for_function`` needs ``eval``, which the page forbids."""
    for _ in range(round(PATIENCE_S / LOOK_S)):
        if await page.evaluate(expression):
            return
        await asyncio.sleep(LOOK_S)


def _frames(painted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """When frames with new patterns were painted, and the newest pattern of each; both rise."""
    times_ms, starts = np.unique(painted[:, 1], return_index=True)
    newest = np.maximum.reduceat(painted[:, 0], starts) if len(times_ms) else times_ms
    return times_ms, np.maximum.accumulate(newest)


async def run(servers: EmbeddedServers, folder: Path, seconds: float) -> list[Result]:
    """Every load on one page."""
    link = await RedisLink.connect(servers.redis_url)
    publisher = Publisher(link)
    try:
        with Dashboard(servers.redis_url, servers.database_url, folder) as dashboard:
            async with chromium() as browser:
                page = await browser.new_page(viewport=VIEWPORT, color_scheme="dark", locale="en-US")
                await page.add_init_script(path=PROBE)
                await page.goto(dashboard.url)
                await until(page, "tickstockProbe.frames > 0")
                await publisher.open()
                await publisher.minute()
                await publisher.hold(1_000, WARM_UP_S)
                bench = Bench(page, publisher, dashboard, await clock_offset_ms(page))
                await bench.shown(publisher.patterns - 1)
                results = [
                    await bench.measure(f"{rate:,} events/s", limit_ms, publisher.hold(rate, seconds))
                    for rate, limit_ms in LIMITS_P95_MS.items()
                ]
                minutes = await bench.measure(
                    "whole minutes of 500 symbols", MINUTE_LIMIT_P95_MS, _minutes(publisher, round(4 * seconds))
                )
                return [*results, minutes]
    finally:
        await link.close()


async def _minutes(publisher: Publisher, count: int) -> None:
    for _ in range(count):
        due_s = monotonic_s() + MINUTE_S
        await publisher.minute()
        await asyncio.sleep(max(0.0, due_s - monotonic_s()))


def main(argv: list[str]) -> int:
    """Measure and print; 0 if every load is within its limit and nothing was lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks browser", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each rate is held (10)")
    options = parser.parse_args(argv)
    before = machine()
    with tempfile.TemporaryDirectory(prefix="tickstockpl-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL runs as another user where this one is root
        with EmbeddedServers(folder) as servers:
            migrate(servers.database_url)
            results = asyncio.run(run(servers, folder, options.seconds))
    if options.json:
        print_json({"benchmark": "browser", "machine": before, "results": results})
    else:
        for one in results:
            print(
                f"{one.load}: painted {one.painted} ({one.p95_of_limit:.2f} of the limit), received {one.received}, "
                f"{one.seen:,} of {one.patterns:,} patterns seen, {one.lost} lost, {one.repeated} twice, "
                f"{one.never_painted} never painted, {one.frames_painted_per_second:.0f} frames/s, "
                f"cpu % {one.cpu_percent}"
            )
    good = all(one.p95_of_limit <= 1 and not (one.lost or one.repeated or one.never_painted) for one in results)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
