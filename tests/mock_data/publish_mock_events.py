#!/usr/bin/env python3
"""Publish the mock events of this folder to any Redis: ``python publish_mock_events.py --redis-url redis://…``.

Needs Python 3.11 and the package ``redis``, and nothing else: no service, no database, no other file of this project
than the ``.jsonl`` files beside it. Exit code 0 when all was published.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import redis

FILES = {
    "sessions.jsonl": "tickstock:streaming:session_{state}",
    "indicator_alerts.jsonl": "tickstock:alerts:indicators",
    "patterns.jsonl": "tickstock:patterns:streaming",
    "indicators.jsonl": "tickstock:indicators:streaming",
    "health.jsonl": "tickstock:streaming:health",
    "critical_alerts.jsonl": "tickstock:alerts:critical",
}
"""The channel of each file's events, in the order in which those of one moment go out."""

DETECTED = "tickstock:patterns:detected"
HIGH_CONFIDENCE = 0.8
"""A pattern of so much goes out on a second channel too."""

TIMES = frozenset(("timestamp", "started_at", "stopped_at", "batch_timestamp"))
ROUND = timedelta(minutes=10)


class Mock(NamedTuple):
    """An event, its channel, and the time in it."""

    time: str
    channel: str
    event: dict[str, Any]


def load(folder: Path) -> list[Mock]:
    """All events in the order in which they go out."""
    mocks = [mock for name, channel in FILES.items() for mock in _file(folder / name, channel)]
    last = len(FILES)
    ranks = {channel: rank for rank, channel in enumerate(FILES.values())}
    ranks["tickstock:streaming:session_stopped"] = last
    return sorted(mocks, key=lambda mock: (mock.time, ranks.get(mock.channel, 0)))


def _file(path: Path, channel: str) -> Iterator[Mock]:
    for line in path.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        (body,) = [value for value in event.values() if isinstance(value, dict)]
        time_of = event.get("timestamp") or body["timestamp"]
        yield Mock(time_of, channel.format(state=event["type"].rpartition("_")[2]), event)


def in_round(mock: Mock, number: int, shift: timedelta, session: UUID) -> dict[str, Any]:
    """The event as it goes out in one round: the same session does not run twice, nor at the same time."""

    def changed(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: changed(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [changed(item) for item in value]
        if name in TIMES:
            moment = datetime.fromisoformat(value) + number * ROUND + shift
            return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
        if name == "session_id" and number:
            return str(uuid5(session, str(number)))
        if name == "pattern_id" and number:
            return str(uuid5(UUID(value), str(number)))
        return value

    event: dict[str, Any] = changed(mock.event)
    return event


def messages(mocks: list[Mock], rounds: int, shift: timedelta) -> Iterator[tuple[str, str]]:
    """Channels and payloads, round after round; without end where ``rounds`` is 0."""
    session = next(UUID(mock.event["session"]["session_id"]) for mock in mocks if "session" in mock.event)
    number = 0
    while not rounds or number < rounds:
        for mock in mocks:
            payload = json.dumps(in_round(mock, number, shift, session), separators=(",", ":"))
            yield mock.channel, payload
            if mock.event.get("detection", {}).get("confidence", 0) >= HIGH_CONFIDENCE:
                yield DETECTED, payload
        number += 1


def publish(client: "redis.Redis", events: Iterator[tuple[str, str]], per_second: float) -> Counter[str]:
    """Publish at a pace that does not drift, 0 being as fast as possible; how many went out on each channel."""
    sent: Counter[str] = Counter()
    began_s = time.monotonic()
    try:
        for number, (channel, payload) in enumerate(events):
            if per_second:
                time.sleep(max(0.0, began_s + number / per_second - time.monotonic()))
            client.publish(channel, payload)
            sent[channel] += 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
    return sent


def main() -> int:
    """The command line."""
    usual = os.environ.get("TICKSTOCK_REDIS_URL", "redis://localhost:6379/0")
    parser = argparse.ArgumentParser(description="Publish mock events of all eight channels to a Redis.")
    parser.add_argument("--redis-url", default=usual, help="TICKSTOCK_REDIS_URL, else redis://localhost:6379/0")
    parser.add_argument("--pace", type=float, default=50.0, help="events a second; 0 is as fast as possible (50)")
    parser.add_argument("--repeat", type=int, default=1, help="how many sessions to publish; 0 is without end (1)")
    parser.add_argument("--now", action="store_true", help="let the first session begin now, not on 2025-10-06")
    options = parser.parse_args()
    if options.pace < 0 or options.repeat < 0:
        parser.error(f"--pace was {options.pace:g} and --repeat {options.repeat}; both must be 0 or more")
    mocks = load(Path(__file__).parent)
    shift = timedelta(0)
    if options.now:
        minute = time.time() // 60 * 60
        shift = timedelta(seconds=minute - datetime.fromisoformat(mocks[0].time).timestamp())
    try:
        with redis.Redis.from_url(options.redis_url) as client:
            client.ping()
            sent = publish(client, messages(mocks, options.repeat, shift), options.pace)
    except (redis.RedisError, ValueError) as error:
        print(f"Error: Redis cannot be used ({error}); name it with --redis-url", file=sys.stderr)
        return 1
    for channel, count in sorted(sent.items()):
        print(f"{count:>7,}  {channel}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
