"""The consumer of docs/consumers.md, run as it stands there, and the questions that the page asks of the tables."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from rich.console import Console

from tests.conformance.recording import judge
from tests.dashboard.running import dashboard, opened
from tests.docs.fenced import DOCS, block
from tests.support import eventually
from tests.test_mock_data import lines, run
from tickstockpl.cli.verify import print_verification
from tickstockpl.contract.channels import Channel

PAGE = (DOCS / "consumers.md").read_text("utf-8")
END_S = 30


def incomplete_event() -> tuple[str, str]:
    """The channel and the message of the page's ``redis-cli`` line."""
    (found,) = re.findall(r"""redis-cli PUBLISH "(\S+)" '(.+)'""", PAGE)
    return found[0], found[1]


@pytest.fixture
def consumer(tmp_path: Path, redis_url: str) -> Iterator["subprocess.Popen[str]"]:
    """Subscribed."""
    script = tmp_path / "subscriber.py"
    script.write_text(block(PAGE, "python"), "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-I", str(script)],
        env={**os.environ, "REDIS_URL": redis_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    client: Any = redis.Redis.from_url(redis_url)  # redis-py's types know no form of an answer
    try:
        with client:
            eventually(lambda: client.pubsub_numpat() >= 2 or process.poll() is not None, what="the subscription")
        yield process
    finally:
        process.kill()
        process.communicate(timeout=END_S)


def said_until(process: "subprocess.Popen[str]", start: str) -> list[str]:
    """Its lines up to one that begins so."""
    assert process.stdout is not None
    said: list[str] = []
    for line in process.stdout:
        said.append(line.rstrip("\n"))
        if line.startswith(start):
            return said
    raise AssertionError(f"the consumer ended: {said[-3:]}")


def pattern_line(detection: dict[str, Any]) -> str:
    return f"{detection['symbol']} {detection['pattern_type']} {detection['confidence']}"


def test_the_consumer_is_short() -> None:
    assert len(block(PAGE, "python").splitlines()) <= 25


def test_the_consumer_hears_a_session_of_mock_events(consumer: "subprocess.Popen[str]", redis_url: str) -> None:
    published = run("--redis-url", redis_url, "--pace", "0")
    assert published.returncode == 0, published.stderr
    said = said_until(consumer, "streaming_session_stopped ")
    patterns = [pattern_line(event["detection"]) for event in lines("patterns.jsonl")]
    assert [line for line in said if line.split()[0].isupper()] == patterns
    assert sum(line.startswith("indicator_alert ") for line in said) == len(lines("indicator_alerts.jsonl"))
    assert sum(line.startswith("critical_alert ") for line in said) == len(lines("critical_alerts.jsonl"))
    assert not [line for line in said if line.startswith("cannot read")]


def test_the_consumer_outlives_what_is_not_of_the_contract(consumer: "subprocess.Popen[str]", redis_url: str) -> None:
    detections = [event["detection"] for event in lines("patterns.jsonl")[:3]]
    batch = {"type": "streaming_patterns_batch", "patterns": detections, "count": 3, "batch_timestamp": "…"}
    broken = [
        "not JSON",
        "[]",
        '{"type":"streaming_pattern","detection":{}}',
        '{"type":"streaming_patterns_batch","patterns":[{"symbol":"X"}]}',
        '{"type":"indicator_alert","alert":7}',
    ]
    with redis.Redis.from_url(redis_url) as client:
        client.publish(*incomplete_event())
        for text in broken:
            client.publish(Channel.PATTERNS, text)
        client.publish(Channel.PATTERNS, json.dumps(batch))
    said = said_until(consumer, pattern_line(detections[-1]))
    assert said[0] == "TEST Doji 0.9"
    assert [line.partition(":")[0] for line in said[1:-3]] == ["cannot read"] * len(broken)
    assert said[-3:] == [pattern_line(one) for one in detections]


def test_verify_says_of_the_test_event_what_the_page_shows() -> None:
    channel, text = incomplete_event()
    output = io.StringIO()
    print_verification(Console(file=output, width=200), judge([(channel, text.encode())]))
    assert block(PAGE, "text") in output.getvalue()


async def test_the_page_counts_and_names_the_test_event(redis_url: str, database_url: str) -> None:
    channel, text = incomplete_event()
    async with dashboard(redis_url, database_url) as address, opened(address) as live:
        with redis.Redis.from_url(redis_url) as client:
            client.publish(channel, text)
        has = await live.until(lambda has: has["status"]["invalid"])
    assert has["status"]["invalid"] == 1
    assert channel in has["status"]["last_invalid"]
    assert "$.detection" in has["status"]["last_invalid"]
    assert not has["patterns"]


@pytest.mark.parametrize("question", block(PAGE, "sql").split("\n\n"))
def test_the_questions_are_answered(question: str, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute(question.encode()).description
