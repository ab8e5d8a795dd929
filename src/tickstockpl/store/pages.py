"""History page by page, newest first: patterns, alerts, indicators, health and sessions.

A large table is asked session by session (:mod:`tickstockpl.store.selects`), so the order of rows is that of their
sessions, the newest first, and within a session that of their times.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString

from tickstockpl.contract.events import Alert, Calculation, Critical, Detection
from tickstockpl.contract.instances import instance_name
from tickstockpl.contract.timestamps import from_iso
from tickstockpl.store import from_rows, selects
from tickstockpl.store.from_rows import Row
from tickstockpl.store.paging import Page, Position
from tickstockpl.store.read_pool import Parameters, ReadPool
from tickstockpl.store.records import HealthRecord, SessionRecord

SESSIONS_LOOKED_BACK: Final = 20
"""Rows of a page are looked for in so many sessions of the source: about a month of trading days."""

INDICATOR_SESSIONS_LOOKED_BACK: Final = 3


@dataclass(frozen=True, slots=True)
class PatternFilter:
    """Which patterns; ``None`` stands for no restriction.

    Attributes:
        symbol: of which symbol.
        pattern_types: of which types.
        min_confidence: from which confidence on.
        since: detected at or after which moment.
    """

    symbol: str | None = None
    pattern_types: Sequence[str] | None = None
    min_confidence: float | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which indicator alerts; ``None`` stands for no restriction.

    Attributes:
        symbol: of which symbol.
        alert_type: of which type.
        severity: how severe.
        since: triggered at or after which moment.
    """

    symbol: str | None = None
    alert_type: str | None = None
    severity: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Session:
    session_id: str
    started_at: datetime
    stopped_at: datetime | None


