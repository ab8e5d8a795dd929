"""From Redis to every open page: one subscription, one state, frames encoded once."""

import asyncio
import secrets
from collections.abc import Callable
from typing import Final

import structlog

from tickstockpl import clock
from tickstockpl.dashboard.bootstrap import read_history
from tickstockpl.dashboard.client import Client
from tickstockpl.dashboard.metrics import DashboardMetrics
from tickstockpl.dashboard.protocol import FRAME_INTERVAL_S, STATUS_INTERVAL_S, Status, encode_frame
from tickstockpl.dashboard.state import Fields, LiveState
from tickstockpl.dashboard.subscriber import Message, RedisState, Subscriber
from tickstockpl.store.queries import DatabaseUnavailableError, Queries

MAX_CLIENTS: Final = 2_000
FIRST_HISTORY_S: Final = 3.0
"""How long opening waits for the history; after that the page is served without, and gets it when it is there."""

_HISTORY_RETRY_S = 2.0

_log = structlog.get_logger(__name__)


class Hub:
    """Keeps the page's state and sends every change of it to every client.

    :meth:`subscribe`, :meth:`open`, then :meth:`run`; :meth:`close` at the end. Three tasks run: the subscription,
    which changes the state as messages come; the frames, at most one every 25 ms and only when something changed; and
    the history, read from the database at the start and whenever a session appears whose beginning was not heard.

    Args:
        redis_url: where the events come from.
        queries: the tables, opened.
        now_ms: the wall clock.
        metrics: what is counted on the way.
    """

    def __init__(
        self,
        redis_url: str,
        queries: Queries,
        now_ms: Callable[[], int] = clock.wall_ms,
        metrics: DashboardMetrics | None = None,
    ) -> None:
        self.metrics = metrics if metrics is not None else DashboardMetrics()
        self.state = LiveState(on_latency=lambda latency_ms: self.metrics.latency.observe(latency_ms / 1000))
        self._queries = queries
        self._now_ms = now_ms
        self._subscriber = Subscriber(redis_url, self._receive, self._redis_changed)
        self._clients: set[Client] = set()
        self._joining: list[Client] = []
        self._epoch = secrets.token_hex(8)
        self._seq = 0
        self._wake = asyncio.Event()
        self._history_wanted = asyncio.Event()
        self._history_read = asyncio.Event()
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
        self._history_wanted.set()
        self._tasks = [
            asyncio.create_task(work, name=f"hub {name}")
            for name, work in (
                ("subscription", self._subscriber.run()),
                ("history", self._read_histories()),
                ("frames", self._send_frames()),
            )
        ]
        try:
            async with asyncio.timeout(FIRST_HISTORY_S):
                await self._history_read.wait()
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

    def join(self) -> Client | None:
        """Take in a client: it gets a snapshot and from then on every delta. ``None`` if there are too many."""
        if len(self._clients) + len(self._joining) >= MAX_CLIENTS:
            return None
        client = Client()
        self._joining.append(client)
        self._wake.set()
        return client

    def leave(self, client: Client) -> None:
        """Let go of a client; harmless when it has gone."""
        self._clients.discard(client)
        if client in self._joining:
            self._joining.remove(client)

    def status(self) -> Status:
        """How the stream is doing now."""
        return self.state.status(self._now_ms(), len(self._clients) + len(self._joining))

    def _receive(self, messages: list[Message]) -> None:
        self.state.apply(messages, self._now_ms())
        if self.state.unread_session is not None:
            self._history_wanted.set()
        if self.state.changed:
            self._wake.set()

    def _redis_changed(self, state: RedisState) -> None:
        self.state.set_redis(state)
        self._wake.set()

    async def _send_frames(self) -> None:
        status_due_s = 0.0
        told_redis: RedisState | None = None
        while True:
            now_s = clock.monotonic_s()
            try:
                async with asyncio.timeout(max(0.0, status_due_s - now_s)):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            deltas = self.state.take_deltas()
            now_s = clock.monotonic_s()
            if now_s >= status_due_s or self.state.redis != told_redis:
                status_due_s, told_redis = now_s + STATUS_INTERVAL_S, self.state.redis
                deltas = deltas or [{}]
                deltas[-1]["status"] = self.status()
            for delta in deltas:
                self._broadcast(delta)
            self._welcome()
            await asyncio.sleep(FRAME_INTERVAL_S)

    def _broadcast(self, delta: Fields) -> None:
        self._seq += 1
        if not self._clients:
            return
        frame = encode_frame("delta", self._epoch, self._seq, delta)
        self.metrics.frame_bytes.labels("delta").observe(len(frame))
        for client in [client for client in self._clients if not client.offer(frame)]:
            _log.info("client closed: it read too slowly")
            self.metrics.slow_clients.inc()
            self._clients.discard(client)

    def _welcome(self) -> None:
        """Give those who joined since the last frame one snapshot, as of that frame."""
        if not self._joining:
            return
        joining, self._joining = self._joining, []
        self._clients.update(joining)
        fields = {**self.state.snapshot(), "status": self.status()}
        frame = encode_frame("snapshot", self._epoch, self._seq, fields)
        self.metrics.frame_bytes.labels("snapshot").observe(len(frame))
        for client in joining:
            client.offer(frame)

    async def _read_histories(self) -> None:
        """Read the newest session at first, later every session whose beginning was not heard."""
        told: str | None = None
        while True:
            await self._history_wanted.wait()
            self._history_wanted.clear()
            wanted = self.state.unread_session
            if wanted is None and self._history_read.is_set():
                continue
            try:
                history = await read_history(self._queries, wanted)
            except DatabaseUnavailableError as error:
                if str(error) != told:
                    told = str(error)
                    _log.warning("history not read; trying again", reason=told)
                self._history_wanted.set()
                await asyncio.sleep(_HISTORY_RETRY_S)
                continue
            told = None
            if history is None:
                if self.state.unread_session == wanted:
                    self.state.unread_session = None  # the tables do not know it: there is nothing to read
            elif self.state.prefill(history):
                if self._clients:  # they have deltas of a state without this: a new epoch makes them begin anew
                    self._epoch = secrets.token_hex(8)
                self._wake.set()
            self._history_read.set()
