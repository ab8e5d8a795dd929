"""Patterns for the browser's tests."""

from typing import Any

from msgspec import UNSET

from tests.dashboard.samples import detection, message, session_id
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import Condition, PatternMetadata, StreamingPattern
from tickstockpl.subscriber import Message


def found(number: int, *, confidence: float = 0.85, pattern_type: str = "BearishEngulfing", **more: Any) -> Message:
    """A pattern, with conditions unless told otherwise."""
    plain = detection(number)
    metadata = PatternMetadata(
        session_id(1),
        "test",
        f"pattern-{number}",
        more.get("conditions", [Condition("body_engulfs_previous_body", 1.25), Condition("a_rise_came_before", -0.5)]),
        more.get("explanation", UNSET),
    )
    found = StreamingPattern(
        type(plain)(
            symbol=more.get("symbol", "TSLA"),
            pattern_type=pattern_type,
            confidence=confidence,
            timestamp=plain.timestamp,
            timeframe="1min",
            bar_data=plain.bar_data,
            metadata=metadata,
        )
    )
    return message(Channel.PATTERNS, found)
