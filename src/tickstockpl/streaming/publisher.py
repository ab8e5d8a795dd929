"""Everything that leaves for Redis, over one connection, in order and counted."""

import asyncio
import contextlib
from collections.abc import Sequence

import hiredis
import structlog

from tickstockpl.clock import MAX_SPEED, Clock, monotonic_s, wall_ms
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import Checkpoint, Session, encode
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.errors import TickStockError
from tickstockpl.redis_link import RedisLink, RedisLinkError
from tickstockpl.streaming.backlog import Backlog
from tickstockpl.streaming.encoder import Message

HEARTBEAT_S = 1.0
"""The longest time between two checkpoints."""

BURST_MESSAGES = 2000
"""Messages written in one piece; Redis begins to carry them while the next piece is put together."""

REPLY_TIMEOUT_S = 3.0
"""A Redis that has not answered for so long is taken for gone: a half-open connection says nothing, and is noticed
within four seconds, for the heartbeat asks every second."""

FIRST_RETRY_S, LONGEST_RETRY_S = 0.1, 2.0

RETURN_GRACE_S = 2.0
"""How long a Redis that is back may take to have as many listeners as before; they have to come back too."""

CLOSE_GRACE_S = 2.0
"""How long a publisher that is closed waits for a Redis that is away."""

_log = structlog.get_logger(__name__)

_HEADS = {
    channel: b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%b\r\n" % (len(channel.value), channel.value.encode())
    for channel in Channel
}


def _command(message: Message) -> bytes:
    channel, payload = message
    return b"%b$%d\r\n%b\r\n" % (_HEADS[channel], len(payload), payload)


