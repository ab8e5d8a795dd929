"""An example of each event: what the documents on the contract show."""

from types import MappingProxyType
from typing import Final

from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import (
    Alert,
    AlertData,
    Bar,
    BarData,
    Calculation,
    Checkpoint,
    Condition,
    Critical,
    CriticalAlert,
    DataFlow,
    Detection,
    Event,
    FormingBars,
    Health,
    IndicatorAlert,
    PatternMetadata,
    ResourceUsage,
    Session,
    SessionStarted,
    SessionStopped,
    SessionSummary,
    StreamingBars,
    StreamingHealth,
    StreamingIndicator,
    StreamingPattern,
    StreamingPatternsBatch,
)

_SESSION_ID: Final = "550e8400-e29b-41d4-a716-446655440000"
_OPEN: Final = "2025-10-06T13:30:00.000Z"
_BAR_START: Final = "2025-10-06T14:14:00.000Z"
_BAR_CLOSE: Final = "2025-10-06T14:15:00.000Z"
_SESSION: Final = Session(_SESSION_ID, "market_leaders:top_500", _OPEN, 500, "active")
_DETECTION: Final = Detection(
    symbol="NVDA",
    pattern_type="Doji",
    confidence=0.85,
    timestamp=_BAR_CLOSE,
    timeframe="1min",
    bar_data=BarData(125.5, 125.75, 125.45, 125.52, 250_000),
    metadata=PatternMetadata(
        session_id=_SESSION_ID,
        detection_method="DynamicPatternIndicatorLoader",
        pattern_id="0c60ccbc-0009-5462-81ac-362938bb3a69",
        conditions=[Condition("body_is_almost_nothing", 0.21875), Condition("after_a_move", 0.09542)],
        explanation="body 7.8 % of a usual range; after a move of 2.6 ranges within 10 bars",
    ),
)
_COUNTS: Final = {channel.value: 0 for channel in Channel}

EXAMPLES: Final[MappingProxyType[type[Event], Event]] = MappingProxyType(
    {
        type(event): event
        for event in (
            SessionStarted(_SESSION, _OPEN),
            SessionStopped(
                SessionSummary(_SESSION_ID, "2025-10-06T20:00:00.000Z", 23_400, 1_250, 1_168_500, "completed"),
                "2025-10-06T20:00:00.000Z",
            ),
            StreamingPattern(_DETECTION),
            StreamingPatternsBatch([_DETECTION], 1, _BAR_CLOSE),
            StreamingIndicator(
                Calculation(
                    "TSLA", "RSI", 72.5, _BAR_CLOSE, "1min",
                    {"period": 14, "overbought_threshold": 70.0, "oversold_threshold": 30.0, "instance": "RSI_14"},
                )
            ),
            IndicatorAlert(
                Alert("AAPL", "RSI_OVERBOUGHT", _BAR_CLOSE, AlertData("RSI", 75.2, 70.0, "above"), "warning")
            ),
            StreamingHealth(
                Health(
                    "healthy", _BAR_CLOSE, 485, "connected",
                    DataFlow(125.3, 480, 45), ResourceUsage(35.2, 512, 8), [],
                )
            ),
            CriticalAlert(
                Critical(
                    "critical", "WebSocket connection lost to Massive", _BAR_CLOSE, "polygon_websocket",
                    "Check the network and the API key", None,
                )
            ),
            StreamingBars(_BAR_START, _BAR_CLOSE, "1min", [Bar("NVDA", 125.5, 125.75, 125.45, 125.52, 250_000)]),
            FormingBars(
                _BAR_START, "2025-10-06T14:14:20.000Z", "1min", [Bar("NVDA", 125.5, 125.6, 125.45, 125.58, 81_200)]
            ),
            Checkpoint(
                service_id="5585260b-652e-4e0f-9520-c85ff85f2afe",
                sequence=2_746,
                counts=_COUNTS | {Channel.SESSION_STARTED.value: 1, Channel.CHECKPOINT.value: 2_746},
                source="massive",
                speed=1.0,
                market_time="2025-10-06T14:15:00.412Z",
                session=_SESSION,
                timestamp="2025-10-06T14:15:00.412Z",
            ),
        )
    }
)  # fmt: skip
"""By the event's type."""
