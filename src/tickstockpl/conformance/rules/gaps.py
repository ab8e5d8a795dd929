"""All that was sent has arrived: known only of producers that count what they send."""

from collections import Counter

from tickstockpl.conformance.findings import Finding, Offences
from tickstockpl.conformance.heard import Heard
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import Checkpoint
from tickstockpl.contract.gap_meter import GapMeter


class GapRule:
    """What the checkpoints count is what was heard between them."""

    def __init__(self) -> None:
        self._meter = GapMeter()
        self._compared = 0
        self._sequences: dict[str, int] = {}
        self._missed: Counter[str] = Counter()
        self._offences = Offences()

    @property
    def missed(self) -> int | None:
        """Messages that did not arrive; ``None`` if that cannot be known."""
        return self._missed.total() if self._compared else None

    def take(self, heard: Heard) -> None:
        """Look at one message."""
        if heard.channel != Channel.CHECKPOINT:
            self._meter.received(heard.channel)
        elif isinstance(heard.event, Checkpoint):
            self._compare(heard, heard.event)

    def finding(self, until_ms: int) -> Finding:
        """How many messages are missing."""
        del until_ms
        if self._missed:
            by_channel = ", ".join(f"{count:,} of {channel}" for channel, count in self._missed.most_common())
            return Finding("gaps", "fail", f"did not arrive: {by_channel}", self._offences.found())
        return self._offences.finding(
            "gaps",
            f"all arrived that {self._compared:,} checkpoints had counted",
            "{count} checkpoints did not arrive",
            unknown="" if self._compared else "the producer sends no checkpoints, so nobody counts what it has sent",
        )

    def _compare(self, heard: Heard, checkpoint: Checkpoint) -> None:
        before = self._sequences.get(checkpoint.service_id)
        self._sequences[checkpoint.service_id] = checkpoint.sequence
        if before is not None and checkpoint.sequence != before + 1:
            reason = f"checkpoint {checkpoint.sequence} came after {before}"
            self._offences.add(heard.channel, heard.number, reason, field="$.sequence")
        missed = self._meter.checkpoint(checkpoint.service_id, checkpoint.counts)
        if missed is None:
            return
        self._compared += 1
        for channel, count in missed.items():
            self._missed[channel] += count
            reason = f"{count:,} sent before checkpoint {checkpoint.sequence} ({checkpoint.timestamp}) did not arrive"
            self._offences.add(channel, 0, reason)
