"""What was sent and did not arrive: noticed by the checkpoints' counts, followed until it is repaired or given up."""

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from msgspec import Struct

from tickstockpl.contract.channels import Channel

KINDS: Final[Mapping[str, str]] = {
    Channel.PATTERNS.value: "patterns",
    Channel.INDICATORS.value: "indicators",
    Channel.INDICATOR_ALERTS.value: "alerts",
    Channel.BARS.value: "bars",
    Channel.HEALTH.value: "health",
    Channel.CRITICAL_ALERTS.value: "critical",
    Channel.SESSION_STARTED.value: "session",
    Channel.SESSION_STOPPED.value: "session",
}
"""What a channel carries. ``patterns:detected`` is left out: it carries copies."""

EVENTS: Final = ("patterns", "alerts", "critical")
"""The kinds of which each one counts; of the others only the newest is shown."""

MAX_GAPS: Final = 50


class Gap(Struct, frozen=True):
    """A stretch of the stream of which something did not arrive, as the page is told of it.

    Attributes:
        id: rises by one with each gap since the dashboard started.
        noticed_at: by the wall clock, contract timestamp.
        since: the market's time of the checkpoint before, ``None`` where none was heard.
        until: the market's time of the checkpoint that told of it.
        missed: messages by kind; ``None`` where nobody counted (Redis was away, and the service has a new beginning).
        found: of events, how many the tables had, by kind.
        state: ``repairing``, ``repaired``, or ``lost`` where the tables do not have all of it.
    """

    id: int
    noticed_at: str
    since: str | None
    until: str
    missed: dict[str, int] | None
    found: dict[str, int]
    state: Literal["repairing", "repaired", "lost"]


@dataclass(slots=True)
class OpenGap:
    """A gap that is being repaired.

    Attributes:
        id: which.
        noticed_at: as of :class:`Gap`.
        since: as of :class:`Gap`.
        until: as of :class:`Gap`.
        missed: as of :class:`Gap`.
        session_ids: of which sessions it is.
        found: so far.
    """

    id: int
    noticed_at: str
    since: str | None
    until: str
    missed: dict[str, int] | None
    session_ids: frozenset[str]
    found: Counter[str] = field(default_factory=Counter)

    @property
    def is_whole(self) -> bool:
        """Whether every event that is known to be missing was found."""
        missed = self.missed
        return missed is not None and all(self.found[kind] >= missed.get(kind, 0) for kind in EVENTS)

    def as_told(self, state: Literal["repairing", "repaired", "lost"]) -> Gap:
        """The gap as the page is told of it."""
        return Gap(self.id, self.noticed_at, self.since, self.until, self.missed, dict(self.found), state)


class GapBook:
    """The newest gaps, and which of them are open."""

    def __init__(self) -> None:
        self.open: dict[int, OpenGap] = {}
        self._told: OrderedDict[int, tuple[Gap, int]] = OrderedDict()
        self._count = 0

    def note(
        self,
        noticed_at: str,
        since: str | None,
        until: str,
        missed: Mapping[str, int] | None,
        session_ids: frozenset[str],
        frame: int,
    ) -> None:
        """Open a gap.

        Args:
            noticed_at: as of :class:`Gap`.
            since: as of :class:`Gap`.
            until: as of :class:`Gap`.
            missed: messages by channel, ``None`` where nobody counted.
            session_ids: of which sessions it is.
            frame: which frame tells it.
        """
        by_kind: Counter[str] | None = None
        if missed is not None:
            by_kind = Counter()
            for channel, count in missed.items():
                if channel in KINDS:
                    by_kind[KINDS[channel]] += count
            if not by_kind:
                return
        self._count += 1
        gap = OpenGap(self._count, noticed_at, since, until, None if by_kind is None else dict(by_kind), session_ids)
        self.open[gap.id] = gap
        self._tell(gap.as_told("repairing"), frame)
        if len(self.open) > MAX_GAPS:
            self.settle(next(iter(self.open)), "lost", frame)

    def found(self, kind: str, timestamp: str) -> None:
        """Count an event that the tables had, to the open gap in whose stretch it lies, or else to the newest."""
        if not self.open:
            return
        gaps = list(self.open.values())
        fitting = (gap for gap in gaps if (gap.since or "") <= timestamp <= gap.until)
        next(fitting, gaps[-1]).found[kind] += 1

    def settle(self, gap_id: int, state: Literal["repaired", "lost"], frame: int) -> None:
        """Close a gap."""
        self._tell(self.open.pop(gap_id).as_told(state), frame)

    def since(self, frame: int) -> list[Gap]:
        """The gaps that were noticed or closed after a frame, as they are now."""
        return [gap for gap, told in self._told.values() if told > frame]

    def all(self) -> list[Gap]:
        """The newest gaps, oldest first."""
        return [gap for gap, _ in self._told.values()]

    def _tell(self, gap: Gap, frame: int) -> None:
        self._told[gap.id] = (gap, frame)
        if len(self._told) > MAX_GAPS:
            self._told.popitem(last=False)
