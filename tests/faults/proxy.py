"""A TCP proxy that misbehaves on demand, for tests that stand between a client and its server."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

CHUNK_BYTES = 1 << 16

Corruption = Callable[[bytes], bytes]
"""Makes other bytes, as many or fewer, of what a server has sent."""


def flipped(data: bytes) -> bytes:
    """Every bit of the data turned over: nothing that a protocol could take for its own."""
    return bytes(byte ^ 0xFF for byte in data)


def socket_of(redis_url: str) -> Path:
    """The Unix socket of an embedded Redis, as :class:`FaultProxy` takes it."""
    return Path(redis_url.removeprefix("unix://"))


class FaultProxy:
    """Forwards connections to a server, and fails as it is told to.

    A fault holds for connections that are open and for those to come, until :meth:`heal`. What was cut stays cut.
    A connection that was silent goes on after the healing: what was kept back reaches its end late, as on a network
    that comes back.

    Use it as ``async with FaultProxy(server) as proxy: ... proxy.port``.

    Args:
        server: host and port, or the path of a Unix socket.
    """

    def __init__(self, server: tuple[str, int] | Path) -> None:
        self._server = server
        self._listener: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._refusing = False
        self._passing = asyncio.Event()
        self._passing.set()
        self._bytes_per_s: float | None = None
        self._corruption: Corruption | None = None
        self.accepted = 0
        """Connections made so far, refused ones included."""

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        assert self._listener is not None, "the proxy is not open"
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    @property
    def open_connections(self) -> int:
        """Clients that are connected now."""
        return len(self._connections)

    def cut(self) -> None:
        """Reset every connection, and every new one as soon as it is made."""
        self._refusing = True
        for connection in self._connections:
            connection.cancel()

    def black_hole(self) -> None:
        """Accept connections and everything that they send, and stay silent: nothing passes, either way."""
        self._passing.clear()

    def slow_down(self, bytes_per_s: float) -> None:
        """Let so many bytes pass a second, per connection and direction."""
        self._bytes_per_s = bytes_per_s

    def corrupt(self, corruption: Corruption = flipped) -> None:
        """Change what the server says."""
        self._corruption = corruption

    def heal(self) -> None:
        """Forward faithfully again."""
        self._refusing = False
        self._bytes_per_s = None
        self._corruption = None
        self._passing.set()

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._listener is not None
        self._listener.close()
        self.cut()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if self._refusing:
            writer.transport.abort()
            return
        connection = asyncio.create_task(self._serve(reader, writer), name="proxied connection")
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """One connection, until either end closes it or it is cut."""
        to_server = None
        try:
            server, to_server = await self._dial()
            async with asyncio.TaskGroup() as directions:
                directions.create_task(self._forward(client, to_server, from_server=False))
                directions.create_task(self._forward(server, to_client, from_server=True))
        except* OSError:
            pass  # an end is gone, or the server cannot be had: the other end is told below
        finally:
            for writer in (to_client, to_server):
                if writer is not None:
                    writer.transport.abort()

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._server, Path):
            return await asyncio.open_unix_connection(self._server)
        return await asyncio.open_connection(*self._server)

    async def _forward(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, from_server: bool) -> None:
        while data := await self._read(source):
            if self._bytes_per_s is not None:
                await asyncio.sleep(len(data) / self._bytes_per_s)
            sink.write(self._corruption(data) if from_server and self._corruption is not None else data)
            await sink.drain()
        sink.write_eof()

    async def _read(self, source: asyncio.StreamReader) -> bytes:
        """What comes next, nothing at the end; not even the end comes through a black hole."""
        try:
            data = await source.read(self._chunk_bytes())
        except OSError:
            data = b""
        await self._passing.wait()
        return data

    def _chunk_bytes(self) -> int:
        """Small pieces where bytes are slow, a tenth of a second's at most, so that a healing is soon felt."""
        return CHUNK_BYTES if self._bytes_per_s is None else max(1, min(CHUNK_BYTES, int(self._bytes_per_s / 10)))
