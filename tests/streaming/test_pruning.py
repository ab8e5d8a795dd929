"""The service prunes beside the stream: by age where that is set, simulated runs by number."""

import asyncio

import psycopg

from tests.store.samples import session_id
from tests.store.storing import sessions, stored, whole_session
from tests.support import eventually_async
from tickstockpl.streaming.pruning import Pruning


async def test_expired_sessions_go_at_the_start_and_once_a_day(database_url: str) -> None:
    for number in (1, 2):
        await stored(database_url, whole_session(number, "replay:x"))
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "UPDATE streaming_sessions SET created_at = now() - interval '8 days' WHERE session_id = %s",
            (session_id(1),),
        )
    pruning = Pruning(database_url, kept=3, retention_days=7)
    pruning.open()
    await eventually_async(lambda: sessions(database_url) == {session_id(2)})
    async with asyncio.timeout(10):
        await pruning.close()  # does not wait for tomorrow


async def test_without_an_age_everything_is_kept(database_url: str) -> None:
    await stored(database_url, whole_session(1, "replay:x"))
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE streaming_sessions SET created_at = now() - interval '9 years'")
    pruning = Pruning(database_url, kept=3)
    pruning.open()
    await pruning.close()
    assert sessions(database_url) == {session_id(1)}


async def test_a_database_that_is_away_is_a_log_line_and_no_failure() -> None:
    pruning = Pruning("postgresql://127.0.0.1:1/market", kept=3, retention_days=7)
    pruning.open()
    pruning.start_for("simulator:x")
    await pruning.close()
