"""Files that are written whole or not at all."""

import os
import tempfile
from pathlib import Path

from tickstockpl.errors import TickStockError


def check_writable(path: Path) -> None:
    """Find out, before the work is done, whether a file can be written; its folder is made where there is none.

    Raises:
        TickStockError: if it cannot.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise _not_written(path, error) from None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file; whoever reads it, or a kill at any moment, finds the old one or the new one, never a part.

    Raises:
        TickStockError: if it cannot be written; the old one is as it was.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise _not_written(path, error) from None


def _not_written(path: Path, error: OSError) -> TickStockError:
    return TickStockError(f"{path} cannot be written: {error.strerror}; name another place with --out")
