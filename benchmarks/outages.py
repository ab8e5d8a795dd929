"""What does an outage cost? 500 simulated symbols at 60 times real speed, and a server that goes away under them.

Producer, Redis and PostgreSQL run as their own processes, as they do for a user; each outage has fresh ones.

- ``silent``: PostgreSQL stands still for 60 s; ``killed``: it is killed and started again 60 s later. How late the
  events of a minute are then, against the same time before: the age of the checkpoint that ends a burst, on arrival at
  a subscriber, and the producer's own processing lag. Limit: 1.10 times as late at the 95th percentile. On a machine
  that does other things as well these say more about those; the processor time that the producer's event loop takes for
  a minute does not. From the return until all rows are stored: limit 60 s.
- ``redis``: Redis is killed and started again 30 s later; a subscriber comes back to it. Each pattern, alert and
  lifecycle event is to arrive once, in order.

After each the tables are held against those of a run that nothing disturbed, row for row.
"""

import argparse
import asyncio
import contextlib
import json
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import hiredis
import psutil
import psycopg

from benchmarks.producer import Server, command, figures, free_port, quantile
from tickstockpl.clock import monotonic_s, wall_ms
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.timestamps import from_iso
from tickstockpl.redis_link import RedisLink, RedisLinkError
from tickstockpl.store.migrate import migrate

OUTAGES = {"silent": "postgresql", "killed": "postgresql", "redis": "redis"}
SPEED = 60
SETTLE_S = 15
"""From the first minute until the time that the outage is held against begins."""
AFTERWARDS_S = 45
LATER_LIMIT = 1.10
CAUGHT_UP_LIMIT_S = 60.0
MARKET = ("--date", "2025-10-06", "--seed", "1")
EVENTS = (
    Channel.SESSION_STARTED,
    Channel.PATTERNS,
    Channel.HIGH_CONFIDENCE_PATTERNS,
    Channel.INDICATOR_ALERTS,
    Channel.SESSION_STOPPED,
)
TABLES = {
    "bars_1min": "minute, symbol, open, high, low, close, volume",
    "intraday_patterns": "detected_at, symbol, pattern_type, confidence, bar_open, bar_high, bar_low, bar_close, "
    "bar_volume, metadata - 'pattern_id' - 'session_id'",
    "intraday_indicators": "calculated_at, symbol, indicator, value, metadata",
    "indicator_alerts": "triggered_at, symbol, alert_type, indicator, value, threshold, direction, severity",
}
"""What of a row does not depend on the run."""

Contents = dict[str, tuple[int, int]]
"""By table: how many rows, and the sum of their hashes."""


@dataclass
class Heard:
    """What a subscriber heard: how late minutes were, and every event that is no state."""

    bursts: list[tuple[float, float]] = field(default_factory=list)
    lags: list[tuple[float, float]] = field(default_factory=list)
    events: dict[str, list[bytes]] = field(default_factory=lambda: {channel: [] for channel in EVENTS})
    critical: list[dict[str, Any]] = field(default_factory=list)
    messages: Counter[str] = field(default_factory=Counter)
    minutes: int = 0
    """Bars messages that checkpoints have counted."""

    def take(self, channel: str, payload: bytes) -> None:
        """Take one message down."""
        self.messages[channel] += 1
        if channel == Channel.CHECKPOINT:
            checkpoint = json.loads(payload)
            minutes = checkpoint["counts"][Channel.BARS]
            if minutes > self.minutes:
                self.bursts.append((monotonic_s(), wall_ms() - from_iso(checkpoint["timestamp"])))
            self.minutes = minutes
        elif channel == Channel.HEALTH:
            lag_ms = json.loads(payload)["health"]["data_flow"]["processing_lag_ms"]
            self.lags.append((monotonic_s(), lag_ms))
        elif channel == Channel.CRITICAL_ALERTS:
            self.critical.append(json.loads(payload)["alert"])
        elif channel in self.events:
            self.events[channel].append(payload)


