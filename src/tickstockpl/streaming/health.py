"""How the service is doing, measured."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
import psutil

from tickstockpl.clock import monotonic_s
from tickstockpl.contract.events import (
    ConnectionStatus,
    DataFlow,
    Health,
    HealthStatus,
    ResourceUsage,
)
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.settings import Settings
from tickstockpl.store.rows import HealthRow
from tickstockpl.streaming.cpu import CpuMeter
from tickstockpl.streaming.latch import Latch

ACTIVE_MINUTES = 5
"""A symbol is active if it had a bar within so many minutes of session time."""

TICK_WINDOW_MS = 60_000
"""Session time over which ticks per second are averaged."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is not as it should be."""

    status: HealthStatus
    issue: str


class HealthMonitor:
    """Counts what passes, and measures the service when asked; ``docs/health.md`` defines every figure.

    Args:
        symbol_count: how many symbols the universe has.
        settings: the thresholds.
        hold_s: how long a figure must have been back before it is no trouble any more, wall seconds.
    """

    def __init__(self, symbol_count: int, settings: Settings, hold_s: float) -> None:
        self._settings = settings
        self._hold_s = hold_s
        self._process = psutil.Process()
        self._cpu = CpuMeter(psutil.cpu_count() or 1)
        self._cpu_is_high = Latch.above(settings.cpu_warning_percent, hold_s)
        self._last_bar_ms = np.full(symbol_count, -1, dtype=np.int64)
        self._ticks: deque[tuple[int, int]] = deque()
        self.start(0)

    def start(self, market_ms: int) -> None:
        """A session begins."""
        self._started_ms = market_ms
        self._ticks.clear()
        self._bar_minute_ms, self._bar_count = -1, 0
        self._lag_ms = self._newest_lag_ms = 0.0
        self._lag_was_measured = False
        self._lag_is_high: dict[HealthStatus, Latch] = {
            "critical": Latch.above(self._settings.lag_critical_ms, self._hold_s),
            "warning": Latch.above(self._settings.lag_warning_ms, self._hold_s),
        }

    def count_ticks(self, market_ms: int, ticks: int) -> None:
        """Trades (or bars) have come in; those from before the session's start were not live."""
        if market_ms > self._started_ms:
            self._ticks.append((market_ms, ticks))
        self._forget_ticks(market_ms)

    def count_bars(self, bars: MinuteBars) -> None:
        """A minute has been sealed."""
        self._last_bar_ms[bars.index] = bars.minute_ms
        self._bar_minute_ms, self._bar_count = bars.minute_ms, len(bars)

    def count_lag(self, lag_ms: float) -> None:
        """A minute has gone out, so much after its close."""
        self._lag_ms = lag_ms if self._lag_was_measured else max(self._lag_ms, lag_ms)
        self._lag_was_measured = False
        self._newest_lag_ms = lag_ms
        self._update_lag(monotonic_s())

    def troubles(self) -> list[Trouble]:
        """What is wrong with the service's own figures now."""
        now_s = monotonic_s()
        self._cpu.sample(now_s)
        if self._cpu.is_settled:
            self._cpu_is_high.update(self._cpu.percent, now_s)
        self._update_lag(now_s)
        return [*self._of_the_lag(), *self._of_the_cpu()]

    def measure(
        self, market_ms: int, complete_ms: int, connection: ConnectionStatus, troubles: Sequence[Trouble]
    ) -> Health:
        """Measure now, and begin the next span.

        Args:
            market_ms: the market's time.
            complete_ms: up to which the feed has handed everything over; the bars of later minutes are still to come.
            connection: the feed's.
            troubles: all that is wrong, :meth:`troubles` among it.
        """
        self._forget_ticks(market_ms)
        complete_ms = max(complete_ms, market_ms - MINUTE_MS)
        newest_minute_ms = complete_ms - complete_ms % MINUTE_MS - MINUTE_MS
        elapsed_ms = max(1, min(TICK_WINDOW_MS, market_ms - self._started_ms))
        health = Health(
            status=worst(troubles),
            timestamp=to_iso(market_ms),
            active_symbols=int((self._last_bar_ms >= market_ms - (ACTIVE_MINUTES + 1) * MINUTE_MS).sum()),
            connection_status=connection,
            data_flow=DataFlow(
                ticks_per_second=round(sum(ticks for _, ticks in self._ticks) * 1000 / elapsed_ms, 1),
                bars_per_minute=self._bar_count if self._bar_minute_ms >= newest_minute_ms else 0,
                processing_lag_ms=round(self._lag_ms),
            ),
            resource_usage=ResourceUsage(
                cpu_percent=self._cpu.percent,
                memory_mb=self._process.memory_info().rss >> 20,
                threads_active=self._process.num_threads(),
            ),
            issues=[trouble.issue for trouble in sorted(troubles, key=lambda trouble: _WORST_FIRST[trouble.status])],
        )
        self._lag_was_measured = True
        return health

    def _forget_ticks(self, market_ms: int) -> None:
        while self._ticks and self._ticks[0][0] <= market_ms - TICK_WINDOW_MS:
            self._ticks.popleft()

    def _update_lag(self, now_s: float) -> None:
        for latch in self._lag_is_high.values():
            latch.update(self._newest_lag_ms, now_s)

    def _of_the_lag(self) -> list[Trouble]:
        for (status, latch), threshold_ms in zip(
            self._lag_is_high.items(), (self._settings.lag_critical_ms, self._settings.lag_warning_ms), strict=True
        ):
            if latch.is_on and self._newest_lag_ms > threshold_ms:
                return [Trouble(status, f"Processing lag above threshold: {self._lag_ms:.0f}ms")]
            if latch.is_on:
                now = f"now {self._newest_lag_ms:.0f}ms"
                return [Trouble(status, f"Processing lag was above threshold: {latch.worst:.0f}ms, {now}")]
        return []

    def _of_the_cpu(self) -> list[Trouble]:
        percent, latch = self._cpu.percent, self._cpu_is_high
        if not latch.is_on:
            return []
        if percent > self._settings.cpu_warning_percent:
            return [Trouble("warning", f"High CPU usage: {percent:.0f}%")]
        return [Trouble("warning", f"CPU usage was high: {latch.worst:.0f}%, now {percent:.0f}%")]


_WORST_FIRST: Final[Mapping[HealthStatus, int]] = {"critical": 0, "warning": 1, "healthy": 2}


def worst(troubles: Iterable[Trouble]) -> HealthStatus:
    """The status that the worst of several troubles makes."""
    return min((trouble.status for trouble in troubles), key=_WORST_FIRST.__getitem__, default="healthy")


def health_row(session_id: str, health: Health) -> HealthRow:
    """A measurement as the table holds it."""
    return HealthRow(
        session_id=session_id,
        status=health.status,
        active_symbols=health.active_symbols,
        ticks_per_second=health.data_flow.ticks_per_second,
        bars_per_minute=health.data_flow.bars_per_minute,
        processing_lag_ms=health.data_flow.processing_lag_ms,
        cpu_percent=health.resource_usage.cpu_percent,
        memory_mb=health.resource_usage.memory_mb,
        issues=msgspec.json.encode(health.issues),
        measured_at=health.timestamp,
    )
