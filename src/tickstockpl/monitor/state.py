"""What the monitor knows: counts, rates and the latest events. Pure: times are handed in."""

from collections import deque
from typing import Final

from tickstockpl.conformance.heard import Heard
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import Checkpoint, Health, StreamingHealth
from tickstockpl.contract.gap_meter import GapMeter
from tickstockpl.monitor.entries import KINDS, Entry, age_ms, entries_of
from tickstockpl.monitor.rates import Rate
from tickstockpl.subscriber import RedisState

KEPT: Final = 1_000
"""Entries of each channel that are kept; a channel that says much does not push out what others say."""


class ChannelState:
    """One channel, as it was heard.

    Attributes:
        messages: how many came.
        invalid: how many of them are not what the channel carries.
        newest_s: when the newest came, seconds of a clock that never jumps; ``None`` before the first.
        rate: how fast they come.
        entries: the latest, oldest first.
        forgotten: entries that are not kept any more.
    """

    def __init__(self) -> None:
        self.messages = 0
        self.invalid = 0
        self.newest_s: float | None = None
        self.rate = Rate()
        self.entries: deque[Entry] = deque(maxlen=KEPT)
        self.forgotten = 0


class Monitor:
    """Hears messages and remembers the latest.

    Attributes:
        channels: every channel of the contract, by name.
        health: the newest measurement.
        checkpoint: the newest, ``None`` from a producer that sends none.
        latency_ms: how old it was on arrival.
        redis: whether the connection stands.
        interruptions: how often it was lost.
    """

    def __init__(self) -> None:
        self.channels = {channel.value: ChannelState() for channel in Channel}
        self.health: Health | None = None
        self.checkpoint: Checkpoint | None = None
        self.latency_ms: int | None = None
        self.redis: RedisState = "lost"
        self.interruptions = 0
        self._gaps = GapMeter()
        self._made = 0

    @property
    def missed(self) -> int | None:
        """Messages that were sent and did not arrive; ``None`` where nobody counts what is sent."""
        return None if self.checkpoint is None else self._gaps.missed

    def take(self, channel: str, payload: bytes, at_ms: int, now_s: float) -> list[Entry]:
        """Hear one message.

        Args:
            channel: one of the contract's.
            payload: what came on it.
            at_ms: when, wall clock.
            now_s: when, by a clock that never jumps.

        Returns:
            Its entries.
        """
        state = self.channels[channel]
        state.messages += 1
        state.newest_s = now_s
        state.rate.add(now_s)
        self._gaps.received(channel)
        heard = Heard.read(channel, state.messages, payload, at_ms)
        state.invalid += heard.fault is not None
        event = heard.event
        if isinstance(event, Checkpoint):
            self.checkpoint, self.latency_ms = event, age_ms(heard)
            self._gaps.checkpoint(event.service_id, event.counts)
        elif isinstance(event, StreamingHealth):
            self.health = event.health
        made = list(entries_of(heard, self._made))
        self._made += len(made)
        state.forgotten += max(0, len(state.entries) + len(made) - KEPT)
        state.entries.extend(made)
        return made

    def told(self, state: RedisState) -> None:
        """The connection was made, or lost."""
        self.interruptions += state == "lost" and self.redis == "connected"
        self.redis = state


USUALLY_HIDDEN: Final = frozenset((Channel.INDICATORS.value, Channel.HIGH_CONFIDENCE_PATTERNS.value))
"""Thousands a minute, and what stands on another channel already: listed when asked for."""


class Filter:
    """Which entries are listed.

    Attributes:
        text: all of its words must be in an entry; upper and lower case are the same.
        hidden: channels whose entries are not listed. What is not valid is listed whatever its channel.
    """

    def __init__(self, text: str = "", hidden: frozenset[str] = USUALLY_HIDDEN) -> None:
        self.text = text
        self.hidden = set(hidden)

    def toggle(self, channel: str) -> None:
        """List a channel that was hidden, or hide it."""
        self.hidden ^= {channel}

    def passes(self, entry: Entry) -> bool:
        """Whether it is listed."""
        if entry.channel in self.hidden and entry.kind == KINDS.get(entry.channel):
            return False
        words = self.text.lower().split()
        if not words:
            return True
        sought = entry.sought
        return all(word in sought for word in words)

    def of(self, monitor: Monitor) -> list[Entry]:
        """All that is kept and listed, oldest first."""
        found = [entry for state in monitor.channels.values() for entry in state.entries if self.passes(entry)]
        return sorted(found, key=lambda entry: entry.number)
