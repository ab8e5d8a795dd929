"""The events, as frozen Structs that encode to exactly the specification's JSON.

Every Struct writes all of its fields, ``null`` included, in the specification's order. Times are strings in the form
of :mod:`tickstockpl.contract.timestamps`, prices and indicator values full doubles, volumes whole shares.

JSON has no NaN and no infinity (msgspec would write ``null``): a Struct that holds a computed number refuses to be made
with one that is not finite.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from tickstockpl.contract.channels import MAX_BARS_PER_EVENT, MAX_BATCH
from tickstockpl.contract.fields import (
    Confidence,
    Count,
    Price,
    SessionId,
    Symbol,
    Timeframe,
    Timestamp,
    require_finite,
    require_prices,
)
from tickstockpl.contract.timestamps import from_iso


class Session(Struct, frozen=True):
    """A streaming session that has started."""

    session_id: SessionId
    universe: str
    started_at: Timestamp
    symbol_count: Count
    status: Literal["active"]


class SessionStarted(Struct, frozen=True, tag_field="type", tag="streaming_session_started"):
    """Market open, or a manual start."""

    session: Session
    timestamp: Timestamp


class SessionSummary(Struct, frozen=True):
    """What a session came to."""

    session_id: SessionId
    stopped_at: Timestamp
    duration_seconds: Count
    total_patterns: Count
    total_indicators: Count
    final_status: Literal["completed", "stopped", "failed"]


class SessionStopped(Struct, frozen=True, tag_field="type", tag="streaming_session_stopped"):
    """Market close, a manual stop, or a failure of the service."""

    session: SessionSummary
    timestamp: Timestamp


class BarData(Struct, frozen=True):
    """The bar that completed a pattern."""

    open: Price
    high: Price
    low: Price
    close: Price
    volume: Count

    def __post_init__(self) -> None:
        require_prices(self.open, self.high, self.low, self.close)


class Condition(Struct, frozen=True):
    """One named condition of a pattern and how clearly it held."""

    name: str
    margin: Annotated[float, Meta(description="Dimensionless distance from the condition's boundary; above 0 holds")]

    def __post_init__(self) -> None:
        require_finite("a condition's margin", self.margin)


Explanation = Annotated[
    str,
    Meta(
        description="Why, in one line of words",
        examples=["lower shadow 3.1 × body; almost no upper shadow; after a fall of 1.4 ranges"],
    ),
]


class PatternMetadata(Struct, frozen=True):
    """Where a detection comes from and, beyond the specification, why it was made."""

    session_id: SessionId
    detection_method: str
    pattern_id: str
    conditions: list[Condition] | UnsetType = UNSET
    explanation: Explanation | UnsetType = UNSET


class Detection(Struct, frozen=True):
    """A candlestick pattern found on a symbol's 1-minute bar."""

    symbol: Symbol
    pattern_type: str
    confidence: Confidence
    timestamp: Timestamp
    timeframe: Timeframe
    bar_data: BarData
    metadata: PatternMetadata

    def __post_init__(self) -> None:
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"confidence was {self.confidence}; it must lie within 0 and 1")


class StreamingPattern(Struct, frozen=True, tag_field="type", tag="streaming_pattern"):
    """One detection."""

    detection: Detection


class StreamingPatternsBatch(Struct, frozen=True, tag_field="type", tag="streaming_patterns_batch"):
    """Several detections of one minute in one message."""

    patterns: Annotated[list[Detection], Meta(min_length=1, max_length=MAX_BATCH)]
    count: Annotated[int, Meta(ge=1, le=MAX_BATCH)]
    batch_timestamp: Timestamp


class Calculation(Struct, frozen=True):
    """An indicator's value after a bar.

    ``metadata`` holds the indicator's parameters, its further outputs (MACD's signal and histogram, the upper and
    lower band) and ``instance``, the name that tells SMA_20 from SMA_200.
    """

    symbol: Symbol
    indicator: str
    value: float
    timestamp: Timestamp
    timeframe: Timeframe
    metadata: dict[str, int | float | str | None]

    def __post_init__(self) -> None:
        require_finite("an indicator's value", self.value)


class StreamingIndicator(Struct, frozen=True, tag_field="type", tag="streaming_indicator"):
    """One indicator of one symbol, after each of its 1-minute bars."""

    calculation: Calculation


AlertType = Literal[
    "RSI_OVERBOUGHT",
    "RSI_OVERSOLD",
    "MACD_BULLISH_CROSS",
    "MACD_BEARISH_CROSS",
    "BB_UPPER_BREAK",
    "BB_LOWER_BREAK",
]


class AlertData(Struct, frozen=True):
    """What crossed what."""

    indicator: str
    value: float
    threshold: float
    direction: Literal["above", "below"]

    def __post_init__(self) -> None:
        require_finite("an alert's value or threshold", self.value, self.threshold)


