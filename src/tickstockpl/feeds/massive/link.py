"""The connection: made, kept, and made again."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import msgspec
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI, WebSocketException

from tickstockpl.clock import Clock, monotonic_s
from tickstockpl.feeds.base import Connection
from tickstockpl.feeds.live.backoff import Backoff
from tickstockpl.feeds.live.coverage import Coverage
from tickstockpl.feeds.massive.endings import LinkError, closed, first_line, first_to_end, is_unanswered
from tickstockpl.feeds.massive.messages import StatusMessage
from tickstockpl.feeds.massive.options import MassiveOptions
from tickstockpl.feeds.massive.reader import FrameReader
from tickstockpl.feeds.massive.refusals import NOT_ENTITLED, Refusal, is_topic_refused, refusal_of
from tickstockpl.feeds.massive.topics import Topics
from tickstockpl.feeds.massive.watchdog import Watchdog
from tickstockpl.market.bars import MINUTE_MS

OPEN_S: Final = 10.0
"""How long a connection may take to be made, and each step of the handshake, seconds."""

ACKNOWLEDGE_S: Final = 10.0
"""How long acknowledgements may take before the topics that miss them are asked for again."""

PING_S: Final = 5.0
"""Between two pings; an answer may take twice as long."""

TICK_S: Final = 0.025
"""How long trades wait at most until they are made columns of."""

LARGEST_FRAME: Final = 64 << 20
"""Bytes; a frame that is larger ends the connection."""

MOST_QUEUED: Final = 4096
"""Frames that wait within the library."""

NAMED_TOPICS: Final = 5

UNCONNECTED: Final = Connection("reconnecting", "polygon_websocket", "WebSocket", "Massive")

_encode = msgspec.json.encode
_log = structlog.get_logger(__name__)
_library_log = logging.getLogger(f"{__name__}.websockets")
_library_log.setLevel(logging.WARNING)  # below that it writes every message, the one with the key too


class Link:
    """Keeps one connection to Massive: connects, signs in, subscribes, listens, and begins anew when it has ended.

    A connection that was lost counts as back once data flows again or, outside the market's hours, once the topics are
    acknowledged. Waits between two tries grow, and start over only after data: a server that refuses after it has
    accepted does not make a loop of it.

    Args:
        options: how to connect.
        symbols: the universe.
        clock: the market's time.
        reader: takes the frames.
        coverage: is told of which time nothing is known.
        is_busy: whether the market is open at a market time, so that silence means something.
        backoff: the waits between two tries.

    Attributes:
        connection: how it stands.
        refusal: why it was given up for good; ``None`` while it was not.
        decided: set once the first try has succeeded or failed.
    """

    def __init__(
        self,
        options: MassiveOptions,
        symbols: tuple[str, ...],
        clock: Clock,
        reader: FrameReader,
        coverage: Coverage,
        is_busy: Callable[[int], bool],
        backoff: Backoff | None = None,
    ) -> None:
        self._options = options
        self._symbols = symbols
        self._clock = clock
        self._reader = reader
        self._coverage = coverage
        self._is_busy = is_busy
        self._backoff = backoff if backoff is not None else Backoff()
        self._watchdog = Watchdog(options.mute_s)
        self._was_busy = False
        self._was_lost = False
        self._is_signed_in = False
        self._is_whole = False
        self._stage_s = 0.0
        self._asked = 0
        self._data_seen = 0
        self._data_ms = 0
        self._ended_ms = 0
        self._topics = Topics(options.mode, symbols)
        self._running: asyncio.Task[None] | None = None
        self.connection = UNCONNECTED
        self.refusal: Refusal | None = None
        self.decided = asyncio.Event()

    async def stop(self) -> None:
        """End the connection, and be sure that it has ended: the server allows no second one."""
        if self._running is not None and not self._running.done():
            self._running.cancel()
            await asyncio.wait({self._running})

    async def run(self) -> None:
        """Stay connected until a refusal is final, or for ever."""
        self._running = asyncio.current_task()
        while True:
            try:
                await self._stay()
            except LinkError as error:
                self._lose(error)
            self.decided.set()
            if self.refusal is not None:
                return
            await asyncio.sleep(self._backoff.next_s())

    async def _stay(self) -> None:
        """One connection, from beginning to end; always raises."""
        self._topics = Topics(self._options.mode, self._symbols)
        self._is_signed_in = self._is_whole = False
        self._asked = 0
        try:
            async with connect(
                self._options.url,
                open_timeout=OPEN_S,
                ping_interval=PING_S,
                ping_timeout=2 * PING_S,
                close_timeout=1.0,
                max_size=LARGEST_FRAME,
                max_queue=MOST_QUEUED,
                logger=_library_log,
            ) as socket:
                self._stage_s = monotonic_s()
                try:
                    await first_to_end(self._listen(socket), self._mind(socket))
                finally:
                    self._ended_ms = self._clock.now_ms()  # to close it may take a while
        except ConnectionClosed as error:
            raise LinkError(Refusal(closed(error)), 3 * PING_S if is_unanswered(error) else PING_S) from None
        except InvalidURI:
            reason = f"{self._options.url!r} is no address of a WebSocket (ws:// or wss://)"
            raise LinkError(Refusal(reason, "correct TICKSTOCK_MASSIVE_URL", is_final=True)) from None
        except TimeoutError:
            raise LinkError(Refusal(f"{self._options.url} does not answer"), PING_S) from None
        except (OSError, InvalidHandshake, WebSocketException) as error:
            raise LinkError(Refusal(f"{self._options.url} cannot be reached: {first_line(error)}"), PING_S) from None

    async def _listen(self, socket: ClientConnection) -> None:
        while True:
            frame = await socket.recv(decode=False)
            statuses = self._reader.read(frame)
            if statuses is None:
                now_ms = self._clock.now_ms()
                self._coverage.doubt(now_ms - self._market(1.0), now_ms - now_ms % MINUTE_MS + MINUTE_MS - 1)
                continue
            for status in statuses:
                await self._obey(socket, status)
            if self._reader.data_messages != self._data_seen:
                self._hear()

    async def _obey(self, socket: ClientConnection, status: StatusMessage) -> None:
        if (refusal := refusal_of(status)) is not None:
            raise LinkError(refusal)
        match status.status:
            case "connected":
                await socket.send(_encode({"action": "auth", "params": self._options.api_key}).decode())
            case "auth_success" if not self._is_signed_in:
                self._is_signed_in = True
                await self._subscribe(socket)
            case "success":
                if self._topics.acknowledge(status.message) and self._topics.is_complete:
                    self._begin()
            case _ if is_topic_refused(status):
                self._topics.refused += 1
                if self._topics.are_refused:
                    raise LinkError(NOT_ENTITLED)
            case _:
                _log.info("Massive says", status=status.status, message=status.message)

    async def _subscribe(self, socket: ClientConnection) -> None:
        self._asked += 1
        self._stage_s = monotonic_s()
        for topics in self._topics.requests():
            await socket.send(_encode({"action": "subscribe", "params": topics}).decode())

    def _begin(self) -> None:
        """All is subscribed to: from here on nothing is missed."""
        if self._is_whole:
            return
        self._is_whole = True
        now_ms = self._clock.now_ms()
        self._watchdog.start(monotonic_s(), has_pulse=self._topics.has_pulse)
        self._coverage.whole_from(now_ms)
        missing = self._topics.missing
        reason = ""
        if missing:
            named = ", ".join(missing[:NAMED_TOPICS])
            more = f" and {len(missing) - NAMED_TOPICS:,} more" if len(missing) > NAMED_TOPICS else ""
            reason = (
                f"Massive has not acknowledged {len(missing):,} of {len(self._topics.wanted):,} topics: {named}{more}"
            )
            _log.warning("topics are missing", missing=len(missing), first=missing[:NAMED_TOPICS])
        self.connection = replace(self.connection, reason=reason, action_required="")
        if not self._was_lost or not self._is_busy(now_ms):
            self._be_connected()
        self.decided.set()

    def _be_connected(self) -> None:
        if self.connection.status != "connected":
            _log.info("connected", server="Massive", topics=len(self._topics.wanted))
        self._was_lost = False
        self.connection = replace(self.connection, status="connected", action_required="")

    def _hear(self) -> None:
        """There is data."""
        self._data_seen = self._reader.data_messages
        self._data_ms = self._clock.now_ms()
        self._backoff.reset()
        if self._was_busy:
            self._watchdog.hear(monotonic_s())
        if self._is_whole and self.connection.status != "connected":
            self._be_connected()

    async def _mind(self, socket: ClientConnection) -> None:
        """Look every moment whether all is as it should be."""
        while True:
            await asyncio.sleep(TICK_S)
            self._reader.flush()
            now_s = monotonic_s()
            if not self._is_whole:
                await self._hurry(socket, now_s)
            is_busy = self._is_busy(self._clock.now_ms())
            if is_busy and not self._was_busy:
                self._watchdog.forget()
                self._watchdog.start(now_s, has_pulse=self._topics.has_pulse)
            self._was_busy = is_busy
            if is_busy and self._is_whole and self._watchdog.is_mute(now_s):
                silence_s = self._watchdog.silence_s(now_s)
                reason = f"it is connected, but has sent no data for {silence_s:.0f} seconds while the market is open"
                raise LinkError(Refusal(reason), silence_s)

    async def _hurry(self, socket: ClientConnection, now_s: float) -> None:
        """Give up a handshake that takes too long; ask once more for topics that are not acknowledged."""
        if not self._is_signed_in:
            if now_s - self._stage_s > OPEN_S:
                raise LinkError(Refusal("Massive has not answered the sign-in"))
        elif now_s - self._stage_s > ACKNOWLEDGE_S:
            if self._asked < 2:
                await self._subscribe(socket)
            elif len(self._topics.missing) < len(self._topics.wanted):
                self._begin()
            elif self._topics.refused:
                raise LinkError(NOT_ENTITLED)
            else:
                raise LinkError(Refusal("Massive has acknowledged no subscription"))

    def _lose(self, error: LinkError) -> None:
        """Say that nothing is heard from here on, and since when."""
        self._reader.flush()
        if self._is_whole:
            since_ms = max(self._data_ms, self._ended_ms - self._market(error.silent_s))
            self._coverage.lost(since_ms - self._market(self._options.settles_ms / 1000))
        self._is_whole = False
        self._was_lost = True
        refusal = error.refusal
        if refusal.pause_s:
            self._backoff.at_least(refusal.pause_s)
        if refusal.is_final:
            self.refusal = refusal
        status: Final = "disconnected" if refusal.is_final else "reconnecting"
        self.connection = replace(UNCONNECTED, status=status, reason=refusal.reason, action_required=refusal.action)
        _log.warning("not connected", server="Massive", reason=refusal.reason, final=refusal.is_final)

    def _market(self, wall_s: float) -> int:
        """Market time that passes in some wall time, milliseconds."""
        return int(wall_s * 1000 * self._clock.speed)
