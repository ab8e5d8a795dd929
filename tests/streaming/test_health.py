"""Health: every figure from counts made by hand, the specification's thresholds and sentences."""

import json

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.streaming.market_files import quiet_settings
from tickstockpl import clock
from tickstockpl.contract.events import Health, HealthStatus
from tickstockpl.market.bars import MINUTE_MS, MinuteBars
from tickstockpl.streaming import cpu as cpu_module
from tickstockpl.streaming import health as health_module
from tickstockpl.streaming.cpu import CpuMeter
from tickstockpl.streaming.health import HealthMonitor, Trouble, health_row, worst

HOLD_S = 10.0
OPEN_MS = 1_519_655_400_000  # 2018-02-26 09:30 in New York


def bars(minute: int, *positions: int) -> MinuteBars:
    """Bars of some symbols for the n-th minute after the open."""
    price = np.full(len(positions), 100.0)
    return MinuteBars(
        OPEN_MS + minute * MINUTE_MS,
        np.array(positions, dtype=np.intp),
        price,
        price,
        price,
        price,
        np.full(len(positions), 100),
    )


@pytest.fixture
def monitor() -> HealthMonitor:
    """Ten symbols, at the open."""
    started = HealthMonitor(10, quiet_settings(), HOLD_S)
    started.start(OPEN_MS)
    return started


def measured(monitor: HealthMonitor, seconds: float, *troubles: Trouble) -> Health:
    """What it says so many seconds after the open."""
    now_ms = OPEN_MS + round(seconds * 1000)
    return monitor.measure(now_ms, now_ms, "connected", [*monitor.troubles(), *troubles])