class Alert(Struct, frozen=True):
    """A crossing that happened on this bar."""

    symbol: Symbol
    alert_type: AlertType
    timestamp: Timestamp
    data: AlertData
    severity: Literal["info", "warning", "critical"]


class IndicatorAlert(Struct, frozen=True, tag_field="type", tag="indicator_alert"):
    """An indicator, or the price, crossed a threshold."""

    alert: Alert


ConnectionStatus = Literal["connected", "disconnected", "reconnecting"]
HealthStatus = Literal["healthy", "warning", "critical"]


class DataFlow(Struct, frozen=True):
    """How much comes in and how late it goes out."""

    ticks_per_second: Annotated[float, Meta(ge=0.0)]
    bars_per_minute: Count
    processing_lag_ms: Count

    def __post_init__(self) -> None:
        require_finite("ticks_per_second", self.ticks_per_second)


class ResourceUsage(Struct, frozen=True):
    """What the service takes of its machine."""

    cpu_percent: Annotated[float, Meta(ge=0.0, le=100.0)]
    memory_mb: Count
    threads_active: Count

    def __post_init__(self) -> None:
        require_finite("cpu_percent", self.cpu_percent)


class Health(Struct, frozen=True):
    """A measurement of the service."""

    status: HealthStatus
    timestamp: Timestamp
    active_symbols: Count
    connection_status: ConnectionStatus
    data_flow: DataFlow
    resource_usage: ResourceUsage
    issues: list[str]


class StreamingHealth(Struct, frozen=True, tag_field="type", tag="streaming_health"):
    """Every 60 s of a session, and at once when the status changes."""

    health: Health


class Critical(Struct, frozen=True):
    """A failure, or the recovery from one."""

    severity: Literal["info", "warning", "error", "critical"]
    message: str
    timestamp: Timestamp
    component: str
    action_required: str | None
    recovery: str | None


class CriticalAlert(Struct, frozen=True, tag_field="type", tag="critical_alert"):
    """A failure that wants attention, or (``recovery`` set, severity ``info``) its end."""

    alert: Critical


class Bar(Struct, frozen=True):
    """A symbol's sealed 1-minute bar."""

    symbol: Symbol
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Count

    def __post_init__(self) -> None:
        require_prices(self.open, self.high, self.low, self.close)


class StreamingBars(Struct, frozen=True, tag_field="type", tag="streaming_bars"):
    """The bars of one minute. ``minute`` is their start, ``timestamp`` their close.

    ``backfilled`` is there, and true, where they were not heard live and fetched afterwards, minutes old. What was
    found in them is in the tables, and not sent.
    """

    minute: Timestamp
    timestamp: Timestamp
    timeframe: Timeframe
    bars: Annotated[list[Bar], Meta(min_length=1, max_length=MAX_BARS_PER_EVENT)]
    backfilled: bool | UnsetType = UNSET


class FormingBars(Struct, frozen=True, tag_field="type", tag="streaming_forming_bars"):
    """Bars of the minute that runs, as they stand: of the symbols that have traded since the message before.

    ``minute`` is their start, ``timestamp`` the market's time. What becomes of them is in :class:`StreamingBars` when
    the minute is over, and nothing else is computed from them.
    """

    minute: Timestamp
    timestamp: Timestamp
    timeframe: Timeframe
    bars: Annotated[list[Bar], Meta(min_length=1, max_length=MAX_BARS_PER_EVENT)]


class Checkpoint(Struct, frozen=True, tag_field="type", tag="streaming_checkpoint"):
    """How many messages each channel has carried, after every burst and at least once a second.

    A subscriber that counts what it receives between two checkpoints of the same ``service_id`` knows exactly what it
    missed, and ``timestamp`` (the wall clock when it was sent) tells how late the burst before it is.
    """

    service_id: Annotated[str, Meta(description="New each time the service starts; counts begin at 0 with it")]
    sequence: Annotated[int, Meta(ge=1, description="Number of this checkpoint, rising by one")]
    counts: Annotated[dict[str, Count], Meta(description="Messages sent since the service started, by channel name")]
    source: Annotated[str, Meta(description="massive, redis, replay:NAME or simulator:RUN")]
    speed: Annotated[
        float | None,
        Meta(description="Market seconds per wall second; null when the market is played as fast as possible"),
    ]
    market_time: Timestamp
    session: Session | None
    timestamp: Timestamp

    def __post_init__(self) -> None:
        # Subscribers reckon with these two, so they must be times that exist and not only look like some.
        from_iso(self.market_time)
        from_iso(self.timestamp)
        if self.speed is not None:
            require_finite("speed", self.speed)


Event = (
    SessionStarted
    | SessionStopped
    | StreamingPattern
    | StreamingPatternsBatch
    | StreamingIndicator
    | IndicatorAlert
    | StreamingHealth
    | CriticalAlert
    | StreamingBars
    | FormingBars
    | Checkpoint
)

_encoder = msgspec.json.Encoder()


def encode(event: Event) -> bytes:
    """Write an event as the JSON that goes on its channel."""
    return _encoder.encode(event)
