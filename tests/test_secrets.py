"""Canaries: passwords of unusual characters, driven through every error path, are seen nowhere.

Every password holds the word ``canary`` between any two of its special characters, so that a piece of it that is taken
for a host, a port or a path is noticed as well.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import psutil
import psycopg
import pytest
import redis
from psycopg import sql

from tests.dashboard.access.visiting import a_token
from tests.dashboard.running import dashboard, get
from tests.logging_state import logs_restored
from tests.support import Subscriber, eventually
from tickstockpl.contract.channels import Channel
from tickstockpl.dashboard.access.callers import Caller, Role
from tickstockpl.dashboard.access.identity import Identity
from tickstockpl.dashboard.access.keys import Kind
from tickstockpl.dashboard.access.passwords import hash_password
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.logs import configure_logs
from tickstockpl.redaction import Redactor
from tickstockpl.store.pages import Pages
from tickstockpl.store.paging import Page, Position

PASSWORD = "canary@canary/canary:canary?canary#canary%canary canary'canary\"canary\\canary[red]canary&canary=canaryé"
ENCODED = quote(PASSWORD, safe="")
RAW = [
    "canary@canary/canary",
    "canary/canary@canary:1",
    "canary?canary#canary",
    "1canary:canary[canary]",
    "canary%zzcanary",
    "canary canary",
]
"""Passwords as people type them: not percent-encoded, so that an address can be read in more than one way."""

TOKEN = "canary~canary'canary\"canary%canary\\canary;canary:canary"
"""What an administrator of the page sends."""

PASSWORD_HASH = f"$argon2id$v=19$m=65536,t=3,p=4${'canary' * 3}${'canary' * 7}"
"""What can be guessed at by whoever has it."""

ANSWERS = ("status", "catalog", "health", "alerts", "sessions", "patterns/AAPL", "indicators/AAPL")
"""What the page's REST API is asked for."""

COMMANDS = """
import contextlib, io, json, os, sys
from tickstockpl.cli import main
clean = dict(os.environ)
for line in sys.stdin:
    arguments, environment = json.loads(line)
    os.environ.clear()
    os.environ.update(clean, **environment)
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["tickstockpl", *arguments]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code
    print(json.dumps([code, out.getvalue() + err.getvalue()]), flush=True)
"""
"""A process that runs many commands, since starting one takes longer than refusing what it was asked."""

BREAKING = """
import asyncio, logging, sys, threading
import tickstockpl.cli.servers as servers
from tickstockpl.cli import main

class Dying:
    def __init__(self, url):
        self.url = url
    def __del__(self):
        raise RuntimeError(self.url)

async def forgotten(url):
    async def fail():
        raise OSError(f"task: {url}")
    asyncio.create_task(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)

def broken(settings, console, need_redis=True):
    url = settings.database_url
    logging.getLogger("library").error("connecting to %s", url)
    thread = threading.Thread(target=lambda: int(url))
    thread.start()
    thread.join()
    Dying(url)
    asyncio.run(forgotten(url))
    try:
        logging.getLogger("library").error("asked with %s", settings.admin_token.get_secret_value())
        logging.getLogger("library").error("compared to %s", settings.dashboard_password_hash.get_secret_value())
        raise ValueError(f"{url} {settings}")
    except ValueError:
        raise RuntimeError(f"unexpected: {url!r}")

servers.servers = broken
sys.argv = ["tickstockpl", "migrate"]
main()
"""

DEFINITIONS = """
import os

from tickstockpl.analysis.indicators.formula import formula_entry

def leaking(window):
    raise RuntimeError(os.environ["TICKSTOCK_REDIS_URL"] + " " + os.environ["TICKSTOCK_DATABASE_URL"])

INDICATORS = [
    formula_entry(
        name="LEAKING",
        title="Leaking",
        family="Tests",
        meaning="Tells what it should not.",
        source="none",
        formula=leaking,
        bars=lambda: 2,
        inputs=("close",),
        outputs=("value",),
        parameters=(),
    )
]
"""


def is_silent(said: str) -> bool:
    """Whether nothing of any password was said, in whatever case."""
    return "canary" not in said.lower()


Run = Callable[..., str]


