"""What the hub reads from the tables: sessions whose beginning was not heard, and what did not arrive."""

import asyncio
from typing import Final, Literal, Protocol

import structlog

from tickstockpl import clock
from tickstockpl.dashboard.live.protocol import MAX_CRITICAL
from tickstockpl.dashboard.live.reading import read_history
from tickstockpl.dashboard.live.state import LiveState
from tickstockpl.store.audit import AuditLog
from tickstockpl.store.queries import DatabaseUnavailableError, Queries

RETRY_S: Final = 2.0
FIRST_LOOK_S: Final = 1.0
"""Rows are stored after their events were published: a gap is looked for so long after it was noticed, at first."""

LAST_LOOK_S: Final = 30.0
"""Between looks the time doubles, up to this."""

GIVE_UP_S: Final = 120.0
"""What the tables do not have so long after they could be asked counts as lost."""

_log = structlog.get_logger(__name__)


class OnRead(Protocol):
    """Called when the state was changed by what was read."""

    def __call__(self, *, changed_the_past: bool) -> None:
        """Say whether what was read goes before what pages have been told."""


class Tables:
    """Fills the state from the tables.

    Args:
        state: what is filled.
        queries: the tables.
        audit: who has seen which critical alert; ``None`` asks nobody.
        on_read: told of every change.

    Attributes:
        first_read: set when the newest session has been read, or there is none.
    """

    def __init__(self, state: LiveState, queries: Queries, audit: AuditLog | None, on_read: OnRead) -> None:
        self.first_read = asyncio.Event()
        self._state = state
        self._queries = queries
        self._audit = audit
        self._on_read = on_read
        self._history_wanted = asyncio.Event()
        self._history_wanted.set()
        self._gap_noticed = asyncio.Event()

    def look(self) -> None:
        """After messages: see whether there is something to read."""
        if self._state.unread_session is not None:
            self._history_wanted.set()
        if self._state.board.gaps.open:
            self._gap_noticed.set()

    async def read_histories(self) -> None:
        """Read the newest session at first, later every session whose beginning was not heard; until cancelled."""
        told: str | None = None
        while True:
            await self._history_wanted.wait()
            self._history_wanted.clear()
            if self._state.unread_session is None and self.first_read.is_set():
                continue
            try:
                await self._read_history(self._state.unread_session)
            except DatabaseUnavailableError as error:
                if str(error) != told:
                    told = str(error)
                    _log.warning("history not read; trying again", reason=told)
                self._history_wanted.set()
                await asyncio.sleep(RETRY_S)
                continue
            told = None
            self.first_read.set()

    async def _read_history(self, wanted: str | None) -> None:
        history = await read_history(self._queries, wanted)
        await self._read_acknowledgements()
        if history is None:
            if self._state.unread_session == wanted:
                self._state.unread_session = None  # the tables do not know it: there is nothing to read
        elif self._state.put_under(history):
            self._on_read(changed_the_past=True)

    async def _read_acknowledgements(self) -> None:
        if self._audit is None:
            return
        try:
            self._state.acknowledge(await self._audit.acknowledgements(MAX_CRITICAL))
        except DatabaseUnavailableError as error:
            _log.warning("not read who has seen critical alerts", reason=str(error))

    async def repair_gaps(self) -> None:
        """Look for what did not arrive until it is found or given up; until cancelled."""
        while True:
            await self._gap_noticed.wait()
            self._gap_noticed.clear()
            pause_s = FIRST_LOOK_S
            asked_since_s: float | None = None
            while self._state.board.gaps.open:
                await asyncio.sleep(pause_s)
                pause_s = FIRST_LOOK_S if self._gap_noticed.is_set() else min(2 * pause_s, LAST_LOOK_S)
                self._gap_noticed.clear()
                began_s = clock.monotonic_s()
                try:
                    await self._repair()
                except DatabaseUnavailableError as error:
                    _log.debug("gap not repaired; trying again", reason=str(error))
                    asked_since_s = None
                    continue
                asked_since_s = began_s if asked_since_s is None else asked_since_s
                self._settle(began_s - asked_since_s)
                self._on_read(changed_the_past=False)

    async def _repair(self) -> None:
        """Read the sessions of all open gaps, and take what did not arrive."""
        sessions = {one for gap in self._state.board.gaps.open.values() for one in gap.session_ids}
        for session_id in sorted(sessions):
            history = await read_history(self._queries, session_id)
            if history is not None:
                self._state.repair(history)

    def _settle(self, asked_for_s: float) -> None:
        """Close the gaps of which all is found, and those that have waited for too long."""
        board = self._state.board
        for gap in tuple(board.gaps.open.values()):
            outcome: Literal["repaired", "lost"]
            if gap.is_whole or (gap.missed is None and asked_for_s >= 2 * FIRST_LOOK_S):
                outcome = "repaired"
            elif asked_for_s >= GIVE_UP_S:
                outcome = "lost"
            else:
                continue
            board.gaps.settle(gap.id, outcome, board.open)
            board.changed = True
            _log.info("gap in the stream", outcome=outcome, missed=gap.missed, found=dict(gap.found))
