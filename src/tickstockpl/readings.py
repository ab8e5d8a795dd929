"""Prometheus metrics of figures that are kept anyway: read when they are asked for, not counted a second time."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

Reading = Callable[[], float | Mapping[str, float]]
"""Gives a figure, or one for each value of the metric's label; called for each scrape, maybe from another thread."""

Family = type[CounterMetricFamily] | type[GaugeMetricFamily]


class Readings(Collector):
    """Figures of one registry.

    Args:
        registry: where they are found.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._metrics: list[tuple[Family, str, str, Reading, str | None]] = []
        registry.register(self)

    def count(self, name: str, what: str, read: Reading, label: str | None = None) -> None:
        """Add a figure that never falls while the process lives; its name ends in ``_total``."""
        self._metrics.append((CounterMetricFamily, name, what, read, label))

    def gauge(self, name: str, what: str, read: Reading, label: str | None = None) -> None:
        """Add a figure that rises and falls; its name ends in its unit."""
        self._metrics.append((GaugeMetricFamily, name, what, read, label))

    def collect(self) -> Iterable[Metric]:
        """Read them all."""
        for family, name, what, read, label in self._metrics:
            metric = family(name, what, labels=None if label is None else [label])
            figures = read()
            for value, figure in figures.items() if isinstance(figures, Mapping) else [(None, figures)]:
                metric.add_metric([] if value is None else [value], float(figure))
            yield metric