@pytest.fixture(scope="module")
def run(make_data_dir: Callable[[], Path]) -> Iterator[Run]:
    """What a command that fails says, on either output."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("TICKSTOCK_")}
    with subprocess.Popen(
        [sys.executable, "-c", COMMANDS],
        env={**env, "TICKSTOCK_DATA_DIR": str(make_data_dir())},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        commands, answers = process.stdin, process.stdout

        def ask(*arguments: str, **environment: str) -> str:
            print(json.dumps([arguments, environment]), file=commands, flush=True)
            code, said = json.loads(answers.readline())
            assert code in (1, 2), said
            assert said.strip(), "a failure says why"
            return str(said)

        yield ask
        commands.close()


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    """One symbol, half an hour."""
    path = tmp_path / "bars.csv"
    rows = [f"2018-02-26T14:{minute}:00Z,AAPL,178,178.1,177.9,178,1000" for minute in range(30, 60)]
    path.write_text("\n".join(["timestamp,symbol,open,high,low,close,volume", *rows, ""]))
    return path


@contextmanager
def impostor(answer: Callable[[bytes], bytes]) -> Iterator[int]:
    """A server that is neither Redis nor PostgreSQL; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    while heard := connection.recv(65536):
                        connection.sendall(answer(heard))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=10)


class TestAddresses:
    """Commands that are given addresses with which they cannot work."""

    @pytest.mark.parametrize("password", [ENCODED, *RAW])
    @pytest.mark.parametrize("host", ["127.0.0.1:1", "no-such-host.invalid", "127.0.0.1:port", "[::1", ""])
    def test_wrong_hosts(self, password: str, host: str, run: Run) -> None:
        database_url, redis_url = f"postgresql://sam:{password}@{host}/market", f"redis://sam:{password}@{host}/0"
        for said in (
            run("migrate", TICKSTOCK_DATABASE_URL=database_url),
            run("migrate", "--database-url", database_url),
        ):
            assert is_silent(said), said
        if host == "127.0.0.1:1":
            said = run("migrate", TICKSTOCK_DATABASE_URL=f"{database_url}?password={password}")
            assert is_silent(said), said
        said = run("migrate", TICKSTOCK_REDIS_URL=redis_url, TICKSTOCK_PORT=redis_url)
        assert is_silent(said), said
        said = run("session", "stop", TICKSTOCK_REDIS_URL=redis_url)
        assert is_silent(said), said

    @pytest.mark.parametrize("log_format", ["human", "json"])
    def test_tokens_that_cannot_be_used_or_stand_in_the_wrong_place(self, log_format: str, run: Run) -> None:
        given = {"TICKSTOCK_LOG_FORMAT": log_format}
        for token in ("canary", "canary canary canary", "canary-canary-\ncanary"):
            said = run("session", "status", TICKSTOCK_ADMIN_TOKEN=token, **given)
            assert "TICKSTOCK_ADMIN_TOKEN" in said
            assert is_silent(said), said
        for password_hash in ("canary", f"{PASSWORD_HASH} ", PASSWORD_HASH.replace("id", "i"), "$argon2id$canary"):
            said = run("session", "status", TICKSTOCK_DASHBOARD_PASSWORD_HASH=password_hash, **given)
            assert "tickstockpl dashboard password" in said
            assert is_silent(said), said
        said = run("session", PASSWORD_HASH, TICKSTOCK_DASHBOARD_PASSWORD_HASH=PASSWORD_HASH, **given)
        assert is_silent(said), said
        for arguments in (["session", "stop", TOKEN], ["session", TOKEN], ["stream", "--date", TOKEN], [TOKEN]):
            said = run(*arguments, TICKSTOCK_ADMIN_TOKEN=TOKEN, **given)
            assert is_silent(said), said

    @pytest.mark.parametrize("log_format", ["human", "json"])
    @pytest.mark.parametrize("password", [ENCODED, *RAW])
    def test_a_redis_that_is_not_there(
        self, password: str, log_format: str, run: Run, bars: Path, database_url: str
    ) -> None:
        given = {"TICKSTOCK_LOG_FORMAT": log_format, "TICKSTOCK_DATABASE_URL": database_url}
        url = f"redis://sam:{password}@127.0.0.1:1/0"
        said = run("stream", "--file", str(bars), TICKSTOCK_REDIS_URL=url, **given)
        assert is_silent(said), said
        said = run("dashboard", "--port", "0", TICKSTOCK_REDIS_URL=url, **given)
        assert is_silent(said), said

    def test_words_in_the_wrong_place(self, run: Run) -> None:
        for password in (ENCODED, *RAW):
            url = f"redis://sam:{password}@localhost/0"
            for arguments in (
                ["stream", url],
                [url],
                ["stream", "--port", url],
                ["dashboard", "--port", url],
                ["stream", "--speed", url],
                ["stream", "--date", url],
                ["stream", "--universe", url],
                ["stream", "--file", url],
                ["stream", "--feed", url],
                ["stream", f"--redis-ulr={url}"],
                ["dashboard", "--host", url],
            ):
                said = run(*arguments)
                assert is_silent(said), said

    @pytest.mark.parametrize("log_format", ["human", "json"])
    @pytest.mark.parametrize("password", [ENCODED, *RAW])
    def test_wrong_settings_files(self, password: str, log_format: str, run: Run, tmp_path: Path) -> None:
        url = json.dumps(f"redis://sam:{password}@localhost/0")
        path = tmp_path / "tickstockpl.toml"
        for content in (
            f"redis_url = [{url}]",
            f"redis_ulr = {url}",
            f"port = {url}",
            f"redis_url = {url}\nport = 'x'",
            f"redis_url = {url}\nredis_url = {url}",
            f"redis_url = {url[:-1]}",
            f"redis_url = {url[1:-1]}",
            f"database_url = {url}",
            'admin_token = "canary"',
            'admin_token = "canary canary canary"',
            "admin_token = ['canary-canary-canary']",
            "admin_tokn = 'canary-canary-canary'",
            "admin_token = 'canary-canary-canary'\nport = 'x'",
            f"[{url}]\nx = 1",
        ):
            path.write_text(content, "utf-8")
            said = run("migrate", TICKSTOCK_CONFIG=str(path), TICKSTOCK_LOG_FORMAT=log_format)
            assert is_silent(said), said


