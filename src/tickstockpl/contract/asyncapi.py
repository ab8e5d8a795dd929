"""The contract as an AsyncAPI 3.0.0 document: channels, when each is published, messages, schemas."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import msgspec

from tickstockpl.contract.channels import HIGH_CONFIDENCE, MAX_BATCH, SPECIFIED_CHANNELS, Channel
from tickstockpl.contract.codec import EVENT_TYPES
from tickstockpl.contract.examples import EXAMPLES
from tickstockpl.contract.schema import JsonObject, definitions_below, event_name, payload

CONTRACT_VERSION: Final = "1.2.1"
"""Rises in the third place with a wording, in the second when a channel or an optional field is added, in the first
when a consumer must change."""

_SCHEMAS = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """What a channel is for.

    Attributes:
        key: its name in the document, and of its schema's file.
        title: a few words.
        published: when, in one or two sentences.
    """

    key: str
    title: str
    published: str


CHANNEL_INFO: MappingProxyType[Channel, ChannelInfo] = MappingProxyType(
    {
        Channel.SESSION_STARTED: ChannelInfo(
            "session_started",
            "A streaming session has started",
            "At the market's open, or when streaming is started by hand; before all other events of the session. A "
            "session that is taken up again after a restart announces itself again under its old session_id.",
        ),
        Channel.SESSION_STOPPED: ChannelInfo(
            "session_stopped",
            "A streaming session has ended",
            "At the market's close, when streaming is stopped by hand, or after a failure; after all other events of "
            "the session, with their totals.",
        ),
        Channel.PATTERNS: ChannelInfo(
            "patterns",
            "Candlestick patterns",
            f"As soon as a 1-minute bar has closed that completes one: each pattern as a message of its own, or, where "
            f"batches are switched on, 1 to {MAX_BATCH} together.",
        ),
        Channel.HIGH_CONFIDENCE_PATTERNS: ChannelInfo(
            "high_confidence_patterns",
            f"Candlestick patterns with a confidence of {HIGH_CONFIDENCE} or more",
            "After the same pattern on tickstock:patterns:streaming, with the same pattern_id.",
        ),
        Channel.INDICATORS: ChannelInfo(
            "indicators",
            "Indicator values",
            "After each 1-minute bar, for its symbol and each enabled indicator that has enough history.",
        ),
        Channel.INDICATOR_ALERTS: ChannelInfo(
            "indicator_alerts",
            "Threshold crossings",
            "On the bar on which an indicator, or the price, crosses its threshold; once per crossing.",
        ),
        Channel.HEALTH: ChannelInfo(
            "health",
            "Health of the streaming service",
            "Every 60 seconds of a session, and at once when the status changes.",
        ),
        Channel.CRITICAL_ALERTS: ChannelInfo(
            "critical_alerts",
            "Failures and recoveries",
            "When something fails that wants attention, and when it works again (recovery set, severity info).",
        ),
        Channel.BARS: ChannelInfo(
            "bars",
            "1-minute bars",
            "TickStockPL's own, beyond the specification: after each minute, the bars that were sealed.",
        ),
        Channel.FORMING_BARS: ChannelInfo(
            "forming_bars",
            "1-minute bars that are not over",
            "TickStockPL's own, beyond the specification: at most once a second, of the symbols that have traded "
            "since. Only where trades come in and the market is not played much faster than it is.",
        ),
        Channel.CHECKPOINT: ChannelInfo(
            "checkpoint",
            "Counts that make loss and latency visible",
            "TickStockPL's own, beyond the specification: after every burst of messages and at least once a second.",
        ),
    }
)
"""Every channel's description."""


def asyncapi_document() -> JsonObject:
    """The whole document, as plain dictionaries and lists."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "TickStockPL streaming events",
            "version": CONTRACT_VERSION,
            "description": (
                "What TickStockPL publishes on Redis pub/sub while a session runs. Messages are JSON in UTF-8; times "
                "are UTC in ISO 8601 with milliseconds and Z. Producers send exactly the fields of these schemas; "
                "consumers ignore fields that they do not know, so that some can be added later."
            ),
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": {info.key: _channel(channel, info) for channel, info in CHANNEL_INFO.items()},
        "operations": {f"publish_{info.key}": _operation(channel, info) for channel, info in CHANNEL_INFO.items()},
        "components": {
            "messages": {
                _message_key(channel, event): _message(channel, event)
                for channel in CHANNEL_INFO
                for event in _events(channel)
            },
            "schemas": definitions_below(_SCHEMAS),
        },
    }


def _events(channel: Channel) -> list[str]:
    return [event_name(event) for event in EVENT_TYPES[channel]]


def _channel(channel: Channel, info: ChannelInfo) -> JsonObject:
    return {
        "address": str(channel),
        "title": info.title,
        "description": info.published,
        "messages": {
            event: {"$ref": f"#/components/messages/{_message_key(channel, event)}"} for event in _events(channel)
        },
        "tags": [{"name": "specified" if channel in SPECIFIED_CHANNELS else "tickstockpl"}],
    }


def _operation(channel: Channel, info: ChannelInfo) -> JsonObject:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{info.key}"},
        "summary": info.title,
        "description": info.published,
        "messages": [{"$ref": f"#/channels/{info.key}/messages/{event}"} for event in _events(channel)],
    }


def _message_key(channel: Channel, event: str) -> str:
    """The two pattern channels carry the same events under different conditions: messages of their own."""
    return f"HighConfidence{event}" if channel is Channel.HIGH_CONFIDENCE_PATTERNS else event


def _message(channel: Channel, event: str) -> JsonObject:
    event_type = next(candidate for candidate in EVENT_TYPES[channel] if event_name(candidate) == event)
    return {
        "name": str(event_type.__struct_config__.tag),
        "title": " ".join((event_type.__doc__ or event).split("\n\n")[0].split()),
        "contentType": "application/json",
        "payload": payload(channel, event, _SCHEMAS),
        "examples": [{"payload": msgspec.to_builtins(EXAMPLES[event_type])}],
    }
