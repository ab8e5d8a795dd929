"""What the status frame is made of: figures of the stream itself, whatever it carries."""

from collections.abc import Callable
from typing import NamedTuple

from tickstockpl.contract.events import Checkpoint
from tickstockpl.contract.gap_meter import GapMeter
from tickstockpl.contract.timestamps import from_iso
from tickstockpl.dashboard.live.meters import LatencyMeter, RateMeter
from tickstockpl.dashboard.live.protocol import Status, Totals
from tickstockpl.subscriber import RedisState

_MAX_REASON = 300


class Missed(NamedTuple):
    """What a checkpoint tells of the stretch before it.

    Attributes:
        since: the market's time of the checkpoint before, ``None`` where none was heard.
        by_channel: messages that did not arrive; ``None`` where they cannot be counted.
    """

    since: str | None
    by_channel: dict[str, int] | None


class Measures:
    """How the stream is doing.

    Args:
        on_latency: called with each checkpoint's age on arrival, milliseconds.
    """

    def __init__(self, on_latency: Callable[[int], None] | None = None) -> None:
        self._on_latency = on_latency
        self.redis: RedisState = "lost"
        self.source: str | None = None
        """Where the shown bars came from: as the newest checkpoint says, before the first as the tables say."""
        self.totals = Totals()
        self.rate = RateMeter()
        self.gaps = GapMeter()
        self._latency = LatencyMeter()
        self._invalid = 0
        self._last_invalid: str | None = None
        self._speed: float | None = None
        self._market_time: str | None = None
        self._checkpoint_at_ms: int | None = None
        self._was_away = False

    def set_redis(self, state: RedisState) -> None:
        """Note whether Redis can be reached."""
        if state == "lost" and self._checkpoint_at_ms is not None:
            self._was_away = True
        self.redis = state

    def refused(self, reason: str) -> None:
        """Count a message that is not of the contract."""
        self._invalid += 1
        self._last_invalid = reason[:_MAX_REASON]

    def checkpoint(self, event: Checkpoint, now_ms: int) -> Missed | None:
        """Take a checkpoint; what was missed before it, ``None`` where that is nothing."""
        since = self._market_time
        self._checkpoint_at_ms = now_ms
        self.source, self._speed, self._market_time = event.source, event.speed, event.market_time
        latency_ms = max(0, now_ms - from_iso(event.timestamp))  # clocks may disagree
        self._latency.add(latency_ms, now_ms)
        if self._on_latency is not None:
            self._on_latency(latency_ms)
        missed = self.gaps.checkpoint(event.service_id, event.counts)
        was_away, self._was_away = self._was_away, False
        if missed is None:
            return Missed(since, None) if was_away else None
        return Missed(since, missed) if missed else None

    def status(self, now_ms: int, clients: int) -> Status:
        """All of it, as of ``now_ms``."""
        age_ms = None if self._checkpoint_at_ms is None else max(0, now_ms - self._checkpoint_at_ms)
        return Status(
            source=None if self._checkpoint_at_ms is None else self.source,
            speed=self._speed,
            market_time=self._market_time,
            redis=self.redis,
            producer_age_ms=age_ms,
            events_per_second=self.rate.per_second(now_ms),
            latency_ms=self._latency.percentiles(now_ms),
            missed=self.gaps.missed,
            invalid=self._invalid,
            last_invalid=self._last_invalid,
            totals=self.totals,
            clients=clients,
        )
