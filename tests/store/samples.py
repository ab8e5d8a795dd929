"""Jobs for the store's tests."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from tickstockpl.contract.timestamps import to_iso
from tickstockpl.store.rows import BarRow, MinuteRows, SessionClosing, SessionOpening

OPEN = datetime(2025, 10, 6, 13, 30, tzinfo=UTC)
SOURCE = "replay:sample"


def session_id(number: int = 1) -> str:
    return str(UUID(int=number))


def at(minute: int) -> str:
    return to_iso(int((OPEN + timedelta(minutes=minute)).timestamp() * 1000))


def opening(
    number: int = 1, source: str = SOURCE, ordinal: int | None = None, universe: str = "demo:test"
) -> SessionOpening:
    return SessionOpening(
        session_id(number), universe, at(0), 3, source, date(2025, 10, 6), number if ordinal is None else ordinal
    )


def closing(number: int = 1, patterns: int = 0, indicators: int = 0) -> SessionClosing:
    return SessionClosing(session_id(number), at(390), patterns, indicators, "completed")


def bar(symbol: str, close: float = 10.5) -> BarRow:
    return (symbol, 10.0, 11.0, 9.0, close, 1200)


def minute(
    number: int,
    session: int = 1,
    source: str = SOURCE,
    symbols: tuple[str, ...] = ("AAA", "BRK.B", "C-P"),
    close: float = 10.5,
    indicators: int = 2,
) -> MinuteRows:
    return MinuteRows(
        source=source,
        session_id=session_id(session),
        minute=at(number),
        closed_at=at(number + 1),
        bars=[bar(symbol, close) for symbol in symbols],
        patterns=[(symbols[0], "Doji", 0.854, 10.0, 11.0, 9.0, close, 1200, b'{"why": "a\\\\b\\t"}')],
        indicators=[
            (symbol, name, 55.123456, b'{"period":14}') for symbol in symbols for name in ("RSI", "SMA")[:indicators]
        ],
        alerts=[(symbols[-1], "RSI_OVERBOUGHT", "RSI", 75.2, 70.0, "above", "warning")],
    )
