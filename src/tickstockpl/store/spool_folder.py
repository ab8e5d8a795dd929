"""Where the spools of a database lie: one file for each running service, and those that earlier ones left behind."""

import hashlib
import os
from collections.abc import Generator
from pathlib import Path
from uuid import uuid4

from tickstockpl.clock import wall_ms
from tickstockpl.errors import TickStockError
from tickstockpl.store.address import shown
from tickstockpl.store.spool import Spool, SpoolDamagedError, SpoolInUseError, move_aside

_SUFFIX = ".sqlite"


class SpoolFolder:
    """``spool/DATABASE`` in the data folder. What was meant for one database is never stored in another.

    Args:
        data_dir: the data folder (``TICKSTOCK_DATA_DIR``).
        database_url: where the rows belong; its address names the folder.
        max_bytes: bound of each spool.
    """

    def __init__(self, data_dir: Path, database_url: str, max_bytes: int) -> None:
        address = hashlib.sha256(shown(database_url).encode()).hexdigest()[:12]
        self.path = data_dir / "spool" / address
        self._max_bytes = max_bytes

    def new(self) -> Spool:
        """An empty spool of this service.

        Raises:
            TickStockError: if it cannot be made.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            # The time first: by their names, files are in the order in which their services started.
            spool = Spool(self.path / f"{wall_ms():013d}-{uuid4().hex[:8]}{_SUFFIX}", self._max_bytes)
            _sync(self.path)
        except OSError as error:
            raise TickStockError(
                f"no spool can be made in {self.path} ({error.strerror}); see to it, or set TICKSTOCK_DATA_DIR to "
                "another folder"
            ) from None
        return spool

    def left_behind(self, told: list[str]) -> Generator[Spool, None, None]:
        """The spools that ended services left, oldest first; each is closed when the next is asked for.

        Those of running services are passed over; a damaged one is moved aside, and a sentence in ``told`` says so.
        """
        for path in sorted(self.path.glob(f"*{_SUFFIX}")):
            try:
                with Spool(path, self._max_bytes) as spool:
                    yield spool
            except SpoolInUseError:
                continue
            except SpoolDamagedError as error:
                told.append(f"{error}; it was moved to {move_aside(path)}, and what it holds is not stored")


def _sync(folder: Path) -> None:
    """Let a new file's name be on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