async def listen(url: str, heard: Heard) -> None:
    """Take everything down, and come back whenever Redis does."""
    while True:
        with contextlib.suppress(RedisLinkError):
            link = await RedisLink.connect(url)
            try:
                await link.send(hiredis.pack_command(("SUBSCRIBE", *Channel)))
                while True:
                    for kind, channel, payload in await link.messages():
                        if kind == b"message":
                            heard.take(channel.decode(), payload)
            finally:
                link.abort()
        await asyncio.sleep(0.02)


def loop_cpu_s(process: psutil.Process) -> float:
    """Seconds of processor time that the process's first thread has used: the one that runs the event loop."""
    (first,) = (thread for thread in process.threads() if thread.id == process.pid)
    return first.user_time + first.system_time


def contents(database_url: str) -> Contents:
    """What the market left in the tables."""
    found = {}
    with psycopg.connect(database_url) as connection:
        for table, columns in TABLES.items():
            row = connection.execute(
                f"SELECT count(*), coalesce(sum(hashtextextended(ROW({columns})::text, 0)), 0) FROM {table}"
            ).fetchone()
            assert row is not None
            found[table] = (int(row[0]), int(row[1]))
    return found


class Run:
    """One outage, from fresh servers to the comparison of the tables."""

    def __init__(self, folder: Path, outage: str, seconds: int, duration_s: int) -> None:
        self._folder = folder
        self._outage = outage
        self._seconds = seconds
        self._duration_s = duration_s
        self._redis = Server(folder, "redis")
        self._database = Server(folder, "postgresql")
        self._away = self._redis if OUTAGES[outage] == "redis" else self._database
        self._port = free_port()
        self._metrics = f"http://127.0.0.1:{self._port}/metrics"
        self._heard = Heard()

    async def measure(self, undisturbed: Contents) -> dict[str, Any]:
        """Run it; the figures."""
        try:
            for server in (self._redis, self._database):
                await asyncio.to_thread(server.start)
            await asyncio.to_thread(migrate, self._database.url)
            listening = asyncio.create_task(listen(self._redis.url, self._heard), name="subscriber")
            settings = {
                "TICKSTOCK_REDIS_URL": self._redis.url,
                "TICKSTOCK_DATABASE_URL": self._database.url,
                "TICKSTOCK_DATA_DIR": str(self._folder),
                "TICKSTOCK_METRICS_PORT": str(self._port),
            }
            arguments = ("stream", "--speed", str(SPEED), "--duration", str(self._duration_s), *MARKET)
            async with command(*arguments, settings=settings, log=self._folder / "stream.log") as producer:
                figures = await self._disturb(psutil.Process(producer.pid))
                _, code = await asyncio.gather(producer.communicate(), producer.wait())
            await until(lambda: bool(self._heard.events[Channel.SESSION_STOPPED]))
            listening.cancel()
            await asyncio.wait({listening})
            return {**figures, "exit_code": code, **self._compared(undisturbed)}
        finally:
            for server in (self._redis, self._database):
                await asyncio.to_thread(server.stop)

    async def _disturb(self, producer: psutil.Process) -> dict[str, Any]:
        heard = self._heard
        await until(lambda: heard.minutes > 0, timeout_s=60)
        await asyncio.sleep(SETTLE_S)
        cpu_s = [loop_cpu_s(producer)]
        await asyncio.sleep(self._seconds)
        cpu_s.append(loop_cpu_s(producer))
        began_s = monotonic_s()
        await asyncio.to_thread(self._away.freeze if self._outage == "silent" else self._away.kill)
        noticing = asyncio.create_task(self._noticed(began_s), name="wait until it is told")
        await asyncio.sleep(self._seconds)
        ended_s = monotonic_s()
        cpu_s.append(loop_cpu_s(producer))
        waiting = await self._reading("tickstock_writer_queue_jobs")
        spooled_mb = await self._reading("tickstock_spool_bytes") / 1e6
        await asyncio.to_thread(self._away.thaw if self._outage == "silent" else self._away.start)
        returned_s = monotonic_s()
        async with asyncio.timeout(2 * CAUGHT_UP_LIMIT_S):
            while not await self._has_caught_up():  # noqa: ASYNC110 - it is asked over HTTP
                await asyncio.sleep(0.05)
        caught_up_s = monotonic_s() - returned_s
        found: dict[str, Any] = {
            "outage": self._outage,
            "seconds": self._seconds,
            "noticed_s": round(await noticing, 1),
            "writes_waiting": int(waiting),
            "spooled_mb": round(spooled_mb, 1),
            "caught_up_s": round(caught_up_s, 1),
            "lost": int(
                await self._reading("tickstock_writes_lost_total") + await self._reading("tickstock_events_lost_total")
            ),
        }
        if OUTAGES[self._outage] == "postgresql":
            for name, values in (("burst_ms", heard.bursts), ("lag_ms", heard.lags)):
                before = [value for second, value in values if began_s - self._seconds <= second < began_s]
                during = [value for second, value in values if began_s <= second < ended_s]
                found[name] = asdict(Compared.of(before, during))
            used_s = [later - earlier for earlier, later in pairwise(cpu_s)]
            found["loop_cpu_ms_a_minute"] = [round(1000 * used / self._seconds * 60 / SPEED, 1) for used in used_s]
            found["loop_cpu_ratio"] = round(used_s[1] / used_s[0], 2)
        return found

    async def _noticed(self, began_s: float) -> float:
        """Seconds until the critical alert: heard, or while nothing can be heard, stored."""
        if OUTAGES[self._outage] == "postgresql":
            await until(lambda: bool(self._heard.critical), timeout_s=self._seconds)
        else:
            query = "SELECT 1 FROM critical_alerts WHERE component = 'redis'"
            async with await psycopg.AsyncConnection.connect(self._database.url, autocommit=True) as connection:
                async with asyncio.timeout(self._seconds):
                    while await (await connection.execute(query)).fetchone() is None:  # noqa: ASYNC110
                        await asyncio.sleep(0.05)
        return monotonic_s() - began_s

    async def _has_caught_up(self) -> bool:
        now = await figures(self._metrics)
        return (
            now.get("tickstock_writer_queue_jobs", 2) <= 1
            and now["tickstock_database_connected"] == 1
            and now["tickstock_redis_connected"] == 1
        )

    async def _reading(self, name: str) -> float:
        return (await figures(self._metrics)).get(name, float("nan"))

    def _compared(self, undisturbed: Contents) -> dict[str, Any]:
        stored = contents(self._database.url)
        heard = self._heard
        repeated = sum(len(payloads) - len(set(payloads)) for payloads in heard.events.values())
        return {
            "rows": {table: count for table, (count, _) in stored.items()},
            "rows_differ": [table for table in TABLES if stored[table] != undisturbed[table]],
            "heard": {name: count for name, count in heard.messages.items() if name != Channel.CHECKPOINT},
            "events_heard_twice": repeated,
            "events_in_order_and_complete": self._are_those_of_the_tables(),
            "critical_alerts": [f"{alert['component']}: {alert['severity']}" for alert in heard.critical],
        }

    def _are_those_of_the_tables(self) -> bool:
        """Whether what was heard, repetitions aside, is what the tables hold, in their order."""
        patterns = [
            json.loads(payload)["detection"]["metadata"]["pattern_id"]
            for payload in dict.fromkeys(self._heard.events[Channel.PATTERNS])
        ]
        alerts = []
        for payload in dict.fromkeys(self._heard.events[Channel.INDICATOR_ALERTS]):
            alert = json.loads(payload)["alert"]
            alerts.append((alert["symbol"], alert["alert_type"], from_iso(alert["timestamp"])))
        with psycopg.connect(self._database.url) as connection:
            stored = connection.execute("SELECT metadata->>'pattern_id' FROM intraday_patterns ORDER BY id").fetchall()
            alert_rows = connection.execute(
                "SELECT symbol, alert_type, (extract(epoch FROM triggered_at) * 1000)::bigint FROM indicator_alerts "
                "ORDER BY id"
            ).fetchall()
        return (
            patterns == [pattern_id for (pattern_id,) in stored]
            and alerts == alert_rows
            and [len(set(self._heard.events[name])) for name in (Channel.SESSION_STARTED, Channel.SESSION_STOPPED)]
            == [1, 1]
        )


