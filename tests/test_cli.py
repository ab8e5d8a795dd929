"""The command line, as a user and an operator meet it: a process, its two outputs, its exit code and its signals."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest
import typer.main

from tests.support import Subscriber, eventually
from tickstockpl import __version__
from tickstockpl.cli import app
from tickstockpl.contract.channels import Channel
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.store.migrate import HEAD

COMMANDS = (
    "run",
    "stream",
    "dashboard",
    "calibrate",
    "rates",
    "monitor",
    "verify",
    "report",
    "scenario",
    "migrate",
    "prune",
    "session",
)
TIMEOUT_S = 60
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """What a refusal says: one sentence, one line, and a code that says so.

        Nothing else is said but where servers answer, if some had been started before.
        """
        assert self.code == 1, self
        assert all(line.startswith(("Redis: ", "PostgreSQL: ")) for line in self.out.splitlines()), self.out
        sentence = self.err.removeprefix("Error: ")
        assert sentence != self.err
        assert sentence.count("\n") == 1, self.err
        return sentence.strip()


@dataclass(frozen=True)
class Command:
    """``tickstockpl`` with an environment of its own."""

    env: dict[str, str]

    def __call__(self, *arguments: str, **env: str) -> Ended:
        """Run it to its end; nothing that it says is ever a traceback."""
        done = subprocess.run(
            self._line(arguments), env=self.env | env, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        assert "Traceback" not in done.stdout + done.stderr
        return Ended(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start it; the test ends it."""
        return subprocess.Popen(
            self._line(arguments), env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def refused(self, *arguments: str, **env: str) -> str:
        """Run it and return the sentence with which it was refused."""
        return self(*arguments, **env).sentence

    @staticmethod
    def _line(arguments: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "tickstockpl", *arguments]


@pytest.fixture
def tickstockpl(data_dir: Path) -> Command:
    """The command, on an empty data folder and without settings of the machine's own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TICKSTOCK_")}
    return Command({**clean, "TICKSTOCK_DATA_DIR": str(data_dir), "COLUMNS": "80"})


@pytest.fixture
def given(tickstockpl: Command, redis_url: str, database_url: str) -> Command:
    """The command with a Redis and a migrated database given."""
    return Command({**tickstockpl.env, "TICKSTOCK_REDIS_URL": redis_url, "TICKSTOCK_DATABASE_URL": database_url})


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    """Two symbols, half an hour of two days, as a CSV file."""
    path = tmp_path / "bars.csv"
    lines = ["timestamp,symbol,open,high,low,close,volume"]
    for day in (26, 27):
        for minute in range(30, 60):
            for symbol, price in (("AAPL", 178.0), ("NVDA", 240.0)):
                close = price + minute * 7 % 5 / 10
                lines.append(f"2018-02-{day}T14:{minute}:00Z,{symbol},{price},{close + 0.1},{price - 0.1},{close},1000")
    path.write_text("\n".join(lines) + "\n")
    return path


def row(database_url: str, query: str) -> tuple[object, ...] | None:
    with psycopg.connect(database_url) as connection:
        return connection.execute(query).fetchone()


class TestHelp:
    def test_version(self, tickstockpl: Command) -> None:
        assert tickstockpl("--version") == Ended(0, f"tickstockpl {__version__}\n", "")

    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_option_and_what_it_does_is_told_at_80_columns(self, command: str, tickstockpl: Command) -> None:
        ended = tickstockpl(command, "--help")
        assert ended.code == 0
        assert max(map(len, ended.out.splitlines())) <= 80
        assert "…" not in ended.out.replace("1|60|…|max", ""), "nothing is cut off"
        shown = " ".join(re.sub(r"[│╭╮╰╯─]", " ", ended.out).split())
        declared = typer.main.get_command(app).commands[command]  # type: ignore[attr-defined]
        for option in declared.params:
            if not option.hidden:
                name = option.opts[0] if option.param_type_name == "option" else f"[{option.metavar}]..."
                assert f" {name} " in shown, name
                assert option.help, f"{option.opts[0]} says nothing"
        assert "--held" not in shown

    def test_the_commands_are_listed(self, tickstockpl: Command) -> None:
        for arguments in (["--help"], []):
            text = tickstockpl(*arguments)
            assert all(f" {command} " in text.out + text.err for command in COMMANDS)

    def test_help_does_not_wait_for_large_libraries(self, tickstockpl: Command) -> None:
        script = (
            "import sys\n"
            "sys.argv = ['tickstockpl', 'stream', '--help']\n"
            "from tickstockpl.cli import main\n"
            "try:\n    main()\n"
            "except SystemExit:\n    pass\n"
            "print('loaded:', sorted({'talib', 'pandas', 'pyarrow', 'numpy', 'fastapi'} & set(sys.modules)))"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], env=tickstockpl.env, capture_output=True, text=True, timeout=60, check=True
        )
        assert done.stdout.splitlines()[-1] == "loaded: []"

    @pytest.mark.parametrize(
        "arguments", [["strem"], ["stream", "--sped", "1"], ["stream", "--seed", "-1"], ["stream", "--duration", "0"]]
    )
    def test_a_wrong_word_is_told_by_usage_and_code_2(self, arguments: list[str], tickstockpl: Command) -> None:
        ended = tickstockpl(*arguments)
        assert ended.code == 2
        assert ended.out == ""
        assert "Usage: " in ended.err


NONSENSE = [
    (["--speed", "fast"], "--speed was 'fast'; write a number above 0 .*, max, or live"),
    (["--speed", "0"], "--speed was '0'"),
    (["--speed", "-5"], "--speed was '-5'"),
    (["--speed", "nan"], "--speed was 'nan'"),
    (["--speed", "1e300"], "--speed was '1e300'; .* up to 1,000,000"),
    (["--date", "tomorrow"], "--date was 'tomorrow'; write a day as 2026-01-31"),
    (["--date", "2026-02-30"], "--date was '2026-02-30'"),
    (["--date", "9999-12-31"], "--date was '9999-12-31'; write a day from 1990 to 2099"),
    (["--feed", "replay"], "--feed replay needs --file"),
    (["--feed", "simulator", "--file", "x.csv"], "--file goes with --feed replay"),
    (
        ["--feed", "massive"],
        r"--feed massive needs an API key, .*massive\.com; set TICKSTOCK_MASSIVE_API_KEY .*--file need no",
    ),
    (["--feed", "massive", "--speed", "60"], "--speed was '60', and --feed massive is a market of today"),
    (["--feed", "massive", "--file", "x.csv"], "--file means nothing to --feed massive"),
    (["--feed", "redis", "--seed", "3"], "--seed means nothing to --feed redis"),
    (["--feed", "redis", "--date", "2026-01-30"], "--date means nothing to --feed redis"),
    (["--feed", "redis"], "--feed redis needs the Redis that carries the trades; name it with --redis-url"),
    (["--file", "no-such.csv"], r"no-such\.csv"),
    (["--universe", "demo:top_5"], r"no universe 'demo:top_5'; did you mean demo:top_50\?"),
    (["--universe", "top_500"], "universe 'top_500' is not of the form group:name"),
]

ONE_AFTER_THE_OTHER = """
import contextlib, io, json, sys
from tickstockpl.cli import main
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["tickstockpl", *json.loads(line)]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""
"""A process that runs many commands, since starting one takes longer than refusing what it was asked."""


Refusal = Callable[..., str]


@pytest.fixture(scope="module")
def refusal(make_data_dir: Callable[[], Path]) -> Iterator[Refusal]:
    """The sentence with which a command is refused, by a process that has been started already."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("TICKSTOCK_")}
    with subprocess.Popen(
        [sys.executable, "-c", ONE_AFTER_THE_OTHER],
        env={**env, "TICKSTOCK_DATA_DIR": str(make_data_dir())},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        commands, answers = process.stdin, process.stdout

        def run(*arguments: str) -> str:
            print(json.dumps(arguments), file=commands, flush=True)
            return Ended(*json.loads(answers.readline())).sentence

        yield run
        commands.close()


@pytest.fixture
def servers_given(redis_url: str, database_url: str) -> list[str]:
    """Options that name a Redis and a migrated database."""
    return ["--redis-url", redis_url, "--database-url", database_url]


class TestRefusals:
    """One sentence on standard error, nothing on standard output, code 1."""

    @pytest.mark.parametrize(
        ("arguments", "sentence"), NONSENSE, ids=lambda given: " ".join(given) if isinstance(given, list) else ""
    )
    def test_what_was_asked_for_makes_no_sense(self, arguments: list[str], sentence: str, refusal: Refusal) -> None:
        for command in ("stream", "run"):
            assert re.search(sentence, refusal(command, *arguments))

    def test_a_bad_setting(self, tickstockpl: Command) -> None:
        said = tickstockpl.refused("migrate", TICKSTOCK_PATTERN_BATCH="51")
        assert said.startswith("setting TICKSTOCK_PATTERN_BATCH was '51': it should be less than or equal to 50")

    def test_a_pattern_that_does_not_exist(self, given: Command, bars: Path) -> None:
        said = given.refused("stream", "--file", str(bars), TICKSTOCK_PATTERNS="Dojo")
        assert "'Dojo', which does not exist (did you mean Doji?)" in said

    @pytest.mark.parametrize("command", ["stream", "run"])
    def test_definitions_that_cannot_be_loaded(
        self, command: str, tickstockpl: Command, bars: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / "own.py"
        path.write_text("INDICATORS = [\n")
        said = tickstockpl.refused(command, "--file", str(bars), TICKSTOCK_DEFINITIONS=str(path))
        assert said.startswith(f"{path}, line 1: '[' was never closed (TICKSTOCK_DEFINITIONS)")

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            ("timestamp,symbol,open\n2018-02-26T14:30:00Z,AAPL,1\n", "column"),
            ("timestamp,symbol,open,high,low,close,volume\n2018-02-26T14:30:00Z,AAPL,1,2,3,1,100\n", "line 2"),
            ("timestamp,symbol,open,high,low,close,volume\n2018-02-26 09:30:00,AAPL,1,1,1,1,100\n", "--timezone"),
            ("", "empty"),
        ],
        ids=["wrong columns", "no usable row", "naive timestamps", "empty"],
    )
    def test_a_file_that_cannot_be_played(
        self, content: str, sentence: str, refusal: Refusal, servers_given: list[str], tmp_path: Path
    ) -> None:
        path = tmp_path / "market.csv"
        path.write_text(content)
        said = refusal("stream", "--file", str(path), *servers_given)
        assert "market.csv" in said
        assert sentence in said

    def test_redis_is_not_there(self, refusal: Refusal, database_url: str, bars: Path) -> None:
        url = "redis://sam:sesame@127.0.0.1:1/0"
        said = refusal("stream", "--file", str(bars), "--redis-url", url, "--database-url", database_url)
        assert said.startswith("Redis at redis://sam:***@127.0.0.1:1/0 cannot be reached")

    def test_the_database_is_not_there(self, refusal: Refusal, redis_url: str, bars: Path) -> None:
        url = "postgresql://sam:sesame@127.0.0.1:1/market"
        said = refusal("stream", "--file", str(bars), "--redis-url", redis_url, "--database-url", url)
        assert said.startswith("cannot reach the database at 127.0.0.1:1/market")
        assert "sesame" not in said

    def test_an_address_of_another_scheme(self, refusal: Refusal, database_url: str, bars: Path) -> None:
        url = "http://localhost:6379"
        said = refusal("stream", "--file", str(bars), "--redis-url", url, "--database-url", database_url)
        assert said.startswith("Redis URL 'http://localhost:6379' is not one; give redis://")
        said = refusal("migrate", "--database-url", "mysql://sam:sesame@localhost/market")
        assert said.startswith("the database URL does not begin with postgresql://")
        assert "sesame" not in said

    def test_a_wrong_password_of_the_database_is_not_shown(self, refusal: Refusal, data_dir: Path) -> None:
        with EmbeddedServers(data_dir, need_redis=False) as own:
            with psycopg.connect(own.database_url, autocommit=True) as admin:
                admin.execute("CREATE ROLE sam LOGIN PASSWORD 'open'")
                (hba_file,) = admin.execute("SHOW hba_file").fetchone() or ("",)
                hba = Path(str(hba_file))
                hba.write_text(f"local all sam scram-sha-256\n{hba.read_text()}")
                admin.execute("SELECT pg_reload_conf()")
            url = re.sub(r"//[^@]*@", "//sam:sesame@", own.database_url)
            eventually(lambda: not _lets_in(url), timeout=30, what="the new rule is in force")
            said = refusal("migrate", "--database-url", url)
        assert "password authentication failed" in said
        assert "sesame" not in said

    def test_the_port_is_taken(self, given: Command, bars: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            for arguments in (["run", "--file", str(bars)], ["dashboard"]):
                said = given.refused(*arguments, "--port", str(port))
                assert f"port {port} on 127.0.0.1" in said
                assert "--port" in said

    def test_where_lines_are_json_a_refusal_is_one_too(self, tickstockpl: Command) -> None:
        ended = tickstockpl("stream", "--speed", "fast", TICKSTOCK_LOG_FORMAT="json")
        assert (ended.code, ended.out) == (1, "")
        line = json.loads(ended.err)
        assert {"time", "level", "event", "logger"} == set(line)
        assert line["level"] == "error"
        assert line["event"].startswith("--speed was 'fast'")

    def test_the_data_folder_cannot_be_made(self, tickstockpl: Command, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        said = tickstockpl.refused("migrate", TICKSTOCK_DATA_DIR=str(tmp_path / "file" / "data"))
        assert str(tmp_path / "file") in said


def _lets_in(database_url: str) -> bool:
    try:
        psycopg.connect(database_url).close()
    except psycopg.OperationalError:
        return False
    return True


class TestMigrate:
    def test_an_empty_database_gets_its_tables_once(self, tickstockpl: Command, empty_database_url: str) -> None:
        for _ in range(2):
            ended = tickstockpl("migrate", "--database-url", empty_database_url)
            assert (ended.code, ended.out) == (0, f"The tables are at revision {HEAD}.\n")
        assert row(empty_database_url, "SELECT count(*) FROM streaming_sessions") == (0,)

    def test_tables_of_another_revision_are_left_alone(self, given: Command, database_url: str, bars: Path) -> None:
        with psycopg.connect(database_url) as connection:
            connection.execute("UPDATE tickstockpl_version SET version_num = '9999'")
        said = given.refused("stream", "--file", str(bars))
        assert "of revision 9999" in said
        assert "tickstockpl migrate" in said
        assert "update tickstockpl" in given.refused("migrate")


class TestPrune:
    def test_what_is_old_is_told_then_deleted(self, given: Command, database_url: str, bars: Path) -> None:
        assert given("stream", "--file", str(bars), "--speed", "max").code == 0
        assert given("prune", "--older-than", "1d").out == "No session ended more than 1 day ago.\n"
        with psycopg.connect(database_url) as connection:  # the replay was two days ago
            connection.execute(
                "UPDATE streaming_sessions SET created_at = now() - interval '2 days' WHERE started_at < '2018-02-27'"
            )
        told = given("prune", "--older-than", "1d", "--dry-run")
        rows = re.search(r"1 session, ([\d,]+) rows, .* would be deleted", told.out)
        assert rows is not None
        assert row(database_url, "SELECT count(*) FROM streaming_sessions") == (2,)
        deleted = given("prune", "--older-than", "1d")
        assert re.match(f"1 session, {rows[1]} rows, .* deleted; ", deleted.out)
        assert row(database_url, "SELECT count(*) FROM streaming_sessions") == (1,)
        assert row(database_url, "SELECT count(*) FROM bars_1min") == (60,)

    @pytest.mark.parametrize("age", ["30", "d", "0d", "-1d", "3m", "1.5d", "99999999w"])
    def test_an_age_needs_a_unit(self, age: str, refusal: Refusal) -> None:
        said = refusal("prune", "--older-than", age)
        assert said == f"--older-than was {age!r}; write days or weeks with their unit: 30d, or 8w"


class TestStream:
    def test_a_file_is_played_and_summed_up(self, given: Command, database_url: str, bars: Path) -> None:
        ended = given("stream", "--feed", "replay", "--file", str(bars), "--speed", "max")
        assert ended.code == 0
        lines = [line.rstrip() for line in ended.out.splitlines()]
        assert max(map(len, lines)) <= 80
        note, heading, *days = lines
        assert note == "no history: all 2 symbols start cold"
        assert heading.split() == ["day", "session", "patterns", "indicators", "status"]
        for line, day in zip(days, ("26", "27"), strict=True):
            assert re.fullmatch(rf"2018-02-{day} {UUID} +[\d,]+ +[\d,]+ completed", line), line
        stored = row(database_url, "SELECT count(*), sum(total_indicators) FROM streaming_sessions")
        assert stored == (2, sum(int(line.split()[3].replace(",", "")) for line in days))

        again = given("stream", "--file", str(bars), "--speed", "max")
        assert again.code == 0
        assert [line.split(",")[0] for line in again.out.splitlines()] == [
            "2018-02-26: already stored",
            "2018-02-27: already stored",
        ]

    def test_what_a_file_held_that_was_left_out_is_told(self, given: Command, bars: Path) -> None:
        with bars.open("a") as file:
            file.write("2018-02-26T14:31:00Z,AAPL,1,1,1,nonsense,1\n2018-02-26T23:00:00Z,AAPL,1,1,1,1,1\n")
        ended = given("stream", "--file", str(bars), "--speed", "max")
        assert ended.code == 0
        text = " ".join(ended.out.split())
        assert "line 122" in text
        assert "left out: 1 row that could not be used" in text
        hours = "left out: 1 row outside the market's hours"
        assert f"{hours}; TICKSTOCK_EXTENDED_HOURS=1 takes in pre-market and after-hours" in text

    def test_extended_hours_are_an_option_or_a_setting(self, given: Command, tmp_path: Path, database_url: str) -> None:
        path = tmp_path / "evening.csv"
        minutes = ("02T15:00", "03T00:59", "03T03:00")
        rows = "".join(f"2025-01-{minute}:00Z,IBM,1,1,1,1,1\n" for minute in minutes)
        path.write_text(f"timestamp,symbol,open,high,low,close,volume\n{rows}")
        replay = ("stream", "--file", str(path), "--speed", "max", "--again")
        for arguments, env, bars in (
            (replay, {}, 1),
            (replay, {"TICKSTOCK_EXTENDED_HOURS": "1"}, 2),
            ((*replay, "--extended-hours"), {}, 2),
            ((*replay, "--regular-hours"), {"TICKSTOCK_EXTENDED_HOURS": "1"}, 1),
        ):
            ended = given(*arguments, **env)
            assert ended.code == 0
            assert row(database_url, "SELECT count(*) FROM bars_1min") == (bars,)
            assert ended.out.splitlines()[-1].startswith("2025-01-02 "), "its day in New York"
            told = " ".join(ended.out.split())
            assert ("TICKSTOCK_EXTENDED_HOURS=1 takes in" in told) == (bars == 1)
            assert f"left out: {3 - bars} row" in told
        refused = given.refused(*replay, "--extended-hours", "--regular-hours")
        assert refused == "--extended-hours and --regular-hours exclude each other; leave one of them out"

    def test_an_empty_database_is_set_up(self, given: Command, empty_database_url: str, bars: Path) -> None:
        ended = given("stream", "--file", str(bars), "--speed", "max", "--database-url", empty_database_url)
        assert ended.code == 0
        assert row(empty_database_url, "SELECT count(*) FROM bars_1min") == (120,)


@pytest.fixture
def running(given: Command, redis_url: str, bars: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start a command that streams the file at 60 times real speed, and wait until its session has started."""
    started: list[subprocess.Popen[str]] = []

    def start(*more: str, redis: str = redis_url) -> "subprocess.Popen[str]":
        with Subscriber(redis) as subscriber:
            process = given.start("stream", "--file", str(bars), "--speed", "60", "--redis-url", redis, *more)
            started.append(process)
            subscriber.wait_for(Channel.BARS, timeout=30)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=TIMEOUT_S)


