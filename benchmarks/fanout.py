"""How many pages can one dashboard have? Up to 1,000 at 1,000 events/s, some of which read nothing, and all come back.

Dashboard, Redis and the pages are processes of their own; this one publishes. A tenth of the messages are patterns,
which are never conflated and are timed one by one at every page, from their publication to their frame.

1. for each number of pages the delays, and what the dashboard takes of memory and processor
2. at the largest, 5 % of the pages read nothing for a while and then read on: do they get all that they missed?
3. at the largest, windows in turn: all read, then 5 % read nothing. The ratio is of the other pages' 95th percentiles,
   the median over five such pairs: what else the machine does then falls on both. And how soon the dashboard gave up
   the pages that read nothing, and how they were closed
4. at the largest, the dashboard is killed and started anew on the same port: until the last page has its snapshot

Limits: 100 ms at the 95th percentile, 1 GiB, a ratio of 1.10, 10 s. No page may miss a pattern. ``cpu_percent`` says
for each process which part of a core it used: where ``pages`` or ``publisher`` are near 100 the figures are theirs and
not the dashboard's, and where ``elsewhere`` is large other work ran beside.
"""

import argparse
import asyncio
import multiprocessing
import re
import resource
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.dashboard import Dashboard
from benchmarks.percentiles import Percentiles, print_json
from benchmarks.producer import figures
from benchmarks.readers import Arrivals, serve
from benchmarks.stream import Publisher, store_minute
from benchmarks.usage import CpuMeter, machine
from tickstockpl.clock import monotonic_s
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.redis_link import RedisLink
from tickstockpl.store.migrate import migrate

LIMIT_P95_MS = 100.0
LIMIT_MB = 1024
LIMIT_RATIO = 1.10
LIMIT_RECONNECT_S = 10.0
ROUNDS = 5
PAUSE_S = 8.0
"""Shorter than what the dashboard has patience for: it gives up a page that has read nothing for ten seconds."""
SETTLE_S = 1.0
OPEN_PATIENCE_S = 60.0
GIVE_UP_PATIENCE_S = 40.0
SPARE_FILES = 300
"""What the processes need beside a file descriptor for each page."""

_SLOW_CLIENTS = "tickstock_dashboard_slow_clients_total"


@dataclass(frozen=True, slots=True)
class Load:
    """Pages at a rate that is held."""

    clients: int
    events_per_second: int
    delays: Percentiles
    frames_per_client_per_second: float
    patterns: int
    complete_clients: int
    wrong: int
    memory_mb: float
    memory_kb_per_client: float
    cpu_percent: dict[str, int]


@dataclass(frozen=True, slots=True)
class Stall:
    """Pages beside some that read nothing. ``given_up`` of these, the last one after ``given_up_after_s``.

    ``closed``: what the given up ones found when they read on: a closing code, or a connection that was dropped.
    ``complete_after_pause`` pages of all had every pattern after some read nothing for ``pause_s``, and then went on.
    """

    pause_s: float
    complete_after_pause: int
    stalled: int
    all_read: Percentiles
    some_stalled: Percentiles
    p95_ratio: float
    windows: list[dict[str, float]]
    given_up: int
    given_up_after_s: float
    closed: dict[str, int]
    wrong: int


@dataclass(frozen=True, slots=True)
class Return:
    """All pages come back to a dashboard that was killed; seconds until the last has its snapshot."""

    back: int
    from_kill_s: float
    from_restart_s: float
    dashboard_ready_after_s: float
    half_back_from_kill_s: float


class Pages:
    """The readers' process, seen from here."""

    def __init__(self, port: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=serve, args=(other, port), name="pages")
        self._process.start()
        other.close()

    @property
    def process(self) -> psutil.Process:
        """For what it uses."""
        return psutil.Process(self._process.pid)

    async def ask(self, name: str, *arguments: object) -> Any:
        """Do what the readers' ``ask_`` method of this name does."""
        self._pipe.send((name, *arguments))
        while not self._pipe.poll():
            if not self._process.is_alive():
                raise RuntimeError("the process of the pages has ended")
            await asyncio.sleep(0.005)
        return self._pipe.recv()

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.join(10)


@dataclass
class Bench:
    """What all measurements need."""

    dashboard: Dashboard
    pages: Pages
    publisher: Publisher
    rate: int
    seconds: float
    redis: psutil.Process
    empty_mb: float = 0.0
    clients: int = 0

    async def window(self, *, steady_only: bool) -> tuple[Arrivals, float, dict[str, int]]:
        """Hold the rate; what arrived, how long it took, and who used the processor."""
        await self.publisher.hold(self.rate, SETTLE_S)
        await self.pages.ask("forget", steady_only)
        cpu = CpuMeter(
            dashboard=self.dashboard.process, pages=self.pages.process, publisher=psutil.Process(), redis=self.redis
        )
        took_s = await self.publisher.hold(self.rate, self.seconds)
        used = cpu.percent()
        arrivals = await self.pages.ask("arrivals", self.publisher.patterns, 30.0)
        return arrivals, took_s, used


