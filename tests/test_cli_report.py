"""``tickstockpl report``, as a process."""

import json
from pathlib import Path

import pytest

from tests.test_cli import TIMEOUT_S, Command
from tests.test_cli import given as given
from tests.test_cli import tickstockpl as tickstockpl
from tests.test_cli_scenario import PATIENT


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--speed", "60"), "--speed was 60 without --play; a producer that runs has its own"),
        (("--out", "nowhere/report.md"), "--out was nowhere/report.md, and there is no folder nowhere; make it, or "),
        ((), "no embedded Redis runs on the data folder "),
        (("--duration", "5", "--session"), "--duration was 5 and --session was given too; they exclude each other"),
    ],
)
def test_what_cannot_be_is_refused(tickstockpl: Command, arguments: tuple[str, ...], sentence: str) -> None:
    assert tickstockpl.refused("report", *arguments).startswith(sentence)


def test_a_page_that_is_not_there_is_told(given: Command) -> None:
    sentence = given.refused("report", "--page", "http://127.0.0.1:9/?token=tspl_secret")
    assert sentence.startswith("there is no page at http://127.0.0.1:9 (")
    assert "secret" not in sentence


def test_of_nothing_heard_nothing_is_claimed(given: Command) -> None:
    made = given("report", "--duration", "1", "--json")
    report = json.loads(made.out)
    assert {mark["sign"] for mark in report["criteria"] + report["channels"]} == {"⏳"}
    assert [mark["sign"] for mark in report["tables"]] == ["⏳"] * 4
    assert made.code == 0, "nothing is broken that anybody knows of"


def test_the_whole_stack_is_played_and_reported(given: Command, tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    arguments = ("report", "--play", "--speed", "max", "--reporter", "the tests", "--out", str(out))
    process = Command(given.env | PATIENT).start(*arguments)
    _, err = process.communicate(timeout=3 * TIMEOUT_S)
    signs = dict(line.split(" ", 1)[::-1] for line in err.splitlines() if line[:1] in "✅⏳❌" and line)
    latency = signs.pop("End-to-end latency <100ms (95th percentile)")  # a market as fast as it can, beside other tests
    live = signs.pop("Integration tests pass with live data")
    assert set(signs.values()) == {"✅"}, err + out.read_text("utf-8")
    assert live == "⏳", "a made market is none of today"
    assert process.returncode == (latency == "❌")
    text = out.read_text("utf-8")
    assert "**Reporter**: the tests" in text
    assert "4 of 4 test scenarios passed" in text
    assert "60 minutes of market time: 0 critical errors (1 in other sessions)" in text
    assert not list(tmp_path.glob("*.tmp"))
    keys = given("dashboard", "keys").out
    assert "report-" not in keys, "its key holds no more"
