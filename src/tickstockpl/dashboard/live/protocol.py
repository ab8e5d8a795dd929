"""What the hub tells the page, in the words of ``docs/live-protocol.md``."""

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import Struct

SLOW_CLIENT = 4008
"""Close code: the client has read nothing for too long."""

SHORTEST_INTERVAL_S = 0.010
LONGEST_INTERVAL_S = 0.025
"""Frames follow each other no sooner than the first, and where a round over all clients takes long, by the second."""

STATUS_INTERVAL_S = 1.0
"""The status comes at least this often."""

MAX_PATTERNS = 300
MAX_ALERTS = 300
MAX_CRITICAL = 50
MAX_HEALTH = 60
"""What a snapshot holds, the newest."""

EVENTS_KEPT = 2_000
"""So many patterns, and so many alerts, are kept for who comes back or reads slowly; a page keeps as many."""


Fields = dict[str, object]
"""The fields of a snapshot or a delta, by name; values encode to JSON."""

FURTHER_OUTPUTS = {"MACD": ("signal", "histogram"), "BB": ("upper", "lower", "percent_b")}
"""Beside ``value``, what of an indicator's ``metadata`` the page is given."""


class Latency(Struct, frozen=True):
    """Checkpoint age on arrival over the last 60 s, milliseconds."""

    p50: int
    p95: int
    p99: int


class Totals(Struct):
    """What arrived in the running session."""

    patterns: int = 0
    indicators: int = 0
    alerts: int = 0
    bars: int = 0

    def raise_to(self, counted: Mapping[str, int]) -> None:
        """Where the tables have counted more, take that."""
        for name, total in counted.items():
            setattr(self, name, max(total, getattr(self, name)))


class Status(Struct, frozen=True):
    """How the stream is doing; the fields are described in ``docs/live-protocol.md``."""

    source: str | None
    speed: float | None
    market_time: str | None
    redis: Literal["connected", "lost"]
    producer_age_ms: int | None
    events_per_second: float
    latency_ms: Latency | None
    missed: int
    invalid: int
    last_invalid: str | None
    totals: Totals
    clients: int


def indicator_outputs(
    indicator: str, value: float, metadata: dict[str, int | float | str | None]
) -> dict[str, float | None]:
    """What the page shows of an indicator: its value and ``FURTHER_OUTPUTS``, with six decimals."""
    outputs: dict[str, float | None] = {"value": round(value, 6)}
    for name in FURTHER_OUTPUTS.get(indicator, ()):
        output = metadata.get(name)
        if isinstance(output, int | float):
            outputs[name] = round(output, 6)
    return outputs


_encoder = msgspec.json.Encoder()


def encode_frame(kind: Literal["snapshot", "delta"], numbers: dict[str, object], fields: Fields) -> bytes:
    """One frame as JSON; what is inside may be contract Structs.

    Args:
        kind: which.
        numbers: ``epoch`` and ``seq``, of a delta ``since`` too.
        fields: what it tells.
    """
    return _encoder.encode({"type": kind, **numbers, **fields})
