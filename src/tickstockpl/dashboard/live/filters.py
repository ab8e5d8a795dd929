"""What of the stream a client wants: those who want the same share one encoding of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tickstockpl.dashboard.live.protocol import Fields
from tickstockpl.dashboard.live.symbols import is_symbol
from tickstockpl.errors import TickStockError

PARTS: Final = ("patterns", "alerts", "critical", "health", "symbols")
"""What can be left out. Session, status and gaps always come."""

MAX_SYMBOLS_ASKED: Final = 1_000

_PART_OF: Final = {"health_history": "health", "acknowledgements": "critical"}


class FilterError(TickStockError):
    """What a client asks for is not to be had."""


@dataclass(frozen=True, slots=True)
class StreamFilter:
    """What a client wants; equal ones are told the same bytes.

    Attributes:
        parts: of :data:`PARTS`.
        symbols: only these in patterns, alerts and symbols; ``None`` is all.
        min_confidence: of patterns, 0 to 1.
    """

    parts: frozenset[str] = frozenset(PARTS)
    symbols: frozenset[str] | None = None
    min_confidence: float = 0.0

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == EVERYTHING

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "StreamFilter":
        """Read ``parts``, ``symbols`` (both separated by commas) and ``min_confidence`` of an address.

        Raises:
            FilterError: if one of them is none.
        """
        return cls(_parts(query.get("parts")), _symbols(query.get("symbols")), _confidence(query.get("min_confidence")))

    def apply(self, fields: Fields) -> Fields:
        """What this client wants of it."""
        if self.is_everything:
            return fields
        kept: Fields = {}
        for name, value in fields.items():
            if _PART_OF.get(name, name) in PARTS and _PART_OF.get(name, name) not in self.parts:
                continue
            if name == "repaired" and isinstance(value, dict):
                value = self.apply(value)
                if not value:
                    continue
            elif name in ("patterns", "alerts") and isinstance(value, list):
                value = self._events(name, value)
            elif name == "symbols" and self.symbols is not None and isinstance(value, dict):
                value = {symbol: value[symbol] for symbol in self.symbols & value.keys()}
            kept[name] = value
        return kept

    def _events(self, name: str, events: list[Any]) -> list[Any]:
        tests: list[Callable[[Any], bool]] = []
        if self.symbols is not None:
            symbols = self.symbols
            tests.append(lambda event: event.symbol in symbols)
        if name == "patterns" and self.min_confidence > 0:
            tests.append(lambda event: event.confidence >= self.min_confidence)
        return [event for event in events if all(test(event) for test in tests)]


EVERYTHING: Final = StreamFilter()


def _parts(text: str | None) -> frozenset[str]:
    if text is None:
        return frozenset(PARTS)
    parts = frozenset(part for part in text.split(",") if part)
    if unknown := sorted(parts - set(PARTS)):
        raise FilterError(f"parts has {unknown[0][:20]!r}; there are {', '.join(PARTS)}")
    return parts


def _symbols(text: str | None) -> frozenset[str] | None:
    if text is None:
        return None
    symbols = frozenset(symbol for symbol in text.split(",") if symbol)
    if wrong := sorted(symbol for symbol in symbols if not is_symbol(symbol)):
        raise FilterError(f"symbols has {wrong[0][:20]!r}, which is none; write such as NVDA,BRK.B")
    if not 0 < len(symbols) <= MAX_SYMBOLS_ASKED:
        raise FilterError(f"symbols has {len(symbols)}; write 1 to {MAX_SYMBOLS_ASKED}, or leave it out for all")
    return symbols


def _confidence(text: str | None) -> float:
    if text is None:
        return 0.0
    try:
        confidence = float(text)
    except ValueError:
        confidence = -1.0
    if not 0 <= confidence <= 1:
        raise FilterError(f"min_confidence is {text[:20]!r}; write a number from 0 to 1")
    return confidence