@dataclass(frozen=True)
class Compared:
    """How late in the outage against before it, milliseconds; a ratio above 1 is later."""

    before_p50: float
    before_p95: float
    during_p50: float
    during_p95: float
    ratio_p50: float
    ratio_p95: float

    @classmethod
    def of(cls, before: list[float], during: list[float]) -> "Compared":
        """From the figures of both times."""
        figures = [quantile(values, share) for values in (before, during) for share in (0.5, 0.95)]
        return cls(*figures, *(round(figures[2 + number] / max(1.0, figures[number]), 2) for number in (0, 1)))


async def until(predicate: Any, timeout_s: float = 30) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(timeout_s):
        while not predicate():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def stream_undisturbed(folder: Path, duration_s: int) -> Contents:
    """The same market as fast as it goes, with nothing going away; what it leaves."""
    redis, database = Server(folder, "redis"), Server(folder, "postgresql")
    try:
        for server in (redis, database):
            await asyncio.to_thread(server.start)
        await asyncio.to_thread(migrate, database.url)
        settings = {
            "TICKSTOCK_REDIS_URL": redis.url,
            "TICKSTOCK_DATABASE_URL": database.url,
            "TICKSTOCK_DATA_DIR": str(folder),
        }
        arguments = ("stream", "--speed", "max", "--duration", str(duration_s), *MARKET)
        async with command(*arguments, settings=settings, log=folder / "stream.log") as producer:
            await producer.communicate()
        return contents(database.url)
    finally:
        for server in (redis, database):
            await asyncio.to_thread(server.stop)


