"""``tickstockpl scenario``, as a process."""

import json
import signal
from collections import Counter

import psycopg
import pytest

from tests.test_cli import TIMEOUT_S, Command
from tests.test_cli import given as given
from tests.test_cli import tickstockpl as tickstockpl
from tickstockpl.scenarios.library import SCENARIOS

PACE = "write a number above 0 and up to 1,000,000 (1 is real time, 60 a minute a second) or max"
PATIENT = {"TICKSTOCK_LAG_WARNING_MS": "60000", "TICKSTOCK_LAG_CRITICAL_MS": "60000"}
"""Health's thresholds for a machine that runs other tests too."""

NAMES = "normal, high-volume, error-recovery, market-close"


def test_the_list_names_them_all(tickstockpl: Command) -> None:
    listed = tickstockpl("scenario", "--list")
    assert listed.code == 0
    assert [line.split()[0] for line in listed.out.splitlines() if not line.startswith(" ")] == list(SCENARIOS)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), f"no scenario was named; name one or several of {NAMES}, or all"),
        (("norml",), f"there is no scenario 'norml'; there are {NAMES}, and all"),
        *(
            (
                ("normal", "--speed", speed),
                f"--speed was {speed!r}; {PACE}",
            )
            for speed in ("live", "0")
        ),
    ],
)
def test_what_means_nothing_is_refused(tickstockpl: Command, arguments: tuple[str, ...], sentence: str) -> None:
    assert tickstockpl.refused("scenario", *arguments) == sentence


def test_the_table_fits_a_terminal_of_80_columns(given: Command) -> None:
    played = given("scenario", "error-recovery", "market-close", "error-recovery", "--speed", "max", **PATIENT)
    assert played.code == 0, played.out
    verdicts = [line.split()[2] for line in played.out.splitlines() if line.startswith("PASS: scenario ")]
    assert verdicts == ["error-recovery", "market-close"]
    table = [line for line in played.out.splitlines() if line.startswith("✓  ")]
    assert len(table) == 11 + 8
    assert max(map(len, table)) <= 80
    assert Counter("…" in line for line in table) == {False: len(table)}, "nothing is cut off"


def test_a_scenario_that_lacks_something_fails(given: Command, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
            "CREATE TRIGGER lose BEFORE INSERT ON indicator_alerts FOR EACH ROW EXECUTE FUNCTION lose()"
        )
    played = given("scenario", "market-close", "--speed", "max", "--json")
    assert played.code == 1
    (outcome,) = json.loads(played.out)
    assert (outcome["scenario"], outcome["passed"]) == ("market-close", False)
    assert [line["title"] for line in outcome["lines"] if not line["holds"]] == ["alerts:indicators"]
    assert "alerts:indicators: and 6 more were not stored" in outcome["wrong"]


def test_ctrl_c_ends_it_without_a_verdict(given: Command) -> None:
    process = given.start("scenario", "normal", "--speed", "60")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("normal: ")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 1
    assert "PASS" not in out
    assert "scenario normal was stopped after " in err
