"""Critical alerts of servers that go and come back: each once, and its end."""

from collections.abc import Iterator

from tickstockpl.contract.events import Critical
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.store.writer import Writer
from tickstockpl.streaming.publisher import Publisher
from tickstockpl.streaming.wording import duration, one_line


class OutageWatch:
    """Compares what is reachable now with what was at the last look; what went and came between is not told.

    Args:
        writer: to PostgreSQL.
        publisher: to Redis.
    """

    def __init__(self, writer: Writer, publisher: Publisher) -> None:
        self._writer = writer
        self._publisher = publisher
        self._database_is_away = False
        self._redis_is_away = False
        self._spool_is_full = False

    def look(self, market_ms: int) -> list[Critical]:
        """What has changed, as alerts of this moment."""
        return [*self._database(to_iso(market_ms)), *self._spool(to_iso(market_ms)), *self._redis(to_iso(market_ms))]

    def _database(self, now: str) -> Iterator[Critical]:
        writer = self._writer
        is_away = not writer.connected
        if is_away and not self._database_is_away:
            yield Critical(
                severity="critical",
                message=f"PostgreSQL was lost; rows wait in a spool on disk: {one_line(writer.last_error or '')}",
                timestamp=now,
                component="postgresql",
                action_required="start the database; the rows are stored on its return",
                recovery=None,
            )
        elif self._database_is_away and not is_away:
            yield _restored("PostgreSQL", "postgresql", now, writer.last_outage_s)
        self._database_is_away = is_away

    def _spool(self, now: str) -> Iterator[Critical]:
        if self._writer.lost and not self._spool_is_full:
            yield Critical(
                severity="critical",
                message="the spool is full: rows are lost from now on until PostgreSQL is back",
                timestamp=now,
                component="spool",
                action_required="start the database; free the disk or raise TICKSTOCK_SPOOL_MAX_MB",
                recovery=None,
            )
        self._spool_is_full = bool(self._writer.lost)

    def _redis(self, now: str) -> Iterator[Critical]:
        publisher = self._publisher
        is_away = publisher.away_s > 0
        if is_away and not self._redis_is_away:
            yield Critical(
                severity="critical",
                message=f"Redis was lost; events wait in memory: {one_line(publisher.last_error or '')}",
                timestamp=now,
                component="redis",
                action_required="start Redis; the events are published on its return",
                recovery=None,
            )
        elif self._redis_is_away and not is_away:
            yield _restored("Redis", "redis", now, publisher.last_outage_s)
        self._redis_is_away = is_away


def _restored(name: str, component: str, now: str, outage_s: float) -> Critical:
    return Critical(
        severity="info",
        message=f"{name} is back",
        timestamp=now,
        component=component,
        action_required=None,
        recovery=f"Connection re-established successfully after {duration(outage_s)}",
    )
