"""The consumers of docs/consumers.md, run as they stand there, and the questions that the page asks of the tables."""

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from rich.console import Console

from tests.conformance.recording import judge
from tests.dashboard.running import dashboard, opened
from tests.docs.fenced import DOCS, block, blocks
from tests.docs.subscribers import SUBSCRIBERS, RunningSubscriber, running_subscriber
from tests.faults.proxy import FaultProxy, socket_of
from tests.support import eventually_async
from tests.test_mock_data import lines, run
from tickstockpl.cli.verify import print_verification
from tickstockpl.contract.channels import Channel

PAGE = (DOCS / "consumers.md").read_text("utf-8")


def incomplete_event() -> tuple[str, str]:
    """The channel and the message of the page's ``redis-cli`` line."""
    (found,) = set(re.findall(r"""redis-cli PUBLISH "(\S+)" '(.+)'""", PAGE))
    return found[0], found[1]


def pattern_line(detection: dict[str, Any]) -> str:
    return f"{detection['symbol']} {detection['pattern_type']} {detection['confidence']}"


@pytest.mark.parametrize("language", SUBSCRIBERS)
def test_the_consumer_is_short(language: str) -> None:
    assert len(block(PAGE, language).splitlines()) <= 30


@pytest.fixture
async def proxy(redis_url: str) -> AsyncIterator[FaultProxy]:
    """The way to the test's Redis over TCP, for a client that knows no Unix socket."""
    async with FaultProxy(socket_of(redis_url)) as proxy:
        yield proxy


@pytest.fixture(params=SUBSCRIBERS)
async def consumer(
    request: pytest.FixtureRequest, proxy: FaultProxy, redis_url: str, tmp_path: Path
) -> AsyncIterator[RunningSubscriber]:
    """One of the page's subscribers, subscribed."""
    command = SUBSCRIBERS[request.param](block(PAGE, request.param), tmp_path)
    async with running_subscriber(command, f"redis://127.0.0.1:{proxy.port}") as subscriber:
        await subscribed(subscriber, redis_url)
        yield subscriber


async def subscribed(subscriber: RunningSubscriber, redis_url: str) -> None:
    client: Any = redis.Redis.from_url(redis_url)  # redis-py's types know no form of an answer
    with client:
        await eventually_async(
            lambda: client.pubsub_numpat() >= 3 or subscriber.has_ended, what=lambda: f"subscribed: {subscriber.said}"
        )


async def test_the_consumer_hears_a_session_of_mock_events(consumer: RunningSubscriber, redis_url: str) -> None:
    published = await asyncio.to_thread(run, "--redis-url", redis_url, "--pace", "0")
    assert published.returncode == 0, published.stderr
    said = await consumer.until("streaming_session_stopped ")
    patterns = [pattern_line(event["detection"]) for event in lines("patterns.jsonl")]
    assert [line for line in said if line.split()[0].isupper()] == patterns
    assert sum(line.startswith("indicator_alert ") for line in said) == len(lines("indicator_alerts.jsonl"))
    critical = [event["alert"]["message"] for event in lines("critical_alerts.jsonl")]
    assert [line.strip() for line in said if line.startswith("critical_")] == [
        f"critical_alert {one}" for one in critical
    ]
    assert not [line for line in said if line.startswith("cannot read")]


async def test_the_consumer_outlives_what_is_not_of_the_contract(consumer: RunningSubscriber, redis_url: str) -> None:
    detections = [event["detection"] for event in lines("patterns.jsonl")[:3]]
    batch = {"type": "streaming_patterns_batch", "patterns": detections, "count": 3, "batch_timestamp": "…"}
    broken = [
        "not JSON",
        "[]",
        "null",
        '{"type":"streaming_pattern","detection":{}}',
        '{"type":"streaming_pattern"}',
        '{"type":"streaming_patterns_batch","patterns":[{"symbol":"X"}]}',
        '{"type":"indicator_alert","alert":7}',
    ]
    with redis.Redis.from_url(redis_url) as client:
        client.publish(*incomplete_event())
        for text in broken:
            client.publish(Channel.PATTERNS, text)
        client.publish(Channel.PATTERNS, json.dumps(batch))
    said = await consumer.until(pattern_line(detections[-1]))
    assert said[0] == "TEST Doji 0.9"
    assert [line.partition(":")[0] for line in said[1:-3]] == ["cannot read"] * len(broken)
    assert said[-3:] == [pattern_line(one) for one in detections]


@pytest.mark.parametrize("consumer", ["js"], indirect=True)
async def test_the_one_in_javascript_comes_back(consumer: RunningSubscriber, proxy: FaultProxy, redis_url: str) -> None:
    client: Any = redis.Redis.from_url(redis_url)
    with client:
        proxy.cut()
        await eventually_async(lambda: client.pubsub_numpat() == 0, what="the cut")
        proxy.heal()
        await subscribed(consumer, redis_url)
        client.publish(*incomplete_event())
    assert "TEST Doji 0.9" in await consumer.until("TEST")


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


def test_the_questions_are_answered_in_the_form_that_is_shown(database_url: str) -> None:
    questions = block(PAGE, "sql").split("\n\n")
    (shown,) = [text for text in blocks(PAGE, "console") if not text.startswith("$ ")]
    tables = [table.splitlines()[0] for table in shown.split("\n\n")]
    with psycopg.connect(database_url) as connection:
        for question, heading in zip(questions, tables, strict=True):
            answer = connection.execute(question.encode()).description
            assert answer is not None
            assert [column.name for column in answer] == [name.strip() for name in heading.split("|")]
