"""Sessions begin and end, and their totals are what was heard of them."""

from collections import Counter, deque
from typing import Final

from tickstockpl.conformance.findings import Finding, Offences
from tickstockpl.conformance.heard import Heard
from tickstockpl.conformance.rules.gaps import GapRule
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import Checkpoint, SessionStarted, SessionStopped, SessionSummary, StreamingBars
from tickstockpl.contract.timestamps import from_iso

SESSIONS: Final = 1_000
"""So many sessions' beginnings are remembered; the oldest is forgotten then."""


class _Course:
    """What was heard since a session began, and whether that is all of it and nothing else."""

    def __init__(self, started: SessionStarted) -> None:
        self.started = started
        self.totals: Counter[str] = Counter()
        self.whole = True


class LifecycleRule:
    """A session that was heard from its beginning ends with the totals, the length and the id that it had.

    Args:
        gaps: knows whether anything did not arrive, so that totals can differ by that.
    """

    def __init__(self, gaps: GapRule) -> None:
        self._gaps = gaps
        self._running: dict[str, _Course] = {}
        self._begun: Counter[str] = Counter()
        self._checked = self._unchecked = 0
        self._of_service: dict[str, str] = {}
        self._differing: deque[tuple[Heard, str, str]] = deque(maxlen=SESSIONS)
        self._offences = Offences()

    def take(self, heard: Heard) -> None:
        """Look at one message."""
        event = heard.event
        if isinstance(event, SessionStarted):
            self._start(event)
        elif isinstance(event, SessionStopped):
            self._stop(event.session, heard)
        elif heard.channel == Channel.PATTERNS:
            self._count("patterns", len(heard.detections))
        elif heard.channel == Channel.INDICATORS and event is not None:
            self._count("indicators", 1)
        elif isinstance(event, StreamingBars) and event.backfilled is True:
            self._spoil_totals()
        elif isinstance(event, Checkpoint):
            self._note_session(event)

    def finding(self, until_ms: int) -> Finding:
        """Whether the sessions' ends fit what was heard."""
        del until_ms
        if self._gaps.missed:  # known only now: the checkpoint after the last message tells that one before it is lost
            self._unchecked, self._checked = self._unchecked + self._checked, 0
        else:
            for heard, field, reason in self._differing:
                self._add(heard, field, reason)
        self._differing.clear()
        holds = f"sessions that began: {self._begun.total():,}, that ended: {self._checked + self._unchecked:,}"
        if self._checked:
            holds += f"; the totals of {self._checked:,} equal what was heard"
        return self._offences.finding(
            "lifecycle",
            holds,
            "{count} sessions do not end as they began, or not with what was heard of them",
            unknown="" if self._checked else f"{holds}; none was heard whole",
        )

    def _start(self, event: SessionStarted) -> None:
        session_id = event.session.session_id
        course = _Course(event)
        if self._begun[session_id] or event.session.started_at != event.timestamp:
            course.whole = False  # one that is taken up again: of what was before, not all was heard
        self._begun[session_id] += 1
        self._running[session_id] = course
        while len(self._running) > SESSIONS:
            self._running.pop(next(iter(self._running)))

    def _note_session(self, checkpoint: Checkpoint) -> None:
        """One whose beginning was not heard runs too: what is counted may be its."""
        if checkpoint.session is None:
            self._of_service.pop(checkpoint.service_id, None)
            return
        self._of_service[checkpoint.service_id] = checkpoint.session.session_id
        if checkpoint.session.session_id not in self._running:
            self._spoil_totals()
        while len(self._of_service) > SESSIONS:
            self._of_service.pop(next(iter(self._of_service)))

    def _spoil_totals(self) -> None:
        for course in self._running.values():
            course.whole = False

    def _count(self, what: str, count: int) -> None:
        # Indicator events do not name their session; with two at a time nobody can tell whose they are.
        for course in self._running.values():
            course.totals[what] += count

    def _stop(self, ended: SessionSummary, heard: Heard) -> None:
        alone = len(self._running) == 1 and set(self._of_service.values()) <= {ended.session_id}
        course = self._running.pop(ended.session_id, None)
        if course is None:
            self._unchecked += 1
            if self._running and ended.session_id not in self._of_service.values():
                others = ", ".join(self._running)
                reason = f"session {ended.session_id} ends and {others} had begun"
                self._add(heard, "$.session.session_id", reason)
            return
        length_s = (from_iso(ended.stopped_at) - from_iso(course.started.session.started_at)) / 1000
        if abs(length_s - ended.duration_seconds) >= 1:
            reason = f"it says {ended.duration_seconds} s and from start to stop there are {length_s:g} s"
            self._add(heard, "$.session.duration_seconds", reason)
        if not alone or not course.whole:
            self._unchecked += 1
            return
        self._checked += 1
        for what, said in (("patterns", ended.total_patterns), ("indicators", ended.total_indicators)):
            if said != course.totals[what]:
                reason = f"it says {said:,} and {course.totals[what]:,} were heard"
                self._differing.append((heard, f"$.session.total_{what}", reason))

    def _add(self, heard: Heard, field: str, reason: str) -> None:
        self._offences.add(heard.channel, heard.number, reason, field=field, payload=heard.payload)
