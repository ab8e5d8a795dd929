"""One embedded server and who owns it: the process that holds its folder's lock.

Whoever finds the lock free becomes the owner: ends what a killed owner may have left running, starts the server under
a :mod:`keeper <tickstockpl.embedded.keeper>` and writes down the server's URL. Whoever finds it taken attaches: reads
that URL and checks that the server answers; it never stops it.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import msgspec
import psutil

from tickstockpl.clock import monotonic_s
from tickstockpl.embedded import keeper
from tickstockpl.errors import TickStockError

START_TIMEOUT_S: Final = 30.0
"""How long a server may take until it answers; a database may have to recover after a crash first."""

STOP_TIMEOUT_S: Final = 20.0
"""How long a server may take to end before it is killed."""

_POLL_S: Final = 0.01
_LONGEST_SOCKET_PATH: Final = 100  # the kernel's limit is 107 bytes on Linux and 103 on macOS
_LOG_BYTES_KEPT: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Launch:
    """How a server is started; what the keeper is told.

    Attributes:
        command: program and arguments.
        folder: where it runs.
        log: file that its output is appended to.
        info: file that says where the server answers; the keeper removes it when the server is about to end.
        temporary: folder that the keeper removes when the server has ended.
        stop_signal: asks the server to end.
        kill_signal: ends it at once, after ``patience_s`` seconds.
        uid: user it runs as, ``None`` for ours; ``gid`` is that user's group.
    """

    command: list[str]
    folder: str
    log: str
    info: str
    temporary: str | None
    stop_signal: int
    kill_signal: int
    patience_s: float = STOP_TIMEOUT_S
    uid: int | None = None
    gid: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """Where a running server answers, as its owner wrote it down; ``started`` tells a process id's users apart."""

    url: str
    pid: int
    started: float
    owner_pid: int
    temporary: str | None = None


class ServerKind(Protocol):
    """What differs between Redis and PostgreSQL."""

    @property
    def name(self) -> str:
        """The product's name, for messages."""
        ...

    @property
    def socket_name(self) -> str:
        """File name of its socket."""
        ...

    def prepare(self, folder: Path) -> None:
        """Make ``folder`` ready for the first start; does nothing when it is."""
        ...

    def launch(self, folder: Path, sockets: Path, log: Path, info: Path, temporary: str | None) -> Launch:
        """How to start it on ``folder``, answering in the folder ``sockets``."""
        ...

    def url(self, sockets: Path) -> str:
        """The URL at which it then answers."""
        ...

    def answers(self, url: str) -> bool:
        """Whether a server answers there and is ready."""
        ...

    def end_leftover(self, folder: Path, info: ServerInfo | None) -> None:
        """End a server that a killed owner or keeper left running on ``folder``; called with the lock held."""
        ...

    def make_usable(self, url: str) -> str:
        """Finish the set-up on the running server; the URL to hand out."""
        ...