class TestDataFlow:
    def test_nothing_has_happened_yet(self, monitor: HealthMonitor) -> None:
        health = measured(monitor, 0)
        assert (health.status, health.issues, health.active_symbols) == ("healthy", [], 0)
        flow = health.data_flow
        assert (flow.ticks_per_second, flow.bars_per_minute, flow.processing_lag_ms) == (0, 0, 0)
        assert health.connection_status == "connected"
        assert health.timestamp == "2018-02-26T14:30:00.000Z"

    def test_ticks_are_averaged_over_the_last_minute(self, monitor: HealthMonitor) -> None:
        for second in range(1, 181):
            monitor.count_ticks(OPEN_MS + second * 1000, 5 if second <= 120 else 10)
        assert measured(monitor, 180).data_flow.ticks_per_second == 10
        assert measured(monitor, 181).data_flow.ticks_per_second == 9.8, "the oldest second has left the window"

    def test_a_young_session_is_averaged_over_its_age(self, monitor: HealthMonitor) -> None:
        monitor.count_ticks(OPEN_MS + 10_000, 300)
        assert measured(monitor, 10).data_flow.ticks_per_second == 30

    def test_a_feed_that_falls_silent_shows_no_ticks(self, monitor: HealthMonitor) -> None:
        monitor.count_ticks(OPEN_MS + 1000, 300)
        assert measured(monitor, 300).data_flow.ticks_per_second == 0

    def test_what_is_handed_over_to_warm_up_a_resumed_session_does_not_count(self, monitor: HealthMonitor) -> None:
        monitor.start(OPEN_MS + 600_000)
        for second in range(1, 601):
            monitor.count_ticks(OPEN_MS + second * 1000, 1000)
        monitor.count_ticks(OPEN_MS + 602_000, 10)
        assert measured(monitor, 602).data_flow.ticks_per_second == 5

    def test_bars_are_those_of_the_newest_minute_that_is_over(self, monitor: HealthMonitor) -> None:
        monitor.count_bars(bars(0, 0, 1, 2))
        monitor.count_bars(bars(1, 0, 1))
        assert measured(monitor, 120).data_flow.bars_per_minute == 2
        assert measured(monitor, 179.9).data_flow.bars_per_minute == 2
        assert measured(monitor, 180).data_flow.bars_per_minute == 0, "the third minute had none"

    def test_a_minute_whose_bars_are_still_to_come_does_not_hide_the_one_before(self, monitor: HealthMonitor) -> None:
        monitor.count_bars(bars(0, 0, 1, 2))
        for complete_s, seconds, count in ((119, 120.5, 3), (119, 178, 3), (119, 180, 0), (180, 180, 0)):
            at_ms, complete_ms = OPEN_MS + round(seconds * 1000), OPEN_MS + complete_s * 1000
            health = monitor.measure(at_ms, complete_ms, "connected", [])
            assert health.data_flow.bars_per_minute == count, seconds

    def test_a_symbol_is_active_for_five_minutes_after_its_bar(self, monitor: HealthMonitor) -> None:
        monitor.count_bars(bars(0, 0, 1, 2))
        monitor.count_bars(bars(1, 2, 9))
        assert measured(monitor, 120).active_symbols == 4
        assert measured(monitor, 360).active_symbols == 4, "the first bars closed five minutes ago"
        assert measured(monitor, 361).active_symbols == 2
        assert measured(monitor, 421).active_symbols == 0

    def test_the_lag_is_the_largest_since_the_last_measurement(self, monitor: HealthMonitor) -> None:
        for lag_ms in (20.0, 130.4, 50.0):
            monitor.count_lag(lag_ms)
        assert measured(monitor, 60).data_flow.processing_lag_ms == 130
        monitor.count_lag(10.0)
        assert measured(monitor, 120).data_flow.processing_lag_ms == 10

    def test_a_new_session_begins_with_nothing_of_the_last(self, monitor: HealthMonitor) -> None:
        monitor.count_ticks(OPEN_MS + 1000, 300)
        monitor.count_bars(bars(0, 0, 1, 2))
        monitor.count_lag(5000)
        monitor.start(OPEN_MS + 86_400_000)
        health = measured(monitor, 86_400)
        assert (health.status, health.active_symbols) == ("healthy", 0)
        flow = health.data_flow
        assert (flow.ticks_per_second, flow.bars_per_minute, flow.processing_lag_ms) == (0, 0, 0)

    @given(
        st.lists(
            st.tuples(st.integers(0, 400_000), st.integers(0, 10_000), st.floats(0, 1e6), st.integers(-90_000, 90_000)),
            max_size=20,
        )
    )
    def test_no_figure_is_ever_negative(self, story: list[tuple[int, int, float, int]]) -> None:
        monitor = HealthMonitor(10, quiet_settings(), HOLD_S)
        monitor.start(OPEN_MS)
        now_ms = 0
        for step_ms, ticks, lag_ms, jitter_ms in story:
            now_ms += step_ms
            monitor.count_ticks(OPEN_MS + now_ms, ticks)
            monitor.count_bars(bars(now_ms // MINUTE_MS, ticks % 10))
            monitor.count_lag(lag_ms)
            health = monitor.measure(OPEN_MS + now_ms + jitter_ms, OPEN_MS + now_ms, "connected", monitor.troubles())
            flow, usage = health.data_flow, health.resource_usage
            assert 0 <= health.active_symbols <= 10
            assert min(flow.ticks_per_second, flow.bars_per_minute, flow.processing_lag_ms) >= 0
            assert 0 <= usage.cpu_percent <= 100


class TestResources:
    def test_memory_and_threads_are_the_process_own(self, monitor: HealthMonitor) -> None:
        usage = measured(monitor, 0).resource_usage
        process = psutil.Process()
        assert abs(usage.memory_mb - process.memory_info().rss / 2**20) < 16
        assert usage.threads_active >= 1

    @pytest.fixture
    def spent(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
        """Wall and processor seconds, as the test has them pass."""
        spent = {"wall": 50.0, "cpu": 7.0}
        monkeypatch.setattr(cpu_module, "monotonic_s", lambda: spent["wall"])
        monkeypatch.setattr(cpu_module, "cpu_s", lambda: spent["cpu"])
        return spent

    @staticmethod
    def passes(meter: CpuMeter, spent: dict[str, float], seconds: float, of_it_busy: float) -> float:
        spent["wall"] += seconds
        spent["cpu"] += of_it_busy
        meter.sample(spent["wall"])
        return meter.percent

    def test_cpu_is_a_share_of_all_cores(self, spent: dict[str, float]) -> None:
        meter = CpuMeter(cores=4)
        assert self.passes(meter, spent, 10, 14.08) == 35.2
        assert self.passes(meter, spent, 10, 0) == 0

    def test_it_is_that_of_the_last_ten_seconds(self, spent: dict[str, float]) -> None:
        meter = CpuMeter(cores=1)
        assert [self.passes(meter, spent, 1, 1) for _ in range(10)] == [100] * 10
        assert [self.passes(meter, spent, 1, 0) for _ in range(11)] == [*range(90, -1, -10), 0]

    def test_one_noisy_second_among_quiet_ones_is_a_tenth(self, spent: dict[str, float]) -> None:
        meter = CpuMeter(cores=1)
        for _ in range(20):
            self.passes(meter, spent, 1, 0)
        assert self.passes(meter, spent, 1, 1) == 10

    def test_a_span_too_short_to_tell_leaves_the_last_figure(self, spent: dict[str, float]) -> None:
        meter = CpuMeter(cores=1)
        assert self.passes(meter, spent, 0.01, 0.02) == 0, "not 200 %"
        assert self.passes(meter, spent, 0.99, 0.48) == 50, "the short span is part of the next"

    def test_it_is_settled_after_a_whole_span(self, spent: dict[str, float]) -> None:
        meter = CpuMeter(cores=1)
        for _ in range(9):
            self.passes(meter, spent, 1, 1)
        assert not meter.is_settled
        self.passes(meter, spent, 1, 1)
        assert meter.is_settled

    def test_it_never_exceeds_a_hundred(self, spent: dict[str, float]) -> None:
        assert self.passes(CpuMeter(cores=1), spent, 1, 1.2) == 100

    def test_the_clocks_are_the_process_and_the_wall(self) -> None:
        assert clock.cpu_s() >= 0
        assert clock.monotonic_s() <= clock.monotonic_s()


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The wall's seconds, as the test has them pass."""
    wall = [50.0]
    for module in (health_module, cpu_module):
        monkeypatch.setattr(module, "monotonic_s", lambda: wall[0])
    return wall


def with_cpu(monitor: HealthMonitor, percent: float) -> None:
    """The last ten seconds' figure."""
    monitor._cpu.percent, monitor._cpu.is_settled = percent, True


def told(monitor: HealthMonitor) -> list[tuple[HealthStatus, str]]:
    return [(trouble.status, trouble.issue) for trouble in monitor.troubles()]


class TestStatus:
    @pytest.mark.parametrize(
        ("lag_ms", "status", "issues"),
        [
            (200, "healthy", []),
            (250, "warning", ["Processing lag above threshold: 250ms"]),
            (1000, "warning", ["Processing lag above threshold: 1000ms"]),
            (1001, "critical", ["Processing lag above threshold: 1001ms"]),
        ],
    )
    def test_lag(self, monitor: HealthMonitor, lag_ms: float, status: HealthStatus, issues: list[str]) -> None:
        monitor.count_lag(lag_ms)
        health = measured(monitor, 60)
        assert (health.status, health.issues) == (status, issues)

    @pytest.mark.parametrize(
        ("percent", "status", "issues"), [(70.0, "healthy", []), (85.0, "warning", ["High CPU usage: 85%"])]
    )
    def test_cpu(self, monitor: HealthMonitor, percent: float, status: HealthStatus, issues: list[str]) -> None:
        with_cpu(monitor, percent)
        health = measured(monitor, 0)
        assert (health.status, health.issues) == (status, issues)

    def test_cpu_that_is_not_settled_does_not_warn(self, monitor: HealthMonitor) -> None:
        monitor._cpu.percent = 99
        assert told(monitor) == []

    def test_thresholds_are_settings(self) -> None:
        settings = quiet_settings(cpu_warning_percent=90, lag_warning_ms=300, lag_critical_ms=500)
        monitor = HealthMonitor(1, settings, HOLD_S)
        monitor.count_lag(300)
        with_cpu(monitor, 90)
        assert told(monitor) == []
        monitor.count_lag(501)
        assert [status for status, _ in told(monitor)] == ["critical"]

    def test_the_worst_decides_and_all_are_told_worst_first(self, monitor: HealthMonitor) -> None:
        with_cpu(monitor, 85)
        monitor.count_lag(1500)
        behind = Trouble("warning", "Database is behind: 40 writes wait")
        health = measured(monitor, 0, behind, Trouble("critical", "Redis unreachable for 3 s"))
        assert health.status == "critical"
        assert health.issues == [
            "Processing lag above threshold: 1500ms",
            "Redis unreachable for 3 s",
            "High CPU usage: 85%",
            "Database is behind: 40 writes wait",
        ]

    @pytest.mark.parametrize(
        ("statuses", "expected"),
        [
            ((), "healthy"),
            (("warning",), "warning"),
            (("warning", "critical"), "critical"),
            (("critical",), "critical"),
        ],
    )
    def test_the_worst_of_several(self, statuses: tuple[HealthStatus, ...], expected: HealthStatus) -> None:
        assert worst([Trouble(status, "trouble") for status in statuses]) == expected


class TestHold:
    """What was beyond its threshold is told until it has been back, by a margin, for ten seconds."""

    def test_a_late_minute(self, monitor: HealthMonitor, wall: list[float]) -> None:
        monitor.count_lag(700)
        late = [("warning", "Processing lag above threshold: 700ms")]
        assert told(monitor) == late
        measured(monitor, 60)
        wall[0] += 60
        assert told(monitor) == late, "until the next minute is out nothing is known to be better"
        monitor.count_lag(20)
        was = [("warning", "Processing lag was above threshold: 700ms, now 20ms")]
        assert told(monitor) == was
        wall[0] += 9
        assert told(monitor) == was
        wall[0] += 1
        assert told(monitor) == []

    def test_a_critical_lag_comes_down_in_steps(self, monitor: HealthMonitor, wall: list[float]) -> None:
        monitor.count_lag(1500)
        monitor.count_lag(950)
        for _ in range(30):
            wall[0] += 1
            assert told(monitor) == [("critical", "Processing lag was above threshold: 1500ms, now 950ms")]
        monitor.count_lag(300)
        wall[0] += 10
        measured(monitor, 60)
        monitor.count_lag(300)
        assert told(monitor) == [("warning", "Processing lag above threshold: 300ms")]

    def test_cpu_about_its_threshold_is_one_warning(self, monitor: HealthMonitor, wall: list[float]) -> None:
        said = []
        for second in range(120):
            wall[0] += 1
            with_cpu(monitor, 71.0 if second % 2 else 69.0)
            monitor._cpu._samples[-1] = (wall[0], 0.0)
            said.append(bool(told(monitor)))
        assert said == [False, *[True] * 119]
        with_cpu(monitor, 40)
        monitor._cpu._samples[-1] = (wall[0], 0.0)
        assert told(monitor) == [("warning", "CPU usage was high: 71%, now 40%")]


def test_the_row_holds_what_the_event_says(monitor: HealthMonitor) -> None:
    monitor.count_ticks(OPEN_MS + 1000, 7)
    monitor.count_bars(bars(0, 0, 1, 2))
    monitor.count_lag(250)
    health = measured(monitor, 60)
    row = health_row("550e8400-e29b-41d4-a716-446655440000", health)
    assert row.session_id == "550e8400-e29b-41d4-a716-446655440000"
    assert json.loads(row.issues) == health.issues == ["Processing lag above threshold: 250ms"]
    assert row.measured_at == health.timestamp == "2018-02-26T14:31:00.000Z"
    assert (row.status, row.active_symbols, row.bars_per_minute, row.processing_lag_ms) == ("warning", 3, 3, 250)
    assert row.ticks_per_second == health.data_flow.ticks_per_second == 0.1
    assert (row.cpu_percent, row.memory_mb) == (health.resource_usage.cpu_percent, health.resource_usage.memory_mb)