async def run(folder: Path, outages: list[str], seconds: int | None) -> list[dict[str, Any]]:
    """Every outage, one after the other."""
    lengths = {name: seconds or (30 if OUTAGES[name] == "redis" else 60) for name in outages}
    # All runs cover the same market, so one undisturbed run serves them all.
    duration_s = SPEED * (SETTLE_S + 2 * max(lengths.values()) + AFTERWARDS_S)
    undisturbed = await stream_undisturbed(fresh(folder / "undisturbed"), duration_s)
    found = []
    for number, (name, length) in enumerate(lengths.items()):
        found.append(await Run(fresh(folder / str(number)), name, length, duration_s).measure(undisturbed))
    return found


def fresh(folder: Path) -> Path:
    """A data folder; where this is root, PostgreSQL runs as another user, who has to pass."""
    folder.mkdir(mode=0o711)
    return folder


def is_good(figures: dict[str, Any]) -> bool:
    """Whether nothing is missing and all limits are kept."""
    lateness = [figures[name]["ratio_p95"] for name in ("burst_ms", "lag_ms") if name in figures]
    return (
        figures["exit_code"] == 0
        and not figures["rows_differ"]
        and not figures["lost"]
        and figures["events_in_order_and_complete"]
        and figures["caught_up_s"] <= CAUGHT_UP_LIMIT_S
        and all(ratio < LATER_LIMIT for ratio in lateness)
    )


def main(argv: list[str]) -> int:
    """Measure and print; the exit code is 1 if a limit was passed or something is missing."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks outages", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("outages", nargs="*", default=list(OUTAGES), help=f"which of {', '.join(OUTAGES)} (all)")
    parser.add_argument("--seconds", type=int, help="how long each takes (60, for Redis 30)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    if unknown := [name for name in options.outages if name not in OUTAGES]:
        parser.error(f"there is no outage {unknown[0]!r}; there are {', '.join(OUTAGES)}")
    with tempfile.TemporaryDirectory(prefix="tickstockpl-bench-") as folder:
        Path(folder).chmod(0o711)
        results = asyncio.run(run(Path(folder), options.outages, options.seconds))
    if options.json:
        print(json.dumps({"benchmark": "outages", "results": results}))
    else:
        for figures in results:
            print(f"{figures['outage']}, {figures['seconds']} s:")
            for name, value in figures.items():
                print(f"  {name:30} {value}")
    return 0 if all(map(is_good, results)) else 1
