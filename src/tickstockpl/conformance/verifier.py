"""All rules together: messages in, a verification out. Pure: it reads no clock and no server."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from tickstockpl.conformance.channel_counts import ChannelCounts, ChannelFigures
from tickstockpl.conformance.findings import Finding, Outcome
from tickstockpl.conformance.heard import Heard
from tickstockpl.conformance.rules.base import Rule
from tickstockpl.conformance.rules.gaps import GapRule
from tickstockpl.conformance.rules.health import HealthRule
from tickstockpl.conformance.rules.high_confidence import HighConfidenceRule
from tickstockpl.conformance.rules.latency import LatencyRule
from tickstockpl.conformance.rules.lifecycle import LifecycleRule
from tickstockpl.conformance.rules.order import DuplicateRule, OrderRule
from tickstockpl.conformance.rules.schema import SchemaRule
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import Checkpoint, SessionStarted, SessionStopped
from tickstockpl.contract.timestamps import to_iso

_REMEMBERED: Final = 100


class Verification(Struct, frozen=True):
    """What came of listening to a producer.

    Attributes:
        began_at: wall clock, contract timestamp.
        ended_at: likewise.
        seconds: how long it was listened.
        outcome: ``fail`` if a rule is broken or nothing was heard; ``pass`` otherwise.
        services: the producers that named themselves by checkpoints.
        sources: where their markets come from.
        sessions: ids of the sessions that were heard of.
        channels: every channel of the contract, heard or not.
        findings: what each rule found.
    """

    began_at: str
    ended_at: str
    seconds: float
    outcome: Outcome
    services: list[str]
    sources: list[str]
    sessions: list[str]
    channels: list[ChannelFigures]
    findings: list[Finding]


class Verifier:
    """Hears a producer and judges it.

    Args:
        began_ms: when listening began, wall clock.
    """

    def __init__(self, began_ms: int) -> None:
        self._began_ms = began_ms
        self._counts = {channel.value: ChannelCounts(channel) for channel in Channel}
        self._latency = LatencyRule()
        gaps = GapRule()
        self.gaps = gaps
        self._rules: tuple[Rule, ...] = (
            SchemaRule(),
            OrderRule(),
            DuplicateRule(),
            gaps,
            HighConfidenceRule(),
            HealthRule(),
            LifecycleRule(gaps),
            self._latency,
        )
        # Of dictionaries the keys are used: they keep the order in which they came.
        self._services: dict[str, None] = {}
        self._sources: dict[str, None] = {}
        self._sessions: dict[str, None] = {}

    @property
    def messages(self) -> int:
        """How many there were."""
        return sum(counts.messages for counts in self._counts.values())

    @property
    def violations(self) -> int:
        """How many of them are not what their channel carries."""
        return sum(counts.violations for counts in self._counts.values())

    @property
    def sessions(self) -> Sequence[str]:
        """Ids of the sessions that were heard of, oldest first."""
        return tuple(self._sessions)

    def take(self, channel: str, payload: bytes, at_ms: int) -> Heard:
        """Hear one message. Cost: about 20 µs.

        Args:
            channel: one of the contract's.
            payload: what came on it.
            at_ms: when, wall clock.

        Returns:
            The message as it was read.

        Raises:
            KeyError: if the channel is not of the contract.
        """
        counts = self._counts[channel]
        heard = Heard.read(channel, counts.messages + 1, payload, at_ms)
        counts.take(heard)
        for rule in self._rules:
            rule.take(heard)
        self._remember(heard)
        return heard

    def verification(self, ended_ms: int, further: Sequence[Finding] = ()) -> Verification:
        """What has come of it; to be asked once, at the end.

        Args:
            ended_ms: when listening ended, wall clock.
            further: findings that were made elsewhere: in the tables.
        """
        seconds = (ended_ms - self._began_ms) / 1000
        findings = [*(rule.finding(ended_ms) for rule in self._rules), *further]
        broken = not self.messages or any(finding.outcome == "fail" for finding in findings)
        return Verification(
            began_at=to_iso(self._began_ms),
            ended_at=to_iso(ended_ms),
            seconds=seconds,
            outcome="fail" if broken else "pass",
            services=list(self._services),
            sources=list(self._sources),
            sessions=list(self._sessions),
            channels=[one.figures(seconds, self._latency.of(one.channel)) for one in self._counts.values()],
            findings=findings,
        )

    def _remember(self, heard: Heard) -> None:
        event = heard.event
        if isinstance(event, Checkpoint):
            _keep(self._services, event.service_id)
            _keep(self._sources, event.source)
            if event.session is not None:
                _keep(self._sessions, event.session.session_id)
        elif isinstance(event, SessionStarted | SessionStopped):
            _keep(self._sessions, event.session.session_id)
        elif heard.detections:
            _keep(self._sessions, heard.detections[0].metadata.session_id)


def _keep(known: dict[str, None], name: str) -> None:
    known[name] = None
    if len(known) > _REMEMBERED:
        known.pop(next(iter(known)))
