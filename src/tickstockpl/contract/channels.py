"""Every Redis channel, named once.

The first eight are the specification's; the others are TickStockPL's own (DESIGN, decision 7): a consumer that does
not know them loses nothing.
"""

from enum import StrEnum


class Channel(StrEnum):
    """A Redis pub/sub channel of the contract."""

    SESSION_STARTED = "tickstock:streaming:session_started"
    SESSION_STOPPED = "tickstock:streaming:session_stopped"
    PATTERNS = "tickstock:patterns:streaming"
    HIGH_CONFIDENCE_PATTERNS = "tickstock:patterns:detected"
    INDICATORS = "tickstock:indicators:streaming"
    INDICATOR_ALERTS = "tickstock:alerts:indicators"
    HEALTH = "tickstock:streaming:health"
    CRITICAL_ALERTS = "tickstock:alerts:critical"
    BARS = "tickstock:bars:streaming"
    FORMING_BARS = "tickstock:bars:forming"
    CHECKPOINT = "tickstock:streaming:checkpoint"


SPECIFIED_CHANNELS: tuple[Channel, ...] = tuple(Channel)[:8]
"""The specification's eight channels."""

HIGH_CONFIDENCE = 0.8
"""From this confidence on a pattern goes out on ``patterns:detected`` too."""

MAX_BATCH = 50
"""The most patterns that one ``streaming_patterns_batch`` may hold."""

MAX_BARS_PER_EVENT = 500
"""The most bars that one ``streaming_bars`` holds; a larger minute goes out in several events."""
