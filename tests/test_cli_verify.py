"""``tickstockpl verify``, as a process: beside a service that streams, and beside one that does what it should not."""

import json
import subprocess
from collections.abc import Callable, Iterator

import pytest
import redis

from tests.conformance.recording import simulate as simulate
from tests.dashboard.samples import INCOMPLETE_PATTERN
from tests.support import eventually, listens
from tests.test_cli import TIMEOUT_S, Command
from tests.test_cli import bars as bars
from tests.test_cli import given as given
from tests.test_cli import tickstockpl as tickstockpl

Verify = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def verify(given: Command, redis_url: str) -> Iterator[Verify]:
    """Start a verification, and wait until it listens."""
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> "subprocess.Popen[str]":
        process = given.start("verify", "--redis-url", redis_url, *arguments)
        running.append(process)
        eventually(lambda: listens(redis_url, "tickstockpl-verify"), TIMEOUT_S, what="it listens")
        return process

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=TIMEOUT_S)


async def test_a_real_session_from_beginning_to_end(verify: Verify, redis_url: str, database_url: str) -> None:
    process = verify("--database-url", database_url, "--session", "--json")
    await simulate("verified", redis_url, database_url)
    out, err = process.communicate(timeout=TIMEOUT_S)
    verification = json.loads(out)
    outcomes = {one["rule"]: one["outcome"] for one in verification["findings"]}
    del outcomes["latency"]  # a market played as fast as possible beside other tests
    assert set(outcomes.values()) == {"pass"}, (verification["findings"], err)
    assert verification["sources"] == ["simulator:verified"]


def test_what_is_wrong_is_shown_to_people(verify: Verify, redis_url: str) -> None:
    process = verify("--duration", "3")
    with redis.Redis.from_url(redis_url) as client:
        client.publish(*INCOMPLETE_PATTERN)
        client.publish(INCOMPLETE_PATTERN[0], b"\x1b[31mred\x07")
    out, err = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 1
    assert err == ""
    assert "2 of 2 messages are not what their channels carry" in out
    assert "message 1, $.detection.timestamp: it is missing" in out
    assert '"symbol":"TEST"' in out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert out.splitlines()[-1].startswith("FAIL: schema. Cannot be known: ")


def test_a_signal_ends_it_with_a_verdict(verify: Verify) -> None:
    process = verify("--duration", "600")
    process.terminate()
    out, _ = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 1
    assert "Ending: what was heard so far is judged." in out
    assert "is a producer running, and publishing on this Redis?" in " ".join(out.split())


def test_what_cannot_be_done_is_one_sentence(given: Command) -> None:
    assert given.refused("verify", "--session", "--duration", "5") == (
        "--duration was 5 and --session was given too; they exclude each other"
    )
    assert "Redis at redis://127.0.0.1:1" in given.refused("verify", "--redis-url", "redis://127.0.0.1:1")
