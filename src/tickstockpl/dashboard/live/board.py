"""What every page shows, and for each part of it the number of the frame that tells it."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

from tickstockpl.contract.events import Alert, Critical, Detection, Health
from tickstockpl.dashboard.live.changes import EventLog, Values
from tickstockpl.dashboard.live.gaps import GapBook
from tickstockpl.dashboard.live.history import History
from tickstockpl.dashboard.live.protocol import (
    EVENTS_KEPT,
    MAX_ALERTS,
    MAX_CRITICAL,
    MAX_HEALTH,
    MAX_PATTERNS,
    Fields,
)
from tickstockpl.dashboard.live.symbols import SymbolTable
from tickstockpl.store.records import HealthRecord

_T = TypeVar("_T")


class Board:
    """States and events, told in numbered frames.

    Changes go into the frame that is open; :meth:`cut` closes it. :meth:`since` gives what came after any earlier
    frame, of states the newest and of events each, :meth:`snapshot` everything: whoever has what was told up to a frame
    and takes what came since has what the snapshot has. So nothing need be queued for a client that reads slowly or
    was away: its place is a number.

    Attributes:
        frame: the number of the frame that was closed last.
        changed: whether the open frame has anything to tell.
        patterns: of the session that is shown.
        alerts: of the session that is shown.
        critical: of all sessions.
        health: of all sessions.
        symbols: of the session that is shown; a change of them must be told by setting ``changed``.
        gaps: what was missed; a change of it must be told by setting ``changed``.
    """

    def __init__(self) -> None:
        self.frame = 0
        self.changed = False
        self.patterns: EventLog[Detection] = EventLog(EVENTS_KEPT)
        self.alerts: EventLog[Alert] = EventLog(EVENTS_KEPT)
        self.critical: EventLog[Critical] = EventLog(MAX_CRITICAL)
        self.health: EventLog[Health | HealthRecord] = EventLog(MAX_HEALTH)
        self.symbols = SymbolTable()
        self.gaps = GapBook()
        self._values = Values(session=None, summary=None, health=None, acknowledgements=[])
        self._begun = 0  # the frame that tells that another session is shown

    @property
    def open(self) -> int:
        """The number of the frame that is open."""
        return self.frame + 1

    def put(self, name: str, value: object) -> None:
        """Replace a value."""
        self._values.put(name, value, self.open)
        self.changed = True

    def append(self, log: EventLog[_T], event: _T) -> None:
        """Add the newest event."""
        log.append(event, self.open)
        self.changed = True

    def begin(self) -> None:
        """Show another session: forget what belongs to one."""
        self._begun = self.open
        self.symbols.clear()
        self.patterns.clear()
        self.alerts.clear()
        self.changed = True

    def put_under(self, history: History) -> None:
        """Let what the tables have of the session come first; clients that are connected must be told anew."""
        self.patterns.put_under(history.patterns, _pattern_id)
        self.alerts.put_under(history.alerts, _alert_key)
        self.critical.put_under(history.critical, _critical_key)
        self.health.put_under(history.health, _timestamp)
        self.symbols.put_under(history.symbols)
        self.changed = True

    def repair(self, history: History, is_known: Callable[[Detection], bool]) -> list[Detection]:
        """Take from the tables the events that are not here; they are counted to the open gaps.

        Args:
            history: of a session.
            is_known: whether a pattern has been here, though it may be kept no more.

        Returns:
            The patterns that were not.
        """
        patterns = [found for found in history.patterns if not is_known(found)]
        self._insert("patterns", self.patterns, patterns)
        self._insert("alerts", self.alerts, _unknown(history.alerts, self.alerts, _alert_key))
        self._insert("critical", self.critical, _unknown(history.critical, self.critical, _critical_key))
        return patterns

    def _insert(self, kind: str, log: EventLog[_T], events: Sequence[_T]) -> None:
        log.insert(events, self.open, _timestamp)
        for event in events:
            self.gaps.found(kind, _timestamp(event))
            self.changed = True

    def cut(self) -> int:
        """Close the frame that is open, if it has anything to tell; the number of the one that was closed last."""
        if self.changed:
            self.frame += 1
            self.changed = False
        return self.frame

    def since(self, frame: int) -> Fields:
        """What came after a frame, up to the one that was closed last; costs what it gives."""
        fields: Fields = {"new_session": True} if self._begun > frame else {}
        fields |= self._values.since(frame)
        skipped: list[str] = []
        late: Fields = {}
        for name, log in self._logs():
            if events := log.since(frame):
                fields[name] = events
            if events := log.late_since(frame):
                late[name] = events
            if log.has_lost_since(frame):
                skipped.append(name)
        if late:
            fields["repaired"] = late
        if skipped:
            fields["skipped"] = skipped
        if gaps := self.gaps.since(frame):
            fields["gaps"] = gaps
        if symbols := self.symbols.since(frame):
            fields["symbols"] = symbols
        return fields

    def snapshot(self) -> Fields:
        """Everything, of events the newest."""
        return {
            **self._values.all(),
            "health_history": self.health.newest(MAX_HEALTH),
            "patterns": self.patterns.newest(MAX_PATTERNS),
            "alerts": self.alerts.newest(MAX_ALERTS),
            "critical": self.critical.newest(MAX_CRITICAL),
            "gaps": self.gaps.all(),
            "symbols": self.symbols.all(),
        }

    def _logs(self) -> Sequence[tuple[str, EventLog[Any]]]:
        return (
            ("patterns", self.patterns),
            ("alerts", self.alerts),
            ("critical", self.critical),
            ("health_history", self.health),
        )


def _pattern_id(detection: Detection) -> str:
    return detection.metadata.pattern_id


def _alert_key(alert: Alert) -> tuple[str, str, str]:
    return alert.symbol, alert.alert_type, alert.timestamp


def _critical_key(alert: Critical) -> tuple[str, str, str]:
    return alert.timestamp, alert.component, alert.message


def _timestamp(event: object) -> str:
    timestamp: str = event.timestamp  # type: ignore[attr-defined]
    return timestamp


def _unknown(stored: Iterable[_T], known: EventLog[_T], key: Callable[[_T], Hashable]) -> list[_T]:
    keys = {key(item) for item in known}
    return [item for item in stored if key(item) not in keys]
