"""The JSON samples of the specification, as it gives them, each with the channel that it stands under.

The batch sample abbreviates its patterns with ``...``: filled here with the fields of the single sample.
"""

from tickstockpl.contract.channels import Channel

SESSION_STARTED = """
{
  "type": "streaming_session_started",
  "session": {
    "session_id": "550e8400-e29b-41d4-a716-446655440000",
    "universe": "market_leaders:top_500",
    "started_at": "2025-10-05T09:30:00.000Z",
    "symbol_count": 500,
    "status": "active"
  },
  "timestamp": "2025-10-05T09:30:00.000Z"
}
"""

SESSION_STOPPED = """
{
  "type": "streaming_session_stopped",
  "session": {
    "session_id": "550e8400-e29b-41d4-a716-446655440000",
    "stopped_at": "2025-10-05T16:00:00.000Z",
    "duration_seconds": 23400,
    "total_patterns": 1250,
    "total_indicators": 45000,
    "final_status": "completed"
  },
  "timestamp": "2025-10-05T16:00:00.000Z"
}
"""

PATTERN = """
{
  "type": "streaming_pattern",
  "detection": {
    "symbol": "NVDA",
    "pattern_type": "Doji",
    "confidence": 0.85,
    "timestamp": "2025-10-05T10:15:00.000Z",
    "timeframe": "1min",
    "bar_data": {
      "open": 125.50,
      "high": 125.75,
      "low": 125.45,
      "close": 125.52,
      "volume": 250000
    },
    "metadata": {
      "session_id": "550e8400-e29b-41d4-a716-446655440000",
      "detection_method": "DynamicPatternIndicatorLoader",
      "pattern_id": "uuid-pattern-specific"
    }
  }
}
"""

BATCH = """
{
  "type": "streaming_patterns_batch",
  "patterns": [
    {
      "symbol": "NVDA",
      "pattern_type": "Doji",
      "confidence": 0.85,
      "timestamp": "2025-10-05T10:15:00.000Z",
      "timeframe": "1min",
      "bar_data": {
        "open": 125.50,
        "high": 125.75,
        "low": 125.45,
        "close": 125.52,
        "volume": 250000
      },
      "metadata": {
        "session_id": "550e8400-e29b-41d4-a716-446655440000",
        "detection_method": "DynamicPatternIndicatorLoader",
        "pattern_id": "uuid-pattern-specific"
      }
    },
    {
      "symbol": "TSLA",
      "pattern_type": "Hammer",
      "confidence": 0.78,
      "timestamp": "2025-10-05T10:15:00.000Z",
      "timeframe": "1min",
      "bar_data": {
        "open": 125.50,
        "high": 125.75,
        "low": 125.45,
        "close": 125.52,
        "volume": 250000
      },
      "metadata": {
        "session_id": "550e8400-e29b-41d4-a716-446655440000",
        "detection_method": "DynamicPatternIndicatorLoader",
        "pattern_id": "uuid-pattern-specific"
      }
    }
  ],
  "count": 2,
  "batch_timestamp": "2025-10-05T10:15:01.000Z"
}
"""

INDICATOR = """
{
  "type": "streaming_indicator",
  "calculation": {
    "symbol": "TSLA",
    "indicator": "RSI",
    "value": 72.5,
    "timestamp": "2025-10-05T10:15:00.000Z",
    "timeframe": "1min",
    "metadata": {
      "period": 14,
      "overbought_threshold": 70,
      "oversold_threshold": 30
    }
  }
}
"""

INDICATOR_ALERT = """
{
  "type": "indicator_alert",
  "alert": {
    "symbol": "AAPL",
    "alert_type": "RSI_OVERBOUGHT",
    "timestamp": "2025-10-05T11:30:00.000Z",
    "data": {
      "indicator": "RSI",
      "value": 75.2,
      "threshold": 70,
      "direction": "above"
    },
    "severity": "warning"
  }
}
"""

HEALTH = """
{
  "type": "streaming_health",
  "health": {
    "status": "healthy",
    "timestamp": "2025-10-05T10:15:00.000Z",
    "active_symbols": 485,
    "connection_status": "connected",
    "data_flow": {
      "ticks_per_second": 125.3,
      "bars_per_minute": 480,
      "processing_lag_ms": 45
    },
    "resource_usage": {
      "cpu_percent": 35.2,
      "memory_mb": 512,
      "threads_active": 8
    },
    "issues": []
  }
}
"""

CRITICAL_ALERT = """
{
  "type": "critical_alert",
  "alert": {
    "severity": "critical",
    "message": "WebSocket connection lost to Massive",
    "timestamp": "2025-10-05T12:45:00.000Z",
    "component": "polygon_websocket",
    "action_required": "Manual intervention needed - check API credentials",
    "recovery": null
  }
}
"""

RECOVERY = """
{
  "type": "critical_alert",
  "alert": {
    "severity": "info",
    "message": "WebSocket connection restored",
    "timestamp": "2025-10-05T12:50:00.000Z",
    "component": "polygon_websocket",
    "action_required": null,
    "recovery": "Connection re-established successfully after 5 minutes"
  }
}
"""

SAMPLES: tuple[tuple[Channel, str], ...] = (
    (Channel.SESSION_STARTED, SESSION_STARTED),
    (Channel.SESSION_STOPPED, SESSION_STOPPED),
    (Channel.PATTERNS, PATTERN),
    (Channel.PATTERNS, BATCH),
    (Channel.HIGH_CONFIDENCE_PATTERNS, PATTERN),
    (Channel.INDICATORS, INDICATOR),
    (Channel.INDICATOR_ALERTS, INDICATOR_ALERT),
    (Channel.HEALTH, HEALTH),
    (Channel.CRITICAL_ALERTS, CRITICAL_ALERT),
    (Channel.CRITICAL_ALERTS, RECOVERY),
)

INCOMPLETE_PATTERN = '{"type":"streaming_pattern","detection":{"symbol":"TEST","pattern_type":"Doji","confidence":0.9}}'
"""What the specification publishes by hand with ``redis-cli``."""

EXPLAINED_PATTERN = PATTERN.replace(
    '"pattern_id": "uuid-pattern-specific"',
    """"pattern_id": "uuid-pattern-specific",
      "conditions": [
        { "name": "body_is_almost_nothing", "margin": 0.75 },
        { "name": "range_is_not_small", "margin": 1.5 }
      ],
      "explanation": "body 0.3 of a doji's; range 2.5 × the usual\"""",
)
"""The single pattern with the reasons that TickStockPL adds to it."""
