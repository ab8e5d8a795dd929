"""How the service is doing, measured."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import psutil

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

TICK_WINDOW_MS = 60_000
"""Session time over which ticks per second are averaged."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is not as it should be."""

    status: HealthStatus
    issue: str


class HealthMonitor:
    """Counts what passes and measures the service when asked.

    - ``ticks_per_second``: trades (or ready-made bars, where the feed has no trades) of the last 60 s of session time.
    - ``bars_per_minute``: bars of the newest sealed minute.
    - ``processing_lag_ms``: from a minute's close on the market's clock to Redis' answer to its last event; the largest
      since the last measurement.
    - ``cpu_percent``: of all cores, by the service's process since the last measurement.
    - ``memory_mb``: resident set of the service's process.

    Args:
        symbol_count: how many symbols the universe has.
        settings: the thresholds.
    """

    def __init__(self, symbol_count: int, settings: Settings) -> None:
        self._settings = settings
        self._process = psutil.Process()
        self._process.cpu_percent()  # the first call only starts the measurement
        self._cores = psutil.cpu_count() or 1
        self._cpu_percent = 0.0
        self._last_bar_ms = np.full(symbol_count, -1, dtype=np.int64)
        self._ticks: deque[tuple[int, int]] = deque()
        self._started_ms = 0
        self._bars_per_minute = 0
        self._lag_ms = 0.0

    def start(self, market_ms: int) -> None:
        """A session begins."""
        self._started_ms = market_ms
        self._ticks.clear()
        self._bars_per_minute = 0
        self._lag_ms = 0.0

    def count_ticks(self, market_ms: int, ticks: int) -> None:
        """Trades (or bars) have come in."""
        self._ticks.append((market_ms, ticks))
        while self._ticks and self._ticks[0][0] <= market_ms - TICK_WINDOW_MS:
            self._ticks.popleft()

    def count_bars(self, bars: MinuteBars) -> None:
        """A minute has been sealed."""
        self._last_bar_ms[bars.index] = bars.minute_ms
        self._bars_per_minute = len(bars)

    def count_lag(self, lag_ms: float) -> None:
        """A minute has gone out, so much after its close."""
        self._lag_ms = max(self._lag_ms, lag_ms)

    def status(self, troubles: Sequence[Trouble]) -> HealthStatus:
        """The worst of the service's own measurements and the troubles it was told of."""
        return _worst([*self._own_troubles(), *troubles])

    def measure(self, market_ms: int, connection: ConnectionStatus, troubles: Sequence[Trouble]) -> Health:
        """Measure now and begin the next span."""
        self._cpu_percent = round(min(self._process.cpu_percent() / self._cores, 100.0), 1)
        every = [*self._own_troubles(), *troubles]
        elapsed_ms = max(1, min(TICK_WINDOW_MS, market_ms - self._started_ms))
        health = Health(
            status=_worst(every),
            timestamp=to_iso(market_ms),
            active_symbols=int((self._last_bar_ms >= market_ms - (ACTIVE_MINUTES + 1) * MINUTE_MS).sum()),
            connection_status=connection,
            data_flow=DataFlow(
                ticks_per_second=round(sum(ticks for _, ticks in self._ticks) * 1000 / elapsed_ms, 1),
                bars_per_minute=self._bars_per_minute,
                processing_lag_ms=round(self._lag_ms),
            ),
            resource_usage=ResourceUsage(
                cpu_percent=self._cpu_percent,
                memory_mb=self._process.memory_info().rss >> 20,
                threads_active=self._process.num_threads(),
            ),
            issues=[trouble.issue for trouble in every],
        )
        self._lag_ms = 0.0
        return health

    def _own_troubles(self) -> list[Trouble]:
        troubles = []
        if self._cpu_percent > self._settings.cpu_warning_percent:
            troubles.append(Trouble("warning", f"High CPU usage: {self._cpu_percent:.0f}%"))
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
