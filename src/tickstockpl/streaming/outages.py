"""Servers that go and come back: critical alerts of each turn, and what health says meanwhile."""

from collections.abc import Iterator
from typing import Final, Literal

from tickstockpl.clock import MAX_SPEED, Clock, monotonic_s
from tickstockpl.contract.events import Critical
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.store.writer import Writer
from tickstockpl.streaming.critical import restored
from tickstockpl.streaming.health import Trouble
from tickstockpl.streaming.latch import Latch
from tickstockpl.streaming.publisher import Publisher
from tickstockpl.streaming.wording import duration, one_line

STORE_BACKLOG_WRITES: Final = 32
"""Writes waiting to be stored above which health says that the database is behind.

Where nothing paces the market the database is what does, and that is no trouble.
"""


class Turns:
    """Losses and returns of one thing, in turn: several that lie between two looks are told as one loss, one return."""

    def __init__(self) -> None:
        self._was_away = False
        self._outages = 0

    def look(self, is_away: bool, outages: int) -> Iterator[Literal["lost", "back"]]:
        """What has happened since the last look.

        Args:
            is_away: whether it is away now.
            outages: how many outages have begun so far.
        """
        again = outages > self._outages
        if self._was_away and (again or not is_away):
            yield "back"
        if again or (is_away and not self._was_away):
            yield "lost"
            if not is_away:
                yield "back"
        self._was_away, self._outages = is_away, outages


class OutageWatch:
    """Watches PostgreSQL, its spool and Redis.

    Args:
        clock: the market's time.
        writer: to PostgreSQL.
        publisher: to Redis.
        hold_s: how long the database must have kept up before it is not behind any more, wall seconds.
    """

    def __init__(self, clock: Clock, writer: Writer, publisher: Publisher, hold_s: float) -> None:
        self._writer = writer
        self._publisher = publisher
        self._database = Turns()
        self._redis = Turns()
        self._spool_is_full = False
        self._is_paced = clock.speed != MAX_SPEED
        self._is_behind = Latch.above(STORE_BACKLOG_WRITES, hold_s)

    def look(self, market_ms: int) -> list[Critical]:
        """What has changed since the last look, as alerts of this moment."""
        if self._is_paced:
            self._is_behind.update(self._writer.depth, monotonic_s())
        now = to_iso(market_ms)
        return [*self._of_the_database(now), *self._of_the_spool(now), *self._of_redis(now)]

    def troubles(self) -> list[Trouble]:
        """What was wrong at the last look."""
        return [*self._troubles_of_redis(), *self._troubles_of_the_database()]

    def _of_the_database(self, now: str) -> Iterator[Critical]:
        writer = self._writer
        for turn in self._database.look(not writer.connected, writer.outages):
            if turn == "lost":
                yield _lost(
                    "PostgreSQL was lost; rows wait in a spool on disk",
                    writer.last_error,
                    now,
                    "postgresql",
                    "start the database; the rows are stored on its return",
                )
            else:
                yield restored("PostgreSQL is back", "postgresql", now, writer.last_outage_s)

    def _of_the_spool(self, now: str) -> Iterator[Critical]:
        if self._writer.lost and not self._spool_is_full:
            yield _lost(
                "the spool is full: rows are lost from now on until PostgreSQL is back",
                None,
                now,
                "spool",
                "start the database; free the disk or raise TICKSTOCK_SPOOL_MAX_MB",
            )
        self._spool_is_full = bool(self._writer.lost)

    def _of_redis(self, now: str) -> Iterator[Critical]:
        publisher = self._publisher
        for turn in self._redis.look(publisher.away_s > 0, publisher.outages):
            if turn == "lost":
                yield _lost(
                    "Redis was lost; events wait for it",
                    publisher.last_error,
                    now,
                    "redis",
                    "start Redis; the events are published on its return",
                )
            else:
                yield restored("Redis is back", "redis", now, publisher.last_outage_s)

    def _troubles_of_the_database(self) -> Iterator[Trouble]:
        writer, behind = self._writer, self._is_behind
        if writer.lost:
            lost = ", ".join(f"{count} {kind}" for kind, count in sorted(writer.lost.items()))
            yield Trouble("critical", f"Spool full, not stored: {lost}")
        spooled = f"{writer.spooled_minutes} minutes are spooled ({writer.spooled_bytes / 1e6:.1f} MB)"
        if (error := writer.last_error) is not None:
            yield Trouble("warning", f"Database unreachable for {duration(writer.away_s)}, {spooled}: {error}")
        elif behind.is_on and writer.depth > STORE_BACKLOG_WRITES:
            yield Trouble("warning", f"Database is behind: {writer.depth} writes wait, {spooled}")
        elif behind.is_on:
            yield Trouble("warning", f"Database was behind: {behind.worst:.0f} writes waited, now {writer.depth}")

    def _troubles_of_redis(self) -> Iterator[Trouble]:
        publisher = self._publisher
        if publisher.lost:
            yield Trouble("critical", f"Too much waited for Redis, not published: {publisher.lost} events")
        if away_s := publisher.away_s:
            reason = publisher.last_error or "what waited is going out"
            waiting = f"{publisher.waiting} messages wait"
            yield Trouble("critical", f"Redis unreachable for {duration(away_s)}, {waiting}: {reason}")


def _lost(what: str, reason: str | None, now: str, component: str, action: str) -> Critical:
    return Critical(
        severity="critical",
        message=f"{what}: {one_line(reason)}" if reason else what,
        timestamp=now,
        component=component,
        action_required=action,
        recovery=None,
    )
