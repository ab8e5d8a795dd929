"""The user that the embedded PostgreSQL runs as when we are root, which PostgreSQL refuses to be."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tickstockpl.errors import TickStockError

_OWN_USER = "tickstockpl"
_ANY_USER = "nobody"


@dataclass(frozen=True, slots=True)
class ServiceUser:
    """A user without rights that the database's files belong to."""

    name: str
    uid: int
    gid: int

    def check_reachable(self, data_dir: Path) -> None:
        """Make sure that this user can reach ``data_dir``.

        Only the data folder itself is opened, and only for passing through. The folders above it are the
        administrator's: opening ``/root`` to everyone would be a hole.

        Raises:
            TickStockError: if a folder above is closed.
        """
        data_dir.chmod(data_dir.stat().st_mode | stat.S_IXOTH)
        if (closed := self._closed_above(data_dir)) is not None:
            raise TickStockError(
                f"as root, the embedded PostgreSQL runs as the user {self.name}, who cannot enter {closed}; set "
                "TICKSTOCK_DATA_DIR to a folder that others may pass through, such as /var/lib/tickstockpl"
            )

    def reachable_copy(self, programs: Path, data_dir: Path) -> Path:
        """The programs, or a copy in ``data_dir`` where this user cannot enter their folder (a virtualenv in /root).

        The copy is made once for each version of the package, 40 MB.
        """
        if self._closed_above(programs / "bin") is None:
            return programs
        stamp = (programs / "bin" / "postgres").stat()
        copy = data_dir / f"{programs.name}-{stamp.st_size}-{stamp.st_mtime_ns}"
        if not copy.exists():
            fresh = data_dir / f"{programs.name}.new"
            shutil.rmtree(fresh, ignore_errors=True)
            shutil.copytree(programs, fresh, symlinks=True)
            for path in (fresh, *fresh.rglob("*")):
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | stat.S_IRGRP | stat.S_IROTH | _search(path))
            fresh.rename(copy)
        return copy

    def _closed_above(self, path: Path) -> Path | None:
        for folder in (path, *path.parents):
            status = folder.stat()
            owned = status.st_uid == self.uid and status.st_mode & stat.S_IXUSR
            grouped = status.st_gid == self.gid and status.st_mode & stat.S_IXGRP
            if not (owned or grouped or status.st_mode & stat.S_IXOTH):
                return folder
        return None


def service_user(folder: Path) -> ServiceUser | None:
    """Who is to run a database on ``folder``: ``None`` for ourselves, a user of its own when we are root.

    Files that exist keep their owner. Else it is the system user ``tickstockpl``, made if missing; where users cannot
    be made (a container without ``useradd``), ``nobody``.

    Raises:
        TickStockError: if there is no such user either.
    """
    if os.geteuid() != 0:
        return None
    if folder.exists() and (owner := folder.stat().st_uid) != 0:
        try:
            return _user(pwd.getpwuid(owner))
        except KeyError:
            raise TickStockError(
                f"{folder} belongs to the user id {owner}, which this machine does not know; "
                "give it to a user that exists, or set TICKSTOCK_DATA_DIR to another folder"
            ) from None
    if not _exists(_OWN_USER) and (useradd := shutil.which("useradd")) is not None:
        subprocess.run(  # noqa: S603 -- a failure shows below: the user is not there
            [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _OWN_USER],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    for name in (_OWN_USER, _ANY_USER):
        if _exists(name):
            return _user(pwd.getpwnam(name))
    raise TickStockError(
        f"as root, the embedded PostgreSQL needs a user to run as: create one named {_OWN_USER}, "
        "run this program as an ordinary user, or set TICKSTOCK_DATABASE_URL to a running database"
    )


def _search(path: Path) -> int:
    executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
    return stat.S_IXGRP | stat.S_IXOTH if executable else 0


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _user(entry: pwd.struct_passwd) -> ServiceUser:
    return ServiceUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
