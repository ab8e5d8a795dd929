"""Writing files whole or not at all."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tickstockpl.calibration.whole_file import check_writable, write_whole
from tickstockpl.errors import TickStockError

KILLED_BEFORE_THE_RENAME = """
import os, signal, sys
from pathlib import Path
from tickstockpl.calibration.whole_file import write_whole
os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
write_whole(Path(sys.argv[1]), b"new")
"""


def test_the_content_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    for content in (b"old", b"new"):
        write_whole(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_kill_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    path.write_bytes(b"old")
    killed = subprocess.run([sys.executable, "-c", KILLED_BEFORE_THE_RENAME, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"


def test_a_folder_that_is_not_there_is_made_before_the_work(tmp_path: Path) -> None:
    check_writable(tmp_path / "a" / "b" / "table.json")
    assert (tmp_path / "a" / "b").is_dir()
    assert not any((tmp_path / "a" / "b").iterdir())


def test_a_place_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(TickStockError, match="cannot be written: it is a folder; name another place with --out"):
        check_writable(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(TickStockError, match=r"cannot be written: .* name another place with --out"):
        check_writable(tmp_path / "file" / "table.json")


def test_a_failure_while_writing_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TickStockError, match="No such file or directory; name another place with --out"):
        write_whole(tmp_path / "gone" / "table.json", b"new")
