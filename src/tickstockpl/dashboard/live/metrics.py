"""What the dashboard tells Prometheus at ``/metrics``; ``docs/operations.md`` lists it."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Histogram

from tickstockpl.dashboard.live.protocol import Status
from tickstockpl.readings import Readings

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_BYTES = (1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22)


class DashboardMetrics:
    """The hub's instruments, in a registry of its own.

    Attributes:
        registry: all of them.
        readings: takes figures that the hub keeps.
        latency: age of a checkpoint on arrival, which is how late the burst before it came.
        frame_bytes: size of each frame that was encoded, by kind.
        slow_clients: pages that were closed because they read too slowly.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.readings = Readings(registry)
        self.latency = Histogram(
            "tickstock_dashboard_latency_seconds",
            "Age of a checkpoint on arrival: how late the burst before it came.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.frame_bytes = Histogram(
            "tickstock_dashboard_frame_bytes",
            "Size of each frame that was encoded; every page gets the same.",
            ["kind"],
            buckets=_BYTES,
            registry=registry,
        )
        self.slow_clients = Counter(
            "tickstock_dashboard_slow_clients_total",
            "Pages that were closed because they read too slowly.",
            registry=registry,
        )

    def read(self, status: Callable[[], Status]) -> None:
        """Take the figures that the hub keeps anyway; ``status`` gives them as of now."""
        count, gauge = self.readings.count, self.readings.gauge
        gauge("tickstock_dashboard_clients", "Open pages.", lambda: status().clients)
        gauge(
            "tickstock_dashboard_events_per_second",
            "Messages from Redis, averaged over five seconds.",
            lambda: status().events_per_second,
        )
        count(
            "tickstock_dashboard_missed_total",
            "Messages that were sent and did not arrive, as the checkpoints say.",
            lambda: status().missed,
        )
        count("tickstock_dashboard_invalid_total", "Messages that were not of the contract.", lambda: status().invalid)
        gauge(
            "tickstock_dashboard_redis_connected",
            "1 while Redis is connected, else 0.",
            lambda: status().redis == "connected",
        )
