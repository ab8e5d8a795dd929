"""The fault proxy does what its methods say, to connections that are open and to new ones."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.faults.proxy import FaultProxy, flipped
from tests.support import eventually_async
from tickstockpl.clock import monotonic_s

SILENCE_S = 0.1
"""An echo takes far less; what has not come by then was held back."""


@pytest.fixture
async def echo() -> AsyncIterator[tuple[str, int]]:
    """A server that says everything again."""

    async def say_again(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                writer.write(data)
        finally:
            writer.close()

    server = await asyncio.start_server(say_again, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield host, port


@pytest.fixture
async def proxy(echo: tuple[str, int]) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(echo) as running:
        yield running


class Client:
    """A connection through the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def say(self, data: bytes) -> None:
        self.writer.write(data)

    async def hear(self, count: int, within_s: float = 5) -> bytes:
        async with asyncio.timeout(within_s):
            return await self.reader.readexactly(count)

    async def is_gone(self) -> bool:
        """Whether the proxy has hung up, within a few seconds."""
        try:
            async with asyncio.timeout(5):
                return await self.reader.read(1) == b""
        except ConnectionResetError:
            return True


@asynccontextmanager
async def connected(proxy: FaultProxy) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()


async def test_it_forwards_both_ways_and_hangs_up_when_an_end_does(proxy: FaultProxy) -> None:
    data = bytes(range(256)) * 4096
    async with connected(proxy) as client, connected(proxy) as other:
        other.say(b"other")
        client.say(data)
        assert await client.hear(len(data)) == data
        assert await other.hear(5) == b"other"
        assert (proxy.accepted, proxy.open_connections) == (2, 2)
        client.writer.write_eof()
        assert await client.is_gone()
    await eventually_async(lambda: proxy.open_connections == 0)


async def test_it_stands_before_a_unix_socket_too(tmp_path: Path) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    path = tmp_path / "socket"
    async with (
        await asyncio.start_unix_server(greet, path),
        FaultProxy(path) as proxy,
        connected(proxy) as client,
    ):
        assert await client.hear(5) == b"hello"


async def test_a_server_that_is_not_there_is_a_connection_that_ends(tmp_path: Path) -> None:
    async with FaultProxy(tmp_path / "nobody") as proxy, connected(proxy) as client:
        assert await client.is_gone()


async def test_cut_ends_open_connections_and_new_ones_until_it_is_healed(proxy: FaultProxy) -> None:
    async with connected(proxy) as client:
        client.say(b"a")
        assert await client.hear(1) == b"a"
        proxy.cut()
        assert await client.is_gone()
    async with connected(proxy) as client:
        assert await client.is_gone()
    proxy.heal()
    async with connected(proxy) as client:
        client.say(b"b")
        assert await client.hear(1) == b"b"


async def test_a_black_hole_holds_everything_back_until_it_is_healed(proxy: FaultProxy) -> None:
    async with connected(proxy) as old:
        old.say(b"a")
        assert await old.hear(1) == b"a"
        proxy.black_hole()
        async with connected(proxy) as new:
            for client in (old, new):
                client.say(b"held back")
                with pytest.raises(TimeoutError):
                    await client.hear(1, SILENCE_S)
            proxy.heal()
            for client in (old, new):
                assert await client.hear(9) == b"held back"


async def test_a_black_hole_hides_that_an_end_is_gone(proxy: FaultProxy) -> None:
    async with connected(proxy) as client:
        client.say(b"a")
        assert await client.hear(1) == b"a"
        proxy.black_hole()
        client.writer.write_eof()
        with pytest.raises(TimeoutError):
            await client.hear(1, SILENCE_S)
        proxy.heal()
        assert await client.is_gone()


async def test_a_black_hole_can_be_cut(proxy: FaultProxy) -> None:
    async with connected(proxy) as client:
        proxy.black_hole()
        client.say(b"a")
        proxy.cut()
        assert await client.is_gone()


async def test_slow_bytes_take_their_time_and_arrive_whole(proxy: FaultProxy) -> None:
    data = bytes(range(250)) * 40
    async with connected(proxy) as client:
        proxy.slow_down(bytes_per_s=20_000)
        began_s = monotonic_s()
        client.say(data)
        assert await client.hear(len(data)) == data
        assert monotonic_s() - began_s > 0.9 * len(data) / 20_000


async def test_what_the_server_says_is_corrupted_and_what_it_hears_is_not(proxy: FaultProxy) -> None:
    async with connected(proxy) as client:
        proxy.corrupt()
        client.say(b"hello")
        assert await client.hear(5) == flipped(b"hello") != b"hello"
        proxy.corrupt(lambda data: data.replace(b"l", b"r"))
        client.say(b"hello")
        assert await client.hear(5) == b"herro"
        proxy.heal()
        client.say(b"hello")
        assert await client.hear(5) == b"hello"