class Publisher:
    """Publishes bursts, each followed by a checkpoint.

    One connection means that Redis keeps the order, so a subscriber that counts knows what it missed.

    While Redis is away nothing waits: events are kept, of state the newest, and all of it goes out in order on its
    return. Only where nothing paces the market (``MAX_SPEED``) the burst waits instead, and the market with it.

    What was sent but not answered may have arrived; it is sent again, and ids make a repeated event harmless. What is
    lost because too much waits is counted as if it had been carried, so that whoever counts sees the gap.

    Args:
        url: Redis.
        service_id: new each time the service starts; the counts belong to it.
        source: where the bars come from, for the checkpoint.
        clock: the market's time, for the checkpoint.
    """

    def __init__(self, url: str, service_id: str, source: str, clock: Clock) -> None:
        self._url = url
        self._service_id = service_id
        self._source = source
        self._clock = clock
        self._link: RedisLink | None = None
        self._turn = asyncio.Lock()
        self._heart: asyncio.Task[None] | None = None
        self._closed = False
        self._last_sent_s = 0.0
        self._sequence = 0
        self._waits = clock.speed == MAX_SPEED
        self._backlog = Backlog()
        self._in_doubt: list[Message] = []
        self._lost_at_s: float | None = None
        self._lost = asyncio.Event()
        self._caught_up = asyncio.Event()
        self._listeners = 0
        self.counts = dict.fromkeys((channel.value for channel in Channel), 0)
        self.session: Session | None = None
        self.last_error: str | None = None
        self.last_outage_s = 0.0
        self.outages = 0

    async def open(self) -> None:
        """Connect, and begin to send checkpoints.

        Raises:
            TickStockError: if Redis cannot be reached or refuses the sign-in.
        """
        self._link = await RedisLink.connect(self._url)
        self._heart = asyncio.create_task(self._beat(), name="checkpoint heartbeat")

    async def publish(self, messages: Sequence[Message]) -> None:
        """Send a burst and its checkpoint; returns when Redis has carried all of it or, being away, has yet to.

        Raises:
            TickStockError: if Redis refuses a message (its ACL, say).
        """
        self._check_heart()
        if not self._is_away:
            async with self._turn:
                if not self._is_away:
                    self._count(messages)
                    await self._send([*messages, self._checkpoint()])
                    self._last_sent_s = monotonic_s()
                    return
        for message in messages:
            if not self._backlog.add(message):
                self._count([message])

    @property
    def _is_away(self) -> bool:
        """Whether messages are kept rather than sent: from the loss until all that was kept is out."""
        return self._lost_at_s is not None and not self._waits

    @property
    def away_s(self) -> float:
        """Seconds since Redis was lost; 0 while it is there."""
        return 0.0 if self._lost_at_s is None else monotonic_s() - self._lost_at_s

    @property
    def waiting(self) -> int:
        """Messages that wait for Redis."""
        return len(self._backlog) + len(self._in_doubt)

    @property
    def lost(self) -> int:
        """Events that were lost because too much waited."""
        return self._backlog.lost.total()

    @property
    def published(self) -> int:
        """Messages sent since the start, checkpoints left out."""
        return sum(self.counts.values()) - self.counts[Channel.CHECKPOINT]

    async def close(self) -> None:
        """Stop the heartbeat and end the connection; what still waits for Redis after 2 s is given up.

        Raises:
            TickStockError: if Redis has refused a checkpoint since the last publish, or events were given up.
        """
        if self._is_away and self._heart is not None and not self._heart.done():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_GRACE_S):
                    await self._caught_up.wait()
        self._closed = True
        if self._heart is not None:
            self._heart.cancel()
            await asyncio.wait({self._heart})
        if self._link is not None:
            await self._link.close()
            self._link = None
        self._check_heart()
        given_up = self._backlog.events + len(self._in_doubt)
        self._lost_at_s, self._in_doubt, self._backlog = None, [], Backlog()
        if given_up:
            raise TickStockError(
                f"closed while {given_up} events waited for Redis; their rows are stored: {self.last_error}"
            )

    def _count(self, messages: Sequence[Message]) -> None:
        for channel, _ in messages:
            self.counts[channel] += 1

    def _checkpoint(self) -> Message:
        self._sequence += 1
        self.counts[Channel.CHECKPOINT] += 1
        speed = self._clock.speed
        return Channel.CHECKPOINT, encode(
            Checkpoint(
                service_id=self._service_id,
                sequence=self._sequence,
                counts=dict(self.counts),
                source=self._source,
                speed=None if speed == MAX_SPEED else speed,
                market_time=to_iso(self._clock.now_ms()),
                session=self.session,
                timestamp=to_iso(wall_ms()),
            )
        )

    async def _send(self, messages: Sequence[Message]) -> None:
        """Send all; where Redis goes away meanwhile, wait for it or keep the unanswered rest, which is counted."""
        sent = 0
        while sent < len(messages):
            link = self._link
            try:
                if link is None:
                    link = await self._connected()
                sent = await self._send_from(link, messages, sent)
            except _InterruptedError as interruption:
                sent = max(sent, interruption.answered)
                await self._lose(link, str(interruption))
                if not self._waits:
                    rest = messages[sent:]
                    self._in_doubt = [message for message in rest if message[0] != Channel.CHECKPOINT]
                    self.counts[Channel.CHECKPOINT] -= len(rest) - len(self._in_doubt)
                    return
            except BaseException:
                # Answers are still due on it, which the next burst must not take for its own.
                self._link = None
                if link is not None:
                    link.abort()
                raise
        self._in_doubt = []

    async def _send_from(self, link: RedisLink, messages: Sequence[Message], first: int) -> int:
        answered = first
        try:
            # Of a connection that breaks while it is written to, the answers that came before can still be read.
            with contextlib.suppress(RedisLinkError):
                for start in range(first, len(messages), BURST_MESSAGES):
                    burst = messages[start : start + BURST_MESSAGES]
                    async with asyncio.timeout(REPLY_TIMEOUT_S):
                        await link.send(b"".join(map(_command, burst)))
            while answered < len(messages):
                async with asyncio.timeout(REPLY_TIMEOUT_S):
                    replies = await link.messages()
                for reply in replies:
                    if isinstance(reply, hiredis.ReplyError):
                        raise TickStockError(f"Redis refused to publish on {messages[answered][0].value}: {reply}")
                    answered += 1
                    self._listeners = int(reply)
        except TimeoutError:
            raise _InterruptedError(f"Redis has not answered for {REPLY_TIMEOUT_S:g} s", answered) from None
        except RedisLinkError as error:
            raise _InterruptedError(str(error), answered) from None
        return answered

    async def _connected(self) -> RedisLink:
        pause_s = FIRST_RETRY_S
        while self._link is None:
            if self._closed:
                raise TickStockError(f"closed while events waited for Redis: {self.last_error}")
            try:
                self._link = await RedisLink.connect(self._url)
            except RedisLinkError as error:
                self.last_error = str(error)
                if not (self._waits or self._is_away):
                    raise _InterruptedError(str(error), 0) from None
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_RETRY_S)
            else:
                _log.info("Redis is back")
                if self._waits and self._lost_at_s is not None:
                    self.last_outage_s, self._lost_at_s = self.away_s, None
        self.last_error = None
        return self._link

    async def _lose(self, link: RedisLink | None, reason: str) -> None:
        _log.warning("Redis was lost; its events wait", reason=reason)
        self.last_error = reason
        self._link = None
        if self._lost_at_s is None:
            self._lost_at_s = monotonic_s()
            self.outages += 1
            if not self._waits:
                self._caught_up.clear()
                self._lost.set()
        if link is not None:
            await link.close()

    async def _beat(self) -> None:
        while True:
            if self._is_away:
                async with self._turn:
                    await self._catch_up()
                continue
            pause_s = max(0.0, self._last_sent_s + HEARTBEAT_S * 0.9 - monotonic_s()) or HEARTBEAT_S * 0.9
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._lost.wait()
            if monotonic_s() - self._last_sent_s >= HEARTBEAT_S * 0.9:
                async with self._turn:
                    if not self._is_away:
                        await self._send([self._checkpoint()])
                        self._last_sent_s = monotonic_s()

    async def _catch_up(self) -> None:
        """Once Redis is back, send what was kept; Redis may go away again meanwhile."""
        self._lost.clear()
        listeners = self._listeners
        in_doubt, self._in_doubt = self._in_doubt, []
        try:
            await self._connected()
            await self._await_listeners(listeners)
        finally:
            self._in_doubt = in_doubt
            self._listeners = listeners
        while self._link is not None and self.waiting:
            if not self._in_doubt:
                self._in_doubt = self._backlog.take(BURST_MESSAGES)
                self._count(self._in_doubt)
            await self._send([*self._in_doubt, self._checkpoint()])
            self._last_sent_s = monotonic_s()
        if self._link is not None:
            self.last_outage_s, self._lost_at_s = self.away_s, None
            self._caught_up.set()

    async def _await_listeners(self, count: int) -> None:
        """Send checkpoints until so many hear them, for 2 s at most: whoever is not back yet misses what goes out."""
        until_s = monotonic_s() + RETURN_GRACE_S
        while self._link is not None:
            await self._send([self._checkpoint()])
            if self._listeners >= count or monotonic_s() >= until_s:
                return
            await asyncio.sleep(FIRST_RETRY_S / 2)

    def _check_heart(self) -> None:
        """A failure of the heartbeat is a failure of the publisher."""
        if self._heart is not None and self._heart.done() and not self._heart.cancelled():
            self._heart.result()


class _InterruptedError(Exception):
    """The connection was lost in mid-burst, with so many messages answered."""

    def __init__(self, reason: str, answered: int) -> None:
        super().__init__(reason)
        self.answered = answered
