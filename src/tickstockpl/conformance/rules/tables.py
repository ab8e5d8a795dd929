"""The tables hold what went out: a row for each event, an event for each row."""

import asyncio
from collections.abc import Sequence
from typing import Final

from tickstockpl import clock
from tickstockpl.conformance.findings import Finding, Offences
from tickstockpl.conformance.fingerprints import Fingerprint, Fingerprints
from tickstockpl.conformance.heard import Heard
from tickstockpl.conformance.rows import ALERTS, HEALTH, INDICATORS, PATTERNS, EventTable, StoredRows
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import (
    IndicatorAlert,
    SessionStarted,
    SessionStopped,
    SessionSummary,
    StreamingHealth,
    StreamingIndicator,
)
from tickstockpl.contract.timestamps import from_iso, to_iso
from tickstockpl.store.read_pool import DatabaseUnavailableError, TablesLackingError

STORED_WITHIN_S: Final = 10.0
"""How long the tables are waited for: producers publish first and store then."""

_LOOK_S: Final = 0.25

_RULE: Final = "tables"


class TableRule:
    """Compares minute by minute what was heard with what is stored; every rule of the stream is asked before it."""

    def __init__(self) -> None:
        self._events = {table: Fingerprints() for table in (PATTERNS, INDICATORS, HEALTH, ALERTS)}
        self._ended: dict[str, SessionSummary] = {}
        self._running = False

    def take(self, heard: Heard) -> None:
        """Look at one message; of a pattern only the first of its two."""
        event, time_ms = heard.event, heard.time_ms
        if event is None or time_ms is None:
            return
        if isinstance(event, StreamingIndicator):
            self._events[INDICATORS].add(time_ms, event.calculation.symbol, event.calculation.indicator)
        elif isinstance(event, IndicatorAlert):
            self._events[ALERTS].add(time_ms, event.alert.symbol, event.alert.alert_type)
        elif isinstance(event, StreamingHealth):
            self._events[HEALTH].add(time_ms, event.health.status)
        elif heard.channel == Channel.PATTERNS:
            for detection in heard.detections:
                self._events[PATTERNS].add(from_iso(detection.timestamp), detection.symbol, detection.pattern_type)
        elif isinstance(event, SessionStarted):
            self._running = True
        elif isinstance(event, SessionStopped):
            self._running = False
            self._ended[event.session.session_id] = event.session

    async def compare(self, stored: StoredRows, sessions: Sequence[str], *, missed: bool) -> Finding:
        """Ask the tables, for as long as something may still be on its way.

        Args:
            stored: the tables.
            sessions: whose rows; none for all.
            missed: whether events did not arrive here: then a row without one says nothing.
        """
        deadline_s = clock.monotonic_s() + STORED_WITHIN_S
        try:
            while True:
                offences, compared, lacking = await self._look(stored, sessions, missed=missed)
                if not offences.total or clock.monotonic_s() > deadline_s:
                    break
                await asyncio.sleep(_LOOK_S)
        except TablesLackingError as error:
            return Finding(_RULE, "fail", str(error), [])
        except DatabaseUnavailableError as error:
            return Finding(_RULE, "unknown", f"the tables cannot be read: {error}", [])
        without = f"; the producer has no table {', '.join(lacking)}" if lacking else ""
        return offences.finding(
            _RULE,
            f"each of {compared:,} events has its row, and no row lacks its event{without}",
            f"{{count}} minutes or sessions differ between the channels and the tables{without}",
            unknown="" if compared else "no minute and no session was heard whole",
        )

    async def _look(
        self, stored: StoredRows, sessions: Sequence[str], *, missed: bool
    ) -> tuple[Offences, int, list[str]]:
        offences, compared, lacking = Offences(), 0, []
        for table, events in self._events.items():
            if not table.required and not await stored.exists(table):
                lacking.append(table.name)
                continue
            heard = events.all()
            partial = events.partial(ended=bool(self._ended) and not self._running)
            if whole := heard.keys() - partial:
                compared += sum(heard[time_ms].events for time_ms in whole)
                # A replay may go back to an earlier day: what was heard in part may lie among the rest.
                rows = await stored.between(table, min(whole), max(whole), sessions)
                _compare(table, heard, rows, partial, offences, missed=missed)
        for session_id, ended in self._ended.items():
            compared += 1
            await _compare_session(session_id, ended, stored, offences)
        return offences, compared, lacking


def _compare(
    table: EventTable,
    heard: dict[int, Fingerprint],
    rows: dict[int, Fingerprint],
    partial: set[int],
    offences: Offences,
    *,
    missed: bool,
) -> None:
    for time_ms in sorted((heard.keys() | rows.keys()) - partial):
        said, kept = heard.get(time_ms, Fingerprint()), rows.get(time_ms, Fingerprint())
        if said == kept or (missed and kept.events > said.events):
            continue
        reason = f"at {to_iso(time_ms)} there were {said.events:,} events and there are {kept.events:,} rows"
        if said.events == kept.events:
            reason += ", and they name other symbols or kinds"
        offences.add(table.name, 0, reason)


async def _compare_session(session_id: str, ended: SessionSummary, stored: StoredRows, offences: Offences) -> None:
    row = await stored.session(session_id)
    where = "streaming_sessions"
    if row is None:
        offences.add(where, 0, f"there is no row of session {session_id}, which has ended", field="session_id")
        return
    for field, said, kept in (
        ("total_patterns", ended.total_patterns, row.total_patterns),
        ("total_indicators", ended.total_indicators, row.total_indicators),
        ("final_status", ended.final_status, row.final_status),
        ("stopped_at", ended.stopped_at, None if row.stopped_ms is None else to_iso(row.stopped_ms)),
    ):
        if said != kept:
            offences.add(where, 0, f"session {session_id} was said to have {said} and has {kept}", field=field)
