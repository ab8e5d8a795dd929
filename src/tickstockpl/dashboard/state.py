"""The page's state: contract messages in, snapshot and deltas out. Pure: no I/O, and the time is passed in."""

from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Any, Final, TypeVar

from tickstockpl.contract.codec import ContractError, decode
from tickstockpl.contract.events import (
    Alert,
    Checkpoint,
    Critical,
    CriticalAlert,
    Detection,
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
from tickstockpl.contract.timestamps import from_iso
from tickstockpl.dashboard.history import History
from tickstockpl.dashboard.meters import GapMeter, LatencyMeter, RateMeter
from tickstockpl.dashboard.protocol import (
    MAX_ALERTS,
    MAX_CRITICAL,
    MAX_HEALTH,
    MAX_PATTERNS,
    Status,
    Totals,
    indicator_outputs,
)
from tickstockpl.dashboard.subscriber import Message, RedisState
from tickstockpl.dashboard.symbols import SymbolTable
from tickstockpl.store.records import HealthRecord

MAX_MESSAGE_BYTES: Final = 262_144
"""A message above this is refused unread: the largest of the contract, 500 bars, has a quarter of it."""

_MAX_SEEN_PATTERNS = 20_000
_MAX_NAME = 100
_MAX_REASON = 300

_T = TypeVar("_T")

Fields = dict[str, object]
"""The fields of a snapshot or a delta, by name; values encode to JSON."""


class LiveState:
    """What the page shows.

    :meth:`apply` takes messages, :meth:`take_deltas` gives what changed since it was last called, :meth:`snapshot`
    everything. Deltas applied to an earlier snapshot give the later one, however the messages fall between them.
    A message that is not of the contract is counted and named, and changes nothing else.

    Args:
        on_latency: called with each checkpoint's age on arrival, milliseconds.
    """

    def __init__(self, on_latency: Callable[[int], None] | None = None) -> None:
        self._on_latency = on_latency
        self.session: Session | None = None
        self.summary: SessionSummary | None = None
        self.health: Health | HealthRecord | None = None
        self.redis: RedisState = "lost"
        self.source: str | None = None
        """Where the shown bars came from: as the newest checkpoint says, before the first as the tables say."""
        self.unread_session: str | None = None
        """A running session whose beginning was not heard and whose history has not been read."""
        self._patterns: deque[Detection] = deque(maxlen=MAX_PATTERNS)
        self._alerts: deque[Alert] = deque(maxlen=MAX_ALERTS)
        self._critical: deque[Critical] = deque(maxlen=MAX_CRITICAL)
        self._health_history: deque[Health | HealthRecord] = deque(maxlen=MAX_HEALTH)
        self._seen: OrderedDict[str, tuple[str, str, str]] = OrderedDict()
        self._symbols = SymbolTable()
        self._totals = Totals()
        self._rate = RateMeter()
        self._latency = LatencyMeter()
        self._gaps = GapMeter()
        self._invalid = 0
        self._last_invalid: str | None = None
        self._speed: float | None = None
        self._market_time: str | None = None
        self._checkpoint_at_ms: int | None = None
        self._now_ms = 0
        self._session_id: str | None = None
        self._heard_start = False
        # what the next delta will say
        self._replaced: set[str] = set()
        self._appended: dict[str, list[object]] = {}
        self._shown_session_id: str | None = None
        self._restarted_by: Session | None = None
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
            Checkpoint: self._checkpoint,
        }

    def apply(self, messages: Iterable[Message], now_ms: int) -> None:
        """Take messages in the order in which they came; some three microseconds each."""
        self._now_ms = now_ms
        handlers, gaps = self._handlers, self._gaps
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
        self._rate.add(count, now_ms)

    def set_redis(self, state: RedisState) -> None:
        """Note whether Redis can be reached."""
        self.redis = state
        if state == "lost":
            self._heard_start = False  # the first bars of a quiet symbol may have gone unheard

    def prefill(self, history: History) -> bool:
        """Put what the database has of a session under what was heard live.

        Clients that are connected must be given a new snapshot: history goes before what they were sent, and changes
        that no delta has said yet are said by none.

        Returns:
            False if the history is not of the session that is shown; then nothing was changed.
        """
        if self._session_id is not None and history.session_id != self._session_id:
            return False
        first_reading = self._session_id is None
        self._session_id = history.session_id
        self.unread_session = None
        if first_reading:
            self.session, self.summary = history.session, history.summary
        if self.source is None:
            self.source = history.source
        for pattern in history.patterns:
            self._remember(pattern)
        _put_under(self._patterns, history.patterns, _pattern_id)
        _put_under(self._alerts, history.alerts, _alert_key)
        _put_under(self._critical, history.critical, _critical_key)
        _put_under(self._health_history, history.health, _health_key)
        if self.health is None and history.health:
            self.health = history.health[-1]
        self._symbols.prefill(history.symbols)
        for name, total in history.totals.items():
            setattr(self._totals, name, max(total, getattr(self._totals, name)))
        self._changes_shown()
        return True

    def status(self, now_ms: int, clients: int) -> Status:
        """How the stream is doing at ``now_ms``."""
        age_ms = None if self._checkpoint_at_ms is None else max(0, now_ms - self._checkpoint_at_ms)
        return Status(
            source=None if self._checkpoint_at_ms is None else self.source,
            speed=self._speed,
            market_time=self._market_time,
            redis=self.redis,
            producer_age_ms=age_ms,
            events_per_second=self._rate.per_second(now_ms),
            latency_ms=self._latency.percentiles(now_ms),
            missed=self._gaps.missed,
            invalid=self._invalid,
            last_invalid=self._last_invalid,
            totals=self._totals,
            clients=clients,
        )

    def snapshot(self) -> Fields:
        """Everything but the status. Belongs to the moment after the last :meth:`take_deltas`."""
        return {
            "session": self.session,
            "summary": self.summary,
            "health": self.health,
            "health_history": list(self._health_history),
            "patterns": list(self._patterns),
            "alerts": list(self._alerts),
            "critical": list(self._critical),
            "symbols": self._symbols.all(),
        }

    @property
    def symbols(self) -> Collection[str]:
        """The symbols of which anything is known."""
        return self._symbols.all().keys()

    @property
    def changed(self) -> bool:
        """Whether there is anything for a delta to say."""
        return bool(self._replaced or self._appended or self._symbols.changed)

    def take_deltas(self) -> list[Fields]:
        """What changed since the last call: nothing, one delta, or two.

        A page forgets its symbols when a delta brings a session other than the one it has. Two deltas are needed
        where a session came and went between two calls, so that the page would not notice that it was another.
        """
        if not self.changed:
            return []
        deltas: list[Fields] = []
        shown_id = self._shown_session_id
        session_id = self.session.session_id if self.session is not None else None
        page_forgets = "session" in self._replaced and session_id is not None and session_id != shown_id
        if self._restarted_by is not None and not page_forgets:
            deltas.append({"session": self._restarted_by})
            page_forgets = True
        everything = page_forgets or self._restarted_by is not None
        delta: Fields = {name: getattr(self, name) for name in sorted(self._replaced)}
        delta |= self._appended
        if symbols := self._symbols.take(everything):
            delta["symbols"] = symbols
        deltas.append(delta)
        self._changes_shown()
        return deltas

    def _changes_shown(self) -> None:
        self._shown_session_id = self.session.session_id if self.session is not None else None
        self._restarted_by = None
        self._replaced = set()
        self._appended = {}
        self._symbols.take(everything=False)

    def _refuse(self, reason: str) -> None:
        self._invalid += 1
        self._last_invalid = reason[:_MAX_REASON]

    def _replace(self, name: str, value: object) -> None:
        setattr(self, name, value)
        self._replaced.add(name)

    def _append(self, name: str, item: object) -> None:
        self._appended.setdefault(name, []).append(item)

    def _begin(self, session: Session, *, heard_start: bool) -> None:
        if session.session_id != self._session_id:
            self._session_id = session.session_id
            self._totals = Totals()
            self._symbols.clear()
            self._heard_start = heard_start
            if session.session_id != self._shown_session_id:
                self._restarted_by = session
            self.unread_session = None if heard_start else session.session_id
        self._replace("session", session)

    def _session_started(self, event: SessionStarted) -> None:
        self._begin(event.session, heard_start=True)

    def _session_stopped(self, event: SessionStopped) -> None:
        self._replace("summary", event.session)
        if self.session is not None and self.session.session_id == event.session.session_id:
            self._replace("session", None)

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
        self._patterns.append(detection)
        self._totals.patterns += 1
        self._append("patterns", detection)

    def _remember(self, detection: Detection) -> None:
        self._seen[detection.metadata.pattern_id] = _pattern_key(detection)
        if len(self._seen) > _MAX_SEEN_PATTERNS:
            self._seen.popitem(last=False)

    def _indicator(self, event: StreamingIndicator) -> None:
        calculation = event.calculation
        metadata = calculation.metadata
        instance = instance_name(calculation.indicator, metadata)
        outputs = indicator_outputs(calculation.indicator, calculation.value, metadata)
        if not self._symbols.set_indicator(calculation.symbol, instance, outputs):
            self._refuse(f"{calculation.symbol} {instance[:40]}: too many symbols or indicators, or too long a name")
            return
        self._totals.indicators += 1

    def _alert(self, event: IndicatorAlert) -> None:
        self._alerts.append(event.alert)
        self._totals.alerts += 1
        self._append("alerts", event.alert)

    def _health_measured(self, event: StreamingHealth) -> None:
        self._health_history.append(event.health)
        self._append("health_history", event.health)
        self._replace("health", event.health)

    def _critical_alert(self, event: CriticalAlert) -> None:
        self._critical.append(event.alert)
        self._append("critical", event.alert)

    def _bars(self, event: StreamingBars) -> None:
        for bar in event.bars:
            if self._symbols.set_bar(bar, event.minute, begins=self._heard_start):
                self._totals.bars += 1
            else:
                self._refuse(f"{bar.symbol}: too many symbols to show")

    def _checkpoint(self, event: Checkpoint) -> None:
        self._checkpoint_at_ms = self._now_ms
        self.source, self._speed, self._market_time = event.source, event.speed, event.market_time
        latency_ms = max(0, self._now_ms - from_iso(event.timestamp))  # clocks may disagree
        self._latency.add(latency_ms, self._now_ms)
        if self._on_latency is not None:
            self._on_latency(latency_ms)
        if self._gaps.checkpoint(event.service_id, event.counts):
            self._heard_start = False
        if event.session is None:
            if self.session is not None:
                self._replace("session", None)
        elif event.session != self.session:
            self._begin(event.session, heard_start=False)


def _pattern_key(detection: Detection) -> tuple[str, str, str]:
    return detection.symbol, detection.pattern_type, detection.timestamp


def _pattern_id(detection: Detection) -> str:
    return detection.metadata.pattern_id


def _alert_key(alert: Alert) -> tuple[str, str, str]:
    return alert.symbol, alert.alert_type, alert.timestamp


def _critical_key(alert: Critical) -> tuple[str, str, str]:
    return alert.timestamp, alert.component, alert.message


def _health_key(health: Health | HealthRecord) -> str:
    return health.timestamp


def _put_under(newer: deque[_T], older: Iterable[_T], key: Callable[[_T], Hashable]) -> None:
    """Let what is older come first, without what is in both."""
    heard = list(newer)
    keys = {key(item) for item in heard}
    newer.clear()
    newer.extend(item for item in older if key(item) not in keys)
    newer.extend(heard)
