"""Which events a channel carries, and reading them back."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import (
    Checkpoint,
    CriticalAlert,
    Event,
    FormingBars,
    IndicatorAlert,
    SessionStarted,
    SessionStopped,
    StreamingBars,
    StreamingHealth,
    StreamingIndicator,
    StreamingPattern,
    StreamingPatternsBatch,
)

EVENT_TYPES: Mapping[Channel, tuple[type[Event], ...]] = MappingProxyType(
    {
        Channel.SESSION_STARTED: (SessionStarted,),
        Channel.SESSION_STOPPED: (SessionStopped,),
        Channel.PATTERNS: (StreamingPattern, StreamingPatternsBatch),
        Channel.HIGH_CONFIDENCE_PATTERNS: (StreamingPattern, StreamingPatternsBatch),
        Channel.INDICATORS: (StreamingIndicator,),
        Channel.INDICATOR_ALERTS: (IndicatorAlert,),
        Channel.HEALTH: (StreamingHealth,),
        Channel.CRITICAL_ALERTS: (CriticalAlert,),
        Channel.BARS: (StreamingBars,),
        Channel.FORMING_BARS: (FormingBars,),
        Channel.CHECKPOINT: (Checkpoint,),
    }
)
"""The event types that may appear on each channel."""


class ContractError(ValueError):
    """A message that is not what its channel carries; says where and why."""


# Of a single tagged Struct msgspec would not require the tag, of a union it does.
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)

_carried: Mapping[str, tuple[type[Event], ...]] = {channel.value: types for channel, types in EVENT_TYPES.items()}


def decode(channel: str, payload: bytes | str) -> Event:
    """Read one message of a channel; fields that the contract does not name are ignored.

    Raises:
        ContractError: if the channel is not of the contract or the payload is not one of its events.
    """
    types = _carried.get(channel)
    if types is None:
        raise ContractError(f"channel {channel!r} is not one of the contract's")
    try:
        event = _decoder.decode(payload)
    except msgspec.DecodeError as error:  # ValidationError is one of its kinds
        raise ContractError(f"{channel}: {error}") from error
    except UnicodeError as error:
        raise ContractError(f"{channel}: not UTF-8: {error}") from error
    except RecursionError as error:
        raise ContractError(f"{channel}: nested too deeply") from error
    if not isinstance(event, types):
        raise ContractError(f"{channel}: carries no {event.__struct_config__.tag!r}")
    return event
