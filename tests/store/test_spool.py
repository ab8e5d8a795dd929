"""The spool is a queue on disk: what was put is there, in order, after any end of the process."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.store.samples import at, closing, minute, opening, session_id
from tickstockpl.errors import TickStockError
from tickstockpl.store.rows import CriticalAlertRow, HealthRow, MinuteRows, SourceCatalog, StoreJob
from tickstockpl.store.spool import RESERVE_BYTES, Spool, SpoolDamagedError, SpoolInUseError
from tickstockpl.store.spool_folder import SpoolFolder

URL = "postgresql://someone:hush@market.example/prices"
MIB = 1 << 20

EVERY_KIND: list[StoreJob] = [
    opening(),
    SourceCatalog("massive", b'{"patterns": []}'),
    minute(0),
    HealthRow(session_id(), "warning", 3, 12.345, 3, 45, 35.25, 512, b'["High CPU usage: 85%"]', at(1)),
    CriticalAlertRow(None, "critical", "lost\tit ☂", "feed", None, "it is back", at(1)),
    closing(patterns=1, indicators=6),
]


def take_all(spool: Spool) -> list[StoreJob]:
    taken = []
    while (found := spool.first()) is not None:
        taken.append(found[1])
        spool.remove(found[0])
    return taken


class SpoolAsAList(RuleBasedStateMachine):
    """Whatever is done to a spool, it holds what a list would."""

    @initialize()
    def create(self) -> None:
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "spool.sqlite"
        self.size = len(msgspec.msgpack.encode(minute(0)))
        self.max_bytes = 4 * self.size + self.size // 2
        self.spool = Spool(self.path, self.max_bytes)
        self.model: list[tuple[int, StoreJob]] = []
        self.positions = 0

    @rule(job=st.sampled_from(EVERY_KIND))
    def put(self, job: StoreJob) -> None:
        self.positions += 1
        room = self.max_bytes - sum(len(msgspec.msgpack.encode(kept)) for _, kept in self.model)
        fits = len(msgspec.msgpack.encode(job)) <= room or not isinstance(job, MinuteRows | HealthRow)
        assert self.spool.put(self.positions, job) == fits
        if fits:
            self.model.append((self.positions, job))

    @rule()
    def put_the_newest_again(self) -> None:
        if self.model:
            assert self.spool.put(*self.model[-1]) or isinstance(self.model[-1][1], MinuteRows | HealthRow)

    @rule()
    def take(self) -> None:
        first = self.spool.first()
        assert first == (self.model[0] if self.model else None)
        if first is not None:
            self.spool.remove(first[0])
            del self.model[0]

    @rule()
    def reopen(self) -> None:
        self.spool.close()
        assert self.path.exists() == bool(self.model)
        self.spool = Spool(self.path, self.max_bytes)

    @rule()
    def crash(self) -> None:
        """What is on the disk at this moment is all that a next process finds."""
        on_disk = {path: path.read_bytes() for path in self.path.parent.iterdir()}
        self.spool._file.close()
        for path, content in on_disk.items():
            path.write_bytes(content)
        self.spool = Spool(self.path, self.max_bytes)

    @invariant()
    def counts_are_those_of_the_list(self) -> None:
        jobs = [job for _, job in self.model]
        assert self.spool.count == len(jobs)
        assert self.spool.minutes == sum(isinstance(job, MinuteRows) for job in jobs)
        assert self.spool.bytes == sum(len(msgspec.msgpack.encode(job)) for job in jobs)

    def teardown(self) -> None:
        assert take_all(self.spool) == [job for _, job in self.model]
        self.spool.close()
        assert list(Path(self.folder.name).iterdir()) == []
        self.folder.cleanup()


TestSpoolAsAList = SpoolAsAList.TestCase
TestSpoolAsAList.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_every_kind_of_job_comes_back_as_it_was_put(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.sqlite", MIB) as spool:
        for position, job in enumerate(EVERY_KIND, 1):
            assert spool.put(position, job)
        assert take_all(spool) == EVERY_KIND


def test_what_was_put_survives_a_process_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    program = (
        "import os, signal; from pathlib import Path; from tests.store.samples import minute; "
        "from tickstockpl.store.spool import Spool; "
        f"spool = Spool(Path({str(path)!r}), {MIB}); "
        "[spool.put(number + 1, minute(number)) for number in range(5)]; os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    with Spool(path, MIB) as spool:
        assert take_all(spool) == [minute(number) for number in range(5)]


def test_an_older_job_that_comes_later_is_still_the_first(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.sqlite", MIB) as spool:
        for position in (5, 3, 4):
            spool.put(position, minute(position))
        assert take_all(spool) == [minute(3), minute(4), minute(5)]


def test_the_oldest_stay_and_a_session_s_frame_finds_room_beyond_the_bound(tmp_path: Path) -> None:
    size = len(msgspec.msgpack.encode(minute(0)))
    with Spool(tmp_path / "spool.sqlite", 2 * size) as spool:
        assert [spool.put(number + 1, minute(number)) for number in range(4)] == [True, True, False, False]
        assert spool.put(5, closing())
        assert not spool.put(6, SourceCatalog("massive", b"x" * RESERVE_BYTES))
        assert take_all(spool) == [minute(0), minute(1), closing()]


def test_the_file_is_small_again_when_it_has_been_emptied(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.sqlite", 100 * MIB) as spool:
        for position in range(1, 21):
            spool.put(position, SourceCatalog("massive", b"x" * 500_000))
        take_all(spool)
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 100_000


def test_a_full_disk_refuses_and_what_is_in_can_be_stored(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.sqlite", 100 * MIB) as spool:
        assert spool.put(1, minute(1))
        pages = spool._file.execute("PRAGMA page_count").fetchone()[0]
        spool._file.execute(f"PRAGMA max_page_count = {pages}")  # SQLite says "database or disk is full"
        assert not spool.put(2, SourceCatalog("massive", b"x" * 100_000))
        assert take_all(spool) == [minute(1)]


class TestFolder:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> SpoolFolder:
        return SpoolFolder(tmp_path, URL, MIB)

    def left(self, folder: SpoolFolder) -> tuple[list[StoreJob], list[str]]:
        told: list[str] = []
        return [job for spool in folder.left_behind(told) for job in take_all(spool)], told

    def test_what_services_left_is_found_in_their_order_and_gone_when_taken(self, folder: SpoolFolder) -> None:
        for number in range(3):
            with folder.new() as spool:
                spool.put(1, minute(number))
        assert self.left(folder) == ([minute(0), minute(1), minute(2)], [])
        assert list(folder.path.iterdir()) == []

    def test_an_unused_spool_leaves_no_file(self, folder: SpoolFolder) -> None:
        folder.new().close()
        assert list(folder.path.iterdir()) == []

    def test_that_of_a_running_service_is_left_alone(self, folder: SpoolFolder) -> None:
        with folder.new() as spool:
            spool.put(1, minute(1))
            assert self.left(folder) == ([], [])
            with pytest.raises(SpoolInUseError, match="in use by another tickstockpl"):
                Spool(spool.path, MIB)
            assert spool.first() == (1, minute(1))

    def test_another_database_s_is_not_touched_and_a_new_password_changes_nothing(
        self, folder: SpoolFolder, tmp_path: Path
    ) -> None:
        with folder.new() as spool:
            spool.put(1, minute(1))
        assert self.left(SpoolFolder(tmp_path, "postgresql://market.example/other", MIB)) == ([], [])
        assert self.left(SpoolFolder(tmp_path, URL.replace("hush", "new"), MIB)) == ([minute(1)], [])

    @pytest.mark.parametrize(
        "damage", [lambda path: path.write_bytes(b"not a database at all" * 500), lambda path: _overwrite(path)]
    )
    def test_a_damaged_one_is_moved_aside_and_told(self, folder: SpoolFolder, damage: Callable[[Path], object]) -> None:
        with folder.new() as spool:
            for number in range(1, 200):
                spool.put(number, minute(number))
        damage(spool.path)
        jobs, (sentence,) = self.left(folder)
        aside = spool.path.with_suffix(".damaged")
        assert jobs == []
        assert sentence.startswith(f"the spool {spool.path} cannot be read (")
        assert f"moved to {aside}" in sentence
        assert aside.exists()
        assert self.left(folder) == ([], [])

    def test_a_record_that_this_program_does_not_know_is_damage(self, tmp_path: Path) -> None:
        path = tmp_path / "spool.sqlite"
        with Spool(path, MIB) as spool:
            spool.put(1, minute(1))
        with sqlite3.connect(path) as file:
            file.execute("UPDATE jobs SET kind = 'HourRows'")
        file.close()
        with Spool(path, MIB) as spool, pytest.raises(SpoolDamagedError, match="cannot be read"):
            spool.first()

    def test_a_folder_that_cannot_be_made_is_told_with_the_remedy(self, tmp_path: Path) -> None:
        (tmp_path / "spool").write_text("a file where the folder should be")
        with pytest.raises(TickStockError, match=r"no spool can be made in .* set TICKSTOCK_DATA_DIR"):
            SpoolFolder(tmp_path, URL, MIB).new()


def _overwrite(path: Path) -> None:
    """Overwrite the second half of the file, its beginning intact."""
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + b"\xff" * (len(whole) - len(whole) // 2))
