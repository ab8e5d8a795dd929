"""Names that come out the same whenever the same thing is named again."""

from datetime import date
from uuid import UUID, uuid5

_NAMESPACE = UUID("6f0d3c3e-55c1-5d0e-9b1c-2a1f7c9d4b60")


def session_id(source: str, trading_date: date, universe: str, ordinal: int) -> UUID:
    """The id of a source's n-th session of a universe on a trading day; a restart finds its session by it."""
    return uuid5(_NAMESPACE, f"{source}|{trading_date.isoformat()}|{universe}|{ordinal}")


def pattern_id(session: UUID, symbol: str, pattern: str, timestamp: str) -> str:
    """The id of a detection: the same however often its minute is published."""
    return str(uuid5(session, f"{symbol}|{pattern}|{timestamp}"))
