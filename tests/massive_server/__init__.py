"""A server that speaks Massive's protocol, over loopback: what the feed is tried on, and people may play with.

``MassiveServer`` answers the WebSocket and the REST interface. What it sends is a ``Tape``; what goes wrong is asked of
it, fault by fault.
"""

from tests.massive_server.server import MassiveServer
from tests.massive_server.tape import Tape

__all__ = ["MassiveServer", "Tape"]
