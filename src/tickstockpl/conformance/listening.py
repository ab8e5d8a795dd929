"""``verify``'s work: listen to a Redis, ask the tables, judge."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from tickstockpl import clock
from tickstockpl.conformance.arrivals import Arrivals
from tickstockpl.conformance.findings import Finding
from tickstockpl.conformance.heard import Heard
from tickstockpl.conformance.rows import StoredRows
from tickstockpl.conformance.rules.tables import TableRule
from tickstockpl.conformance.verifier import Verification, Verifier
from tickstockpl.contract.channels import Channel
from tickstockpl.redis_link import redacted
from tickstockpl.store.read_pool import ReadPool
from tickstockpl.subscriber import RedisState, Subscriber

LAST_WORDS_S: Final = 1.5
"""After a session's end: the checkpoint that counts it comes within a second, if the producer sends any."""


async def verify(
    redis_url: str,
    database_url: str | None,
    duration_s: float | None,
    stop: asyncio.Event,
    on_progress: Callable[[Verifier], None] = lambda _: None,
    on_listening: Callable[[], None] = lambda: None,
    on_heard: Callable[[Heard], None] = lambda _: None,
) -> Verification:
    """Listen to all channels for a while, then compare with the tables.

    Args:
        redis_url: on which the producer publishes.
        database_url: where it stores; ``None`` leaves the tables out.
        duration_s: for how long; ``None`` until a session has ended.
        stop: set to end earlier.
        on_progress: is told whenever some messages have been judged.
        on_listening: is told when nothing that is published will be missed any more.
        on_heard: is given every message, once it is judged.

    Raises:
        TickStockError: if a server cannot be reached at the beginning.
    """
    pool = None if database_url is None else ReadPool(database_url, "verify")
    try:
        if pool is not None:
            await pool.check()
            await pool.open()
        return await _verify(redis_url, pool, duration_s, stop, on_progress, on_listening, on_heard)
    finally:
        if pool is not None:
            await pool.close()


async def _verify(
    redis_url: str,
    pool: ReadPool | None,
    duration_s: float | None,
    stop: asyncio.Event,
    on_progress: Callable[[Verifier], None],
    on_listening: Callable[[], None],
    on_heard: Callable[[Heard], None],
) -> Verification:
    verifier, tables = Verifier(clock.wall_ms()), TableRule()
    interruptions = 0
    ended, counted = asyncio.Event(), asyncio.Event()

    def take(channel: str, payload: bytes, at_ms: int) -> None:
        heard = verifier.take(channel, payload, at_ms)
        tables.take(heard)
        on_heard(heard)
        if channel == Channel.SESSION_STOPPED and heard.event is not None:
            ended.set()
        elif channel == Channel.CHECKPOINT and ended.is_set():
            counted.set()

    def told(state: RedisState) -> None:
        nonlocal interruptions
        interruptions += state == "lost"

    arrivals = Arrivals(take, lambda: on_progress(verifier))
    subscriber = Subscriber(redis_url, arrivals.receive, told, "tickstockpl-verify")
    await subscriber.open()
    on_listening()
    await _until(subscriber, arrivals, duration_s, stop, ended, counted)
    ended_ms = clock.wall_ms()
    arrivals.finish()
    further = [] if not interruptions else [_interrupted(redis_url, interruptions)]
    if pool is None:
        further.append(Finding("tables", "unknown", "no database was named", []))
    else:
        missed = bool(verifier.gaps.missed or interruptions)
        further.append(await tables.compare(StoredRows(pool), verifier.sessions, missed=missed))
    return verifier.verification(ended_ms, further)


async def _until(
    subscriber: Subscriber,
    arrivals: Arrivals,
    duration_s: float | None,
    stop: asyncio.Event,
    ended: asyncio.Event,
    counted: asyncio.Event,
) -> None:
    """Read for so long, or until a session has ended and been counted; what fails in the reading is raised here."""
    working = [asyncio.create_task(task) for task in (subscriber.run(), arrivals.judge())]
    waits = [asyncio.create_task(stop.wait())]
    if duration_s is None:
        waits.append(asyncio.create_task(ended.wait()))
    try:
        await asyncio.wait([*working, *waits], timeout=duration_s, return_when=asyncio.FIRST_COMPLETED)
        for work in working:
            if work.done():
                work.result()
        if duration_s is None and ended.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS_S):
                    await counted.wait()
    finally:
        for task in (*working, *waits):
            task.cancel()
        await asyncio.gather(*working, *waits, return_exceptions=True)


def _interrupted(redis_url: str, times: int) -> Finding:
    return Finding(
        "connection",
        "unknown",
        f"the connection to {redacted(redis_url)} was lost{'' if times == 1 else f' {times} times'}; what was said in "
        "the meantime was not heard",
        [],
    )
