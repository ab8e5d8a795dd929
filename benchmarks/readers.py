"""Many WebSocket readers in one process, cheap enough that the dashboard is the first to have enough of them.

A reader does what a browser must: it upgrades, answers pings, and comes back by itself as the page does
(``frontend/src/live/backoff.ts``). It does not parse JSON: all pages are sent the same bytes, so a frame is searched
for patterns once and recognised by its bytes when the others receive it. What is taken down of each reader and frame is
when it arrived, and whether its first pattern follows the last one before it.
"""

import heapq
import random
import selectors
import socket
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.stream import PATTERN_ID
from tickstockpl.clock import monotonic_s

FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 0.4, 15.0
SNAPSHOT_TIMEOUT_S = 10.0
CHUNK_BYTES = 1 << 18
STALLED_BUFFER_BYTES = 32_768
"""What the kernel may keep for a reader that stalls: little, so that the dashboard feels it soon."""

_TEXT, _CLOSE, _PING = 1, 8, 9
_KEPT_FRAMES = 500
_LOOK_S = 0.02

State = Enum("State", "CONNECTING UPGRADING WAITING OPEN LOST")
"""``WAITING``: for the snapshot. ``LOST``: until its next attempt."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame's bytes, understood.

    ``first`` and ``last`` are the numbers of its patterns, ``first`` -1 where it has none; ``published_s`` is when each
    was published. ``holes``: whether numbers between them are missing or not in order.
    """

    number: int
    is_snapshot: bool
    first: int
    last: int
    holes: bool
    published_s: NDArray[np.float64]


@dataclass(slots=True, eq=False)
class Reader:
    """One page."""

    number: int
    state: State = State.LOST
    connection: socket.socket | None = None
    received: bytes = b""
    expected: int | None = None
    attempt: int = 0
    tried_s: float = 0.0
    """When its last attempt began."""
    opened_s: float = 0.0
    """When it had its last snapshot."""
    stalled: bool = False
    wrong: int = 0
    """How often a pattern did not follow the one before it."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What came in since readers were told to forget.

    Attributes:
        delays_ms: of every pattern at every reader, from its publication to its frame.
        frames: received by all readers.
        complete: readers that have all patterns up to the one that was asked for.
        wrong: how often a pattern was missing, came twice or out of order within a connection, since the beginning.
    """

    delays_ms: NDArray[np.float32]
    frames: int
    complete: int
    wrong: int


@dataclass(slots=True)
class _Question:
    """Something asked of the readers that is answered when it has come about, or when its time is up."""

    holds: Callable[[], bool]
    answer: Callable[[], Any]
    until_s: float