class TestServers:
    """Servers that refuse, die, or are not what they should be."""

    def test_a_wrong_password_of_redis(self, run: Run, bars: Path, redis_url: str, database_url: str) -> None:
        with redis.Redis.from_url(redis_url) as admin:
            admin.execute_command("ACL", "SETUSER", "sam", "on", ">another", "+ping", "~*", "&*")
        try:
            url = redis_url.replace("unix://", f"unix://sam:{ENCODED}@")
            said = run("stream", "--file", str(bars), TICKSTOCK_REDIS_URL=url, TICKSTOCK_DATABASE_URL=database_url)
            assert "WRONGPASS" in said
            assert is_silent(said), said
        finally:
            with redis.Redis.from_url(redis_url) as admin:
                admin.execute_command("ACL", "DELUSER", "sam")

    def test_a_redis_that_may_not_publish(self, run: Run, bars: Path, redis_url: str, database_url: str) -> None:
        with redis.Redis.from_url(redis_url) as admin:
            admin.execute_command("ACL", "SETUSER", "sam", "on", f">{PASSWORD}", "+ping", "+select")
        try:
            url = redis_url.replace("unix://", f"unix://sam:{ENCODED}@")
            said = run("stream", "--file", str(bars), TICKSTOCK_REDIS_URL=url, TICKSTOCK_DATABASE_URL=database_url)
            assert "NOPERM" in said
            assert is_silent(said), said
        finally:
            with redis.Redis.from_url(redis_url) as admin:
                admin.execute_command("ACL", "DELUSER", "sam")

    def test_a_server_that_quotes_what_it_does_not_know(self, run: Run, bars: Path, database_url: str) -> None:
        def quoting(heard: bytes) -> bytes:
            return b"-ERR unknown command, with args: %s\r\n" % heard.replace(b"\r\n", b" ")

        with impostor(quoting) as port:
            url = f"redis://sam:{ENCODED}@127.0.0.1:{port}/0"
            said = run("stream", "--file", str(bars), TICKSTOCK_REDIS_URL=url, TICKSTOCK_DATABASE_URL=database_url)
        assert "refused AUTH" in said
        assert is_silent(said), said

    def test_a_database_that_asks_for_the_password_and_quotes_it(self, run: Run) -> None:
        def quoting(heard: bytes) -> bytes:
            if heard[4:8] == b"\x04\xd2\x16\x2f":  # asks for TLS
                return b"N"
            if heard[:1] != b"p":
                return b"R\0\0\0\x08\0\0\0\x03"  # wants it in plain text
            text = b"SFATAL\0C28P01\0Mno user has " + heard[5:].rstrip(b"\0") + b"\0\0"
            return b"E" + (len(text) + 4).to_bytes(4, "big") + text

        with impostor(quoting) as port:
            url = f"postgresql://sam:{ENCODED}@127.0.0.1:{port}/market?gssencmode=disable"
            said = run("migrate", TICKSTOCK_DATABASE_URL=url)
        assert "no user has ***" in said
        assert is_silent(said), said

    def test_a_write_that_is_refused(self, run: Run, bars: Path, redis_url: str, database_url: str) -> None:
        with psycopg.connect(database_url, autocommit=True) as admin:
            body = f"BEGIN RAISE EXCEPTION 'refused: %', {_literal(PASSWORD)}; END"
            admin.execute(f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS {_literal(body)}")
            admin.execute("CREATE TRIGGER refuse BEFORE INSERT ON bars_1min EXECUTE FUNCTION refuse()")
        url = database_url.replace("://postgres@", f"://postgres:{ENCODED}@")
        given = {"TICKSTOCK_REDIS_URL": redis_url, "TICKSTOCK_DATABASE_URL": url}
        said = run("stream", "--file", str(bars), "--speed", "max", **given)
        assert "the database refused a write: refused: ***" in said
        assert is_silent(said), said

    def test_unexpected_exceptions_of_every_kind(self, tmp_path: Path) -> None:
        url = f"postgresql://sam:{ENCODED}@localhost/market"
        for log_format in ("human", "json"):
            done = subprocess.run(
                [sys.executable, "-c", BREAKING],
                env={
                    **os.environ,
                    "TICKSTOCK_DATABASE_URL": url,
                    "TICKSTOCK_ADMIN_TOKEN": TOKEN,
                    "TICKSTOCK_DASHBOARD_PASSWORD_HASH": PASSWORD_HASH,
                    "TICKSTOCK_LOG_FORMAT": log_format,
                },
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 1
            for path in (
                "connecting to",
                "asked with",
                "compared to",
                "invalid literal",
                "Dying.__del__",
                "OSError: task",
                "RuntimeError: unexp",
            ):
                assert path in done.stderr, path
            assert is_silent(done.stdout + done.stderr), done.stderr
            if log_format == "json":
                assert all(
                    {"time", "level", "event", "logger"} <= json.loads(line).keys() for line in done.stderr.splitlines()
                )


async def test_an_unexpected_error_of_the_page_is_neither_answered_nor_logged(
    redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = database_url.replace("://postgres@", f"://postgres:{ENCODED}@")

    async def fail(self: Pages, source: str | None, limit: int, *, before: Position | None = None) -> object:
        if limit == 1:  # the history, without which the dashboard would end
            return Page([], None)
        raise RuntimeError(url)

    monkeypatch.setattr(Pages, "sessions", fail)
    with logs_restored():
        configure_logs("info", "human", Redactor([url]))
        async with dashboard(redis_url, url) as address:
            answer = await get(address, "/api/streaming/sessions")
    err = capsys.readouterr().err
    assert answer.status_code == 500
    assert "RuntimeError: postgresql://postgres:***@" in err
    assert is_silent(answer.text + err), err


async def test_no_key_and_no_password_of_the_page_is_logged(
    redis_url: str,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = {
        "auth": "on",
        "data_dir": tmp_path,
        "dashboard_password_hash": hash_password(PASSWORD),
        "admin_token": TOKEN,
    }
    with logs_restored():
        configure_logs("debug", "json", Redactor([redis_url, database_url]))
        async with dashboard(redis_url, database_url, **settings) as link:
            address, _, key = link.partition("/?token=")
            async with httpx.AsyncClient(base_url=address, headers={"origin": address}) as client:
                token = a_token(tmp_path, "viewer")
                said = [str(client.cookies)]
                shown = {key, token}
                for _ in range(2):
                    answers = [await client.get("/", params={"token": key})]
                    answers += [await client.post("/sign-in", data={"password": one}) for one in (PASSWORD, "canary")]
                    for sent in (token, TOKEN.partition(";")[0], "tspl_" + 43 * "c"):
                        answers.append(await client.get("/none", headers={"authorization": f"Bearer {sent}"}))
                    shown |= set(client.cookies.values())
                    answers.append(await client.post("/sign-out"))
                    said += [answer.text for answer in answers]
                monkeypatch.setattr(Identity, "sign_out", _fail)
                client.cookies.clear()
                await client.post("/sign-in", data={"password": PASSWORD})
                failed = await client.post("/sign-out")
                assert failed.status_code == 500
                assert "content-security-policy" in failed.headers
                shown |= set(client.cookies.values())
    told = capsys.readouterr()
    said += [told.out, told.err]
    assert "a wrong password was sent" in told.err
    assert "signed in" in told.err
    assert "RuntimeError: ***" in told.err
    assert len(shown) >= 4
    for text in said:
        assert is_silent(text), text
        assert not any(one in text for one in shown), text


async def _fail(self: Identity, caller: Caller) -> None:
    keys = self._keys
    assert keys is not None
    raise RuntimeError(keys.create(Kind.BROWSER, Role.ADMIN, "link", 1_000))


class TestLive:
    """A stream with its page: its events, its rows, its answers, its processes, and the loss of both servers."""

    def test_a_run_from_its_start_to_the_loss_of_its_servers(
        self, make_data_dir: Callable[[], Path], bars: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "own.py").write_text(DEFINITIONS)
        with EmbeddedServers(make_data_dir()) as servers:
            with redis.Redis.from_url(servers.redis_url) as admin:
                admin.execute_command("ACL", "SETUSER", "sam", "on", f">{PASSWORD}", "~*", "&*", "+@all")
            with psycopg.connect(servers.database_url, autocommit=True) as database:
                database.execute(sql.SQL("CREATE ROLE sam SUPERUSER LOGIN PASSWORD {}").format(PASSWORD))
            with Subscriber(servers.redis_url) as heard, self._running(servers, bars, tmp_path) as process:
                address = self._address(process)
                said = [heard.wait_for(Channel.CRITICAL_ALERTS, timeout=60)[0].decode()]
                assert "LEAKING" in said[0]
                assert "***" in said[0]
                said += [payload.decode() for payload in heard.wait_for(Channel.HEALTH)]
                admin = {"authorization": f"Bearer {TOKEN}"}
                said += [httpx.get(f"{address}/api/streaming/{name}", headers=admin).text for name in ANSWERS]
                said += [self._ask_as_administrator(address, token) for token in (TOKEN, f"{TOKEN}x")]
                processes = psutil.Process(process.pid).children(recursive=True)
                assert processes, "the page is a process of its own"
                said += [" ".join(one.cmdline()) for one in processes]
                said += self._rows(servers.database_url)
                assert all(map(is_silent, said)), said

                heard.stop()
                for pid in servers.pids:
                    psutil.Process(pid).kill()
                eventually(lambda: httpx.get(f"{address}/healthz").status_code == 503, timeout=30)
                lost = httpx.get(f"{address}/api/streaming/health", headers=admin, timeout=30)
                assert lost.status_code == 503
                assert is_silent(lost.text), lost.text
                process.send_signal(signal.SIGTERM)
                assert process.stdout is not None
                told = next(line for line in process.stdout if line.startswith("Stopping"))
                process.send_signal(signal.SIGTERM)
                out, err = process.communicate(timeout=60)
                assert is_silent(told)
        assert "redis lost" in err
        assert is_silent(out + err), out + err

    @staticmethod
    @contextmanager
    def _running(servers: EmbeddedServers, bars: Path, folder: Path) -> Iterator["subprocess.Popen[str]"]:
        settings = {
            "TICKSTOCK_REDIS_URL": servers.redis_url.replace("unix://", f"unix://sam:{ENCODED}@"),
            "TICKSTOCK_DATABASE_URL": servers.database_url.replace("://postgres@", f"://sam:{ENCODED}@"),
            "TICKSTOCK_DEFINITIONS": str(folder / "own.py"),
            "TICKSTOCK_INDICATORS": "LEAKING",
            "TICKSTOCK_LOG_LEVEL": "debug",
            "TICKSTOCK_ADMIN_TOKEN": TOKEN,
        }
        command = [sys.executable, "-m", "tickstockpl", "run", "--file", str(bars), "--speed", "60", "--port", "0"]
        with subprocess.Popen(
            command, env={**os.environ, **settings}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    @staticmethod
    def _ask_as_administrator(address: str, token: str) -> str:
        answer = httpx.get(f"{address}/api/streaming/session", headers={"authorization": f"Bearer {token}"}, timeout=30)
        assert answer.status_code == (200 if token == TOKEN else 401), answer.text
        return answer.text

    @staticmethod
    def _address(process: "subprocess.Popen[str]") -> str:
        assert process.stdout is not None
        found = re.search(r"http://[\d.:]+", process.stdout.readline())
        assert found is not None
        return found[0]

    @staticmethod
    def _rows(database_url: str) -> list[str]:
        with psycopg.connect(database_url) as database:
            return [
                str(row)
                for table in ("critical_alerts", "streaming_health_metrics", "streaming_sessions", "session_sources")
                for row in database.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
            ]


def _literal(text: str) -> str:
    return sql.Literal(text).as_string(None)
