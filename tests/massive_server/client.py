"""One client of the server: how far it has come, and what it wants."""

import asyncio
from collections.abc import Iterable, Sequence

import msgspec
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from tests.massive_server.tape import Message

STATUS = "status"


def status(kind: str, message: str) -> Message:
    """A message about the connection."""
    return {"ev": STATUS, "status": kind, "message": message}


class Client:
    """A connection, as the server sees it.

    Args:
        socket: its end.

    Attributes:
        topics: what it has subscribed to.
        is_signed_in: whether its key was accepted.
        is_frozen: whether nothing is read from it or sent to it any more, and nobody tells it.
    """

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket
        self._everything: set[str] = set()
        self.topics: set[str] = set()
        self.is_signed_in = False
        self.is_frozen = False

    async def send(self, messages: Sequence[Message]) -> None:
        """Send messages in one frame, whatever it has subscribed to."""
        await self.send_frame(msgspec.json.encode(list(messages)).decode())

    async def send_frame(self, frame: str | bytes) -> None:
        """Send a frame as it is; a client that has gone hears nothing."""
        if not self.is_frozen:
            try:
                await self._socket.send(frame)
            except ConnectionClosed:
                self.topics.clear()

    def subscribe(self, topics: Iterable[str]) -> None:
        """Want these topics too."""
        self.topics.update(topics)
        self._everything = {topic.partition(".")[0] for topic in self.topics if topic.endswith(".*")}

    def unsubscribe(self, topics: Iterable[str]) -> None:
        """Want these topics no more."""
        self.topics.difference_update(topics)
        self.subscribe(())

    def wanted(self, messages: Iterable[Message]) -> list[Message]:
        """Those of some messages that it has subscribed to."""
        return [
            message
            for message in messages
            if message["ev"] in self._everything or f"{message['ev']}.{message['sym']}" in self.topics
        ]

    async def close(self, code: int, reason: str = "") -> None:
        """Say goodbye."""
        await self._socket.close(code, reason)

    def cut(self) -> None:
        """Be gone, in the middle of whatever was being sent."""
        self._socket.transport.abort()

    def freeze(self) -> None:
        """Be gone without a word: no data, no answer to a ping, and the connection stands."""
        self.is_frozen = True
        transport = self._socket.transport
        if isinstance(transport, asyncio.Transport):
            transport.pause_reading()
