"""Run as root, PostgreSQL belongs to a user without rights, who is let through closed folders alone."""

import os
import stat
from pathlib import Path

import psycopg
import pytest

from tickstockpl.embedded import EmbeddedServers, passage, service_user
from tickstockpl.errors import TickStockError

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")


def user() -> service_user.ServiceUser:
    found = service_user.service_user(Path("/nonexistent"))
    assert found is not None
    return found


@pytest.fixture
def closed(data_dir: Path) -> Path:
    folder = data_dir / "closed"
    folder.mkdir(mode=0o700)
    return folder


def test_the_database_does_not_run_as_root(servers: EmbeddedServers) -> None:
    with psycopg.connect(servers.database_url) as connection:
        folder = Path(connection.info.host)
    assert folder.stat().st_uid == user().uid != 0


def test_a_closed_folder_lets_only_the_database_user_pass(closed: Path) -> None:
    data_dir = closed / "data"
    with EmbeddedServers(data_dir, need_redis=False) as servers, psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert user().can_enter(closed)
    assert not service_user.ServiceUser("somebody", 64_321, 64_321).can_enter(closed)
    assert closed.stat().st_mode & stat.S_IRWXO == 0


def test_passage_is_added_to_the_list_that_is_there(closed: Path) -> None:
    first, second = 64_321, 64_322
    assert passage.grant_passage(closed, first)
    assert passage.grant_passage(closed, second)
    assert passage.grant_passage(closed, second)
    for uid in (first, second):
        assert service_user.ServiceUser("somebody", uid, 64_321).can_enter(closed)
    assert closed.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH) == 0


def test_a_folder_that_cannot_be_opened_is_named(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "setxattr")
    with pytest.raises(TickStockError, match=rf"cannot enter {closed}; set TICKSTOCK_DATA_DIR"):
        EmbeddedServers(closed / "data", need_redis=False).start()


def test_programs_out_of_reach_are_copied_once(closed: Path, data_dir: Path) -> None:
    (closed / "install" / "bin").mkdir(parents=True)
    program = closed / "install" / "bin" / "postgres"
    program.write_text("program")
    program.chmod(0o700)
    copy = user().reachable_copy(closed / "install", data_dir)
    assert copy.parent == data_dir
    assert (copy / "bin" / "postgres").stat().st_mode & 0o777 == 0o755
    assert user().can_enter(copy / "bin")
    made = copy.stat().st_ctime_ns
    assert user().reachable_copy(closed / "install", data_dir) == copy
    assert copy.stat().st_ctime_ns == made
    assert closed.stat().st_mode & 0o777 == 0o700


def test_programs_in_reach_are_used_where_they_are(data_dir: Path) -> None:
    (data_dir / "install" / "bin").mkdir(parents=True)
    assert user().reachable_copy(data_dir / "install", data_dir) == data_dir / "install"
