"""One bare connection to Redis, for bursts.

redis-py costs about 5 µs a command and 15 µs a pub/sub message; a minute of the whole market is 70,000 of them. This
speaks RESP through hiredis directly: whole bursts are written in one piece, replies and messages are read by the chunk.
Addresses, TLS options and their spelling are redis-py's own.
"""

import asyncio
import os
import re
import ssl
from typing import Any, Self

import hiredis
from redis.asyncio.connection import SSLConnection, UnixDomainSocketConnection, parse_url

from tickstockpl.errors import TickStockError

CONNECT_TIMEOUT_S = 5.0
CHUNK_BYTES = 1 << 18


_PASSWORD = re.compile(r"(?<=://)([^/?#@:]*:).*(?=@)|((?<=[?&])password=)[^&#]*")


class RedisLinkError(TickStockError):
    """Redis cannot be reached, or went away, or refused a command; the message shows no password."""


def redacted(url: str) -> str:
    """The URL with ``***`` in place of its password."""
    return _PASSWORD.sub(lambda match: f"{match[1] or match[2]}***", url)


class RedisLink:
    """A connection that is open. Made by :meth:`connect`; used by one task at a time."""

    def __init__(self, url: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._url = url
        self._reader = reader
        self._writer = writer
        self._parser = hiredis.Reader(notEnoughData=_NOT_YET)

    @classmethod
    async def connect(cls, url: str) -> Self:
        """Open a connection and sign in.

        Args:
            url: ``redis://``, ``rediss://`` (TLS) or ``unix://``; user, password and database as in redis-py.

        Raises:
            RedisLinkError: if the address is wrong, nobody answers within 5 s, or the sign-in is refused.
        """
        try:
            options: dict[str, Any] = dict(parse_url(url))
        except ValueError as error:
            raise RedisLinkError(f"Redis URL {redacted(url)!r} is not one: {error}") from None
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                reader, writer = await _open_stream(options)
                link = cls(url, reader, writer)
                try:
                    await link._sign_in(options)
                except BaseException:
                    writer.transport.abort()
                    raise
        except TimeoutError:
            raise RedisLinkError(
                f"Redis at {redacted(url)} did not answer within {CONNECT_TIMEOUT_S:g} s; is it running there?"
            ) from None
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise RedisLinkError(
                f"Redis at {redacted(url)} cannot be reached ({reason}); is it running there?"
            ) from None
        return link

    async def _sign_in(self, options: dict[str, Any]) -> None:
        if (password := options.get("password")) is not None:
            user = options.get("username")
            await self.call("AUTH", *([user] if user else []), password)
        if database := options.get("db"):
            await self.call("SELECT", str(database))
        await self.call("PING")

    async def call(self, *command: str) -> Any:
        """Send one command and wait for its reply.

        Raises:
            RedisLinkError: if Redis refuses it or the connection is lost.
        """
        await self.send(hiredis.pack_command(command))  # type: ignore[arg-type]  # the stub means one-tuples
        reply = (await self.replies(1))[0]
        if isinstance(reply, hiredis.ReplyError):
            raise RedisLinkError(f"Redis at {redacted(self._url)} refused {command[0]}: {reply}")
        return reply

    async def send(self, data: bytes) -> None:
        """Write commands in RESP; waits while the connection's buffer is full.

        Raises:
            RedisLinkError: if the connection is lost.
        """
        try:
            self._writer.write(data)
            await self._writer.drain()
        except (OSError, RuntimeError) as error:
            raise self._lost(error) from None

    async def replies(self, count: int) -> list[Any]:
        """Read exactly ``count`` replies; refusals are among them as ``hiredis.ReplyError``.

        Raises:
            RedisLinkError: if the connection is lost before.
        """
        received: list[Any] = []
        while True:
            while len(received) < count:
                reply = self._parser.gets()
                if reply is _NOT_YET:
                    break
                received.append(reply)
            if len(received) == count:
                return received
            await self._feed()

    async def messages(self) -> list[Any]:
        """Wait for something to arrive and return all of it that is complete: at least one reply or push.

        Raises:
            RedisLinkError: if the connection is lost.
        """
        received: list[Any] = []
        while not received:
            while (reply := self._parser.gets()) is not _NOT_YET:
                received.append(reply)
            if not received:
                await self._feed()
        return received

    async def close(self) -> None:
        """End the connection; never raises."""
        self._writer.close()
        try:
            async with asyncio.timeout(1):
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            self._writer.transport.abort()

    async def _feed(self) -> None:
        try:
            chunk = await self._reader.read(CHUNK_BYTES)
        except OSError as error:
            raise self._lost(error) from None
        if not chunk:
            raise self._lost(EOFError("it closed the connection"))
        self._parser.feed(chunk)

    def _lost(self, error: Exception) -> RedisLinkError:
        return RedisLinkError(f"Redis at {redacted(self._url)} was lost ({error})")


_NOT_YET: Any = object()
"""What the parser says when a reply is not complete; ``None`` and ``False`` are replies of RESP."""


async def _open_stream(options: dict[str, Any]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    connection_class = options.get("connection_class")
    if connection_class is UnixDomainSocketConnection:
        return await asyncio.open_unix_connection(options["path"], limit=CHUNK_BYTES)
    host, port = options.get("host", "localhost"), options.get("port", 6379)
    context = _tls_context(options) if connection_class is SSLConnection else None
    return await asyncio.open_connection(host, port, ssl=context, limit=CHUNK_BYTES)


def _tls_context(options: dict[str, Any]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=options.get("ssl_ca_certs"))
    if str(options.get("ssl_check_hostname", "true")).lower() in ("false", "0", "no"):
        context.check_hostname = False
    if options.get("ssl_cert_reqs") == "none":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate := options.get("ssl_certfile"):
        context.load_cert_chain(certificate, options.get("ssl_keyfile"))
    return context
