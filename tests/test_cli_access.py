"""``tickstockpl dashboard`` and its ``link``, ``token``, ``keys``, ``revoke`` and ``password``, as processes."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.test_cli import Command
from tests.test_cli import given as given
from tests.test_cli import tickstockpl as tickstockpl
from tickstockpl.cli.page import say_page
from tickstockpl.dashboard.access.callers import Role
from tickstockpl.dashboard.access.keys import FILE, KeyStore, Kind
from tickstockpl.dashboard.access.passwords import PasswordCheck

KEY = re.compile(r"tspl_[\w-]{43}")
STATUS = "/api/streaming/status"
LONG = "correct horse battery staple"


@pytest.fixture
def printed(given: Command) -> Iterator[str]:
    """The link that ``tickstockpl dashboard`` has printed."""
    process = given.start("dashboard", "--port", "0")
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"Live page: (\S+)   \(Ctrl-C ends it\)\n", line)
        assert found is not None, line
        yield found[1]
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
        assert KEY.search(out + err) is None, "a key is said once"
        assert process.returncode == 0, err


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_the_link_that_is_printed_and_further_ones_open_the_page(given: Command, printed: str) -> None:
    viewers = given("dashboard", "link", "--role", "viewer").out.strip()
    address = printed.partition("/?")[0]
    assert viewers.partition("/?")[0] == address, "though --port was another than the setting"
    for link, role in ((printed, "admin"), (viewers, "viewer")):
        with httpx.Client(base_url=address) as client:
            assert client.get(link).status_code == 303
            assert client.get("/api/access").json()["role"] == role


def test_a_link_to_a_dashboard_that_has_ended_says_so(given: Command) -> None:
    process = given.start("dashboard", "--port", "0")
    assert process.stdout is not None
    process.stdout.readline()
    assert given("dashboard", "link").err == ""
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    link = given("dashboard", "link")
    assert "?token=" in link.out
    assert re.match(r"Nobody answers at http://127\.0\.0\.1:\d+ now; the link holds", link.err)


def test_a_token_opens_what_its_role_may_until_it_is_revoked(given: Command, printed: str) -> None:
    address = printed.partition("/?")[0]
    made = given("dashboard", "token", "--name", "prometheus")
    token = made.out.strip()
    assert KEY.fullmatch(token)
    assert httpx.get(f"{address}/metrics").status_code == 401
    assert httpx.get(f"{address}/metrics", headers=bearer(token)).status_code == 200
    stop = httpx.post(f"{address}/api/streaming/session", headers=bearer(token), json={"action": "stop"})
    assert stop.json() == {"error": "prometheus is a viewer, and only an administrator may do this"}
    shown = given("dashboard", "keys").out
    assert re.search(r"^token prometheus +viewer +made .*, until it is revoked$", shown, re.MULTILINE), shown
    assert re.search(r"^link, not opened +admin +made .*, until .*Z$", shown, re.MULTILINE), shown
    assert KEY.search(shown) is None
    assert given("dashboard", "revoke", "prometheus").out == "Revoked: prometheus\n"
    assert httpx.get(f"{address}{STATUS}", headers=bearer(token)).status_code == 401


def test_everything_is_revoked_at_once(given: Command, printed: str) -> None:
    address = printed.partition("/?")[0]
    token = given("dashboard", "token", "--name", "ci", "--role", "admin", "--days", "7").out.strip()
    with httpx.Client(base_url=address) as client:
        assert client.get(printed).status_code == 303
        assert given("dashboard", "revoke", "--all").out.startswith("Revoked: all 2; ")
        assert client.get(STATUS).status_code == client.get(STATUS, headers=bearer(token)).status_code == 401
    assert given("dashboard", "keys").out.startswith("Nobody: ")


def test_what_cannot_be_done_is_one_sentence(given: Command, data_dir: Path) -> None:
    assert given("dashboard", "link").sentence.startswith("no dashboard has been started on the data folder")
    for name in ("", "a b", "admin", "password", "link", "x" * 51, "-x", "é"):
        assert given("dashboard", "token", f"--name={name}").sentence.startswith(f"--name was {name!r}; write")
    given("dashboard", "token", "--name", "ci")
    assert "already; choose another name" in given("dashboard", "token", "--name", "ci").sentence
    assert given("dashboard", "revoke", "co").sentence == "there is no token of the name 'co'; there are: ci"
    for arguments in ([], ["ci", "--all"]):
        assert "write the name of a token, or --all" in given("dashboard", "revoke", *arguments).sentence
    assert "TICKSTOCK_AUTH is off" in given("dashboard", "link", TICKSTOCK_AUTH="off").sentence
    assert "does not exist" in given("dashboard", "link", TICKSTOCK_DATA_DIR=str(data_dir / "none")).sentence
    (data_dir / FILE).write_bytes(b"rubbish" * 1000)
    assert "cannot be used (file is not a database)" in given("dashboard", "keys").sentence
    assert "cannot be used (file is not a database)" in given("dashboard", "--port", "0").sentence


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.77"])
@pytest.mark.parametrize("command", ["dashboard", "run"])
def test_another_address_is_refused_before_anything_is_started(given: Command, command: str, host: str) -> None:
    said = given(command, "--host", host, "--port", "0").sentence
    assert said.startswith(f"host {host} can be reached from other machines, and without TLS anybody on the way")


async def test_the_hash_of_a_password_is_made_from_standard_input(given: Command) -> None:
    def ask(password: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "tickstockpl", "dashboard", "password"]
        return subprocess.run(
            command, env=given.env, input=f"{password}\n", capture_output=True, text=True, timeout=60, check=False
        )

    made = ask(LONG).stdout.strip()
    assert await PasswordCheck(made).is_right(LONG)
    assert not await PasswordCheck(made).is_right(LONG + "x")
    assert given("dashboard", "keys", TICKSTOCK_DASHBOARD_PASSWORD_HASH=made).code == 0, "the setting takes it"
    short = ask("short")
    assert (short.returncode, short.stdout) == (1, "")
    assert "the password had 5 characters; take 12 to 1,024" in short.stderr
    said = given("dashboard", "keys", TICKSTOCK_DASHBOARD_PASSWORD_HASH=LONG).sentence
    assert "tickstockpl dashboard password" in said
    assert LONG not in said


def test_the_journal_is_not_told_the_link(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.console import Console

    keys = KeyStore(tmp_path)
    link = f"http://127.0.0.1:8450/?token={keys.create(Kind.LINK, Role.ADMIN, 'link', 1_000)}"
    keys.close()
    with (tmp_path / "journal").open("w+") as journal:
        monkeypatch.setattr(sys, "stdout", journal)
        status = os.fstat(journal.fileno())
        for stream, is_told in ((f"{status.st_dev}:{status.st_ino}", False), ("8:1", True)):
            monkeypatch.setenv("JOURNAL_STREAM", stream)
            say_page(Console(file=journal), link)
            journal.flush()
            said = (tmp_path / "journal").read_text()
            assert (KEY.search(said) is not None) == is_told, said
            assert "http://127.0.0.1:8450" in said