class OwnedServer:
    """One server of a data folder, owned or attached to.

    Args:
        kind: Redis or PostgreSQL.
        folder: the server's own folder; made if missing.
    """

    def __init__(self, kind: ServerKind, folder: Path) -> None:
        self._kind = kind
        self._folder = folder
        self._info_path = folder.with_name(f"{folder.name}.json")
        self._log_path = folder.with_name(f"{folder.name}.log")
        self._lock: int | None = None
        self._keeper: subprocess.Popen[str] | None = None
        self._pid: int | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id while this object owns it, else ``None``."""
        return self._pid

    def start(self) -> str:
        """Start the server, or attach to the one that runs; the URL at which it answers.

        Raises:
            TickStockError: if it cannot be started, or the one that runs does not answer.
        """
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TickStockError(
                f"cannot make the data folder {self._folder.parent}: {error.strerror}; "
                "choose another with TICKSTOCK_DATA_DIR"
            ) from None
        deadline_s = monotonic_s() + START_TIMEOUT_S
        while not self._take_lock():
            info = self._read_info()
            if info is not None and self._kind.answers(info.url):
                return info.url
            if monotonic_s() > deadline_s:
                owner = "another process" if info is None else f"process {info.owner_pid}"
                raise TickStockError(
                    f"the data folder {self._folder.parent} is in use by {owner}, but its {self._kind.name} does not "
                    "answer; end that process, or choose another folder with TICKSTOCK_DATA_DIR"
                )
            _pause()
        try:
            return self._start_as_owner()
        except BaseException:
            self.stop()
            raise

    def running(self) -> str | None:
        """The URL of the server that runs on the folder, whoever owns it; ``None`` where none answers."""
        info = self._read_info()
        return info.url if info is not None and self._kind.answers(info.url) else None

    def stop(self) -> None:
        """End the server if this object owns it, and wait until it is gone; does nothing when attached."""
        if self._keeper is not None:
            assert self._keeper.stdin is not None  # noqa: S101 -- for the type checker: it is a pipe
            assert self._keeper.stdout is not None  # noqa: S101
            with contextlib.suppress(OSError):
                self._keeper.stdin.close()
            try:
                self._keeper.wait(timeout=STOP_TIMEOUT_S + 10)
            except subprocess.TimeoutExpired:  # the keeper itself hangs
                self._keeper.kill()
                self._keeper.wait()
            self._keeper.stdout.close()
            self._keeper = None
            self._pid = None
            self._kind.end_leftover(self._folder, self._read_info())  # had the keeper been killed before its server
            self._info_path.unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _start_as_owner(self) -> str:
        info = self._read_info()
        self._kind.end_leftover(self._folder, info)
        self._info_path.unlink(missing_ok=True)
        if info is not None and info.temporary is not None:
            _remove_temporary(Path(info.temporary))
        _shorten(self._log_path)
        self._kind.prepare(self._folder)
        sockets, temporary = self._socket_folder()
        launch = self._kind.launch(self._folder, sockets, self._log_path, self._info_path, temporary)
        log_start = self._log_path.stat().st_size if self._log_path.exists() else 0
        self._pid = self._start_keeper(launch)
        url = self._kind.url(sockets)
        self._wait_until_ready(url, log_start)
        url = self._kind.make_usable(url)
        started = psutil.Process(self._pid).create_time()
        self._write_info(ServerInfo(url, self._pid, started, os.getpid(), temporary))
        return url

    def _start_keeper(self, launch: Launch) -> int:
        assert self._lock is not None  # noqa: S101 -- the caller holds it
        self._keeper = subprocess.Popen(  # noqa: S603 -- our own script
            [sys.executable, "-I", "-S", keeper.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            pass_fds=(self._lock,),
            start_new_session=True,
        )
        assert self._keeper.stdin is not None  # noqa: S101 -- for the type checker: it is a pipe
        assert self._keeper.stdout is not None  # noqa: S101
        self._keeper.stdin.write(msgspec.json.encode(launch).decode() + "\n")
        self._keeper.stdin.flush()
        answer = self._keeper.stdout.readline().strip()
        if not answer.isdigit():
            raise TickStockError(f"the embedded {self._kind.name} could not be started: {answer or 'no reason given'}")
        return int(answer)

    def _wait_until_ready(self, url: str, log_start: int) -> None:
        assert self._keeper is not None  # noqa: S101 -- the caller started it
        deadline_s = monotonic_s() + START_TIMEOUT_S
        while not self._kind.answers(url):
            ended = self._keeper.poll() is not None
            if ended or monotonic_s() > deadline_s:
                what = "ended at once" if ended else f"did not answer within {START_TIMEOUT_S:.0f} s"
                raise TickStockError(
                    f"the embedded {self._kind.name} {what}: {_last_line(self._log_path, log_start)} "
                    f"(all of it is in {self._log_path})"
                )
            _pause()

    def _take_lock(self) -> bool:
        path = self._folder.with_name(f"{self._folder.name}.lock")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise TickStockError(
                f"cannot write in the data folder {path.parent}: {error.strerror}; "
                "choose another with TICKSTOCK_DATA_DIR"
            ) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        return True

    def _socket_folder(self) -> tuple[Path, str | None]:
        path = self._folder / self._kind.socket_name
        # libpq reads a comma in a host as the beginning of the next host
        if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH and "," not in str(path):
            return self._folder, None
        short = tempfile.mkdtemp(prefix="tickstockpl-")
        return Path(short), short

    def _read_info(self) -> ServerInfo | None:
        try:
            return msgspec.json.decode(self._info_path.read_bytes(), type=ServerInfo)
        except (OSError, msgspec.DecodeError):
            return None

    def _write_info(self, info: ServerInfo) -> None:
        fresh = self._info_path.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(info))
        fresh.replace(self._info_path)  # at once: whoever attaches never reads half a file


def end_process(process: psutil.Process, stop_signal: int) -> None:
    """Ask a process to end, wait for it, and kill it when it does not."""
    for number in (stop_signal, signal.SIGKILL):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)
        deadline_s = monotonic_s() + STOP_TIMEOUT_S
        while not _has_ended(process):
            if monotonic_s() > deadline_s:
                break
            _pause()
        else:
            return


def _has_ended(process: psutil.Process) -> bool:
    # Whoever adopted an orphan may never ask for its exit code (process 1 of many containers): it stays as a zombie.
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def process_if(pid: int, is_ours: Callable[[psutil.Process], bool]) -> psutil.Process | None:
    """The running process of that id, if ``is_ours`` says so; a process id may have been given to another since."""
    try:
        process = psutil.Process(pid)
        return process if process.is_running() and is_ours(process) else None
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def _pause() -> None:
    threading.Event().wait(_POLL_S)


def _remove_temporary(folder: Path) -> None:
    if folder.name.startswith("tickstockpl-") and folder.is_dir():
        for path in folder.iterdir():
            path.unlink(missing_ok=True)
        folder.rmdir()


def _shorten(log: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > _LOG_BYTES_KEPT:
            log.replace(log.with_suffix(".log.old"))


def _last_line(log: Path, start: int) -> str:
    try:
        with log.open("rb") as stream:
            stream.seek(start)
            lines = stream.read().decode(errors="replace").strip().splitlines()
    except OSError:
        return "it left no log"
    telling = [line for line in lines if "FATAL" in line or "rror" in line] or lines
    return telling[-1].split("FATAL:", 1)[-1].strip() if telling else "it said nothing"
