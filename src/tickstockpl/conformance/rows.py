"""What the tables hold of the times that were heard."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, LiteralString, NamedTuple

from tickstockpl.conformance.fingerprints import Fingerprint
from tickstockpl.store.read_pool import ReadPool

Rows = dict[int, Fingerprint]


@dataclass(frozen=True, slots=True)
class EventTable:
    """A table that has a row for each event of a channel.

    Attributes:
        name: the table's.
        required: whether the specification names it; another producer may do without those that it does not.
        statement: fingerprints by time, of sessions and a stretch of time. Rows that were filled up afterwards, of
            which no event goes out, are left out.
    """

    name: str
    required: bool
    statement: LiteralString


_FINGERPRINTS: Final = """
    SELECT (extract(epoch FROM {time}) * 1000)::bigint AS time_ms, count(*) AS count,
           sum(('x' || left(md5({name}), 8))::bit(32)::bigint) AS digest
    FROM {table}
    WHERE {time} BETWEEN to_timestamp(%(from_ms)s::bigint / 1000.0) AND to_timestamp(%(until_ms)s::bigint / 1000.0)
      AND (cardinality(%(sessions)s::uuid[]) = 0 OR session_id = ANY(%(sessions)s::uuid[]))
      AND {live}
    GROUP BY {time}
"""

# The parts below are constants of this module; nothing that comes from outside is put into a statement.
_LIVE: Final = "(metadata ->> 'backfilled') IS DISTINCT FROM 'true'"

PATTERNS: Final = EventTable(
    "intraday_patterns",
    True,
    _FINGERPRINTS.format(
        table="intraday_patterns", time="detected_at", name="symbol || '|' || pattern_type", live=_LIVE
    ),
)
INDICATORS: Final = EventTable(
    "intraday_indicators",
    True,
    _FINGERPRINTS.format(
        table="intraday_indicators", time="calculated_at", name="symbol || '|' || indicator", live=_LIVE
    ),
)
HEALTH: Final = EventTable(
    "streaming_health_metrics",
    True,
    _FINGERPRINTS.format(table="streaming_health_metrics", time="measured_at", name="status", live="true"),
)
ALERTS: Final = EventTable(
    "indicator_alerts",
    False,
    _FINGERPRINTS.format(
        table="indicator_alerts", time="triggered_at", name="symbol || '|' || alert_type", live="NOT backfilled"
    ),
)

_EXISTS: Final = "SELECT to_regclass(%(table)s) IS NOT NULL AS there"

_SESSION: Final = """
    SELECT total_patterns, total_indicators, final_status,
           (extract(epoch FROM stopped_at) * 1000)::bigint AS stopped_ms
    FROM streaming_sessions WHERE session_id = %(session_id)s::uuid
"""


class StoredSession(NamedTuple):
    """A row of ``streaming_sessions``; totals and status are null while it runs."""

    total_patterns: int | None
    total_indicators: int | None
    final_status: str | None
    stopped_ms: int | None


class StoredRows:
    """Asks the tables of any producer; of its four nothing but the specification's columns is presumed.

    Every method raises :class:`tickstockpl.store.read_pool.DatabaseUnavailableError` if there is no answer.

    Args:
        pool: connections.
    """

    def __init__(self, pool: ReadPool) -> None:
        self._pool = pool

    async def exists(self, table: EventTable) -> bool:
        """Whether there is such a table."""
        ((there,),) = await self._pool.rows(_EXISTS, {"table": table.name})
        return bool(there)

    async def between(self, table: EventTable, from_ms: int, until_ms: int, sessions: Sequence[str]) -> Rows:
        """The rows of some sessions, of all if none is named, by time, both ends included."""
        parameters = {"from_ms": from_ms, "until_ms": until_ms, "sessions": list(sessions)}
        rows = await self._pool.rows(table.statement, parameters)
        return {time_ms: Fingerprint(count, int(digest)) for time_ms, count, digest in rows}

    async def session(self, session_id: str) -> StoredSession | None:
        """A session's row, if there is one."""
        rows = await self._pool.rows(_SESSION, {"session_id": session_id})
        return StoredSession(*rows[0]) if rows else None
