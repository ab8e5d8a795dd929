"""What the tables hold of a scenario's session."""

from collections.abc import Sequence
from typing import Final, LiteralString

from tickstockpl.contract.channels import Channel
from tickstockpl.scenarios.facts import Facts, critical, is_confident, started, stopped
from tickstockpl.store.from_rows import Row
from tickstockpl.store.read_pool import ReadPool

_TIME: Final = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'

_PATTERNS: Final = """
    SELECT pattern_type, symbol, to_char(detected_at AT TIME ZONE 'UTC', %(time)s), confidence,
           coalesce((metadata ->> 'backfilled')::boolean, false)
    FROM intraday_patterns WHERE session_id = %(session)s::uuid
"""
_INDICATORS: Final = """
    SELECT metadata ->> 'instance', symbol, to_char(calculated_at AT TIME ZONE 'UTC', %(time)s),
           coalesce((metadata ->> 'backfilled')::boolean, false)
    FROM intraday_indicators WHERE session_id = %(session)s::uuid
"""
_ALERTS: Final = """
    SELECT alert_type, symbol, to_char(triggered_at AT TIME ZONE 'UTC', %(time)s), backfilled
    FROM indicator_alerts WHERE session_id = %(session)s::uuid
"""
_CRITICAL: Final = """
    SELECT severity, component, recovery IS NOT NULL FROM critical_alerts WHERE session_id = %(session)s::uuid
"""
_SESSION: Final = """
    SELECT symbol_count, final_status, total_patterns, total_indicators
    FROM streaming_sessions WHERE session_id = %(session)s::uuid
"""
_HEALTH: Final = "SELECT count(*) FROM streaming_health_metrics WHERE session_id = %(session)s::uuid"


class StoredFacts:
    """Reads a session's rows back.

    Args:
        pool: connections; every method raises ``DatabaseUnavailableError`` if there is no answer.
        session_id: the session's.
    """

    def __init__(self, pool: ReadPool, session_id: str) -> None:
        self._pool = pool
        self._session_id = session_id

    async def read(self) -> Facts:
        """All rows, as facts; cost: about 5 µs a row."""
        facts = Facts()
        for pattern, symbol, time, confidence, backfilled in await self._rows(_PATTERNS):
            kept = facts.afterwards if backfilled else facts.sent
            kept[Channel.PATTERNS][pattern, symbol, time] += 1
            if is_confident(float(confidence)):
                kept[Channel.HIGH_CONFIDENCE_PATTERNS][pattern, symbol, time] += 1
        for channel, statement in ((Channel.INDICATORS, _INDICATORS), (Channel.INDICATOR_ALERTS, _ALERTS)):
            for name, symbol, time, backfilled in await self._rows(statement):
                kept = facts.afterwards if backfilled else facts.sent
                kept[channel][str(name), symbol, time] += 1
        for severity, component, recovery in await self._rows(_CRITICAL):
            facts.sent[Channel.CRITICAL_ALERTS][critical(severity, component, recovery=recovery)] += 1
        for symbol_count, status, patterns, indicators in await self._rows(_SESSION):
            facts.sent[Channel.SESSION_STARTED][started(symbol_count)] += 1
            if status is not None:
                facts.sent[Channel.SESSION_STOPPED][stopped(status, patterns, indicators)] += 1
        return facts

    async def health(self) -> int:
        """How many measurements there are."""
        ((count,),) = await self._rows(_HEALTH)
        return int(count)

    async def _rows(self, statement: LiteralString) -> Sequence[Row]:
        return await self._pool.rows(statement, {"session": self._session_id, "time": _TIME})
