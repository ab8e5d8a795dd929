"""How the service is doing, measured."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import psutil

from tickstockpl.clock import cpu_s, monotonic_s
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

ACTIVE_MINUTES = 5
"""A symbol is active if it had a bar within so many minutes of session time."""

SHORTEST_CPU_SPAN_S = 1.0

TICK_WINDOW_MS = 60_000
"""Session time over which ticks per second are averaged."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is not as it should be."""

    status: HealthStatus
    issue: str


class CpuMeter:
    """The process's share of all cores, in percent.

    The system counts processor time in steps of several milliseconds, so a short span tells nothing: a measurement
    within a second of the last one leaves its figure standing.
    """

    def __init__(self, cores: int) -> None:
        self._cores = cores
        self._since_s, self._used_s = monotonic_s(), cpu_s()
        self.percent = 0.0

    def measure(self) -> None:
        """Measure the span since the last measurement, if it is long enough to tell."""
        now_s, used_s = monotonic_s(), cpu_s()
        span_s = now_s - self._since_s
        if span_s >= SHORTEST_CPU_SPAN_S:
            self.percent = round(min(100.0, 100 * (used_s - self._used_s) / span_s / self._cores), 1)
            self._since_s, self._used_s = now_s, used_s


class HealthMonitor:
    """Counts what passes and measures the service when asked.

    - ``ticks_per_second``: trades (or ready-made bars, where the feed has no trades) of the last 60 s of session time.
    - ``bars_per_minute``: bars of the newest minute that is over.
    - ``processing_lag_ms``: from a minute's close on the market's clock to Redis' answer to its last event; the largest
      since the last measurement, or the newest minute's where none has gone out since.
    - ``cpu_percent``: of all cores, by the service's process since the last measurement, but over a second at least.
    - ``memory_mb``: resident set of the service's process.

    Args:
        symbol_count: how many symbols the universe has.
        settings: the thresholds.
    """

    def __init__(self, symbol_count: int, settings: Settings) -> None:
        self._settings = settings
        self._process = psutil.Process()
        self._cpu = CpuMeter(psutil.cpu_count() or 1)
        self._last_bar_ms = np.full(symbol_count, -1, dtype=np.int64)
        self._ticks: deque[tuple[int, int]] = deque()
        self._started_ms = 0
        self._bar_minute_ms = -1
        self._bar_count = 0
        self._lag_ms = 0.0
        self._lag_was_measured = False

    def start(self, market_ms: int) -> None:
        """A session begins."""
        self._started_ms = market_ms
        self._ticks.clear()
        self._bar_minute_ms, self._bar_count = -1, 0
        self._lag_ms = 0.0

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

    def status(self, troubles: Sequence[Trouble]) -> HealthStatus:
        """The worst of the service's own measurements and the troubles it was told of."""
        return _worst([*self._own_troubles(), *troubles])

    def measure(self, market_ms: int, connection: ConnectionStatus, troubles: Sequence[Trouble]) -> Health:
        """Measure now and begin the next span."""
        self._cpu.measure()
        self._forget_ticks(market_ms)
        newest_minute_ms = market_ms - market_ms % MINUTE_MS - MINUTE_MS
        every = [*self._own_troubles(), *troubles]
        elapsed_ms = max(1, min(TICK_WINDOW_MS, market_ms - self._started_ms))
        health = Health(
            status=_worst(every),
            timestamp=to_iso(market_ms),
            active_symbols=int((self._last_bar_ms >= market_ms - (ACTIVE_MINUTES + 1) * MINUTE_MS).sum()),
            connection_status=connection,
            data_flow=DataFlow(
                ticks_per_second=round(sum(ticks for _, ticks in self._ticks) * 1000 / elapsed_ms, 1),
                bars_per_minute=self._bar_count if self._bar_minute_ms == newest_minute_ms else 0,
                processing_lag_ms=round(self._lag_ms),
            ),
            resource_usage=ResourceUsage(
                cpu_percent=self._cpu.percent,
                memory_mb=self._process.memory_info().rss >> 20,
                threads_active=self._process.num_threads(),
            ),
            issues=[trouble.issue for trouble in every],
        )
        self._lag_was_measured = True
        return health

    def _forget_ticks(self, market_ms: int) -> None:
        while self._ticks and self._ticks[0][0] <= market_ms - TICK_WINDOW_MS:
            self._ticks.popleft()

    def _own_troubles(self) -> list[Trouble]:
        troubles = []
        if self._cpu.percent > self._settings.cpu_warning_percent:
            troubles.append(Trouble("warning", f"High CPU usage: {self._cpu.percent:.0f}%"))
        if self._lag_ms > self._settings.lag_critical_ms:
            troubles.append(Trouble("critical", f"Processing lag above threshold: {self._lag_ms:.0f}ms"))
        elif self._lag_ms > self._settings.lag_warning_ms:
            troubles.append(Trouble("warning", f"Processing lag above threshold: {self._lag_ms:.0f}ms"))
        return troubles


def _worst(troubles: Sequence[Trouble]) -> HealthStatus:
    statuses = {trouble.status for trouble in troubles}
    if "critical" in statuses:
        return "critical"
    return "warning" if "warning" in statuses else "healthy"


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
