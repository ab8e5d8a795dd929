"""The mock events: what the specification asks for, of the contract, and enough to drive a dashboard."""

import ast
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.conformance.recording import finding, judge
from tests.dashboard.running import dashboard, opened
from tests.mock_data import make_mock_data, publish_mock_events
from tests.support import Subscriber
from tickstockpl.clock import monotonic_s
from tickstockpl.contract.channels import SPECIFIED_CHANNELS, Channel
from tickstockpl.contract.events import encode
from tickstockpl.contract.schema import schema_for

FOLDER = Path(make_mock_data.__file__).parent
SCRIPT = FOLDER / "publish_mock_events.py"


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text().splitlines()]


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """The script, away from this package's folder."""
    return subprocess.run(
        [sys.executable, "-I", str(SCRIPT), *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_files_are_what_the_seeded_script_makes() -> None:
    made = {
        name: b"".join(encode(event) + b"\n" for event in events) for name, events in make_mock_data.files().items()
    }
    kept = {path.name: path.read_bytes() for path in FOLDER.glob("*.jsonl")}
    assert kept == made, "run python -m tests.mock_data.make_mock_data"


def test_there_is_what_the_specification_asks_for() -> None:
    patterns = [event["detection"] for event in lines("patterns.jsonl")]
    assert len(patterns) == 100
    assert len({one["symbol"] for one in patterns}) >= 20
    assert len({one["pattern_type"] for one in patterns}) >= 30
    assert sum(one["confidence"] >= 0.8 for one in patterns) >= 10
    alerts = Counter(event["alert"]["alert_type"] for event in lines("indicator_alerts.jsonl"))
    assert (alerts.total(), len(alerts)) == (50, 6)
    statuses = Counter(event["health"]["status"] for event in lines("health.jsonl"))
    assert (statuses.total(), set(statuses)) == (10, {"healthy", "warning", "critical"})
    assert [event["type"].rpartition("_")[2] for event in lines("sessions.jsonl")] == ["started", "stopped"]
    recovered = Counter(event["alert"]["recovery"] is not None for event in lines("critical_alerts.jsonl"))
    assert recovered[True] == recovered[False] == 2


@pytest.mark.parametrize("as_written", [True, False])
def test_the_publisher_alone_sends_what_breaks_no_rule(redis_url: str, as_written: bool) -> None:
    more = () if as_written else ("--now",)
    with Subscriber(redis_url) as heard:
        ended = run("--redis-url", redis_url, "--pace", "0", "--repeat", "2", *more)
    assert (ended.returncode, ended.stderr) == (0, "")
    for channel, payload in heard.messages:
        jsonschema.validate(json.loads(payload), schema_for(channel), cls=jsonschema.Draft202012Validator)
    counts = Counter(channel for channel, _ in heard.messages)
    assert set(counts) == set(SPECIFIED_CHANNELS)
    assert counts[Channel.PATTERNS] == 200
    assert ended.stdout.split()[1::2] == sorted(counts)
    assert [int(number) for number in ended.stdout.split()[::2]] == [counts[name] for name in sorted(counts)]
    verification = judge(heard.messages)
    assert {one.rule: one.outcome for one in verification.findings if one.outcome != "pass"}.keys() <= {
        "gaps",
        "latency",
    }
    assert "the totals of 2 equal what was heard" in finding(verification, "lifecycle").said
    assert len(verification.sessions) == 2


async def test_a_dashboard_is_driven_by_it(redis_url: str, empty_database_url: str) -> None:
    async with dashboard(redis_url, empty_database_url) as url, opened(url) as page:
        ended = run("--redis-url", redis_url, "--pace", "2000")
        assert ended.returncode == 0, ended.stderr
        shown = await page.until(lambda has: len(has["alerts"]) == 50 and len(has["patterns"]) == 100)
        assert len(shown["critical"]) == 4
        assert set(make_mock_data.IN_FULL) <= set(shown["symbols"])


def test_the_pace_is_kept() -> None:
    class Client:
        def publish(self, channel: str, payload: str) -> None:
            times.append(monotonic_s())

    times: list[float] = []
    events = (("channel", str(number)) for number in range(21))
    publish_mock_events.publish(Client(), events, 100.0)  # type: ignore[arg-type]
    assert times[-1] - times[0] >= 0.19


def test_it_stands_alone() -> None:
    tree = ast.parse(SCRIPT.read_text())
    imported = {
        (name.name if isinstance(node, ast.Import) else node.module or "").partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert imported <= sys.stdlib_module_names | {"redis"}


def test_a_redis_that_is_away_is_one_sentence() -> None:
    ended = run("--redis-url", "redis://127.0.0.1:1")
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: Redis cannot be used (")
    assert ended.stderr.count("\n") == 1
    assert run("--pace", "-1").returncode == 2
