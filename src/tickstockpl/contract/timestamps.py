"""The contract's one form of time: UTC, ISO 8601, milliseconds, ``Z``."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

TIMESTAMP_PATTERN = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=4096)
def to_iso(epoch_ms: int) -> str:
    """Write milliseconds since the epoch as ``2025-10-05T09:30:00.000Z``."""
    moment = _EPOCH + timedelta(milliseconds=epoch_ms)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{epoch_ms % 1000:03d}Z"


def from_iso(text: str) -> int:
    """Read a contract timestamp back into milliseconds since the epoch.

    Raises:
        ValueError: if ``text`` is not an ISO 8601 time with an offset or ``Z``.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"timestamp {text!r} names no time zone; write UTC with a final Z")
    return (moment - _EPOCH) // timedelta(milliseconds=1)
