"""Which session of a trading day is next, by what is stored of the day."""

import asyncio

from tickstockpl.contract.timestamps import from_iso, to_iso
from tickstockpl.errors import TickStockError
from tickstockpl.feeds.base import Feed
from tickstockpl.market.bars import MINUTE_MS
from tickstockpl.market.calendar import MarketDay
from tickstockpl.store.commands import StoredCommand, last_command
from tickstockpl.store.rows import SessionClosing
from tickstockpl.store.sessions import (
    StoredSession,
    delete_session,
    find_session,
    sessions_of_day,
    unfinished_sessions,
)
from tickstockpl.store.writer import Writer
from tickstockpl.streaming.session import FIRST_OF_DAY, LiveSession
from tickstockpl.streaming.status import ServiceStatus


class Agenda:
    """Finds what earlier runs have stored of a day, and the session to go on with.

    Args:
        database_url: where sessions are.
        writer: says whether the database is reachable now.
        status: what the operator sees.
        again: replace sessions that are stored already instead of skipping or resuming them.
    """

    def __init__(self, database_url: str, writer: Writer, status: ServiceStatus, *, again: bool) -> None:
        self._database_url = database_url
        self._writer = writer
        self._status = status
        self._again = again
        self._newest: dict[tuple[MarketDay, str], int] = {}

    async def command_of(self, source: str, day: MarketDay) -> StoredCommand | None:
        """What an operator wanted last of this day, before the service was started.

        Raises:
            TickStockError: if the database cannot be reached.
        """
        return await asyncio.to_thread(last_command, self._database_url, source, day.date)

    async def close_cut_off(self, source: str, before: MarketDay) -> None:
        """End the sessions of earlier days of a live source that were cut off and can no longer be resumed.

        Raises:
            TickStockError: if the database cannot be reached.
        """
        unfinished = await asyncio.to_thread(unfinished_sessions, self._database_url, source, before.date)
        for date, session_id in unfinished:
            stored = await asyncio.to_thread(find_session, self._database_url, session_id)
            if stored is None:
                continue
            cut_off = stored.started_at
            if stored.last_minute is not None:
                cut_off = to_iso(from_iso(stored.last_minute) + MINUTE_MS)
            totals = stored.total_patterns, stored.total_indicators
            await self._writer.put(SessionClosing(session_id, cut_off, *totals, "failed"))
            self._status.note(f"{date}: the session was cut off at {cut_off[11:16]}Z and never resumed; it has failed")

    async def take_up(self, feed: Feed, day: MarketDay, now_ms: int) -> LiveSession | None:
        """The session of a day that an earlier run has begun, or the day's first; ``None`` if the day is complete.

        Args:
            feed: open.
            day: the day.
            now_ms: the market's time, if it runs by itself: a first session then starts late.

        Raises:
            TickStockError: if the database cannot be reached, unless it was lost in mid-stream.
        """
        first = self._session(feed, day, FIRST_OF_DAY, now_ms)
        try:
            found = await self._stored(feed, day)
        except TickStockError as error:
            # A day begins in an outage. What might be stored of it already is found to be there when the rows land.
            if self._again or self._writer.connected:
                raise
            self._status.note(f"{day.date}: streamed from its open, whatever is stored of it: {error}")
            return first
        if found is None:
            return first
        ordinal, stored = found
        if stored.final_status == "completed":
            self._status.note(_already(day, ordinal, stored))
            return None
        session = self._session(feed, day, ordinal, now_ms)
        session.resume(stored)
        if session.stored_until_ms > session.started_ms:
            at = to_iso(session.stored_until_ms)[11:16]
            self._status.note(f"{day.date}: resumed at {at}Z, where it was interrupted")
        return session

    async def another(self, feed: Feed, day: MarketDay, now_ms: int) -> LiveSession:
        """A further session of a day on which one was stopped.

        Raises:
            TickStockError: if it is not known which there were: the database cannot be reached.
        """
        key = day, feed.universe.key
        if key not in self._newest:
            stored = await self._of_day(feed, day)
            self._newest[key] = max((ordinal for ordinal, _ in stored), default=0)
        return self._session(feed, day, self._newest[key] + 1, now_ms)

    def _session(self, feed: Feed, day: MarketDay, ordinal: int, now_ms: int) -> LiveSession:
        universe = feed.universe
        self._newest[day, universe.key] = ordinal
        return LiveSession.of_day(day, universe.key, feed.source, len(universe), ordinal=ordinal, started_ms=now_ms)

    async def _stored(self, feed: Feed, day: MarketDay) -> tuple[int, StoredSession] | None:
        """The newest session of the day that is to be taken up, and its ordinal."""
        sessions = await self._of_day(feed, day)
        if self._again and sessions:
            for _, session_id in sessions:
                await asyncio.to_thread(delete_session, self._database_url, session_id)
            self._status.note(f"{day.date}: the stored session is replaced")
            return None
        if not sessions:
            return None
        ordinal, session_id = sessions[-1]
        stored = await asyncio.to_thread(find_session, self._database_url, session_id)
        return None if stored is None else (ordinal, stored)

    async def _of_day(self, feed: Feed, day: MarketDay) -> list[tuple[int, str]]:
        return await asyncio.to_thread(sessions_of_day, self._database_url, feed.source, day.date, feed.universe.key)


def _already(day: MarketDay, ordinal: int, stored: StoredSession) -> str:
    """That a day is complete, and with which hours where they were others then."""
    begun, ended = stored.started_at, stored.stopped_at or to_iso(day.close_ms)
    same_hours = (ordinal > FIRST_OF_DAY or begun == to_iso(day.open_ms)) and ended == to_iso(day.close_ms)
    hours = "" if same_hours else f" with other hours ({begun[11:16]}Z to {ended[11:16]}Z)"
    return f"{day.date}: already stored{hours}, {stored.total_patterns:,} patterns; --again replaces it"
