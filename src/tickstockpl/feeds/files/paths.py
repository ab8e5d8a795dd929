"""Which files are meant, and what a replay of them is called."""

import re
import zlib
from collections.abc import Sequence
from pathlib import Path

from tickstockpl.errors import TickStockError

_SUFFIXES = (".csv", ".csv.gz", ".csv.zst", ".csv.bz2", ".parquet", ".pq")
_NAME_LENGTH = 60


def find_files(paths: Sequence[Path]) -> list[Path]:
    """The files that ``paths`` mean, in the order given; a folder means the CSV and Parquet files in it, by name.

    Raises:
        TickStockError: if there is no such file, a folder holds none, or one is given twice.
    """
    if not paths:
        raise TickStockError("no file was given to replay; name a CSV or Parquet file")
    files = [file for path in paths for file in _files_of(path)]
    seen: set[Path] = set()
    for file in files:
        if file.resolve() in seen:
            raise TickStockError(f"file {file} is given twice; name it once")
        seen.add(file.resolve())
    return files


def _files_of(path: Path) -> list[Path]:
    try:
        if path.is_file():
            return [path]
        if not path.is_dir():
            raise TickStockError(
                f"{path} is not a file; copy it into one"
                if path.exists()
                else f"there is no file {path}; check the path"
            )
        found = sorted(file for file in path.iterdir() if _is_data(file))
    except OSError as error:
        raise TickStockError(f"{path} cannot be read: {error.strerror}; check the path and its permissions") from None
    if not found:
        raise TickStockError(f"folder {path} holds no file to replay: none that ends in {', '.join(_SUFFIXES)}")
    return found


def replay_name(files: Sequence[Path]) -> str:
    """What a replay of these files is called: 1 to 60 of ``A-Z a-z 0-9 _ . -``, always the same for the same names.

    One file's name is its own without ``.csv`` and the like; that of several is the first one's with their count and a
    checksum of all their names.
    """
    first = clean_name(_stem(files[0]))
    if len(files) == 1:
        return first
    checksum = zlib.crc32("\n".join(file.name for file in files).encode())
    tail = f"-{len(files)}-files-{checksum:08x}"
    return first[: _NAME_LENGTH - len(tail)] + tail


def clean_name(text: str) -> str:
    """``text`` made fit for a source's name."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-.")[:_NAME_LENGTH] or "file"


def _is_data(file: Path) -> bool:
    return file.is_file() and not file.name.startswith(".") and file.name.lower().endswith(_SUFFIXES)


def _stem(file: Path) -> str:
    name = file.name
    for suffix in sorted(_SUFFIXES, key=len, reverse=True):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return file.stem