@dataclass
class Readers:
    """All readers of one dashboard; :meth:`serve` does what it is asked for over a pipe.

    Args:
        pipe: brings ``(method, *arguments)`` and takes the answers.
        port: the dashboard's.
        stalling_in: every so many readers one is of those that stall.
    """

    pipe: Connection
    port: int
    stalling_in: int = 20
    readers: list[Reader] = field(default_factory=list)
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    frames: dict[bytes, Frame] = field(default_factory=dict)
    seen: list[Frame] = field(default_factory=list)
    arrived: list[tuple[float, int]] = field(default_factory=list)
    received: int = 0
    retries: list[tuple[float, int]] = field(default_factory=list)
    closed: Counter[str] = field(default_factory=Counter)
    steady_only: bool = False
    question: _Question | None = None
    done: bool = False

    def serve(self) -> None:
        """Read until the other end of the pipe is closed."""
        self.selector.register(self.pipe, selectors.EVENT_READ)
        looked_s = 0.0
        while not self.done:
            for key, _ in self.selector.select(_LOOK_S):
                if key.data is not None:
                    self._ready(key.data)
                elif self.pipe.poll():
                    self._asked()
            now_s = monotonic_s()
            if now_s - looked_s >= _LOOK_S:
                looked_s = now_s
                self._look(now_s)

    def ask_open(self, count: int, since_s: float, patience_s: float) -> _Question:
        """Have ``count`` readers, each with a snapshot that came after ``since_s``; answers when each had it."""
        for number in range(len(self.readers), count):
            self.readers.append(Reader(number))
            self._connect(self.readers[-1])
        opened = [reader for reader in self.readers if not reader.stalled]

        def all_open() -> bool:
            return all(reader.state is State.OPEN and reader.opened_s >= since_s for reader in opened)

        return _Question(
            all_open,
            lambda: [reader.opened_s for reader in opened if reader.state is State.OPEN and reader.opened_s >= since_s],
            monotonic_s() + patience_s,
        )

    def ask_forget(self, steady_only: bool) -> _Question:
        """Measure anew; ``steady_only`` leaves out those that stall, also while they read."""
        self.arrived, self.received, self.steady_only = [], 0, steady_only
        return _at_once(None)

    def ask_arrivals(self, patterns: int, patience_s: float) -> _Question:
        """Answer with what came in once every reader that is not stalled has so many patterns."""
        reading = [reader for reader in self.readers if not reader.stalled]
        return _Question(
            lambda: all(reader.expected == patterns for reader in reading),
            lambda: self._arrivals(sum(reader.expected == patterns for reader in reading)),
            monotonic_s() + patience_s,
        )

    def ask_stall(self) -> _Question:
        """Let those that stall read no more; answers how many they are."""
        stalling = [reader for reader in self.readers if self._may_stall(reader)]
        for reader in stalling:
            reader.stalled = True
            if reader.connection is not None:
                self.selector.unregister(reader.connection)
        return _at_once(len(stalling))

    def ask_resume(self) -> _Question:
        """Let the stalled ones read on."""
        self._resume()
        return _at_once(None)

    def ask_return(self, patience_s: float) -> _Question:
        """Let the stalled ones read on; answers how they were closed meanwhile, once all have a new snapshot."""
        self.closed.clear()
        resumed_s = monotonic_s()
        stalled = [reader for reader in self.readers if reader.stalled]
        self._resume()

        def reopened() -> bool:
            return all(reader.state is State.OPEN and reader.opened_s >= resumed_s for reader in stalled)

        return _Question(reopened, lambda: dict(self.closed), resumed_s + patience_s)

    def _resume(self) -> None:
        for reader in self.readers:
            if reader.stalled and reader.connection is not None:
                self.selector.register(reader.connection, selectors.EVENT_READ, reader)
            reader.stalled = False

    def _asked(self) -> None:
        try:
            name, *arguments = self.pipe.recv()
        except EOFError:
            self.done = True
            return
        self.question = getattr(self, f"ask_{name}")(*arguments)

    def _look(self, now_s: float) -> None:
        while self.retries and self.retries[0][0] <= now_s:
            reader = self.readers[heapq.heappop(self.retries)[1]]
            if reader.state is State.LOST:
                self._connect(reader)
        for reader in self.readers:
            is_trying = reader.state not in (State.OPEN, State.LOST) and not reader.stalled
            if is_trying and now_s - reader.tried_s > SNAPSHOT_TIMEOUT_S:
                self._lost(reader, "no snapshot")
        if self.question is not None and (now_s >= self.question.until_s or self.question.holds()):
            answer = self.question.answer()
            self.question = None
            self.pipe.send(answer)

    def _may_stall(self, reader: Reader) -> bool:
        return reader.number % self.stalling_in == self.stalling_in - 1

    def _arrivals(self, complete: int) -> Arrivals:
        numbers = [number for _, number in self.arrived]
        sizes = np.array([len(frame.published_s) for frame in self.seen], dtype=np.int64)
        published_s = np.concatenate([frame.published_s for frame in self.seen]) if self.seen else np.empty(0)
        starts = np.cumsum(sizes) - sizes
        which = np.array(numbers, dtype=np.int64)
        times_s = np.repeat(np.array([time for time, _ in self.arrived]), sizes[which])
        offsets = np.arange(len(times_s)) - np.repeat(np.cumsum(sizes[which]) - sizes[which], sizes[which])
        delays_s = times_s - published_s[np.repeat(starts[which], sizes[which]) + offsets]
        wrong = sum(reader.wrong for reader in self.readers)
        return Arrivals((delays_s * 1000).astype(np.float32), self.received, complete, wrong)

    def _connect(self, reader: Reader) -> None:
        self._close(reader)
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        connection.setblocking(False)
        if self._may_stall(reader):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, STALLED_BUFFER_BYTES)
        reader.connection, reader.received, reader.expected = connection, b"", None
        reader.state, reader.tried_s = State.CONNECTING, monotonic_s()
        connection.connect_ex(("127.0.0.1", self.port))
        self.selector.register(connection, selectors.EVENT_WRITE, reader)

    def _ready(self, reader: Reader) -> None:
        if reader.connection is None or reader.stalled:
            return
        try:
            if reader.state is State.CONNECTING:
                self._upgrade(reader)
                return
            chunk = reader.connection.recv(CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._lost(reader, type(error).__name__)
            return
        if not chunk:
            self._lost(reader, "end of stream")
        elif reader.state is State.UPGRADING:
            self._upgraded(reader, reader.received + chunk)
        else:
            self._read(reader, reader.received + chunk if reader.received else chunk)

    def _upgrade(self, reader: Reader) -> None:
        assert reader.connection is not None
        error = reader.connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            self._lost(reader, "refused")
            return
        place = f"127.0.0.1:{self.port}"
        reader.connection.sendall(
            f"GET /ws/live HTTP/1.1\r\nHost: {place}\r\nOrigin: http://{place}\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "\r\n".encode()
        )
        reader.state = State.UPGRADING
        self.selector.modify(reader.connection, selectors.EVENT_READ, reader)

    def _upgraded(self, reader: Reader, received: bytes) -> None:
        head, separator, rest = received.partition(b"\r\n\r\n")
        if not separator:
            reader.received = received
        elif not head.startswith(b"HTTP/1.1 101 "):
            self._lost(reader, head.partition(b"\r\n")[0].decode())
        else:
            reader.state = State.WAITING
            self._read(reader, rest)

    def _read(self, reader: Reader, received: bytes) -> None:
        """Take all frames that are complete; the rest waits."""
        now_s = monotonic_s()
        position, end = 0, len(received)
        while end - position >= 2:
            kind, size = received[position] & 15, received[position + 1]
            start = position + 2
            if size == 126:
                start += 2
                size = int.from_bytes(received[position + 2 : start])
            elif size == 127:
                start += 8
                size = int.from_bytes(received[position + 2 : start])
            if end < start + size:
                break
            position = start + size
            payload = received[start:position]
            if kind == _TEXT:
                self._take(reader, payload, now_s)
            elif kind == _PING and reader.connection is not None:
                reader.connection.sendall(struct.pack("!BBI", 0x8A, 0x80 | size, 0) + payload)
            elif kind == _CLOSE:
                self._lost(reader, str(int.from_bytes(payload[:2])))
                return
        reader.received = received[position:]

    def _take(self, reader: Reader, payload: bytes, now_s: float) -> None:
        frame = self.frames.get(payload)
        if frame is None:
            frame = self._understand(payload)
        self.received += 1
        if frame.is_snapshot:
            reader.expected = frame.last + 1 if frame.first >= 0 else None
            reader.attempt = 0
            reader.state, reader.opened_s = State.OPEN, now_s
        elif frame.first >= 0:
            if frame.holes or reader.expected not in (None, frame.first):
                reader.wrong += 1
            reader.expected = frame.last + 1
            if not (self.steady_only and self._may_stall(reader)):
                self.arrived.append((now_s, frame.number))

    def _understand(self, payload: bytes) -> Frame:
        found = [(int(number), int(micros)) for number, micros in PATTERN_ID.findall(payload)]
        numbers = [number for number, _ in found]
        first, last = (numbers[0], numbers[-1]) if numbers else (-1, -1)
        frame = Frame(
            number=len(self.seen),
            is_snapshot=payload.startswith(b'{"type":"snapshot"'),
            first=first,
            last=last,
            holes=numbers != list(range(first, last + 1)) and bool(numbers),
            published_s=np.array([micros / 1e6 for _, micros in found]),
        )
        self.seen.append(frame)
        self.frames[payload] = frame
        if len(self.frames) > _KEPT_FRAMES:
            del self.frames[next(iter(self.frames))]
        return frame

    def _lost(self, reader: Reader, why: str) -> None:
        self._close(reader)
        self.closed[why] += 1
        ceiling_s = min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * 2 ** min(reader.attempt, 16))
        reader.attempt += 1
        reader.state = State.LOST
        heapq.heappush(self.retries, (monotonic_s() + ceiling_s / 2 * (1 + random.random()), reader.number))

    def _close(self, reader: Reader) -> None:
        if reader.connection is not None:
            if not reader.stalled:
                self.selector.unregister(reader.connection)
            reader.connection.close()
            reader.connection = None


def serve(pipe: Connection, port: int) -> None:
    """What the readers' process runs."""
    Readers(pipe, port).serve()


def _at_once(answer: object) -> _Question:
    return _Question(lambda: True, lambda: answer, 0.0)
