"""The WebSocket server."""

import asyncio
import random
from collections import Counter
from types import TracebackType
from typing import Any, Self

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.massive_server.client import Client, status
from tests.massive_server.faults import Disorder, Mangler, Refusal
from tests.massive_server.rest import RestServer
from tests.massive_server.tape import Message, Tape
from tests.support import eventually_async
from tickstockpl.clock import Clock

KEY = "test-key-of-the-server"

LARGEST_FRAME = 200
"""Messages in a frame at most."""

LOOK_S = 0.005


class MassiveServer:
    """A market on a clock, over loopback.

    Args:
        tape: what is sent; a message is sent when its time has come to whoever has subscribed to it by then, and to
            nobody later.
        clock: the market's time.
        key: the one that is accepted.
        disorder: what comes twice, swapped or late.

    Attributes:
        refuses: how connections go wrong from the start; ``None`` while they do not.
        unauthorized: topics that are refused one by one.
        silent_topics: topics that are never acknowledged, nor sent.
        acknowledges_late: whether acknowledgements wait until data has been sent.
        is_mute: whether the data that are due are lost to everybody, while the connections stand.
        one_connection: whether a second connection with the key is refused.
        mangler: spoils frames.
        connections: made so far.
        sign_ins: keys that came, right or wrong.
        subscriptions: topics of each subscription that came.
        sent: messages of each kind that went out, to any client.
        rest: the REST interface.
    """

    def __init__(self, tape: Tape, clock: Clock, key: str = KEY, disorder: Disorder | None = None) -> None:
        self._clock = clock
        self._key = key
        self._messages = tape.messages if disorder is None else disorder.of(tape.messages)
        self._next = 0
        self._rng = random.Random(1)
        self._clients: set[Client] = set()
        self._server: Server | None = None
        self._port = 0
        self._playing: asyncio.Task[None] | None = None
        self.refuses: Refusal | None = None
        self.unauthorized: set[str] = set()
        self.silent_topics: set[str] = set()
        self.acknowledges_late = False
        self.is_mute = False
        self.one_connection = False
        self.auth_timeout_s = 5.0
        self.mangler = Mangler()
        self.connections = 0
        self.sign_ins: list[str] = []
        self.subscriptions: list[list[str]] = []
        self.sent: Counter[str] = Counter()
        self.rest = RestServer(tape, key, clock.now_ms)

    @property
    def url(self) -> str:
        """Of the WebSocket."""
        return f"ws://127.0.0.1:{self._port}/stocks"

    @property
    def host(self) -> str:
        """Host and port, as the vendor's client wants them."""
        return f"127.0.0.1:{self._port}"

    @property
    def rest_url(self) -> str:
        """Of the REST interface."""
        return self.rest.url

    @property
    def is_over(self) -> bool:
        """Whether the whole tape was sent."""
        return self._next >= len(self._messages)

    async def __aenter__(self) -> Self:
        await self.rest.__aenter__()
        await self.up()
        self._playing = asyncio.create_task(self._play(), name="play the tape")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        playing = self._playing
        if playing is not None:
            playing.cancel()
            await asyncio.wait({playing})
        await self.down()
        await self.rest.__aexit__(kind, error, traceback)
        if playing is not None and not playing.cancelled():
            playing.result()  # a tape that could not be played is a mistake of the test

    async def up(self) -> None:
        """Listen, on the same port as before."""
        self._server = await serve(self._serve, "127.0.0.1", self._port, ping_interval=None, max_size=1 << 20)
        self._port = next(iter(self._server.sockets)).getsockname()[1]

    async def down(self) -> None:
        """Be gone: no connection, and none is accepted."""
        server, self._server = self._server, None
        self.cut()
        if server is not None:
            server.close()
            await server.wait_closed()

    async def send(self, messages: list[Message]) -> None:
        """Send messages to whoever has subscribed to them, now."""
        for client in list(self._clients):
            if wanted := client.wanted(messages):
                await client.send_frame(self.mangler.frame(wanted))
                self.sent.update(message["ev"] for message in wanted)

    async def send_frame(self, frame: str | bytes) -> None:
        """Send any frame to everybody."""
        for client in list(self._clients):
            await client.send_frame(frame)

    def cut(self) -> None:
        """Break all connections off."""
        for client in list(self._clients):
            client.cut()

    def freeze(self) -> None:
        """Leave all present connections standing, dead: no data, no answer to a ping."""
        for client in list(self._clients):
            client.freeze()

    async def close_cleanly(self, code: int = 1000, reason: str = "") -> None:
        """Close all connections, politely."""
        for client in list(self._clients):
            await client.close(code, reason)

    @property
    def listeners(self) -> int:
        """Clients that have subscribed to something and are heard."""
        return sum(1 for client in self._clients if client.topics and not client.is_frozen)

    async def _play(self) -> None:
        while True:
            now_ms = self._clock.now_ms()
            due: list[Message] = []
            while self._next < len(self._messages) and self._messages[self._next][0] <= now_ms:
                due.append(self._messages[self._next][1])
                self._next += 1
            if due and not self.is_mute and self.refuses != "mute":
                await self._send_due(due)
            await asyncio.sleep(LOOK_S)

    async def _send_due(self, due: list[Message]) -> None:
        start = 0
        while start < len(due):
            size = self._rng.randint(1, LARGEST_FRAME)
            await self.send(due[start : start + size])
            start += size

    async def _serve(self, socket: ServerConnection) -> None:
        self.connections += 1
        client = Client(socket)
        self._clients.add(client)
        try:
            await client.send([status("connected", "Connected Successfully")])
            if await self._sign_in(client, socket):
                async for request in socket:
                    await self._obey(client, msgspec.json.decode(request))
        except ConnectionClosed:
            pass
        finally:
            self._clients.discard(client)

    async def _sign_in(self, client: Client, socket: ServerConnection) -> bool:
        if self.refuses == "auth_timeout":
            await client.send([status("auth_timeout", "No authentication was received in time.")])
            await client.close(1008, "auth timeout")
            return False
        try:
            async with asyncio.timeout(self.auth_timeout_s):
                request: dict[str, Any] = msgspec.json.decode(await socket.recv())
        except TimeoutError:
            await client.send([status("auth_timeout", "No authentication was received in time.")])
            await client.close(1008, "auth timeout")
            return False
        self.sign_ins.append(request.get("params", ""))
        if request.get("action") != "auth" or request.get("params") != self._key or self.refuses == "auth_failed":
            await client.send([status("auth_failed", "authentication failed")])
            await client.close(1008, "authentication failed")
            return False
        client.is_signed_in = True
        await client.send([status("auth_success", "authenticated")])
        return True

    async def _obey(self, client: Client, request: dict[str, Any]) -> None:
        topics = [topic for topic in request.get("params", "").split(",") if topic]
        if request.get("action") == "unsubscribe":
            client.unsubscribe(topics)
            await client.send([status("success", f"unsubscribed to: {topic}") for topic in topics])
            return
        self.subscriptions.append(topics)
        if self.refuses == "no_access":
            await client.send([status("error", "You don't have access real-time data from this feed.")])
            return
        refused = [topic for topic in topics if topic in self.unauthorized or topic[:2] + "*" in self.unauthorized]
        accepted = [topic for topic in topics if topic not in refused and topic not in self.silent_topics]
        if self.acknowledges_late:
            client.subscribe(accepted)
            sent = self.sent.total()
            await eventually_async(lambda: self.sent.total() > sent, what="data before the acknowledgement")
        await client.send(
            [
                *(status("error", "not authorized") for _ in refused),
                *(status("success", f"subscribed to: {topic}") for topic in accepted),
            ]
        )
        client.subscribe(accepted)
        others = sum(other.is_signed_in for other in self._clients) - 1
        if self.refuses == "max_connections" or (self.one_connection and others):
            await client.send([status("max_connections", "Maximum number of websocket connections exceeded.")])
            await client.close(1008, "max connections")