class Pages:
    """Questions for a page of rows.

    Every method raises :class:`~tickstockpl.store.read_pool.DatabaseUnavailableError` when there is no answer within a
    few seconds.

    Args:
        pool: the connections.
    """

    def __init__(self, pool: ReadPool) -> None:
        self._rows = pool.rows

    async def patterns(
        self,
        source: str | None,
        limit: int,
        which: PatternFilter | None = None,
        *,
        before: Position | None = None,
        session_id: str | None = None,
    ) -> Page[Detection]:
        """Patterns of a source, or of one session; about 2 ms a session looked at."""
        which = which or PatternFilter()
        parameters = {
            "symbol": which.symbol,
            "pattern_types": None if which.pattern_types is None else list(which.pattern_types),
            "min_confidence": which.min_confidence,
            "since": which.since,
        }
        found = await self._walk(selects.PATTERNS, source, limit, parameters, before, session_id)
        return found.built(lambda rows: from_rows.sound(from_rows.detection, rows))

    async def alerts(
        self,
        source: str | None,
        limit: int,
        which: AlertFilter | None = None,
        *,
        before: Position | None = None,
        session_id: str | None = None,
    ) -> Page[Alert]:
        """Indicator alerts of a source, or of one session."""
        which = which or AlertFilter()
        parameters = {
            "symbol": which.symbol,
            "alert_type": which.alert_type,
            "severity": which.severity,
            "since": which.since,
        }
        found = await self._walk(selects.ALERTS, source, limit, parameters, before, session_id)
        return found.built(lambda rows: from_rows.sound(from_rows.alert, rows))

    async def indicators(
        self,
        symbol: str,
        source: str | None,
        limit: int,
        *,
        before: Position | None = None,
        indicator: str | None = None,
    ) -> Page[Calculation]:
        """A symbol's values in a stretch of time: of each instance ``limit`` at most, of one of them so many.

        All instances begin at the same moment, so that pages neither overlap nor leave anything out. Where several
        sessions have a value of the same bar, the one that began last counts. About 6 ms a session looked at.

        Args:
            symbol: whose.
            source: where they came from.
            limit: values of one instance.
            before: earlier ones only.
            indicator: only of this indicator, named without parameters.
        """
        asked = {"symbol": symbol, "indicator": indicator, "before_at": before.at if before else None}
        sessions = await self._sessions(source, before, INDICATOR_SESSIONS_LOOKED_BACK + 1)
        values: dict[str, dict[str, Calculation]] = {}
        begins: str | None = None
        for session in sessions[:INDICATOR_SESSIONS_LOOKED_BACK]:
            if begins is not None and session.stopped_at is not None and from_rows.iso(session.stopped_at) < begins:
                continue
            parameters = {**asked, "session_id": session.session_id, "limit": limit + 1}
            for found in from_rows.sound(from_rows.calculation, await self._rows(selects.INDICATORS, parameters)):
                values.setdefault(instance_name(found.indicator, found.metadata), {}).setdefault(found.timestamp, found)
            begins = _begin(values.values(), limit)
        items = [
            of[time] for of in values.values() for time in sorted(of, reverse=True) if begins is None or time >= begins
        ]
        if begins is not None:
            return Page(items, Position(from_rows.moment(from_iso(begins))))
        unread = len(sessions) > INDICATOR_SESSIONS_LOOKED_BACK
        return Page(items, Position(sessions[INDICATOR_SESSIONS_LOOKED_BACK - 1].started_at) if unread else None)

    async def critical_alerts(
        self,
        limit: int,
        *,
        severity: str | None = None,
        component: str | None = None,
        since: datetime | None = None,
        before: Position | None = None,
    ) -> Page[Critical]:
        """Critical alerts of all sources, and those that were raised while nothing was streamed."""
        asked = {"severity": severity, "component": component, "since": since, "limit": limit + 1}
        rows = await self._rows(selects.ALL_CRITICAL_ALERTS, {**asked, **_before(before)})
        return _cut(rows, limit).built(lambda kept: from_rows.sound(from_rows.critical, kept))

    async def health(
        self, source: str | None, limit: int, *, before: Position | None = None, since: datetime | None = None
    ) -> Page[HealthRecord]:
        """Health measurements of a source."""
        rows = await self._rows(
            selects.HEALTH, {"source": source, "since": since, "limit": limit + 1, **_before(before)}
        )
        return _cut(rows, limit).built(lambda kept: from_rows.sound(from_rows.health, kept))

    async def sessions(self, source: str | None, limit: int, *, before: Position | None = None) -> Page[SessionRecord]:
        """Sessions, the one that was begun last first; of one source, or of all."""
        asked = {"source": source, "limit": limit + 1, "before_id": before.session_id if before else None}
        rows = list(await self._rows(selects.SESSIONS, {**asked, "before_at": before.at if before else None}))
        last = rows[limit - 1] if len(rows) > limit else None
        earlier = Position(last[-1], 0, last[0]) if last is not None else None
        return Page([from_rows.session(row[:-1]) for row in rows[:limit]], earlier)

    async def _walk(
        self,
        statement: LiteralString,
        source: str | None,
        limit: int,
        parameters: Parameters,
        before: Position | None,
        session_id: str | None,
    ) -> Page[Row]:
        """Rows of the source's newest session, and of earlier ones until there are enough."""
        if session_id is None:
            sessions = await self._sessions(source, before, SESSIONS_LOOKED_BACK + 1)
        else:
            sessions = await self._session(session_id)
        found: list[Row] = []
        for session in sessions[:SESSIONS_LOOKED_BACK]:
            within = before if before and before.session_id in (None, session.session_id) else None
            asked = {**parameters, **_before(within), "session_id": session.session_id, "limit": limit + 1 - len(found)}
            found += await self._rows(statement, asked)
            if len(found) > limit:
                return _cut(found, limit, by_session=True)
        unread = len(sessions) > SESSIONS_LOOKED_BACK
        last = sessions[SESSIONS_LOOKED_BACK - 1] if unread else None
        return Page(found, Position(last.started_at, 0, last.session_id) if last is not None else None)

    async def _sessions(self, source: str | None, before: Position | None, limit: int) -> list[_Session]:
        """The source's sessions from that of a position on, or those that had begun by a moment."""
        rows = await self._rows(
            selects.SESSION_IDS,
            {
                "source": source,
                "from_id": before.session_id if before else None,
                "before_at": before.at if before else None,
                "limit": limit,
            },
        )
        return [_Session(*row) for row in rows]

    async def _session(self, session_id: str) -> list[_Session]:
        rows = await self._rows(selects.SESSION, {"session_id": session_id})
        return [_Session(row[0], row[3], row[4]) for row in rows]


def _begin(values: Iterable[Collection[str]], limit: int) -> str | None:
    """Since when no instance has more values than are asked for, by their times; ``None`` if none has more."""
    full = (sorted(times, reverse=True)[limit - 1] for times in values if len(times) > limit)
    return max(full, default=None)


def _before(position: Position | None) -> dict[str, object]:
    return {"before_at": position.at if position else None, "before_row": position.row if position else None}


def _cut(rows: Sequence[Row], limit: int, *, by_session: bool = False) -> Page[Row]:
    """The page of rows whose first columns are their number, their session and their time; one more was asked for."""
    if len(rows) <= limit:
        return Page(list(rows), None)
    number, session_id, at = rows[limit - 1][:3]
    return Page(list(rows[:limit]), Position(at, number, session_id if by_session else None))
