"""From columns to JSON and rows: the one place where a symbol's event becomes a message."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor, isnan
from typing import Final
from uuid import UUID

import msgspec
import numpy as np

from tickstockpl.analysis.engine import MinuteAnalysis, PatternColumns
from tickstockpl.analysis.indicators.bank import IndicatorColumns
from tickstockpl.contract.channels import HIGH_CONFIDENCE, MAX_BARS_PER_EVENT, Channel
from tickstockpl.contract.events import (
    Alert,
    AlertData,
    Bar,
    BarData,
    Calculation,
    Condition,
    Detection,
    IndicatorAlert,
    PatternMetadata,
    StreamingBars,
    StreamingIndicator,
    StreamingPattern,
    StreamingPatternsBatch,
    encode,
)
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.market.bars import MinuteBars
from tickstockpl.store.rows import AlertRow, BarRow, IndicatorRow, MinuteRows, PatternRow, RevisionRows
from tickstockpl.streaming.identity import pattern_id

DETECTION_METHOD = "DynamicPatternIndicatorLoader"
TIMEFRAME: Final = "1min"
MARGIN_DECIMALS = 6

LARGEST_STORED_VALUE = 99_999_999.9999
"""What the specified column DECIMAL(12,4) can hold. A larger value is stored as this, the true one in its metadata."""

BACKFILLED: Final = {"backfilled": True}
"""What marks the metadata of rows that come of a minute that was fetched afterwards."""

Message = tuple[Channel, bytes]
"""A channel and what goes out on it."""


@dataclass(frozen=True, slots=True)
class EncodedMinute:
    """A minute, ready to leave.

    Attributes:
        messages: in the order in which they go out: alerts, patterns, bars, indicators.
        rows: the same for the tables.
    """

    messages: list[Message]
    rows: MinuteRows


class MinuteEncoder:
    """Writes the minutes of one session.

    Args:
        symbols: the universe, in its order.
        source: where the bars came from.
        session: the session's id.
        pattern_batch: patterns per message; 1 sends each as an event of its own.
    """

    def __init__(self, symbols: Sequence[str], source: str, session: UUID, pattern_batch: int = 1) -> None:
        self._symbols = symbols
        self._source = source
        self._session = session
        self._session_text = str(session)
        self._pattern_batch = pattern_batch

    def encode(self, analysis: MinuteAnalysis, *, backfilled: bool = False) -> EncodedMinute:
        """Write one minute; of a backfilled one only the bars go out. Cost: about 5 µs an event."""
        bars = analysis.bars
        closed_at = to_iso(bars.close_ms)
        bar_rows = self._bar_rows(bars)
        symbols = [bar[0] for bar in bar_rows]
        detections = [
            detection for columns in analysis.patterns for detection in self._detections(columns, bar_rows, closed_at)
        ]
        alerts = list(_alerts(analysis, symbols, closed_at))
        calculations = [
            calculation for columns in analysis.indicators for calculation in _calculations(columns, symbols, closed_at)
        ]
        mark = BACKFILLED if backfilled else {}
        rows = MinuteRows(
            source=self._source,
            session_id=self._session_text,
            minute=to_iso(bars.minute_ms),
            closed_at=closed_at,
            bars=bar_rows,
            patterns=[_pattern_row(detection, mark) for detection in detections],
            indicators=[_indicator_row(calculation, mark) for calculation in calculations],
            alerts=[_alert_row(alert) for alert in alerts],
            backfilled=backfilled,
        )
        if backfilled:
            return EncodedMinute(list(_bar_messages(bar_rows, rows.minute, closed_at, backfilled=True)), rows)
        messages: list[Message] = [
            *((Channel.INDICATOR_ALERTS, encode(IndicatorAlert(alert))) for alert in alerts),
            *self._pattern_messages(detections, closed_at),
            *_bar_messages(bar_rows, rows.minute, closed_at),
            *((Channel.INDICATORS, encode(StreamingIndicator(calculation))) for calculation in calculations),
        ]
        return EncodedMinute(messages, rows)

    def revisions(self, bars: MinuteBars, received_ms: int) -> RevisionRows:
        """Bars of a minute that is out, as their source has them now."""
        return RevisionRows(
            self._source, self._session_text, to_iso(bars.minute_ms), to_iso(received_ms), self._bar_rows(bars)
        )

    def _bar_rows(self, bars: MinuteBars) -> list[BarRow]:
        return list(
            zip(
                [self._symbols[position] for position in bars.index.tolist()],
                bars.open.tolist(),
                bars.high.tolist(),
                bars.low.tolist(),
                bars.close.tolist(),
                bars.volume.tolist(),
                strict=True,
            )
        )

    def _detections(self, columns: PatternColumns, bar_rows: Sequence[BarRow], closed_at: str) -> Iterator[Detection]:
        names = columns.definition.margin_names
        exact = columns.margins.T
        rounded = np.round(exact, MARGIN_DECIMALS) + 0.0  # -0.0 would be written with its sign
        for row, confidence, exact_margins, margins in zip(
            columns.rows.tolist(), columns.confidence.tolist(), exact.tolist(), rounded.tolist(), strict=True
        ):
            symbol, open_, high, low, close, volume = bar_rows[row]
            yield Detection(
                symbol=symbol,
                pattern_type=columns.definition.name,
                confidence=confidence,
                timestamp=closed_at,
                timeframe=TIMEFRAME,
                bar_data=BarData(open_, high, low, close, volume),
                metadata=PatternMetadata(
                    session_id=self._session_text,
                    detection_method=DETECTION_METHOD,
                    pattern_id=pattern_id(self._session, symbol, columns.definition.name, closed_at),
                    conditions=[Condition(name, margin) for name, margin in zip(names, margins, strict=True)],
                    explanation=columns.definition.explain(exact_margins),
                ),
            )

    def _pattern_messages(self, detections: Sequence[Detection], closed_at: str) -> Iterator[Message]:
        if self._pattern_batch == 1:
            for detection in detections:
                payload = encode(StreamingPattern(detection))
                yield Channel.PATTERNS, payload
                if detection.confidence >= HIGH_CONFIDENCE:
                    yield Channel.HIGH_CONFIDENCE_PATTERNS, payload
            return
        high = [detection for detection in detections if detection.confidence >= HIGH_CONFIDENCE]
        for channel, chosen in ((Channel.PATTERNS, detections), (Channel.HIGH_CONFIDENCE_PATTERNS, high)):
            for batch in _batches(chosen, self._pattern_batch):
                yield channel, encode(StreamingPatternsBatch(batch, len(batch), closed_at))


def _batches(items: Sequence[Detection], size: int) -> Iterator[list[Detection]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])


def _bar_messages(
    bar_rows: Sequence[BarRow], minute: str, closed_at: str, *, backfilled: bool = False
) -> Iterator[Message]:
    for start in range(0, len(bar_rows), MAX_BARS_PER_EVENT):
        bars = [Bar(*row) for row in bar_rows[start : start + MAX_BARS_PER_EVENT]]
        yield Channel.BARS, encode(StreamingBars(minute, closed_at, TIMEFRAME, bars, backfilled or msgspec.UNSET))


def _calculations(columns: IndicatorColumns, symbols: Sequence[str], closed_at: str) -> Iterator[Calculation]:
    definition = columns.definition
    constants: dict[str, int | float | str | None] = {**definition.parameters, "instance": definition.instance}
    values = columns.outputs["value"].tolist()
    further = [name for name in columns.outputs if name != "value"]
    outputs: Iterable[tuple[float | None, ...]] = (
        zip(*(_without_nan(columns, name) for name in further), strict=True) if further else [()] * len(values)
    )
    for row, value, extra in zip(columns.rows.tolist(), values, outputs, strict=True):
        yield Calculation(
            symbol=symbols[row],
            indicator=definition.name,
            value=value,
            timestamp=closed_at,
            timeframe=TIMEFRAME,
            metadata={**constants, **dict(zip(further, extra, strict=True))},
        )


def _without_nan(columns: IndicatorColumns, name: str) -> list[float | None]:
    values = columns.outputs[name]
    if not np.isnan(values).any():
        return values.tolist()
    return [None if isnan(value) else value for value in values.tolist()]


def _alerts(analysis: MinuteAnalysis, symbols: Sequence[str], closed_at: str) -> Iterator[Alert]:
    for columns in analysis.alerts:
        for row, value, threshold in zip(
            columns.rows.tolist(), columns.value.tolist(), columns.threshold.tolist(), strict=True
        ):
            yield Alert(
                symbol=symbols[row],
                alert_type=columns.rule.alert_type,
                timestamp=closed_at,
                data=AlertData(columns.definition.name, value, threshold, columns.rule.direction),
                severity=columns.rule.severity,
            )


_to_json = msgspec.json.Encoder().encode


def stored_confidence(confidence: float) -> float:
    """A confidence as its column keeps it: two decimals, rounded down, so that only what is 0.8 becomes 0.8."""
    return floor(round(100 * confidence, 6)) / 100


def _pattern_row(detection: Detection, mark: Mapping[str, bool]) -> PatternRow:
    bar = detection.bar_data
    metadata = {**msgspec.to_builtins(detection.metadata), **mark} if mark else detection.metadata
    return (
        detection.symbol,
        detection.pattern_type,
        stored_confidence(detection.confidence),
        bar.open,
        bar.high,
        bar.low,
        bar.close,
        bar.volume,
        _to_json(metadata),
    )


def _indicator_row(calculation: Calculation, mark: Mapping[str, bool]) -> IndicatorRow:
    value = calculation.value
    metadata = {**calculation.metadata, **mark} if mark else calculation.metadata
    if abs(value) <= LARGEST_STORED_VALUE:
        return calculation.symbol, calculation.indicator, value, _to_json(metadata)
    bounded = LARGEST_STORED_VALUE if value > 0 else -LARGEST_STORED_VALUE
    return calculation.symbol, calculation.indicator, bounded, _to_json({**metadata, "exact_value": value})


def _alert_row(alert: Alert) -> AlertRow:
    data = alert.data
    return (
        alert.symbol,
        alert.alert_type,
        data.indicator,
        data.value,
        data.threshold,
        data.direction,
        alert.severity,
    )
