"""The service is killed with SIGKILL, again and again, and started again each time: nothing is lost or doubled.

It is killed 25 times on a small file, in one to two minutes. The long forms take as many kills as are named, and the
whole file of 142 symbols::

    TICKSTOCK_TEST_KILLS=200 pytest tests/faults/test_killed_service.py
    TICKSTOCK_TEST_KILLS=25 TICKSTOCK_TEST_WHOLE_FILE=1 pytest tests/faults/test_killed_service.py
"""

import json
import os
import random
import threading
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from tests.faults.stream_process import StreamProcess
from tests.faults.tables import ROW_TABLES, contents, sessions_with_wrong_totals
from tests.streaming.market_files import FIVE_DAYS, cut
from tests.support import Subscriber
from tickstockpl.clock import monotonic_s
from tickstockpl.contract.channels import Channel

KILLS_VARIABLE = "TICKSTOCK_TEST_KILLS"
KILLS = int(os.environ.get(KILLS_VARIABLE, "25"))
WHOLE_FILE = os.environ.get("TICKSTOCK_TEST_WHOLE_FILE") == "1"
LONG_FORM = WHOLE_FILE or KILLS_VARIABLE in os.environ
EARLY_KILLS = KILLS // 5
"""Kills that fall between the start of the process and its first events."""

PATIENCE_S = 1800 if LONG_FORM else 90
"""The longest that one run may take."""

LONGEST_DELAY_S = 0.02
"""Drawn on top of a number of events, so that any step of a minute is hit: analysis, publishing, storing."""

SEED = 20180226

SETTINGS = {
    "TICKSTOCK_PATTERNS": "all",
    "TICKSTOCK_MIN_CONFIDENCE": "0",
    "TICKSTOCK_ALERT_HYSTERESIS": "RSI:2",
    "TICKSTOCK_ALERT_COOLDOWN_MINUTES": "20",
}

SAME_AT_ANY_TIME = [channel for channel in Channel if channel not in (Channel.HEALTH, Channel.CHECKPOINT)]
"""Channels on which an event does not depend on when it was sent, nor on what was measured."""

Start = Callable[[str], StreamProcess]
"""Starts the replay into a database."""


@pytest.fixture
def start(test_data: Path, tmp_path: Path, redis_url: str) -> Start:
    """Two days of three symbols, or the whole file."""
    path = test_data / FIVE_DAYS
    if not WHOLE_FILE:
        path = cut(path, tmp_path / "two_days.csv", {"AAPL", "GOOG", "NVDA"}, days=2)
    return lambda database_url: StreamProcess(path, redis_url, database_url, SETTINGS, tmp_path / "stream.log")


def run_to_the_end(start: Start, database_url: str, redis_url: str) -> tuple[Subscriber, float]:
    """What is heard of a replay that nobody disturbs, and after how many seconds the first of it."""
    with Subscriber(redis_url) as heard, start(database_url) as process:
        began_s = monotonic_s()
        process.wait_until(lambda: bool(heard.messages), PATIENCE_S)
        starting_s = monotonic_s() - began_s
        process.wait(PATIENCE_S)
    return heard, starting_s


def kill_and_restart(
    start: Start, database_url: str, redis_url: str, events: int, starting_s: float, moments: random.Random
) -> Subscriber:
    """What is heard of a replay that is killed :data:`KILLS` times before it may run to its end.

    Args:
        start: starts the replay.
        database_url: where to; without tables, so that their making is interrupted too.
        redis_url: where it is heard.
        events: how many events an undisturbed replay publishes; the later kills are spread over them.
        starting_s: how long it takes to start; the early kills are spread over that.
        moments: drawn from.
    """
    pause = threading.Event()
    with Subscriber(redis_url) as heard:
        for _ in range(EARLY_KILLS):
            with start(database_url) as process:
                pause.wait(moments.uniform(0, starting_s))
                assert process.kill()
        for last, place in pairwise([0, *sorted(moments.randrange(events) for _ in range(KILLS - EARLY_KILLS))]):
            # What a run publishes once more counts as well, so that it falls behind and never ends before its kill.
            enough = len(heard.messages) + place - last + 1
            with start(database_url) as process:
                process.wait_until(partial(heard_so_many, heard, enough), PATIENCE_S)
                pause.wait(moments.uniform(0, LONGEST_DELAY_S))
                assert process.kill(), "the replay ended before it was killed"
        with start(database_url) as process:
            process.wait(PATIENCE_S)
    return heard


def heard_so_many(heard: Subscriber, count: int) -> bool:
    return len(heard.messages) >= count


def first_times(heard: Subscriber, channel: Channel) -> list[bytes]:
    """What was heard on a channel, without repetitions."""
    return list(dict.fromkeys(heard.on(channel)))


def versions_of_patterns(heard: Subscriber) -> dict[str, set[bytes]]:
    """By ``pattern_id``, every payload that was heard under it."""
    versions: dict[str, set[bytes]] = defaultdict(set)
    for payload in heard.on(Channel.PATTERNS):
        versions[json.loads(payload)["detection"]["metadata"]["pattern_id"]].add(payload)
    return versions


@pytest.mark.timeout(0 if LONG_FORM else 600)
def test_a_replay_killed_at_random_moments_leaves_what_an_undisturbed_one_does(
    start: Start, redis_url: str, database_url: str, empty_database_url: str
) -> None:
    undisturbed, starting_s = run_to_the_end(start, database_url, redis_url)
    events = len(undisturbed.messages)
    heard = kill_and_restart(start, empty_database_url, redis_url, events, starting_s, random.Random(SEED))

    expected, stored = contents(database_url), contents(empty_database_url)
    for table in ROW_TABLES:
        assert stored[table] == expected[table], table
        assert expected[table] or table == "critical_alerts", "compared nothing"
    assert sessions_with_wrong_totals(empty_database_url) == []

    for channel in SAME_AT_ANY_TIME:
        assert first_times(heard, channel) == first_times(undisturbed, channel), channel
    versions = versions_of_patterns(heard)
    assert versions.keys() == versions_of_patterns(undisturbed).keys()
    assert {pattern_id for pattern_id, payloads in versions.items() if len(payloads) > 1} == set()

    assert len(heard.on(Channel.SESSION_STARTED)) > KILLS / 2, "too few kills fell inside a day"
    assert len(heard.on(Channel.PATTERNS)) > len(undisturbed.on(Channel.PATTERNS)), "nothing was published twice"
