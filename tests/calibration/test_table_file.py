"""The file that ``TICKSTOCK_CALIBRATION`` names."""

from pathlib import Path

import pytest

from tickstockpl.analysis.patterns.calibration_table import shipped_calibration, write_table
from tickstockpl.calibration.table_file import load_calibration
from tickstockpl.errors import TickStockError


def test_none_is_the_engines_default() -> None:
    assert load_calibration(None) is None


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    path.write_bytes(write_table(shipped_calibration()))
    loaded = load_calibration(path)
    assert loaded is not None
    assert write_table(loaded) == path.read_bytes()


def test_a_file_that_is_not_there_is_told_with_the_setting(tmp_path: Path) -> None:
    with pytest.raises(TickStockError, match=r"none\.json cannot be read: No such file.*TICKSTOCK_CALIBRATION"):
        load_calibration(tmp_path / "none.json")


@pytest.mark.parametrize("text", ["", "[]", '{"format":1}', '{"format":2,"sample":"","pooled":{},"patterns":{}}'])
def test_a_file_of_something_else_is_told(text: str, tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    path.write_text(text)
    with pytest.raises(TickStockError, match=r"own\.json is not a calibration: .*make it anew"):
        load_calibration(path)
