"""One bare connection to Redis, for bursts.

redis-py costs about 5 µs a command and 15 µs a pub/sub message; a minute of the whole market is 70,000 of them. This
speaks RESP through hiredis directly: whole bursts are written in one piece, replies and messages are read by the chunk.
Addresses, TLS options and their spelling are redis-py's own.
"""

import asyncio
import os
import re
import socket
import ssl
from typing import Any, Self
from urllib.parse import urlsplit

import hiredis
from redis.asyncio.connection import SSLConnection, UnixDomainSocketConnection, parse_url

from tickstockpl.errors import TickStockError
from tickstockpl.redaction import HIDDEN, Redactor

CONNECT_TIMEOUT_S = 5.0
CHUNK_BYTES = 1 << 18

_WELL_FORMED = re.compile(
    r"""(?P<scheme>[A-Za-z]+://)
    (?: (?P<user>[^\s:/?#@]*) (?P<password>:[^\s/?#@]*)? @ )?
    (?P<place> (?:\[[0-9A-Fa-f:.]*\] | [^\s:/?#@\[\]]*) (?::\d*)? (?:/\d*)?
        | (?:(?<=unix://) | (?<=@)) /[^?#@]* )
    (?: [?\#][^@]* )?""",
    re.VERBOSE,
)
_DATABASE = re.compile(r"\d*").fullmatch


class RedisLinkError(TickStockError):
    """Redis cannot be reached, or went away, or refused a command; the message shows no password."""


class ReplyTooLongError(RedisLinkError):
    """Redis sent more than was asked for; the connection is of no use any more."""


def redacted(url: str) -> str:
    """The URL without its password and its options, for messages.

    Of one that is not well-formed, so that its password might be anywhere, only the scheme is left.
    """
    found = _WELL_FORMED.fullmatch(url)
    if found is None:
        scheme, separator, _ = url.partition("://")
        return f"{scheme}{separator}{HIDDEN}" if separator else HIDDEN if "@" in url else url
    if found["user"] is None:
        return f"{found['scheme']}{found['place']}"
    return f"{found['scheme']}{found['user']}{f':{HIDDEN}' if found['password'] else ''}@{found['place']}"


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
        options = _options(url)
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
        except (OSError, UnicodeError) as error:  # UnicodeError: not a name that could be looked up
            raise RedisLinkError(
                f"Redis at {redacted(url)} cannot be reached ({_reason(error)}); is it running there?"
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
            said = Redactor([self._url]).text(str(reply))  # a Redis that does not know AUTH quotes what came with it
            raise RedisLinkError(f"Redis at {redacted(self._url)} refused {command[0]}: {said}")
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

    async def replies(self, count: int, max_bytes: int | None = None) -> list[Any]:
        """Read exactly ``count`` replies; refusals are among them as ``hiredis.ReplyError``.

        Args:
            count: how many.
            max_bytes: how long they may be together; the connection is of no use after longer ones.

        Raises:
            RedisLinkError: if the connection is lost before.
            ReplyTooLongError: if they are longer.
        """
        received: list[Any] = []
        size = 0
        while True:
            while len(received) < count and (reply := self._next()) is not _NOT_YET:
                received.append(reply)
            if len(received) == count:
                return received
            if max_bytes is not None and size > max_bytes:
                raise ReplyTooLongError(f"Redis at {redacted(self._url)} sent a reply of more than {max_bytes:,} bytes")
            size += await self._feed()

    async def messages(self) -> list[Any]:
        """Wait for something to arrive and return all of it that is complete: at least one reply or push.

        Raises:
            RedisLinkError: if the connection is lost.
        """
        received: list[Any] = []
        while not received:
            while (reply := self._next()) is not _NOT_YET:
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

    def abort(self) -> None:
        """End the connection at once, whatever is still to be sent or answered."""
        self._writer.transport.abort()

    def _next(self) -> Any:
        """The next complete reply or push, ``_NOT_YET`` where there is none."""
        try:
            return self._parser.gets()
        except hiredis.ProtocolError as error:
            raise RedisLinkError(
                f"what answers at {redacted(self._url)} does not speak Redis' protocol ({error}); check the address, "
                "and whether it wants TLS (rediss://)"
            ) from None

    async def _feed(self) -> int:
        try:
            chunk = await self._reader.read(CHUNK_BYTES)
        except OSError as error:
            raise self._lost(error) from None
        if not chunk:
            raise self._lost(EOFError("it closed the connection"))
        self._parser.feed(chunk)
        return len(chunk)

    def _lost(self, error: Exception) -> RedisLinkError:
        return RedisLinkError(f"Redis at {redacted(self._url)} was lost ({error})")


_NOT_YET: Any = object()
"""What the parser says when a reply is not complete; ``None`` and ``False`` are replies of RESP."""


def _options(url: str) -> dict[str, Any]:
    """What redis-py reads in a URL. It overlooks a database that is no number and a missing socket; we do not."""
    try:
        options: dict[str, Any] = dict(parse_url(url))
        path = urlsplit(url).path.strip("/")
    except ValueError:  # its text may quote a part of the password
        options, path = {}, HIDDEN
    over_socket = options.get("connection_class") is UnixDomainSocketConnection
    if ("path" not in options) if over_socket else not _DATABASE(path):
        raise RedisLinkError(
            f"Redis URL {redacted(url)!r} is not one; give redis://user:password@host:6379/0, rediss:// for TLS, or "
            "unix:///path, special characters percent-encoded"
        )
    return options


def _reason(error: Exception) -> str:
    """Why there is no connection, in the system's words; TLS and look-ups count their errors otherwise than it does."""
    if isinstance(error, OSError) and error.errno and not isinstance(error, ssl.SSLError | socket.gaierror):
        return os.strerror(error.errno)
    return getattr(error, "strerror", None) or str(error)


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
