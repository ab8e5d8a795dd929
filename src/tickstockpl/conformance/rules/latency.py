"""Events arrive in time: measured by the checkpoints, else by the close of the minute they belong to."""

from collections import defaultdict
from typing import Final, Literal

from tickstockpl.conformance.findings import Finding, Offences
from tickstockpl.conformance.heard import Heard
from tickstockpl.conformance.percentiles import Durations, Percentiles
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import Checkpoint

LIMIT_MS: Final = 100
"""The specification's limit, for the 95th percentile."""

ON_THE_WALL_MS: Final = 60_000
"""A producer whose events are typically no older than that plays the market of now, not a recorded one."""

Measure = Literal["checkpoint", "minute_close"]
"""``checkpoint``: from when the producer had sent a burst to when its end was read here; ``minute_close``: from the
time that an event names to when it was read here. Both compare this machine's clock with the producer's."""

_NOT_MEASURED: Final = frozenset((Channel.CHECKPOINT, Channel.FORMING_BARS))


class LatencyRule:
    """The 95th percentile of every channel is within 100 ms."""

    def __init__(self) -> None:
        self._by_checkpoint: defaultdict[str, Durations] = defaultdict(Durations)
        self._by_time: defaultdict[str, Durations] = defaultdict(Durations)
        self._since_checkpoint: set[str] = set()
        self._checkpoints = 0

    def take(self, heard: Heard) -> None:
        """Look at one message."""
        if isinstance(heard.event, Checkpoint) and heard.time_ms is not None:
            self._checkpoints += 1
            for channel in self._since_checkpoint:
                self._by_checkpoint[channel].add(heard.at_ms - heard.time_ms)
            self._since_checkpoint.clear()
        elif heard.time_ms is not None and heard.channel not in _NOT_MEASURED:
            self._since_checkpoint.add(heard.channel)
            self._by_time[heard.channel].add(heard.at_ms - heard.time_ms)

    def of(self, channel: str) -> tuple[Measure, Percentiles] | None:
        """How late a channel's events are and how that was measured; ``None`` if it cannot be known."""
        if self._checkpoints:
            found = self._by_checkpoint[channel].percentiles()
            return None if found is None else ("checkpoint", found)
        found = self._by_time[channel].percentiles()
        return None if found is None or not -1_000 <= found.p50 <= ON_THE_WALL_MS else ("minute_close", found)

    def finding(self, until_ms: int) -> Finding:
        """Which channels are late."""
        del until_ms
        offences = Offences()
        worst: tuple[int, str] | None = None
        for channel in Channel:
            measured = self.of(channel)
            if measured is None:
                continue
            p95 = measured[1].p95
            worst = max(worst or (p95, str(channel)), (p95, str(channel)))
            if p95 > LIMIT_MS:
                offences.add(channel, 0, f"95 % came within {p95:,} ms; the limit is {LIMIT_MS} ms")
        holds = "" if worst is None else f"95 % came within {worst[0]:,} ms, the slowest channel's being {worst[1]}"
        return offences.finding(
            "latency",
            holds,
            f"{{count}} channels take longer than {LIMIT_MS} ms",
            unknown="" if worst else "no checkpoints, and the events' times are not those of now: a recorded market",
        )
