"""The contract's one form of time: UTC, ISO 8601, milliseconds, ``Z``."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

TIMESTAMP_PATTERN = (
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"
)
"""What a timestamp looks like, as a regular expression for the whole of it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=4096)
def to_iso(epoch_ms: int) -> str:
    """Write milliseconds since the epoch as ``2025-10-05T09:30:00.000Z``."""
    moment = _EPOCH + timedelta(milliseconds=epoch_ms)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def from_iso(text: str) -> int:
    """Read a contract timestamp back into milliseconds since the epoch.

    Raises:
        ValueError: if ``text`` is not an ISO 8601 time with an offset or ``Z``.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"timestamp {text!r} names no time zone; write UTC with a final Z")
    return (moment - _EPOCH) // timedelta(milliseconds=1)