async def load(bench: Bench, clients: int) -> Load:
    """Measure with so many pages."""
    await bench.pages.ask("open", clients, 0.0, OPEN_PATIENCE_S)
    before = bench.publisher.patterns
    events_before = bench.publisher.events
    arrivals, took_s, cpu_percent = await bench.window(steady_only=False)
    memory_mb = bench.dashboard.memory_mb
    bench.clients = clients
    return Load(
        clients=clients,
        events_per_second=round((bench.publisher.events - events_before) / (took_s + SETTLE_S)),
        delays=Percentiles.of(arrivals.delays_ms),
        frames_per_client_per_second=round(arrivals.frames / clients / took_s, 1),
        patterns=bench.publisher.patterns - before,
        complete_clients=arrivals.complete,
        wrong=arrivals.wrong,
        memory_mb=round(memory_mb, 1),
        memory_kb_per_client=round(1024 * (memory_mb - bench.empty_mb) / clients, 1),
        cpu_percent=cpu_percent,
    )


async def stall(bench: Bench) -> Stall:
    """Measure beside pages that read nothing."""
    delays: dict[str, list[np.ndarray[Any, np.dtype[np.float32]]]] = {"all_read": [], "some_stalled": []}
    windows = []
    given_up, given_up_after_s, stalled, wrong = 0, 0.0, 0, 0
    closed: dict[str, int] = {}
    await bench.pages.ask("stall")
    await bench.publisher.hold(bench.rate, PAUSE_S)
    await bench.pages.ask("resume")
    after_pause: Arrivals = await bench.pages.ask("arrivals", bench.publisher.patterns, OPEN_PATIENCE_S)
    for _ in range(ROUNDS):
        together, _, _ = await bench.window(steady_only=True)
        slow_before = await _slow_clients(bench)
        stalled = await bench.pages.ask("stall")
        watching = asyncio.create_task(_given_up(bench, slow_before + stalled))
        apart, _, _ = await bench.window(steady_only=True)
        while not watching.done():
            await bench.publisher.hold(bench.rate, 0.5)
        gone, after_s = await watching
        given_up += gone
        given_up_after_s = max(given_up_after_s, after_s)
        for why, number in (await bench.pages.ask("return", OPEN_PATIENCE_S)).items():
            closed[why] = closed.get(why, 0) + number
        delays["all_read"].append(together.delays_ms)
        delays["some_stalled"].append(apart.delays_ms)
        p95_ms = [Percentiles.of(arrivals.delays_ms).p95_ms for arrivals in (together, apart)]
        pair = {"all_read_p95_ms": p95_ms[0], "some_stalled_p95_ms": p95_ms[1]}
        windows.append(pair | {"ratio": round(p95_ms[1] / p95_ms[0], 3)})
        wrong = apart.wrong
    all_read, some_stalled = (Percentiles.of(np.concatenate(found)) for found in delays.values())
    return Stall(
        pause_s=PAUSE_S,
        complete_after_pause=after_pause.complete,
        stalled=stalled * ROUNDS,
        all_read=all_read,
        some_stalled=some_stalled,
        p95_ratio=round(statistics.median(pair["ratio"] for pair in windows), 3),
        windows=windows,
        given_up=given_up,
        given_up_after_s=round(given_up_after_s, 1),
        closed=closed,
        wrong=wrong,
    )


