"""The read side: what the dashboard asks of the tables. Every query is bounded in rows and in time."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
import structlog

from tickstockpl.contract.catalog import Catalog, decode_catalog
from tickstockpl.contract.channels import HIGH_CONFIDENCE
from tickstockpl.contract.events import Alert, Calculation, Critical, Detection
from tickstockpl.store import from_rows, selects
from tickstockpl.store.pages import SESSIONS_LOOKED_BACK, Pages
from tickstockpl.store.read_pool import DatabaseUnavailableError, ReadPool
from tickstockpl.store.records import (
    BarPage,
    BarRecord,
    HealthRecord,
    RowCounts,
    SessionFigures,
    SessionRecord,
    StoredBar,
)

__all__ = ["DatabaseUnavailableError", "Queries"]

_log = structlog.get_logger(__name__)


class Queries:
    """Questions to the tables.

    Every method that asks raises :class:`DatabaseUnavailableError` when there is no answer within a few seconds.

    Args:
        database_url: ``postgresql://`` URL.

    Attributes:
        pages: history page by page.

    Raises:
        TickStockError: if it is not one.
    """

    def __init__(self, database_url: str) -> None:
        self._pool = ReadPool(database_url)
        self._rows = self._pool.rows
        self.pages = Pages(self._pool)

    async def open(self) -> None:
        """Make the connections ready; connects to nothing yet."""
        await self._pool.open()

    async def close(self) -> None:
        """Let go of all connections."""
        await self._pool.close()

    async def check(self) -> None:
        """See whether the database answers at all.

        Raises:
            TickStockError: if it does not; names the address, never the password.
        """
        await self._pool.check()

    async def sessions(self, limit: int, source: str | None = None) -> list[SessionRecord]:
        """Sessions, the one that was begun last first; of one source, or of all."""
        return (await self.pages.sessions(source, limit)).items

    async def session(self, session_id: str) -> SessionRecord | None:
        """One session."""
        rows = await self._rows(selects.SESSION, {"session_id": session_id})
        return from_rows.session(rows[0]) if rows else None

    async def catalog(self, source: str | None) -> Catalog | None:
        """What the source's producer looks for; ``None`` where it has stored nothing that this program can read."""
        rows = await self._rows(selects.CATALOG, {"source": source})
        try:
            return decode_catalog(rows[0][0]) if rows else None
        except msgspec.ValidationError as error:  # a producer of another version
            _log.warning("a catalog is left out: it is not of the contract", source=source, reason=str(error))
            return None

    async def bars(self, symbol: str, source: str | None, limit: int, before: datetime | None = None) -> BarPage:
        """A symbol's newest bars, or the newest that begin before a moment, found by the table's key; about 2 ms.

        Args:
            symbol: whose.
            source: where they came from; bars of no source are not stored.
            limit: how many at most.
            before: a moment with its time zone.
        """
        parameters = {"source": source, "symbol": symbol, "before": before, "limit": limit + 1}
        rows = await self._rows(selects.BARS, parameters)
        kept = rows[:limit]
        return BarPage(
            bars=[StoredBar(from_rows.iso(row[0]), *row[1:6]) for row in reversed(kept)],
            session_ids=list(dict.fromkeys(row[6] for row in kept)),
            earlier=len(rows) > limit,
        )

    async def indicator_series(
        self, symbol: str, session_ids: Sequence[str], indicators: Sequence[str], first: str, last: str
    ) -> list[Calculation]:
        """What some sessions have of a symbol's indicators, named without parameters, in a stretch of time.

        Args:
            symbol: whose.
            session_ids: of which sessions; at most as many are asked as a symbol's history reaches back.
            indicators: which, ``SMA`` for all averages.
            first: the earliest close, a contract timestamp.
            last: the latest.
        """
        found: list[Calculation] = []
        for session_id in session_ids[:SESSIONS_LOOKED_BACK]:
            asked = {"session_id": session_id, "symbol": symbol, "indicators": list(indicators)}
            rows = await self._rows(selects.INDICATOR_SERIES, {**asked, "first": first, "last": last})
            found += from_rows.sound(from_rows.calculation, rows)
        return found

    async def session_patterns(self, session_id: str, limit: int) -> list[Detection]:
        """A session's newest patterns, newest first."""
        return (await self.pages.patterns(None, limit, session_id=session_id)).items

    async def session_alerts(self, session_id: str, limit: int) -> list[Alert]:
        """A session's newest indicator alerts, newest first."""
        return (await self.pages.alerts(None, limit, session_id=session_id)).items

    async def session_critical_alerts(self, session_id: str, limit: int) -> list[Critical]:
        """The newest critical alerts of a session, or since it began outside of any, newest first."""
        rows = await self._rows(selects.CRITICAL_ALERTS, {"session_id": session_id, "limit": limit})
        return from_rows.sound(from_rows.critical, rows)

    async def session_health(self, session_id: str, limit: int) -> list[HealthRecord]:
        """A session's newest health measurements, newest first."""
        rows = await self._rows(selects.SESSION_HEALTH, {"session_id": session_id, "limit": limit})
        return from_rows.sound(from_rows.health, rows)

    async def session_bars(self, session_id: str) -> list[BarRecord]:
        """Every symbol's newest bar and first open of a session; 0.2 s for a day of 500 symbols."""
        return [
            BarRecord(row[0], from_rows.iso(row[1]), *row[2:])
            for row in await self._rows(selects.SESSION_BARS, {"session_id": session_id})
        ]

    async def session_indicators(self, session_id: str, since: str) -> list[Calculation]:
        """Every symbol's newest value of each indicator that was calculated after ``since``, a contract timestamp.

        Costs 0.15 s for half an hour of 500 symbols.
        """
        rows = await self._rows(selects.SESSION_INDICATORS, {"session_id": session_id, "since": since})
        return from_rows.sound(from_rows.calculation, rows)

    async def session_counts(self, session_id: str) -> RowCounts:
        """How many rows a session has; 0.2 s for a day of 500 symbols."""
        (row,) = await self._rows(selects.SESSION_COUNTS, {"session_id": session_id})
        return RowCounts(*row)

    async def session_figures(self, session_id: str) -> SessionFigures:
        """What a session found, counted by type, symbol and hour."""
        patterns = await self._rows(selects.SUMMARY_PATTERNS, {"session_id": session_id, "high": HIGH_CONFIDENCE})
        alerts = await self._rows(selects.SUMMARY_ALERTS, {"session_id": session_id})
        return from_rows.session_figures(patterns, alerts)
