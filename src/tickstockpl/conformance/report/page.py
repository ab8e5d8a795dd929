"""The live page, as a browser is served it: what arrives there, and how long after it was sent."""

import asyncio
from collections import OrderedDict
from typing import Final

import msgspec
from msgspec import Struct
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException

from tickstockpl import clock
from tickstockpl.conformance.heard import Heard
from tickstockpl.conformance.percentiles import Durations, Percentiles
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import Checkpoint
from tickstockpl.contract.timestamps import from_iso
from tickstockpl.errors import TickStockError

OPEN_TIMEOUT_S: Final = 10.0

_UNMATCHED: Final = 20_000
"""Patterns that were sent and not shown yet, or the other way round, that are remembered; older ones are not timed."""


class PageSeen(Struct, frozen=True):
    """What a page was sent while it was watched.

    Attributes:
        address: the page's.
        frames: how many.
        patterns: how many new ones.
        missed: messages that its hub says it has missed.
        latency_ms: from when the producer had sent a pattern to when its frame was read here; ``None`` if none was.
        lost: why the connection ended before its time; empty if it did not.
    """

    address: str
    frames: int
    patterns: int
    missed: int
    latency_ms: Percentiles | None
    lost: str


class _Metadata(Struct):
    pattern_id: str


class _Pattern(Struct):
    metadata: _Metadata


class _Status(Struct):
    missed: int = 0


class _Frame(Struct):
    type: str
    patterns: list[_Pattern] = []
    status: _Status | None = None


class PageProbe:
    """Follows the page's WebSocket.

    Args:
        address: the page's, ``http://HOST:PORT``; a link to it does too.
        token: of a viewer; empty where the page asks nobody.
    """

    def __init__(self, address: str, token: str) -> None:
        self._address = address.partition("?")[0].rstrip("/")  # a link's key is not to be told
        self._token = token
        self._decode = msgspec.json.Decoder(_Frame).decode
        self._frames = self._patterns = self._missed = 0
        self._lost = ""
        self._latency = Durations()
        self._sent: OrderedDict[str, int] = OrderedDict()
        self._shown: OrderedDict[str, int] = OrderedDict()
        self._since_checkpoint: list[str] = []

    async def run(self, ready: asyncio.Event) -> None:
        """Follow until cancelled; a connection that is lost is told in :meth:`seen`.

        Args:
            ready: set once the page has answered.

        Raises:
            TickStockError: if there is no such page, or it lets nobody in.
        """
        url = f"ws{self._address.removeprefix('http')}/ws/live"
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        try:
            connection = await connect(url, additional_headers=headers, open_timeout=OPEN_TIMEOUT_S, max_size=None)
        except InvalidHandshake as error:
            raise TickStockError(f"the page at {self._address} does not let the report in ({error})") from None
        except (OSError, TimeoutError, InvalidURI, ValueError) as error:
            raise TickStockError(f"there is no page at {self._address} ({error}); is the dashboard running?") from None
        async with connection:
            try:
                async for frame in connection:
                    self._take(frame, clock.wall_ms())
                    ready.set()
            except WebSocketException as error:
                self._lost = str(error)
            else:
                self._lost = f"the page closed it: {connection.close_reason or connection.close_code}"

    def take(self, heard: Heard) -> None:
        """Look at one message of the channels: when a pattern was sent is what its checkpoint says."""
        if isinstance(heard.event, Checkpoint):
            sent_ms = from_iso(heard.event.timestamp)
            for pattern_id in self._since_checkpoint:
                self._was_sent(pattern_id, sent_ms)
            self._since_checkpoint.clear()
        elif heard.channel == Channel.PATTERNS:
            self._since_checkpoint += [detection.metadata.pattern_id for detection in heard.detections]
            del self._since_checkpoint[:-_UNMATCHED]

    def seen(self) -> PageSeen:
        """What came of it."""
        return PageSeen(
            self._address, self._frames, self._patterns, self._missed, self._latency.percentiles(), self._lost
        )

    def _take(self, payload: str | bytes, at_ms: int) -> None:
        frame = self._decode(payload)
        self._frames += 1
        if frame.status is not None:
            self._missed = frame.status.missed
        if frame.type != "delta":
            return
        self._patterns += len(frame.patterns)
        for pattern in frame.patterns:
            self._was_shown(pattern.metadata.pattern_id, at_ms)

    def _was_sent(self, pattern_id: str, at_ms: int) -> None:
        shown_ms = self._shown.pop(pattern_id, None)
        if shown_ms is None:
            _remember(self._sent, pattern_id, at_ms)
        else:
            self._latency.add(shown_ms - at_ms)

    def _was_shown(self, pattern_id: str, at_ms: int) -> None:
        sent_ms = self._sent.pop(pattern_id, None)
        if sent_ms is None:
            _remember(self._shown, pattern_id, at_ms)
        else:
            self._latency.add(at_ms - sent_ms)


def _remember(times: OrderedDict[str, int], pattern_id: str, at_ms: int) -> None:
    times[pattern_id] = at_ms
    if len(times) > _UNMATCHED:
        times.popitem(last=False)