async def come_back(bench: Bench) -> Return:
    """Kill the dashboard, start it again and wait for its pages; events go on meanwhile."""
    over = asyncio.Event()
    publishing = asyncio.create_task(_publish(bench, over))
    try:
        killed_s = monotonic_s()
        await asyncio.to_thread(bench.dashboard.kill)
        restarted_s = monotonic_s()
        waiting = asyncio.create_task(bench.pages.ask("open", bench.clients, killed_s, OPEN_PATIENCE_S))
        await asyncio.to_thread(bench.dashboard.start)
        ready_s = monotonic_s()
        opened_s = sorted(await waiting)
    finally:
        over.set()
        await publishing
    whole = len(opened_s) == bench.clients
    return Return(
        back=len(opened_s),
        from_kill_s=round(opened_s[-1] - killed_s, 2) if whole else float("inf"),
        from_restart_s=round(opened_s[-1] - restarted_s, 2) if whole else float("inf"),
        dashboard_ready_after_s=round(ready_s - restarted_s, 2),
        half_back_from_kill_s=round(opened_s[bench.clients // 2] - killed_s, 2) if whole else float("inf"),
    )


async def run(servers: EmbeddedServers, folder: Path, counts: list[int], rate: int, seconds: float) -> dict[str, Any]:
    """All three measurements on one dashboard."""
    await store_minute(servers.database_url)
    link = await RedisLink.connect(servers.redis_url)
    publisher = Publisher(link)
    redis = psutil.Process(int(re.findall(rb"process_id:(\d+)", await link.call("INFO", "server"))[0]))
    with Dashboard(servers.redis_url, servers.database_url, folder) as dashboard:
        pages = Pages(dashboard.port)
        try:
            bench = Bench(dashboard, pages, publisher, rate, seconds, redis)
            await publisher.open()
            await publisher.minute(patterns=300)
            await publisher.hold(rate, 2 * SETTLE_S)
            bench.empty_mb = dashboard.memory_mb
            loads = [await load(bench, count) for count in counts]
            stalled = await stall(bench)
            returned = await come_back(bench)
            return {
                "memory_mb_without_clients": round(bench.empty_mb, 1),
                "loads": loads,
                "stall": stalled,
                "return": returned,
            }
        finally:
            pages.close()
            await link.close()


def main(argv: list[str]) -> int:
    """Measure and print; 0 if everything is within the limits and no page missed a pattern."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks fanout", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--clients", default="1,100,500,1000", help="numbers of pages, rising (1,100,500,1000)")
    parser.add_argument("--rate", type=int, default=1000, help="events a second (1000)")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each window is (10)")
    options = parser.parse_args(argv)
    counts = sorted(int(count) for count in options.clients.split(","))
    if (refusal := _allow_files(counts[-1] + SPARE_FILES)) is not None:
        print(refusal, file=sys.stderr)
        return 2
    before = machine()
    with tempfile.TemporaryDirectory(prefix="tickstockpl-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL runs as another user where this one is root
        with EmbeddedServers(folder) as servers:
            migrate(servers.database_url)
            found = asyncio.run(run(servers, folder, counts, options.rate, options.seconds))
    if options.json:
        print_json({"benchmark": "fanout", "machine": before, **found})
    else:
        _print(found)
    largest: Load = found["loads"][-1]
    stalled: Stall = found["stall"]
    returned: Return = found["return"]
    nothing_lost = (
        stalled.wrong == 0
        and stalled.complete_after_pause == largest.clients
        and all(one.complete_clients == one.clients for one in found["loads"])
    )
    within = (
        all(one.delays.p95_ms <= LIMIT_P95_MS for one in found["loads"])
        and largest.memory_mb < LIMIT_MB
        and stalled.p95_ratio < LIMIT_RATIO
        and returned.from_kill_s <= LIMIT_RECONNECT_S
    )
    return 0 if nothing_lost and within else 1


async def _slow_clients(bench: Bench) -> float:
    return (await figures(f"{bench.dashboard.url}/metrics")).get(_SLOW_CLIENTS, 0.0)


async def _given_up(bench: Bench, until: float) -> tuple[int, float]:
    """Wait until the dashboard has given up so many pages in all; how many it gave up, and after how long."""
    began_s = monotonic_s()
    first = now = await _slow_clients(bench)
    last_s = began_s
    while now < until and monotonic_s() - began_s < GIVE_UP_PATIENCE_S:
        await asyncio.sleep(0.2)
        before, now = now, await _slow_clients(bench)
        if now > before:
            last_s = monotonic_s()
    return int(now - first), last_s - began_s


async def _publish(bench: Bench, over: asyncio.Event) -> None:
    while not over.is_set():
        await bench.publisher.hold(bench.rate, 0.2)


def _allow_files(count: int) -> str | None:
    """Let this process and its children open so many files; why not, where the system does not permit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        return (
            f"this system lets a process open {hard:,} files, and {count:,} are needed; "
            "raise the limit (ulimit -Hn) or give fewer --clients"
        )
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
    return None


def _print(found: dict[str, Any]) -> None:
    for one in found["loads"]:
        print(
            f"{one.clients:5,} pages, {one.events_per_second:,} events/s: {one.delays} "
            f"({one.delays.p95_ms / LIMIT_P95_MS:.2f} of the limit), {one.frames_per_client_per_second:.0f} frames/s "
            f"each, all {one.patterns:,} patterns at {one.complete_clients:,} pages, "
            f"{one.memory_mb:.0f} MB, {one.memory_kb_per_client:.0f} kB a page, cpu % {one.cpu_percent}"
        )
    stalled, returned = found["stall"], found["return"]
    print(
        f"some read nothing for {stalled.pause_s:.0f} s, then went on: {stalled.complete_after_pause:,} pages have all"
    )
    print(
        f"{stalled.stalled} stalled: p95 of the others {stalled.some_stalled.p95_ms:.1f} ms, without "
        f"{stalled.all_read.p95_ms:.1f} ms, ratio {stalled.p95_ratio:.2f}; {stalled.given_up} were given up, "
        f"the last after {stalled.given_up_after_s:.1f} s, closed with {stalled.closed}; {stalled.wrong} patterns wrong"
    )
    print(
        f"dashboard killed: {returned.back:,} pages back {returned.from_kill_s:.1f} s after that "
        f"(half of them {returned.half_back_from_kill_s:.1f} s), {returned.from_restart_s:.1f} s after its new start, "
        f"which took {returned.dashboard_ready_after_s:.1f} s"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