class TestSignals:
    @pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
    def test_a_stop_is_orderly(
        self, signum: int, running: Callable[[], "subprocess.Popen[str]"], redis_url: str, database_url: str
    ) -> None:
        process = running()
        with Subscriber(redis_url) as subscriber:
            process.send_signal(signum)
            out, err = process.communicate(timeout=TIMEOUT_S)
        assert process.returncode == 0, "a service that was told to stop, and did, has not failed"
        assert "Traceback" not in out + err
        assert "Stopping: the session is being closed." in out
        assert re.search(rf"2018-02-26 {UUID} +\d+ +\d+ stopped", out)
        assert len(subscriber.on(Channel.SESSION_STOPPED)) == 1
        assert row(database_url, "SELECT final_status FROM streaming_sessions") == ("stopped",)

    def test_a_second_one_ends_at_once(
        self, running: Callable[..., "subprocess.Popen[str]"], data_dir: Path, database_url: str
    ) -> None:
        with EmbeddedServers(data_dir, need_database=False) as own:
            process = running(redis=own.redis_url)
            (redis_pid,) = own.pids
            os.kill(redis_pid, signal.SIGSTOP)
            try:
                assert process.stdout is not None
                process.send_signal(signal.SIGINT)
                assert any(line.startswith("Stopping: ") for line in iter(process.stdout.readline, ""))
                process.send_signal(signal.SIGINT)
                _, err = process.communicate(timeout=15)
            finally:
                os.kill(redis_pid, signal.SIGCONT)
        assert process.returncode == 130
        assert "Traceback" not in err
        assert row(database_url, "SELECT final_status FROM streaming_sessions") == ("failed",)

    def test_nothing_is_left_of_a_run_with_all_that_it_started(self, tickstockpl: Command, bars: Path) -> None:
        process = tickstockpl.start("run", "--file", str(bars), "--port", "0")
        parts: list[psutil.Process] = []
        try:
            assert process.stdout is not None
            told: list[str] = []
            while not (told and told[-1].startswith("Live page:")):
                told.append(process.stdout.readline())
                assert told[-1], f"it ended: {told}"
            parts = psutil.Process(process.pid).children(recursive=True)
            assert parts, "servers and page"
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=TIMEOUT_S)
            assert process.returncode == 0, err
            assert "Traceback" not in out + err
            _, alive = psutil.wait_procs(parts, timeout=10)
            assert alive == []
        finally:
            for part in parts:
                if part.is_running():
                    part.kill()
            if process.poll() is None:
                process.kill()
                process.communicate(timeout=TIMEOUT_S)
