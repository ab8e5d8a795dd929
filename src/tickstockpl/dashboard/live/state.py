"""Contract messages in, the page's board out. Pure: no I/O, and the time is passed in."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, Final

from tickstockpl.contract.codec import ContractError, decode
from tickstockpl.contract.events import (
    Checkpoint,
    CriticalAlert,
    Detection,
    FormingBars,
    Health,
    IndicatorAlert,
    Session,
    SessionStarted,
    SessionStopped,
    SessionSummary,
    StreamingBars,
    StreamingHealth,
    StreamingIndicator,
    StreamingPattern,
    StreamingPatternsBatch,
)
from tickstockpl.contract.instances import instance_name
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.dashboard.live.board import Board
from tickstockpl.dashboard.live.history import History
from tickstockpl.dashboard.live.measures import Measures
from tickstockpl.dashboard.live.protocol import MAX_CRITICAL, Totals, indicator_outputs
from tickstockpl.store.audit import Acknowledgement
from tickstockpl.store.records import HealthRecord
from tickstockpl.subscriber import Message, RedisState

MAX_MESSAGE_BYTES: Final = 262_144
"""A message above this is refused unread: the largest of the contract, 500 bars, has a quarter of it."""

_MAX_SEEN_PATTERNS = 20_000
_MAX_NAME = 100


class LiveState:
    """Understands the contract's messages, and keeps the board by them.

    A message that is not of the contract is counted and named, and changes nothing else.

    Args:
        on_latency: called with each checkpoint's age on arrival, milliseconds.

    Attributes:
        board: what every page shows.
        measures: how the stream is doing.
        session: the one that runs.
        summary: what the last one came to.
        health: the newest measurement.
        unread_session: a running session whose beginning was not heard and whose history has not been read.
    """

    def __init__(self, on_latency: Callable[[int], None] | None = None) -> None:
        self.board = Board()
        self.measures = Measures(on_latency)
        self.session: Session | None = None
        self.summary: SessionSummary | None = None
        self.health: Health | HealthRecord | None = None
        self.unread_session: str | None = None
        self._seen: OrderedDict[str, tuple[str, str, str]] = OrderedDict()
        self._acknowledged: dict[tuple[str, str], Acknowledgement] = {}
        self._now_ms = 0
        self._session_id: str | None = None
        self._heard_start = False
        self._handlers: dict[type, Callable[[Any], None]] = {
            SessionStarted: self._session_started,
            SessionStopped: self._session_stopped,
            StreamingPattern: self._pattern,
            StreamingPatternsBatch: self._pattern_batch,
            StreamingIndicator: self._indicator,
            IndicatorAlert: self._alert,
            StreamingHealth: self._health_measured,
            CriticalAlert: self._critical_alert,
            StreamingBars: self._bars,
            FormingBars: self._forming,
            Checkpoint: self._checkpoint,
        }

    def apply(self, messages: Iterable[Message], now_ms: int) -> None:
        """Take messages in the order in which they came; some three microseconds each."""
        self._now_ms = now_ms
        handlers, gaps = self._handlers, self.measures.gaps
        count = 0
        for channel, payload in messages:
            count += 1
            gaps.received(channel)
            if len(payload) > MAX_MESSAGE_BYTES:
                self._refuse(f"{channel}: {len(payload)} bytes; a message has at most {MAX_MESSAGE_BYTES}")
                continue
            try:
                event = decode(channel, payload)
                handlers[type(event)](event)
            except ContractError as error:
                self._refuse(str(error))
        self.measures.rate.add(count, now_ms)

    def set_redis(self, state: RedisState) -> None:
        """Note whether Redis can be reached."""
        self.measures.set_redis(state)
        if state == "lost":
            self._heard_start = False  # the first bars of a quiet symbol may have gone unheard

    def acknowledge(self, acknowledgements: Iterable[Acknowledgement]) -> None:
        """Note who has seen critical alerts."""
        news = {(one.component, one.timestamp): one for one in acknowledgements}
        if news.items() <= self._acknowledged.items():
            return
        self._acknowledged |= news
        for key in list(self._acknowledged)[: -2 * MAX_CRITICAL]:
            del self._acknowledged[key]
        self.board.put("acknowledgements", list(self._acknowledged.values()))

    def put_under(self, history: History) -> bool:
        """Put what the database has of a session under what was heard live.

        Clients that are connected must be given a new snapshot: history goes before what they were sent.

        Returns:
            False if the history is not of the session that is shown; then nothing was changed.
        """
        if self._session_id is not None and history.session_id != self._session_id:
            return False
        if self._session_id is None:
            self._session_id = history.session_id
            self._set_session(history.session)
            self._set_summary(history.summary)
        self.unread_session = None
        if self.measures.source is None:
            self.measures.source = history.source
        for pattern in history.patterns:
            self._remember(pattern)
        self.board.put_under(history)
        if self.health is None and history.health:
            self._set_health(history.health[-1])
        self.measures.totals.raise_to(history.totals)
        return True

    def repair(self, history: History) -> None:
        """Take from what the database has of a session what did not arrive: events, and newer bars and values."""
        for pattern in self.board.repair(history, lambda found: found.metadata.pattern_id in self._seen):
            self._remember(pattern)
        if history.session_id == self._session_id:
            self.board.symbols.catch_up(history.symbols, self.board.open)
            self.measures.totals.raise_to(history.totals)
            self.board.changed = True

    def _refuse(self, reason: str) -> None:
        self.measures.refused(reason)

    def _set_session(self, session: Session | None) -> None:
        self.session = session
        self.board.put("session", session)

    def _set_summary(self, summary: SessionSummary | None) -> None:
        self.summary = summary
        self.board.put("summary", summary)

    def _set_health(self, health: Health | HealthRecord) -> None:
        self.health = health
        self.board.put("health", health)

    def _begin(self, session: Session, *, heard_start: bool) -> None:
        if session.session_id != self._session_id:
            self._session_id = session.session_id
            self._heard_start = heard_start
            self.measures.totals = Totals()
            self.board.begin()
            self.unread_session = None if heard_start else session.session_id
        self._set_session(session)

    def _session_started(self, event: SessionStarted) -> None:
        self._begin(event.session, heard_start=True)

    def _session_stopped(self, event: SessionStopped) -> None:
        self._set_summary(event.session)
        if self.session is not None and self.session.session_id == event.session.session_id:
            self._set_session(None)

    def _pattern(self, event: StreamingPattern) -> None:
        self._detected(event.detection)

    def _pattern_batch(self, event: StreamingPatternsBatch) -> None:
        for detection in event.patterns:
            self._detected(detection)

    def _detected(self, detection: Detection) -> None:
        if len(detection.pattern_type) > _MAX_NAME or len(detection.metadata.pattern_id) > _MAX_NAME:
            self._refuse(
                f"a pattern of {detection.symbol}: pattern_type and pattern_id have at most {_MAX_NAME} characters"
            )
            return
        known = self._seen.get(detection.metadata.pattern_id)
        if known is not None:  # the copy on patterns:detected
            if known != _pattern_key(detection):
                self._refuse(f"pattern_id {detection.metadata.pattern_id!r} was given to two patterns")
            return
        self._remember(detection)
        self.measures.totals.patterns += 1
        self.board.append(self.board.patterns, detection)

    def _remember(self, detection: Detection) -> None:
        self._seen[detection.metadata.pattern_id] = _pattern_key(detection)
        if len(self._seen) > _MAX_SEEN_PATTERNS:
            self._seen.popitem(last=False)

    def _indicator(self, event: StreamingIndicator) -> None:
        calculation = event.calculation
        metadata = calculation.metadata
        instance = instance_name(calculation.indicator, metadata)
        outputs = indicator_outputs(calculation.indicator, calculation.value, metadata)
        board = self.board
        if not board.symbols.set_indicator(calculation.symbol, instance, outputs, board.open):
            self._refuse(f"{calculation.symbol} {instance[:40]}: too many symbols or indicators, or too long a name")
            return
        self.measures.totals.indicators += 1
        board.changed = True

    def _alert(self, event: IndicatorAlert) -> None:
        self.measures.totals.alerts += 1
        self.board.append(self.board.alerts, event.alert)

    def _health_measured(self, event: StreamingHealth) -> None:
        self.board.append(self.board.health, event.health)
        self._set_health(event.health)

    def _critical_alert(self, event: CriticalAlert) -> None:
        self.board.append(self.board.critical, event.alert)

    def _bars(self, event: StreamingBars) -> None:
        board = self.board
        for bar in event.bars:
            if board.symbols.set_bar(bar, event.minute, board.open, begins=self._heard_start):
                self.measures.totals.bars += 1
                board.changed = True
            else:
                self._refuse(f"{bar.symbol}: too many symbols to show")

    def _forming(self, event: FormingBars) -> None:
        board = self.board
        for bar in event.bars:
            if board.symbols.set_forming(bar, event.minute, board.open):
                board.changed = True
            else:
                self._refuse(f"{bar.symbol}: too many symbols to show")

    def _checkpoint(self, event: Checkpoint) -> None:
        before = self._session_id
        missed = self.measures.checkpoint(event, self._now_ms)
        if event.session is None:
            if self.session is not None:
                self._set_session(None)
        elif event.session != self.session:
            self._begin(event.session, heard_start=False)
        if missed is not None:
            self._heard_start = False
            sessions = frozenset(one for one in (before, self._session_id) if one is not None)
            self.board.gaps.note(
                to_iso(self._now_ms), missed.since, event.market_time, missed.by_channel, sessions, self.board.open
            )
            self.board.changed = True


def _pattern_key(detection: Detection) -> tuple[str, str, str]:
    return detection.symbol, detection.pattern_type, detection.timestamp
