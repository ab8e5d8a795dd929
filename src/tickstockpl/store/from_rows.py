"""Rows of :mod:`tickstockpl.store.selects` as the contract's objects, and as the records beside them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec
import structlog

from tickstockpl.contract.events import (
    Alert,
    AlertData,
    BarData,
    Calculation,
    Condition,
    Critical,
    DataFlow,
    Detection,
    PatternMetadata,
)
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.store.records import (
    HealthRecord,
    PatternFigures,
    RecordedResources,
    SessionFigures,
    SessionRecord,
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

Row = tuple[Any, ...]
Found = TypeVar("Found")

_log = structlog.get_logger(__name__)


def sound(build: Callable[[Row], Found], rows: Iterable[Row]) -> list[Found]:
    """What the rows say, without those that the contract does not allow: another producer's, or prices below a cent."""
    found = []
    unsound = 0
    for row in rows:
        try:
            found.append(build(row))
        except (TypeError, ValueError):  # a null, a number that is not finite, a price rounded to zero
            unsound += 1
    if unsound:
        _log.warning("rows left out: the contract does not allow them", rows=unsound)
    return found


def iso(moment: datetime) -> str:
    """A moment as the contract writes it."""
    return to_iso((moment - _EPOCH) // _MILLISECOND)


def moment(epoch_ms: int) -> datetime:
    """A moment as the database has it."""
    return _EPOCH + epoch_ms * _MILLISECOND


def session(row: Row) -> SessionRecord:
    """Of ``SESSIONS`` and ``SESSION``."""
    session_id, universe, source, started_at, stopped_at, symbols, patterns, indicators, final_status = row
    return SessionRecord(
        session_id=session_id,
        universe=universe,
        source=source,
        started_at=iso(started_at),
        stopped_at=None if stopped_at is None else iso(stopped_at),
        symbol_count=symbols,
        total_patterns=patterns or 0,
        total_indicators=indicators or 0,
        final_status=final_status,
    )


def detection(row: Row) -> Detection:
    """Of ``PATTERNS``."""
    row_id, session_id, detected_at, symbol, pattern_type, confidence, open_, high, low, close, volume, metadata = row
    known = metadata if isinstance(metadata, dict) else {}
    return Detection(
        symbol=symbol,
        pattern_type=pattern_type,
        confidence=confidence,
        timestamp=iso(detected_at),
        timeframe="1min",
        bar_data=BarData(open_, high, low, close, volume),
        metadata=PatternMetadata(
            session_id=session_id,
            detection_method=str(known.get("detection_method", "")),
            pattern_id=str(known.get("pattern_id", f"row-{row_id}")),
            conditions=_conditions(known.get("conditions")),
            explanation=explanation if isinstance(explanation := known.get("explanation"), str) else msgspec.UNSET,
        ),
    )


def _conditions(stored: object) -> list[Condition] | msgspec.UnsetType:
    try:
        return msgspec.convert(stored, list[Condition])
    except msgspec.ValidationError:  # another producer's metadata, or none
        return msgspec.UNSET


def calculation(row: Row) -> Calculation:
    """Of ``INDICATORS``, ``INDICATOR_SERIES`` and ``SESSION_INDICATORS``."""
    symbol, indicator, value, calculated_at, metadata = row
    return Calculation(
        symbol=symbol,
        indicator=indicator,
        value=value,
        timestamp=iso(calculated_at),
        timeframe="1min",
        metadata=metadata if isinstance(metadata, dict) else {},
    )


def alert(row: Row) -> Alert:
    """Of ``ALERTS``."""
    _, _, triggered_at, symbol, alert_type, indicator, value, threshold, direction, severity = row
    return Alert(symbol, alert_type, iso(triggered_at), AlertData(indicator, value, threshold, direction), severity)


def critical(row: Row) -> Critical:
    """Of ``CRITICAL_ALERTS`` and ``ALL_CRITICAL_ALERTS``."""
    _, _, raised_at, severity, message, component, action_required, recovery = row
    return Critical(severity, message, iso(raised_at), component, action_required, recovery)


def health(row: Row) -> HealthRecord:
    """Of ``HEALTH`` and ``SESSION_HEALTH``."""
    _, _, measured_at, status, symbols, ticks, bars, lag_ms, cpu_percent, memory_mb, issues = row
    return HealthRecord(
        status=status,
        timestamp=iso(measured_at),
        active_symbols=symbols or 0,
        connection_status=None,
        data_flow=DataFlow(ticks or 0.0, bars or 0, lag_ms or 0),
        resource_usage=RecordedResources(cpu_percent or 0.0, memory_mb or 0),
        issues=[str(issue) for issue in issues] if isinstance(issues, list) else [],
    )


def session_figures(patterns: Iterable[Row], alerts: Iterable[Row]) -> SessionFigures:
    """Of ``SUMMARY_PATTERNS`` and ``SUMMARY_ALERTS``."""
    figures = SessionFigures({}, {}, {}, {}, {}, {})
    for pattern_type, symbol, hour, count, high, mean in patterns:
        if hour is not None:
            figures.hour_patterns.setdefault(iso(hour), {})[pattern_type] = count
        elif symbol is not None:
            figures.symbol_patterns[symbol] = count
        else:
            figures.patterns[pattern_type] = PatternFigures(count, high, mean)
    for alert_type, symbol, hour, count in alerts:
        if hour is not None:
            figures.hour_alerts[iso(hour)] = count
        elif symbol is not None:
            figures.symbol_alerts[symbol] = count
        else:
            figures.alerts[alert_type] = count
    return figures
