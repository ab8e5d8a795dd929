"""A disk that fills up: told once, and once when there is room again."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import eventually
from tickstockpl.contract.events import Critical
from tickstockpl.streaming import disk
from tickstockpl.streaming.disk import INTERVAL_S, DiskWatch, free_bytes
from tickstockpl.streaming.health import Trouble

HOLD_S = 10
FOLDER = Path("/data/tickstockpl")


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The wall's seconds, as the test has them pass."""
    wall = [50.0]
    monkeypatch.setattr(disk, "monotonic_s", lambda: wall[0])
    return wall


Look = Callable[[DiskWatch], list[Critical]]


@pytest.fixture
def look(wall: list[float]) -> Look:
    """A look that has the newest figure: five seconds on, and another to take it up."""

    def look(watch: DiskWatch) -> list[Critical]:
        wall[0] += INTERVAL_S
        told = watch.look(60_000)
        if watch._thread is not None:
            watch._thread.join()
        return [*told, *watch.look(60_000)]

    return look


def test_a_disk_that_fills_up_and_is_cleared(look: Look) -> None:
    free_mb = 5000
    watch = DiskWatch(FOLDER, 1024, HOLD_S, lambda _: free_mb << 20)
    assert look(watch) == []
    assert list(watch.troubles()) == []
    free_mb = 512
    (full,) = look(watch)
    assert (full.severity, full.component, full.recovery) == ("warning", "disk", None)
    assert full.message == "Disk nearly full: 512 MB free in /data/tickstockpl"
    assert full.action_required == "free room on the disk, or set TICKSTOCK_DATA_DIR to a folder on another"
    assert list(watch.troubles()) == [Trouble("warning", full.message)]
    free_mb = 1100
    for _ in range(10):
        assert look(watch) == [], "not yet above by the margin"
    free_mb = 2048
    assert look(watch) == []
    assert look(watch) == []
    (room,) = look(watch)
    assert (room.severity, room.component, room.action_required) == ("info", "disk", None)
    assert room.message == "Disk has room again: 2048 MB free in /data/tickstockpl"
    assert room.recovery == "Room on the disk again after 65 s"
    assert list(watch.troubles()) == []


def test_it_is_looked_at_every_five_seconds_at_most(wall: list[float]) -> None:
    looks = []

    def free(folder: Path) -> int:
        looks.append(folder)
        return 1

    watch = DiskWatch(FOLDER, 1024, HOLD_S, free)
    for _ in range(100):
        watch.look(0)
        if watch._thread is not None:
            watch._thread.join()
        wall[0] += 0.1
    assert looks == [FOLDER, FOLDER]


def test_a_disk_that_hangs_holds_nobody_up_and_is_asked_once(wall: list[float]) -> None:
    hangs, asked = threading.Event(), []

    def free(folder: Path) -> int:
        asked.append(folder)
        hangs.wait(30)
        return 1

    watch = DiskWatch(FOLDER, 1024, HOLD_S, free)
    for _ in range(10):
        assert watch.look(0) == []
        wall[0] += INTERVAL_S
    assert len(asked) == 1
    hangs.set()
    (full,) = eventually(lambda: watch.look(0))
    assert full.message.startswith("Disk nearly full: 0 MB")


def test_a_disk_that_does_not_tell_changes_nothing(look: Look) -> None:
    answers = [512 << 20, None, 512 << 20]

    def free(_: Path) -> int:
        if (answer := answers.pop(0)) is None:
            raise OSError("stale file handle")
        return answer

    watch = DiskWatch(FOLDER, 1024, HOLD_S, free)
    assert [len(look(watch)) for _ in range(3)] == [1, 0, 0]


def test_it_can_be_switched_off(look: Look) -> None:
    watch = DiskWatch(FOLDER, 0, HOLD_S, lambda _: 0)
    assert look(watch) == []
    assert watch._thread is None


def test_the_figure_is_the_file_system_s(tmp_path: Path) -> None:
    assert free_bytes(tmp_path) == pytest.approx(shutil.disk_usage(tmp_path).free, abs=1 << 30)
    assert free_bytes(tmp_path / "not" / "there") == pytest.approx(free_bytes(tmp_path), abs=1 << 30)


REAL = """
import sys
from pathlib import Path
from tickstockpl.streaming import disk

folder, told, wall = Path(sys.argv[1]), [], [0.0]
disk.monotonic_s = lambda: wall[0]
watch = disk.DiskWatch(folder, 2, 0)
def look():
    wall[0] += disk.INTERVAL_S
    told.extend(watch.look(0))
    watch._thread.join()
    told.extend(watch.look(0))
look()
(folder / "rows").write_bytes(bytes(3 << 20))
look()
(folder / "rows").unlink()
look()
print([alert.message.split(":")[0] for alert in told])
"""


def test_a_real_disk(tmp_path: Path) -> None:
    script = f'mount -t tmpfs -o size=4m none "{tmp_path}" && exec "$0" -c "$1" "{tmp_path}"'
    unshared = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if shutil.which("unshare") is None or subprocess.run([*unshared, f'mount -t tmpfs none "{tmp_path}"']).returncode:
        pytest.skip("this system mounts nothing in a user's namespace")
    done = subprocess.run([*unshared, script, sys.executable, REAL], capture_output=True, text=True, timeout=60)
    assert done.stdout == "['Disk nearly full', 'Disk has room again']\n", done.stderr
