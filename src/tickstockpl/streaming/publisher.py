"""Everything that leaves for Redis, over one connection, in order and counted."""

import asyncio
from collections.abc import Sequence

import hiredis
import structlog

from tickstockpl.clock import MAX_SPEED, Clock, monotonic_s, wall_ms
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import Checkpoint, Session, encode
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.errors import TickStockError
from tickstockpl.redis_link import RedisLink, RedisLinkError
from tickstockpl.streaming.encoder import Message

HEARTBEAT_S = 1.0
"""The longest time between two checkpoints."""

BURST_MESSAGES = 2000
"""Messages written in one piece; Redis begins to carry them while the next piece is put together."""

REPLY_TIMEOUT_S = 3.0
"""A Redis that has not answered for so long is taken for gone: a half-open connection says nothing, and is noticed
within four seconds, for the heartbeat asks every second."""

FIRST_RETRY_S, LONGEST_RETRY_S = 0.1, 2.0

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

    One connection means that Redis keeps the order, so a subscriber that counts knows what it missed. While Redis is
    away a burst waits and is sent again from its first unanswered message on; ids make a repeated event harmless.

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
        self.counts = dict.fromkeys((channel.value for channel in Channel), 0)
        self.session: Session | None = None
        self.last_error: str | None = None

    async def open(self) -> None:
        """Connect, and begin to send checkpoints.

        Raises:
            TickStockError: if Redis cannot be reached or refuses the sign-in.
        """
        self._link = await RedisLink.connect(self._url)
        self._heart = asyncio.create_task(self._beat(), name="checkpoint heartbeat")

    async def publish(self, messages: Sequence[Message]) -> None:
        """Send a burst and its checkpoint; returns when Redis has carried all of it.

        Raises:
            TickStockError: if Redis refuses a message (its ACL, say).
        """
        self._check_heart()
        async with self._turn:
            for channel, _ in messages:
                self.counts[channel] += 1
            await self._send([*messages, self._checkpoint()])
            self._last_sent_s = monotonic_s()

    @property
    def published(self) -> int:
        """Messages sent since the start, checkpoints left out."""
        return sum(self.counts.values()) - self.counts[Channel.CHECKPOINT]

    async def close(self) -> None:
        """Stop the heartbeat and end the connection; a publish that still waits for Redis is given up.

        Raises:
            TickStockError: if Redis has refused a checkpoint since the last publish.
        """
        self._closed = True
        if self._heart is not None:
            self._heart.cancel()
            await asyncio.wait({self._heart})
        if self._link is not None:
            await self._link.close()
            self._link = None
        self._check_heart()

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
        sent = 0
        while sent < len(messages):
            link = await self._connected()
            try:
                sent = await self._send_from(link, messages, sent)
            except _InterruptedError as interruption:
                sent = interruption.answered
                await self._lose(link, str(interruption))
            except BaseException:
                # Answers are still due on it, which the next burst must not take for its own.
                self._link = None
                link.abort()
                raise

    async def _send_from(self, link: RedisLink, messages: Sequence[Message], first: int) -> int:
        answered = first
        try:
            for start in range(first, len(messages), BURST_MESSAGES):
                burst = messages[start : start + BURST_MESSAGES]
                async with asyncio.timeout(REPLY_TIMEOUT_S):
                    await link.send(b"".join(map(_command, burst)))
            for start in range(first, len(messages), BURST_MESSAGES):
                burst = messages[start : start + BURST_MESSAGES]
                async with asyncio.timeout(REPLY_TIMEOUT_S):
                    replies = await link.replies(len(burst))
                for (channel, _), reply in zip(burst, replies, strict=True):
                    if isinstance(reply, hiredis.ReplyError):
                        raise TickStockError(f"Redis refused to publish on {channel.value}: {reply}")
                answered = start + len(burst)
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
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_RETRY_S)
            else:
                _log.info("Redis is back")
        self.last_error = None
        return self._link

    async def _lose(self, link: RedisLink, reason: str) -> None:
        _log.warning("Redis was lost; its events wait", reason=reason)
        self.last_error = reason
        self._link = None
        await link.close()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(max(0.0, self._last_sent_s + HEARTBEAT_S * 0.9 - monotonic_s()) or HEARTBEAT_S * 0.9)
            if monotonic_s() - self._last_sent_s >= HEARTBEAT_S * 0.9:
                async with self._turn:
                    await self._send([self._checkpoint()])
                    self._last_sent_s = monotonic_s()

    def _check_heart(self) -> None:
        """A failure of the heartbeat is a failure of the publisher."""
        if self._heart is not None and self._heart.done() and not self._heart.cancelled():
            self._heart.result()


class _InterruptedError(Exception):
    """The connection was lost in mid-burst, with so many messages answered."""

    def __init__(self, reason: str, answered: int) -> None:
        super().__init__(reason)
        self.answered = answered
