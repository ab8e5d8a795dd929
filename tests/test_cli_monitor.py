"""``tickstockpl monitor``, as a process: lines for other programs, and on a terminal."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import suppress

import pytest
import redis

from tests.dashboard.samples import INCOMPLETE_PATTERN
from tests.support import eventually, listens
from tests.test_cli import TIMEOUT_S, Command
from tests.test_cli import given as given
from tests.test_cli import tickstockpl as tickstockpl
from tickstockpl.contract.channels import Channel

ALERT = (
    b'{"type":"critical_alert","alert":{"severity":"error","message":"it is so","timestamp":"2025-10-06T13:31:00.000Z",'
    b'"component":"somebody","action_required":null,"recovery":null}}'
)


def wait_until_it_listens(redis_url: str) -> None:
    eventually(lambda: listens(redis_url, "tickstockpl-monitor"), TIMEOUT_S, what="it listens")


@pytest.fixture
def publisher(redis_url: str) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


def test_lines_for_other_programs(given: Command, redis_url: str, publisher: "redis.Redis") -> None:
    process = given.start("monitor")
    assert process.stdout is not None
    wait_until_it_listens(redis_url)
    publisher.publish(*INCOMPLETE_PATTERN)
    publisher.publish(Channel.CRITICAL_ALERTS, ALERT)
    lines = [process.stdout.readline(), process.stdout.readline()]
    assert [" ".join(line.split()) for line in lines] == [
        "invalid $.detection.timestamp: it is missing (patterns:streaming)",
        "13:31:00 critical somebody, error: it is so",
    ]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, out) == (0, "")
    assert "Traceback" not in err


def test_only_what_is_asked_for(given: Command, redis_url: str, publisher: "redis.Redis") -> None:
    process = given.start("monitor", "--filter", "SOMEBODY so")
    assert process.stdout is not None
    wait_until_it_listens(redis_url)
    publisher.publish(*INCOMPLETE_PATTERN)
    publisher.publish(Channel.CRITICAL_ALERTS, ALERT)
    assert "somebody" in process.stdout.readline()
    process.terminate()
    assert process.wait(TIMEOUT_S) == 0
    process.communicate(timeout=TIMEOUT_S)


def test_a_reader_that_has_had_enough_ends_it(given: Command, redis_url: str, publisher: "redis.Redis") -> None:
    process = given.start("monitor")
    assert process.stdout is not None
    wait_until_it_listens(redis_url)
    process.stdout.close()

    def ended() -> bool:
        publisher.publish(Channel.CRITICAL_ALERTS, ALERT)
        return process.poll() is not None

    eventually(ended, TIMEOUT_S, what="it ends")
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()


def test_without_a_redis_it_says_what_to_name(tickstockpl: Command) -> None:
    assert tickstockpl.refused("monitor").startswith("no embedded Redis runs on the data folder ")
    refused = tickstockpl.refused("monitor", "--redis-url", "redis://:secret@127.0.0.1:9")
    assert "127.0.0.1:9" in refused
    assert "secret" not in refused


def test_on_a_terminal(given: Command, redis_url: str, publisher: "redis.Redis") -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "tickstockpl", "monitor"],
        env=given.env | {"TERM": "xterm-256color", "LINES": "24"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    os.set_blocking(ours, False)
    seen = bytearray()

    def read() -> bytes:
        with suppress(OSError):  # nothing there, or nobody
            seen.extend(os.read(ours, 1 << 16))
        return bytes(seen)

    try:
        wait_until_it_listens(redis_url)
        eventually(lambda: b"no checkpoint yet" in read(), TIMEOUT_S, what="it is drawn")
        publisher.publish(*INCOMPLETE_PATTERN)
        eventually(lambda: b"it is missing" in read(), TIMEOUT_S, what="the event is listed")
        os.write(ours, b"q")
        eventually(lambda: (read(), process.poll() is not None)[1], TIMEOUT_S, what="it ends")
        assert process.returncode == 0
        assert b"Traceback" not in read()
        assert b"\x1b[?1049l" in read(), "the terminal is left as it was"
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(TIMEOUT_S)
        os.close(ours)
