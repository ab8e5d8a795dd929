"""Jobs on disk, oldest first, while the database is away or slower than the market.

A file of SQLite in WAL mode, one row a job. Every change is on the disk before the call returns, so what was put
survives the end of the process and of the machine.
"""

import contextlib
import sqlite3
from pathlib import Path
from typing import Final, Self, get_args

import msgspec

from tickstockpl.errors import TickStockError
from tickstockpl.store.rows import (
    HealthRow,
    MinuteRows,
    StoreJob,
)

RESERVE_BYTES: Final = 1 << 20
"""What may go in beyond the bound, but for minutes and health: a session's rows are of no use without its opening."""

_BOUNDED: Final = (MinuteRows, HealthRow)

_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS jobs (position INTEGER PRIMARY KEY, kind TEXT NOT NULL, record BLOB NOT NULL)"
)
_SIZES: Final = "SELECT count(*), total(kind = 'MinuteRows'), total(length(record)) FROM jobs"
_PUT: Final = "INSERT OR IGNORE INTO jobs VALUES (?, ?, ?)"
_FIRST: Final = "SELECT position, kind, record FROM jobs WHERE position > ? ORDER BY position LIMIT 1"
_SIZE: Final = "SELECT kind, length(record) FROM jobs WHERE position = ?"

_encode = msgspec.msgpack.Encoder().encode
_decoders: Final[dict[str, msgspec.msgpack.Decoder[StoreJob]]] = {
    kind.__name__: msgspec.msgpack.Decoder(kind) for kind in get_args(StoreJob)
}


class SpoolInUseError(TickStockError):
    """Another process has the spool open."""


class SpoolDamagedError(TickStockError):
    """The file cannot be read as a spool."""


class Spool:
    """A bounded queue in a file that one process at a time has open. Used by one thread at a time.

    Args:
        path: the file; made if missing.
        max_bytes: of records. What would go beyond is refused, so that the oldest stay.

    Raises:
        SpoolInUseError: if another process has it open.
        SpoolDamagedError: if the file is not a spool, or damaged.
        TickStockError: if the file cannot be made.
    """

    def __init__(self, path: Path, max_bytes: int) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._removed_through = 0
        self._open = False
        try:
            self._file = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise TickStockError(
                f"the spool {path} cannot be opened ({error}); see to its folder, or set TICKSTOCK_DATA_DIR to another"
            ) from None
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._file.close()
            raise _explained(path, error) from None
        self._open = True

    def _prepare(self) -> None:
        for statement in (
            "PRAGMA locking_mode = EXCLUSIVE",
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "BEGIN EXCLUSIVE",
            _TABLE,
            "COMMIT",
        ):
            self._file.execute(statement)
        ((soundness,),) = self._file.execute("PRAGMA quick_check(1)").fetchall()
        if soundness != "ok":
            raise sqlite3.DatabaseError(soundness)
        count, minutes, size = self._file.execute(_SIZES).fetchone()
        self.count = int(count)
        """Jobs in it."""
        self.minutes = int(minutes)
        """Minutes among them."""
        self.bytes = int(size)
        """Of their records."""

    def put(self, position: int, job: StoreJob) -> bool:
        """Append a job; ``False`` if it was refused because the spool or the disk is full. Putting twice is harmless.

        Cost: a sync of the disk; 3 ms in all for a minute of 500 symbols (0.5 MB).

        Args:
            position: its place in the order, above 0 and above that of all that was removed.
            job: what to keep.
        """
        record = _encode(job)
        limit = self._max_bytes + (0 if isinstance(job, _BOUNDED) else RESERVE_BYTES)
        if self.bytes + len(record) > limit:
            return False
        try:
            inserted = self._file.execute(_PUT, (position, type(job).__name__, record)).rowcount
        except sqlite3.OperationalError:  # a full disk, a limit of the system: what is in stays readable
            return False
        if not inserted:
            return True
        self.count += 1
        self.minutes += isinstance(job, MinuteRows)
        self.bytes += len(record)
        return True

    def first(self) -> tuple[int, StoreJob] | None:
        """The oldest job and its position, ``None`` if there is none.

        Raises:
            SpoolDamagedError: if it cannot be read.
        """
        try:
            row = self._file.execute(_FIRST, (self._removed_through,)).fetchone()
            return None if row is None else (row[0], _decoders[row[1]].decode(row[2]))
        except (sqlite3.Error, KeyError, msgspec.MsgspecError) as error:
            raise SpoolDamagedError(f"the spool {self.path} cannot be read ({error})") from None

    def remove(self, position: int) -> None:
        """Forget a job, the oldest, for it has been stored; one that is not there is no matter."""
        row = self._file.execute(_SIZE, (position,)).fetchone()
        if row is None:
            return
        kind, size = row
        self.count -= 1
        self.minutes -= kind == MinuteRows.__name__
        self.bytes -= size
        # A full disk refuses deletions too. The row is passed over then; a later start finds it stored already.
        self._removed_through = position
        with contextlib.suppress(sqlite3.OperationalError):
            if self.count:
                self._file.execute("DELETE FROM jobs WHERE position <= ?", (position,))
            else:
                self._file.execute("DELETE FROM jobs")
                self._file.execute("VACUUM")
                self._file.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file, and delete it if it holds nothing. Closing twice is harmless."""
        if not self._open:
            return
        self._open = False
        self._file.close()
        if self.count == 0:
            for path in _files(self.path):
                path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def move_aside(path: Path) -> Path:
    """Rename a spool that cannot be read, so that nothing reads it again and nobody loses it; its new path."""
    aside = path.with_suffix(".damaged")
    for old, new in zip(_files(path), _files(aside), strict=True):
        if old.exists():
            old.rename(new)
    return aside


def _files(path: Path) -> tuple[Path, Path]:
    return path, path.with_name(path.name + "-wal")


def _explained(path: Path, error: sqlite3.Error) -> TickStockError:
    if getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return SpoolInUseError(
            f"the spool {path} is in use by another tickstockpl; give one of them another data folder"
        )
    if isinstance(error, sqlite3.OperationalError):
        return TickStockError(f"the spool {path} cannot be written ({error}); see to its folder and disk")
    return SpoolDamagedError(f"the spool {path} cannot be read ({error})")
