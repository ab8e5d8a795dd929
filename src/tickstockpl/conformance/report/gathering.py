"""Gathering a report's evidence: listening, asking the tables and watching the page at the same time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from tickstockpl.conformance.heard import Heard
from tickstockpl.conformance.listening import verify
from tickstockpl.conformance.report.evidence import Environment, Evidence
from tickstockpl.conformance.report.page import PageProbe
from tickstockpl.conformance.report.sessions import SessionsHeard
from tickstockpl.conformance.report.tables import TableCount, count_rows
from tickstockpl.conformance.verifier import Verifier
from tickstockpl.store.read_pool import DatabaseUnavailableError, ReadPool

PAGE_TIMEOUT_S: Final = 15.0
"""How long the page may take to send its first frame."""


async def gather(
    redis_url: str,
    database_url: str | None,
    duration_s: float | None,
    stop: asyncio.Event,
    page: PageProbe | None = None,
    on_listening: Callable[[], None] = lambda: None,
    on_progress: Callable[[Verifier], None] = lambda _: None,
) -> Evidence:
    """Listen for a while, and see what came of it everywhere.

    Args:
        redis_url: on which the producer publishes.
        database_url: where it stores; ``None`` leaves the tables out.
        duration_s: for how long; ``None`` until a session has ended.
        stop: set to end earlier.
        page: is followed meanwhile.
        on_listening: is told when nothing that is published will be missed any more.
        on_progress: is told whenever some messages have been judged.

    Raises:
        TickStockError: if a server or the page cannot be reached at the beginning.
    """
    sessions = SessionsHeard()

    def take(heard: Heard) -> None:
        sessions.take(heard)
        if page is not None:
            page.take(heard)

    async with _followed(page):
        verification = await verify(redis_url, database_url, duration_s, stop, on_progress, on_listening, take)
    tables = None if database_url is None else await _count_rows(database_url, verification.sessions)
    seen = None if page is None else page.seen()
    return Evidence(Environment.here(), verification, sessions.all, tables, seen, [])


@asynccontextmanager
async def _followed(page: PageProbe | None) -> AsyncIterator[None]:
    """Follow a page, from its first frame on."""
    if page is None:
        yield
        return
    ready = asyncio.Event()
    following = asyncio.create_task(page.run(ready), name="follow the page")
    waiting = asyncio.create_task(ready.wait(), name="wait for the page")
    try:
        await asyncio.wait({following, waiting}, timeout=PAGE_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
        if following.done():
            following.result()
        yield
        if following.done():
            following.result()
    finally:
        for task in (following, waiting):
            task.cancel()
        await asyncio.gather(following, waiting, return_exceptions=True)


async def _count_rows(database_url: str, sessions: Sequence[str]) -> list[TableCount] | None:
    pool = ReadPool(database_url, "report")
    await pool.open()
    try:
        return await count_rows(pool, sessions)
    except DatabaseUnavailableError:
        return None  # the verification says why
    finally:
        await pool.close()
