"""One subscription to every channel of the contract, kept alive."""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Any, Literal

import hiredis
import structlog

from tickstockpl.contract.channels import Channel
from tickstockpl.redis_link import RedisLink, RedisLinkError, redacted

Message = tuple[str, bytes]
"""Channel and payload."""

RedisState = Literal["connected", "lost"]

SILENCE_S = 2.0
"""After so long without a byte Redis is asked for a sign of life; after as long again it counts as lost."""

FIRST_RETRY_S = 0.1
LAST_RETRY_S = 2.0
"""Back-off between attempts to reconnect: doubles from the first to the last, up to half of it random."""

_log = structlog.get_logger(__name__)


class Subscriber:
    """Reads the contract's channels and hands their messages over in lists, in Redis' order.

    The receiver is called from the event loop and must not block; between two calls, some thousand messages at most,
    other tasks run. While it works nothing is read, so Redis' output buffer is the only queue (its bound is Redis'
    ``client-output-buffer-limit pubsub``; a reader that exceeds it is disconnected, which shows as ``lost`` and as
    missed messages). Reading costs about a microsecond a message.

    Args:
        url: of Redis.
        receive: called with the messages of one chunk, never an empty list.
        on_state: called when the connection is made or lost.
        name: as which Redis' ``CLIENT LIST`` shows it.
        channels: what to subscribe to.
    """

    def __init__(
        self,
        url: str,
        receive: Callable[[list[Message]], None],
        on_state: Callable[[RedisState], None],
        name: str,
        channels: Sequence[str] = tuple(Channel),
    ) -> None:
        self._url = url
        self._receive = receive
        self._on_state = on_state
        self._name = name
        self._names = {str(channel).encode(): str(channel) for channel in channels}
        self._link: RedisLink | None = None

    async def open(self) -> None:
        """Connect for the first time.

        Raises:
            TickStockError: if the URL is not one, or Redis cannot be reached or refuses; never shows the password.
        """
        link = await RedisLink.connect(self._url)
        try:
            async with asyncio.timeout(2 * SILENCE_S):
                await self._subscribe(link)
        except TimeoutError:
            link.abort()
            raise RedisLinkError(
                f"Redis at {redacted(self._url)} gave no answer to SUBSCRIBE within {2 * SILENCE_S:g} s; is it running?"
            ) from None
        except BaseException:
            await link.close()
            raise
        self._link = link
        self._on_state("connected")

    async def run(self) -> None:
        """Read until cancelled, reconnecting whenever the connection is lost."""
        try:
            while True:
                link = self._link or await self._reopen()
                try:
                    await self._read(link)
                except (RedisLinkError, hiredis.ProtocolError) as error:
                    _log.warning("redis lost", reason=str(error))
                    self._on_state("lost")
                    await self.close()
        finally:
            await self.close()

    async def close(self) -> None:
        """End the connection."""
        if self._link is not None:
            link, self._link = self._link, None
            await link.close()

    async def _reopen(self) -> RedisLink:
        ceiling_s = FIRST_RETRY_S
        while self._link is None:
            await asyncio.sleep(ceiling_s * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
            ceiling_s = min(2 * ceiling_s, LAST_RETRY_S)
            try:
                await self.open()
            except (RedisLinkError, hiredis.ProtocolError) as error:
                _log.debug("redis still lost", reason=str(error))
        _log.info("redis connected again", address=redacted(self._url))
        return self._link

    async def _subscribe(self, link: RedisLink) -> None:
        # An ACL may forbid the name, which only ``CLIENT LIST`` shows: whatever the reply, go on.
        await link.send(hiredis.pack_command(("CLIENT", "SETNAME", self._name)))  # type: ignore[arg-type]
        await link.replies(1)
        await link.send(hiredis.pack_command(("SUBSCRIBE", *self._names)))  # type: ignore[arg-type]
        for reply in await link.replies(len(self._names)):
            if isinstance(reply, hiredis.ReplyError):
                raise RedisLinkError(f"Redis at {redacted(self._url)} refused SUBSCRIBE: {reply}")

    async def _read(self, link: RedisLink) -> None:
        asked = False
        while True:
            try:
                async with asyncio.timeout(SILENCE_S):
                    replies = await link.messages()
            except TimeoutError:
                if asked:
                    raise RedisLinkError(f"no sign of life from Redis for {2 * SILENCE_S:g} s") from None
                await link.send(hiredis.pack_command(("PING",)))
                asked = True
                continue
            asked = False
            self._deliver(replies)
            await asyncio.sleep(0)  # a burst must not keep the frames from going out

    def _deliver(self, replies: list[Any]) -> None:
        # What a network has garbled may still be RESP: of a message everything is looked at, its shape included. A
        # match statement would read better and cost several times as much.
        names = self._names
        messages = [
            (names[reply[1]], reply[2])
            for reply in replies
            if isinstance(reply, list)
            and len(reply) == 3
            and reply[0] == b"message"
            and isinstance(reply[1], bytes)
            and isinstance(reply[2], bytes)
            and reply[1] in names
        ]
        if messages:
            self._receive(messages)
