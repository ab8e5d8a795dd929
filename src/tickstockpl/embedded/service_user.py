"""The user that the embedded PostgreSQL runs as when we are root, which PostgreSQL refuses to be."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tickstockpl.embedded.passage import grant_passage
from tickstockpl.errors import TickStockError

_OWN_USER = "tickstockpl"
_ANY_USER = "nobody"


@dataclass(frozen=True, slots=True)
class ServiceUser:
    """A user without rights that the database's files belong to."""

    name: str
    uid: int
    gid: int

    def let_in(self, data_dir: Path) -> None:
        """Make sure that this user can reach ``data_dir``.

        Folders above it that are closed let this one user pass, and no one else: opening ``/root`` would be a hole.

        Raises:
            TickStockError: if a folder above cannot be made to.
        """
        data_dir.chmod(data_dir.stat().st_mode | stat.S_IXOTH)
        if self.can_enter(data_dir):
            return
        for folder in (*reversed(data_dir.parents), data_dir):
            if not self.can_enter(folder) and not (grant_passage(folder, self.uid) and self.can_enter(folder)):
                raise TickStockError(
                    f"as root, the embedded PostgreSQL runs as the user {self.name}, who cannot enter {folder}; set "
                    "TICKSTOCK_DATA_DIR to a folder that others may pass through, such as /var/lib/tickstockpl"
                )

    def can_enter(self, folder: Path) -> bool:
        """Whether this user can pass through ``folder`` and all above it; asked of the system, which knows best."""
        tried = subprocess.run(  # noqa: S603 -- a fixed command, the folder is its argument
            ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)],
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            user=self.uid,
            group=self.gid,
            extra_groups=[],
        )
        return tried.returncode == 0

    def reachable_copy(self, programs: Path, data_dir: Path) -> Path:
        """The programs, or a copy in ``data_dir`` where this user cannot enter their folder (a virtualenv in /root).

        The copy is made once for each version of the package, 40 MB.
        """
        if self.can_enter(programs / "bin"):
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
