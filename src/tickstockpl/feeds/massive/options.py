"""How the feed is to connect, and what it is to ask for."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Mode(StrEnum):
    """What is subscribed to for each symbol."""

    TRADES = "trades"
    """Every trade; the bars are ours, and form on the page as the market trades."""
    MINUTES = "minutes"
    """The vendor's minute bars."""
    SECONDS = "seconds"
    """The vendor's second bars, of which ours are built."""


REAL_TIME_URL: Final = "wss://socket.massive.com/stocks"
DELAYED_URL: Final = "wss://delayed.massive.com/stocks"
REST_URL: Final = "https://api.massive.com"

DELAY_MS: Final = 900_000
"""By how much the delayed host is behind the market."""

SETTLE_MS: Final = {Mode.TRADES: 300, Mode.MINUTES: 3000, Mode.SECONDS: 3000}
"""For how long a minute that is over waits for latecomers: the server holds second bars back for 2 seconds."""


@dataclass(frozen=True, slots=True)
class MassiveOptions:
    """How the feed is to connect, and what it is to ask for.

    Attributes:
        api_key: of the account; never shown.
        url: of the WebSocket.
        rest_url: of the REST interface; ``None`` where missed minutes and history are not to be fetched.
        mode: what is subscribed to.
        settle_ms: wall time for which a minute that is over waits for latecomers, milliseconds; ``None`` as the mode
            needs.
        mute_s: a connection that is silent for longer while the market is busy is given up, seconds.
        requests_per_second: REST requests at most.
        backfill_s: wall time that fetching missed minutes may take, seconds.
    """

    api_key: str = field(repr=False)
    url: str = REAL_TIME_URL
    rest_url: str | None = REST_URL
    mode: Mode = Mode.TRADES
    settle_ms: int | None = None
    mute_s: float = 10.0
    requests_per_second: float = 90.0
    backfill_s: float = 120.0

    @property
    def settles_ms(self) -> int:
        """For how long a minute that is over waits for latecomers."""
        return SETTLE_MS[self.mode] if self.settle_ms is None else self.settle_ms
