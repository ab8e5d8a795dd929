"""From Redis to every open page: one subscription, one board, frames encoded once."""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from tickstockpl import clock
from tickstockpl.dashboard.live.client import Client, Place
from tickstockpl.dashboard.live.filters import EVERYTHING, StreamFilter
from tickstockpl.dashboard.live.frames import Frames
from tickstockpl.dashboard.live.metrics import DashboardMetrics
from tickstockpl.dashboard.live.protocol import (
    LONGEST_INTERVAL_S,
    SHORTEST_INTERVAL_S,
    STATUS_INTERVAL_S,
    Status,
)
from tickstockpl.dashboard.live.state import LiveState
from tickstockpl.dashboard.live.tables import Tables
from tickstockpl.dashboard.live.wire import Wire
from tickstockpl.store.audit import Acknowledgement, AuditLog
from tickstockpl.store.queries import Queries
from tickstockpl.subscriber import Message, RedisState, Subscriber

MAX_CLIENTS: Final = 2_000
FIRST_HISTORY_S: Final = 3.0
"""How long opening waits for the history; after that the page is served without, and gets it when it is there."""

_log = structlog.get_logger(__name__)


class Hub:
    """Keeps the page's state and sends every change of it to every client.

    :meth:`subscribe`, :meth:`open`, then :meth:`run`; :meth:`close` at the end. Tasks run: the subscription, which
    changes the state as messages come; the frames, one every 10 to 25 ms and only when something changed; and what is
    read from the tables: a session whose beginning was not heard, and what did not arrive.

    Args:
        redis_url: where the events come from.
        queries: the tables, opened.
        audit: who has seen which critical alert; ``None`` asks nobody.
        now_ms: the wall clock.
        metrics: what is counted on the way.
    """

    def __init__(
        self,
        redis_url: str,
        queries: Queries,
        audit: AuditLog | None = None,
        now_ms: Callable[[], int] = clock.wall_ms,
        metrics: DashboardMetrics | None = None,
    ) -> None:
        self.metrics = metrics if metrics is not None else DashboardMetrics()
        self.state = LiveState(on_latency=lambda latency_ms: self.metrics.latency.observe(latency_ms / 1000))
        self._now_ms = now_ms
        self._subscriber = Subscriber(redis_url, self._receive, self._redis_changed, "tickstockpl-dashboard")
        self._frames = Frames(self.state.board, lambda kind, size: self.metrics.frame_bytes.labels(kind).observe(size))
        self._tables = Tables(self.state, queries, audit, self._tables_read)
        self._clients: set[Client] = set()
        self._epoch = secrets.token_hex(8)
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.metrics.read(self.status)

    async def subscribe(self) -> None:
        """Connect to Redis.

        Raises:
            TickStockError: if it cannot be reached, or refuses.
        """
        await self._subscriber.open()

    async def open(self) -> None:
        """Start reading the events, read the history, and start sending; after :meth:`subscribe`."""
        self._tasks = [
            asyncio.create_task(work, name=f"hub {name}")
            for name, work in (
                ("subscription", self._subscriber.run()),
                ("history", self._tables.read_histories()),
                ("repairs", self._tables.repair_gaps()),
                ("frames", self._send_frames()),
            )
        ]
        try:
            async with asyncio.timeout(FIRST_HISTORY_S):
                await self._tables.first_read.wait()
        except TimeoutError:
            _log.warning("history not read yet; the page shows what comes in")

    async def run(self) -> None:
        """Wait for the tasks; returns only by their failure or by being cancelled."""
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Stop all tasks."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._subscriber.close()

    def join(self, wire: Wire, wants: StreamFilter = EVERYTHING, place: Place | None = None) -> Client | None:
        """Take in a client; ``None`` if there are too many.

        Args:
            wire: of its connection.
            wants: what of the stream it is sent.
            place: where it left off: it is sent what came since. Without one, or with one of another epoch, it is
                sent a snapshot.
        """
        if len(self._clients) >= MAX_CLIENTS:
            return None
        client = Client(wire, wants, place)
        self._clients.add(client)
        self._wake.set()
        return client

    def leave(self, client: Client) -> None:
        """Let go of a client; harmless when it has gone."""
        self._clients.discard(client)

    def acknowledged(self, acknowledgements: Iterable[Acknowledgement]) -> None:
        """Tell every page who has seen critical alerts."""
        self.state.acknowledge(acknowledgements)
        self._wake.set()

    def status(self) -> Status:
        """How the stream is doing now."""
        return self.state.measures.status(self._now_ms(), len(self._clients))

    def _receive(self, messages: list[Message]) -> None:
        self.state.apply(messages, self._now_ms())
        self._tables.look()
        if self.state.board.changed:
            self._wake.set()

    def _redis_changed(self, state: RedisState) -> None:
        self.state.set_redis(state)
        self._wake.set()

    def _tables_read(self, *, changed_the_past: bool) -> None:
        if changed_the_past:
            self._epoch = secrets.token_hex(8)  # everybody gets a snapshot: what was read goes before what they have
        self._wake.set()

    async def _send_frames(self) -> None:
        status_due_s = 0.0
        told_redis: RedisState | None = None
        some_wait = False
        while True:
            await self._woken(LONGEST_INTERVAL_S if some_wait else status_due_s - clock.monotonic_s())
            began_s = clock.monotonic_s()
            redis = self.state.measures.redis
            if began_s >= status_due_s or redis != told_redis:
                status_due_s, told_redis = began_s + STATUS_INTERVAL_S, redis
                self.state.board.put("status", self.status())
            some_wait = self._send(began_s)
            await asyncio.sleep(pause_s(clock.monotonic_s() - began_s))

    async def _woken(self, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, timeout_s)):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    def _send(self, now_s: float) -> bool:
        """Bring everybody up to now whose wire has room; whether somebody's has none."""
        now = self._frames.cut(self._epoch)
        some_wait = False
        for client in tuple(self._clients):
            if client.frame == now.seq and client.told is not None and client.told.epoch == now.epoch:
                continue
            if not client.has_room(now_s):
                some_wait = True
                if client.dismissed.is_set():
                    _log.info("client closed: it has read nothing for too long")
                    self.metrics.slow_clients.inc()
                    self._clients.discard(client)
                continue
            frame = self._frames.for_(client, now)
            if frame is not None:
                client.wire.write(frame)
                client.told = now
            client.frame = now.seq
        return some_wait


def pause_s(took_s: float) -> float:
    """How long to wait after a round of frames that took so long.

    Sending takes a fifth of the time at most, until frames would be more than 25 ms apart; a round that takes longer
    than that leaves half as much time to everything else.
    """
    interval_s = min(max(5 * took_s, SHORTEST_INTERVAL_S), LONGEST_INTERVAL_S)
    return max(interval_s - took_s, took_s / 2)
