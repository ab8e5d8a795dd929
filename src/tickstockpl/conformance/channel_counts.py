"""How much each channel carried."""

from collections import Counter

from msgspec import Struct

from tickstockpl.conformance.heard import Heard
from tickstockpl.conformance.percentiles import Percentiles
from tickstockpl.contract.events import StreamingPatternsBatch


class BatchSizes(Struct, frozen=True):
    """How many patterns messages held that may hold several."""

    batches: int
    smallest: int
    median: int
    largest: int


class ChannelFigures(Struct, frozen=True):
    """One channel, as it was heard.

    Attributes:
        channel: its name.
        messages: how many came.
        per_second: of the time that was listened.
        violations: how many are not what the channel carries.
        batches: sizes of pattern batches; ``None`` if all came one by one.
        latency_ms: how late; ``None`` if it cannot be known.
        latency_of: by which measure (:data:`tickstockpl.conformance.rules.latency.Measure`).
    """

    channel: str
    messages: int
    per_second: float
    violations: int
    batches: BatchSizes | None
    latency_ms: Percentiles | None
    latency_of: str | None


class ChannelCounts:
    """Counts the messages of one channel."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.messages = 0
        self.violations = 0
        self._batches: Counter[int] = Counter()

    def take(self, heard: Heard) -> None:
        """Count one message."""
        self.messages += 1
        self.violations += heard.fault is not None
        if isinstance(heard.event, StreamingPatternsBatch):
            self._batches[len(heard.event.patterns)] += 1

    def figures(self, seconds: float, latency: tuple[str, Percentiles] | None) -> ChannelFigures:
        """All of it, over so many seconds."""
        measure, percentiles = latency or (None, None)
        per_second = round(self.messages / seconds, 3) if seconds > 0 else 0.0
        return ChannelFigures(
            self.channel, self.messages, per_second, self.violations, self._sizes(), percentiles, measure
        )

    def _sizes(self) -> BatchSizes | None:
        if not self._batches:
            return None
        sizes = sorted(self._batches.elements())
        return BatchSizes(len(sizes), sizes[0], sizes[len(sizes) // 2], sizes[-1])
