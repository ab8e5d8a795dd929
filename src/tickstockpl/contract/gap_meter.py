"""Counting against the checkpoints: what was sent and did not arrive."""

from collections import Counter, OrderedDict
from collections.abc import Mapping
from typing import Final

from tickstockpl.contract.channels import Channel

MARKET_CHANNELS: Final = tuple(channel for channel in Channel if channel is not Channel.CHECKPOINT)
"""The channels whose messages are counted against the checkpoint."""

_SERVICES: Final = 16


class GapMeter:
    """Counts what the checkpoints say was sent and what arrived (DESIGN, decision 7).

    Between two checkpoints of one service, a channel's count rises by what it carried; whatever of that did not arrive
    is missed. With several services on the same channels the figure may be too low, never too high.
    """

    def __init__(self) -> None:
        self.missed = 0
        self._received: Counter[str] = Counter()
        self._last: OrderedDict[str, tuple[dict[str, int], Counter[str]]] = OrderedDict()

    def received(self, channel: str) -> None:
        """Count one message, whatever was in it."""
        self._received[channel] += 1

    def checkpoint(self, service_id: str, counts: Mapping[str, int]) -> dict[str, int] | None:
        """Compare with the same service's checkpoint before.

        Returns:
            Messages missed between the two, by channel; ``None`` if there was no checkpoint before.
        """
        missed: dict[str, int] | None = None
        if (last := self._last.pop(service_id, None)) is not None:
            last_counts, last_received = last
            sent = {channel: counts.get(channel, 0) - last_counts.get(channel, 0) for channel in MARKET_CHANNELS}
            lacking = {
                channel.value: count - (self._received[channel] - last_received[channel])
                for channel, count in sent.items()
            }
            missed = {channel: count for channel, count in lacking.items() if count > 0}
            self.missed += sum(missed.values())
        self._last[service_id] = (dict(counts), self._received.copy())
        if len(self._last) > _SERVICES:
            self._last.popitem(last=False)
        return missed
