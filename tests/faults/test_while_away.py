"""The database is away, and that is not all: the service is killed, or the disk under its spool is full."""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.faults.stream_process import StreamProcess
from tests.faults.tables import ROW_TABLES, contents, sessions_with_wrong_totals
from tests.servers import Machine
from tests.streaming.market_files import FIVE_DAYS, cut, play, quiet_settings, replay_service
from tests.support import Subscriber
from tickstockpl.contract.channels import Channel
from tickstockpl.store.migrate import migrate

SPEED = "600"
"""A minute of the market in a tenth of a second."""

MINUTES_A_DAY = 390
PATIENCE_S = 90

EVERY_PATTERN = {"TICKSTOCK_PATTERNS": "all", "TICKSTOCK_MIN_CONFIDENCE": "0"}

ON_A_SMALL_DISK = ("unshare", "-m" if os.geteuid() == 0 else "-Urm", "sh", "-c")
"""Mounts of its own; whoever may not mount becomes root of a user namespace first."""

MOUNT = 'mount -t tmpfs -o size=200k tmpfs "$TICKSTOCK_DATA_DIR" && exec "$@"'


@pytest.fixture
async def machine(data_dir: Path) -> AsyncIterator[Machine]:
    """With Redis and migrated tables."""
    made = Machine(data_dir)
    await made.start("redis", "database")
    await asyncio.to_thread(migrate, made.database_url)
    yield made
    await asyncio.to_thread(made.close)


@pytest.fixture
def one_day(test_data: Path, tmp_path: Path) -> Path:
    """Three symbols over one real trading day."""
    return cut(test_data / FIVE_DAYS, tmp_path / "one_day.csv", {"AAPL", "GOOG", "NVDA"}, days=1)


@pytest.fixture
def undisturbed(one_day: Path, redis_url: str, database_url: str) -> dict[str, list[tuple[Any, ...]]]:
    """The tables when nothing happens."""
    settings = quiet_settings(patterns="all", min_confidence=0)
    asyncio.run(play(replay_service(one_day, redis_url, database_url, settings=settings)))
    return contents(database_url)


def stream(machine: Machine, path: Path, folder: Path, **how: Any) -> StreamProcess:
    """A service in a process of its own, whose spool is in ``folder``."""
    settings = {**EVERY_PATTERN, "TICKSTOCK_DATA_DIR": str(folder)}
    log = folder.with_suffix(".log")
    return StreamProcess(path, machine.redis_url, machine.database_url, settings, log, **how)


def alerts(heard: Subscriber) -> list[dict[str, Any]]:
    return [json.loads(payload)["alert"] for payload in heard.on(Channel.CRITICAL_ALERTS)]


def components(heard: Subscriber) -> set[str]:
    """What critical alerts were about."""
    return {alert["component"] for alert in alerts(heard)}


def heard_so_many(heard: Subscriber, channel: Channel, count: int) -> bool:
    return len(heard.on(channel)) >= count


async def hear(process: StreamProcess, heard: Subscriber, channel: Channel, count: int) -> None:
    """Wait until so many messages have been heard; the process must not have ended before."""
    await asyncio.to_thread(process.wait_until, partial(heard_so_many, heard, channel, count), PATIENCE_S)
    assert not process.ended, process.said()


async def test_a_service_that_is_killed_in_an_outage_leaves_its_spool_to_the_next(
    one_day: Path, undisturbed: dict[str, list[tuple[Any, ...]]], machine: Machine, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with Subscriber(machine.redis_url) as heard:
        with stream(machine, one_day, folder, speed=SPEED) as process:
            await hear(process, heard, Channel.BARS, 30)
            await machine.kill("database")
            await hear(process, heard, Channel.CRITICAL_ALERTS, 1)
            await hear(process, heard, Channel.BARS, len(heard.on(Channel.BARS)) + 30)
            assert process.kill()
        published = len(heard.on(Channel.BARS))
        assert len(list(folder.glob("spool/*/*.sqlite"))) == 1
        await machine.start("database")
        with stream(machine, one_day, folder) as process:
            await asyncio.to_thread(process.wait, PATIENCE_S)
    assert "had left in its spool are stored now" in process.said()
    assert len(heard.on(Channel.BARS)) - len(set(heard.on(Channel.BARS))) <= 2, "what was spooled was streamed again"
    assert len(set(heard.on(Channel.BARS))) > published
    assert list(folder.glob("spool/*/*.sqlite")) == []
    stored = contents(machine.database_url)
    for table in ROW_TABLES:
        if table != "critical_alerts":
            assert stored[table] == undisturbed[table], table
    assert sessions_with_wrong_totals(machine.database_url) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A folder that a process of this user's can make a small disk of, for itself."""
    folder = tmp_path / "small"
    folder.mkdir()
    environment = {"TICKSTOCK_DATA_DIR": str(folder), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    try:
        tried = subprocess.run(
            [*ON_A_SMALL_DISK, MOUNT, "sh", "true"], env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("no small disk can be made: this system has no unshare")
    if tried.returncode:
        pytest.skip(f"no small disk can be made: {tried.stderr.strip()}")
    return folder


async def test_a_full_disk_loses_rows_loudly_and_no_event(
    one_day: Path,
    undisturbed: dict[str, list[tuple[Any, ...]]],
    machine: Machine,
    small_disk: Path,
) -> None:
    within = (*ON_A_SMALL_DISK, MOUNT, "sh")
    with (
        Subscriber(machine.redis_url) as heard,
        stream(machine, one_day, small_disk, speed="1500", within=within) as process,
    ):
        await hear(process, heard, Channel.BARS, 30)
        await machine.kill("database")
        await asyncio.to_thread(process.wait_until, lambda: "spool" in components(heard), PATIENCE_S)
        await hear(process, heard, Channel.BARS, len(heard.on(Channel.BARS)) + 20)
        await machine.start("database")
        await asyncio.to_thread(process.wait, PATIENCE_S)
    lost, full, restored = (alert for alert in alerts(heard) if alert["component"] in ("postgresql", "spool"))
    assert [lost["severity"], full["severity"], restored["severity"]] == ["critical", "critical", "info"]
    assert (full["component"], restored["component"]) == ("spool", "postgresql")
    assert "free the disk" in full["action_required"]
    health = [json.loads(payload)["health"] for payload in heard.on(Channel.HEALTH)]
    told = [issue for event in health if event["status"] == "critical" for issue in event["issues"]]
    assert any(issue.startswith("Spool full, not stored: ") and "MinuteRows" in issue for issue in told)
    assert len(heard.on(Channel.BARS)) == MINUTES_A_DAY
    stored = contents(machine.database_url)
    for table in ("bars_1min", "intraday_patterns", "intraday_indicators", "indicator_alerts"):
        assert set(stored[table]) < set(undisturbed[table]), table
    ((*_, final_status),) = stored["streaming_sessions"]
    assert final_status == "completed"
