"""The catalog: what a producer looks for and computes, one entry per pattern, indicator and alert.

The producer stores its catalog, user definitions included, for each source that it streams. Whoever shows or filters
events reads names, meanings and thresholds there instead of listing them again.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

Direction = Literal["bullish", "bearish", "neutral"]
"""What a pattern is read as."""


class CatalogCondition(Struct, frozen=True):
    """A named condition of a pattern."""

    name: Annotated[str, Meta(description="As in a detection's metadata.conditions")]
    meaning: Annotated[str, Meta(description="What must hold, in words")]
    context: Annotated[bool, Meta(description="Whether it grades the pattern only; a detection does not depend on it")]


class CatalogPattern(Struct, frozen=True):
    """A candlestick pattern."""

    name: Annotated[str, Meta(description="The events' pattern_type")]
    title: Annotated[str, Meta(description="The name as people write it")]
    family: Annotated[str, Meta(description="Patterns of one kind, to group and filter by")]
    direction: Direction
    bars: Annotated[int, Meta(ge=1, description="How many bars form it")]
    history: Annotated[int, Meta(ge=1, description="Bars, its own included, until its averages are full")]
    meaning: Annotated[str, Meta(description="One sentence")]
    source: Annotated[
        str, Meta(description="Where it is defined: a function of TA-Lib and its sign, or a definition of one's own")
    ]
    default: Annotated[bool, Meta(description="Whether it belongs to the default set")]
    enabled: Annotated[bool, Meta(description="Whether this producer looks for it")]
    threshold: Annotated[float, Meta(ge=0, le=1, description="Confidence from which this producer publishes it")]
    conditions: list[CatalogCondition]


class CatalogParameter(Struct, frozen=True):
    """A parameter of an indicator."""

    name: str
    default: int | float
    minimum: int | float
    maximum: int | float


class CatalogIndicator(Struct, frozen=True):
    """An indicator."""

    name: Annotated[str, Meta(description="The events' indicator")]
    title: Annotated[str, Meta(description="The name as people write it")]
    family: Annotated[str, Meta(description="Indicators of one kind, to group and filter by")]
    inputs: Annotated[list[str], Meta(description="What of a bar it is computed from")]
    parameters: list[CatalogParameter]
    outputs: Annotated[list[str], Meta(description="The first is the event's value")]
    bars: Annotated[int, Meta(ge=1, description="Bars until the first value, with default parameters")]
    meaning: Annotated[str, Meta(description="One sentence")]
    source: Annotated[str, Meta(description="Where it is defined")]
    default: Annotated[bool, Meta(description="Whether the default set has an instance of it")]
    instances: Annotated[list[str], Meta(description="What this producer computes of it: SMA_20, SMA_200 ...")]


class CatalogAlert(Struct, frozen=True):
    """An indicator alert."""

    alert_type: str
    indicator: Annotated[str, Meta(description="The indicator that raises it")]
    direction: Literal["above", "below"]
    severity: Literal["info", "warning", "critical"]
    meaning: Annotated[str, Meta(description="One sentence")]


class Catalog(Struct, frozen=True):
    """All that a producer knows: enabled or not."""

    patterns: list[CatalogPattern]
    indicators: list[CatalogIndicator]
    alerts: list[CatalogAlert]


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Catalog)


def encode_catalog(catalog: Catalog) -> bytes:
    """Write a catalog as JSON."""
    return _encoder.encode(catalog)


def decode_catalog(text: bytes | str) -> Catalog:
    """Read a catalog.

    Raises:
        msgspec.ValidationError: if it is not one.
    """
    return _decoder.decode(text)
