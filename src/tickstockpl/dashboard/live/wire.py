"""A WebSocket's way out for bytes that many connections are sent alike.

ASGI takes a message for each connection, and frames it anew: with a thousand pages that costs more than all the rest.
The server's WebSocket protocol therefore hands its transport to the application (decision 0017); what is written there
are whole frames, so that pings and the closing handshake, which stay the server's, fall between them.
"""

import asyncio
from typing import Final

from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Close, Frame, Opcode

MAX_UNSENT_BYTES: Final = 65_536
"""A connection that has more than this waiting in the process is given nothing until it has read."""

_EXTENSION: Final = "tickstockpl.transport"


class WireProtocol(WebSocketsSansIOProtocol):
    """The server's WebSocket protocol, which lets the application write frames itself."""

    async def run_asgi(self) -> None:
        """Run the application, with the transport in its scope."""
        self.scope["extensions"][_EXTENSION] = {"transport": self.transport}
        await super().run_asgi()


class Wire:
    """What one connection can take, without waiting.

    Args:
        transport: of a WebSocket that has been accepted.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    @property
    def unsent(self) -> int:
        """Bytes that wait in this process; the kernel takes some 256 kB before any do."""
        return self._transport.get_write_buffer_size()

    def write(self, frame: bytes) -> None:
        """Send a whole frame, or keep what the kernel does not take."""
        if not self._transport.is_closing():
            self._transport.write(frame)

    def close(self, code: int, reason: str) -> None:
        """Say why the connection ends, behind whatever waits; the other side is to close it then."""
        self.write(Frame(Opcode.CLOSE, Close(code, reason).serialize()).serialize(mask=False))

    def abort(self) -> None:
        """End the connection, whatever waits."""
        self._transport.abort()


def wire_of(websocket: WebSocket) -> Wire:
    """The wire of a WebSocket that has been accepted.

    Raises:
        RuntimeError: if the server is not run with :class:`WireProtocol`.
    """
    extension = websocket.scope.get("extensions", {}).get(_EXTENSION)
    if extension is None:
        raise RuntimeError("the server does not give its transport; run it with ws=WireProtocol")
    return Wire(extension["transport"])


def framed(text: bytes) -> bytes:
    """A text message as the one frame in which it is sent."""
    return Frame(Opcode.TEXT, text).serialize(mask=False)
