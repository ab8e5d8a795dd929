"""What a session's analysis has to do without, as health tells it."""

from collections.abc import Callable

from tickstockpl.analysis.engine import SwitchedOff
from tickstockpl.feeds.base import FeedReport
from tickstockpl.market.builder import BarBuilder
from tickstockpl.market.inspection import BarInspector
from tickstockpl.streaming.health import Trouble
from tickstockpl.streaming.wording import one_line

LEFT_OUT_SHOWN_MS = 60_000
"""Market time for which health warns after the last thing that was left out; else the status would flutter."""


class TroubleWatch:
    """Looks at what was switched off and what was left out.

    Args:
        report: gives what the feed could not use.
        inspector: the bars that did not pass the edge.
    """

    def __init__(self, report: Callable[[], FeedReport], inspector: BarInspector) -> None:
        self._report = report
        self._inspector = inspector
        self._switched_off: list[Trouble] = []
        self._trades = _Tally()
        self._bars = _Tally()
        self._rows = _Tally()
        self._garbled = _Tally()
        self._conflated = _Tally()

    def start(self) -> None:
        """A session begins, with a builder that has left out no trade yet."""
        self._trades = _Tally()

    def switch_off(self, definition: SwitchedOff) -> None:
        """A definition raised: told for as long as the service runs without it."""
        named = one_line(f"{definition.kind} {definition.name} ({definition.reason})")
        self._switched_off.append(Trouble("warning", f"Switched off: {named}"))

    def look(self, builder: BarBuilder, market_ms: int) -> list[Trouble]:
        """All that is wrong now."""
        return [
            *self._switched_off,
            *self._left_out(builder, market_ms),
        ]

    def _left_out(self, builder: BarBuilder, market_ms: int) -> list[Trouble]:
        trades = builder.late_trades + builder.rejected_trades
        report = self._report()
        bars, rows = self._inspector.rejected, report.rejected
        told = []
        if self._trades.is_fresh(trades, market_ms):
            told.append(f"Trades late or unusable, left out of this session: {trades}")
        if self._bars.is_fresh(bars, market_ms):
            told.append(f"Rejected bars: {bars} ({self._inspector.newest})")
        if self._rows.is_fresh(rows, market_ms):
            first = f" ({one_line(report.messages[0])})" if report.messages else ""
            told.append(f"Rejected rows: {rows}{first}")
        if self._garbled.is_fresh(report.garbled, market_ms):
            told.append(f"Messages of the feed that could not be read: {report.garbled}")
        if self._conflated.is_fresh(report.conflated, market_ms):
            told.append(f"Trades merged because the service does not keep up: {report.conflated}")
        return [Trouble("warning", issue) for issue in told]


class _Tally:
    """A count of things that were left out, and until when that is news."""

    def __init__(self) -> None:
        self._count = 0
        self._until_ms = 0

    def is_fresh(self, count: int, market_ms: int) -> bool:
        if count > self._count:
            self._count = count
            self._until_ms = market_ms + LEFT_OUT_SHOWN_MS
        return market_ms < self._until_ms
