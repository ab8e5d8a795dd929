"""What the hub tells the page, in the words of ``docs/live-protocol.md``."""

from typing import Literal

import msgspec
from msgspec import Struct

from tickstockpl.contract.channels import Channel

SLOW_CLIENT = 4008
"""Close code: the client read too slowly and its queue was full."""

FRAME_INTERVAL_S = 0.025
"""Frames come at most this often."""

STATUS_INTERVAL_S = 1.0
"""The status comes at least this often."""

MAX_PATTERNS = 300
MAX_ALERTS = 300
MAX_CRITICAL = 50
MAX_HEALTH = 60

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


def encode_frame(kind: Literal["snapshot", "delta"], epoch: str, seq: int, fields: dict[str, object]) -> str:
    """One frame as JSON text; what is inside may be contract Structs."""
    return _encoder.encode({"type": kind, "epoch": epoch, "seq": seq, **fields}).decode()


MARKET_CHANNELS = tuple(channel for channel in Channel if channel is not Channel.CHECKPOINT)
"""The channels whose messages are counted against the checkpoint."""
