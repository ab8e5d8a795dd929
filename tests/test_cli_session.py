"""``tickstockpl session``, as processes, with a service that streams and with some that only answer."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.made_service import MadeService, answers
from tests.test_cli import Command
from tests.test_cli import bars as bars
from tests.test_cli import given as given
from tests.test_cli import tickstockpl as tickstockpl
from tickstockpl.embedded import EmbeddedServers


@pytest.fixture
def streaming(given: Command, bars: Path, data_dir: Path) -> Iterator["subprocess.Popen[str]"]:
    """A replay at the market's own speed, which goes on for hours; there is a universe ``my:own`` too."""
    (data_dir / "universes" / "my").mkdir(parents=True)
    (data_dir / "universes" / "my" / "own.csv").write_text("symbol\nAAPL\n")
    process = given.start("stream", "--file", str(bars), "--speed", "1")
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def rows(out: str) -> dict[str, str]:
    """What is shown of one service."""
    return {line[:14].strip(): line[14:].strip() for line in out.splitlines()}


def wait_for_session(given: Command) -> dict[str, str]:
    """Ask until a session runs: a process takes a moment to start."""
    for _ in range(20):
        ended = given("session", "status")
        if ended.code == 0 and rows(ended.out)["state"].startswith("running"):
            return rows(ended.out)
    raise AssertionError(ended)


def test_a_session_is_looked_at_stopped_and_started(given: Command, streaming: "subprocess.Popen[str]") -> None:
    shown = wait_for_session(given)
    assert (shown["source"], shown["universe"]) == ("replay:bars", "replay:bars")
    assert shown["market time"].startswith("2018-02-26 14:")
    first = shown["session"].partition(",")[0]

    stopped = given("session", "stop")
    assert stopped.code == 0
    told, done = stopped.out.splitlines()
    assert told == "replay:bars has been told to stop its session."
    assert done.startswith("Stopped, with ")

    refused = given("session", "stop", "--json")
    assert refused.sentence.startswith("no session runs that could be stopped: ")

    (state,) = json.loads(given("session", "status", "--json").out)
    assert (state["phase"], state["session"]) == ("stopped", None)

    started = given("session", "start", "--json")
    assert started.code == 0
    state = json.loads(started.out)
    assert state["phase"] == "running"
    assert state["session"]["session_id"] != first
    assert given("session", "start").sentence.startswith("a session runs already")
    assert given("session", "stop").code == 0

    assert "there is no universe 'my:other'" in given("session", "start", "--universe", "my:other").sentence
    own = given("session", "start", "--universe", "my:own")
    assert own.code == 0
    assert own.out.splitlines()[-1].startswith("Started: my:own, session ")
    assert streaming.poll() is None


def test_of_several_services_one_is_named(given: Command, redis_url: str) -> None:
    with MadeService(redis_url, "replay:a") as a, MadeService(redis_url, "replay:b") as b:
        said = given.refused("session", "stop")
        assert said == "2 services could be meant: replay:a, replay:b; name the source of one, or its id"
        started = given("session", "start", "--source", "replay:b", "--universe", "my:own")
        assert started.code == 0
        assert "Started: demo:two, session " in started.out
        assert (a.commands, [command.universe for command in b.commands]) == ([], ["my:own"])
        assert b.commands[0].requested_by.startswith("cli:")

        both = given("session", "status")
        assert both.code == 0
        first, second = both.out.split("\n\n")
        assert (rows(first)["source"], rows(second)["source"]) == ("replay:a", "replay:b")
        assert rows(first)["totals"] == "1 pattern and 2,000 indicator values"
        assert rows(first)["health"] == "warning"
        assert "CPU use high: 91 %" in first
        assert len(json.loads(given("session", "status", "--json").out)) == 2


def test_a_refusal_is_one_sentence(given: Command, redis_url: str) -> None:
    with MadeService(redis_url, answer=answers("refused", reason="the market is closed; wait")):
        for arguments in (("start",), ("stop",), ("start", "--json")):
            assert given.refused("session", *arguments) == "the market is closed; wait"


def test_without_a_service_it_says_so(given: Command) -> None:
    for action in ("start", "stop", "status"):
        assert given.refused("session", action).startswith("no service was heard on Redis at unix://")


def test_without_a_redis_it_says_so_and_starts_none(tickstockpl: Command, data_dir: Path) -> None:
    said = tickstockpl.refused("session", "status")
    assert said.startswith(f"no embedded Redis runs on the data folder {data_dir}, ")
    assert list(data_dir.iterdir()) == []


def test_an_embedded_redis_is_found_and_left_alone(tickstockpl: Command, data_dir: Path) -> None:
    with EmbeddedServers(data_dir, need_database=False) as servers, MadeService(servers.redis_url, "replay:a"):
        assert rows(tickstockpl("session", "status").out)["source"] == "replay:a"
        assert tickstockpl("session", "status").code == 0
    assert tickstockpl.refused("session", "status").startswith("no embedded Redis runs")


@pytest.mark.parametrize("action", ["start", "stop", "status"])
def test_every_option_is_told_at_80_columns(action: str, tickstockpl: Command) -> None:
    ended = tickstockpl("session", action, "--help")
    assert ended.code == 0
    assert max(map(len, ended.out.splitlines())) <= 80
    assert "…" not in ended.out
    for option in ("--source", "--redis-url", "--json", *(["--universe"] if action == "start" else [])):
        assert f" {option} " in ended.out


def test_a_services_own_words_give_a_terminal_no_orders(given: Command, redis_url: str) -> None:
    with MadeService(redis_url, "replay:\x1b[2Ja") as service:
        shown = given("session", "status")
    assert "\x1b" not in shown.out
    assert service.service_id in shown.out
