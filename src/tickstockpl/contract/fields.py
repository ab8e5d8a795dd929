"""The kinds of fields that events have: types with their grammar, bounds and descriptions."""

from math import inf, isfinite
from typing import Annotated, Literal

from msgspec import Meta

from tickstockpl.contract.timestamps import TIMESTAMP_PATTERN

SYMBOL_PATTERN = r"[A-Z0-9][A-Z0-9.\-]{0,9}"
"""The one grammar of a stock symbol (the tables hold ten characters)."""

# Python's $ would let a line break pass at the end; \Z does not. The JSON Schemas say $, which there means the same.
Timestamp = Annotated[
    str,
    Meta(
        pattern=rf"^{TIMESTAMP_PATTERN}\Z",
        description="UTC, ISO 8601 with milliseconds and Z",
        extra_json_schema={"format": "date-time"},
    ),
]
SessionId = Annotated[
    str,
    Meta(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z",
        description="UUID of the streaming session",
        extra_json_schema={"format": "uuid"},
    ),
]
Symbol = Annotated[str, Meta(pattern=rf"^{SYMBOL_PATTERN}\Z", description="Stock symbol, uppercase")]
Confidence = Annotated[float, Meta(ge=0.0, le=1.0, description="How clear-cut the pattern is, 0 to 1")]
Count = Annotated[int, Meta(ge=0)]
Price = Annotated[float, Meta(gt=0.0, description="US dollars per share")]
Timeframe = Literal["1min"]


def require_finite(what: str, *values: float) -> None:
    """Refuse NaN and infinity.

    Raises:
        ValueError: naming ``what`` was not finite.
    """
    for value in values:
        if not isfinite(value):
            raise ValueError(f"{what} was {value}; JSON can only carry a finite number")


def require_prices(open_: float, high: float, low: float, close: float) -> None:
    """Refuse prices that are not finite numbers above zero.

    Raises:
        ValueError: showing all four.
    """
    if not (0 < open_ < inf and 0 < high < inf and 0 < low < inf and 0 < close < inf):
        raise ValueError(f"prices were {open_}, {high}, {low}, {close}; each must be finite and above 0")
