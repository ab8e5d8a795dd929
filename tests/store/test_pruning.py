"""Old sessions go, beside a writer at work; what runs or is young stays."""

import asyncio
from typing import LiteralString

import psycopg
import pytest

from tests.store.samples import minute, opening, session_id
from tests.store.storing import catalogs, sessions, stored, whole_session
from tickstockpl.errors import TickStockError
from tickstockpl.store import pruning
from tickstockpl.store.connection import Stop
from tickstockpl.store.pruning import (
    OldSession,
    delete_in_batches,
    old_sessions,
    prune_older,
    prune_simulated,
    size_of,
)
from tickstockpl.store.rows import HealthRow, SourceCatalog
from tickstockpl.store.sessions import count_rows, delete_session


def age(url: str, number: int, days: int) -> None:
    """Let a session have been begun and ended so long ago."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE streaming_sessions SET created_at = now() - make_interval(days => %s) WHERE session_id = %s",
            (days, session_id(number)),
        )


def old(url: str, days: int = 30, source: str | None = None) -> list[str]:
    return [session.session_id for session in old_sessions(url, days, source)]


async def test_what_is_old_is_named_oldest_first(database_url: str) -> None:
    for number, days in ((1, 31), (2, 40), (3, 29)):
        await stored(database_url, whole_session(number, "replay:x"))
        age(database_url, number, days)
    assert old(database_url) == [session_id(2), session_id(1)]


async def test_a_live_session_counts_from_its_end(database_url: str) -> None:
    await stored(database_url, whole_session(1, "massive"))
    age(database_url, 1, 31)
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE streaming_sessions SET stopped_at = now() - interval '29 days'")
    assert old(database_url) == []


async def test_one_source_alone_can_be_pruned(database_url: str) -> None:
    for number, source in ((1, "replay:x"), (2, "replay:y")):
        await stored(database_url, whole_session(number, source))
        age(database_url, number, 31)
    assert old(database_url, source="replay:y") == [session_id(2)]
    assert old(database_url, source="replay:z") == []


async def test_a_session_that_runs_is_never_old_one_that_was_cut_off_is(database_url: str) -> None:
    for number in (1, 2):
        await stored(database_url, [opening(number), minute(number, number)])
        age(database_url, number, 31)
    await stored(
        database_url, [HealthRow(session_id(1), "healthy", 3, 1.0, 3, 4, 5.0, 6, b"[]", "2025-10-06T13:31:00Z")]
    )
    assert old(database_url) == [session_id(2)], "the first was taken up again, and reports its health"


async def test_a_session_goes_with_all_its_rows_in_bounded_transactions(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "BATCH_ROWS", 7)
    for number in (1, 2):
        await stored(
            database_url, [*whole_session(number, f"replay:{number}"), SourceCatalog(f"replay:{number}", b"{}")]
        )
    before = count_rows(database_url, session_id(2))
    session = OldSession(session_id(1), "replay:1", None)
    expected = size_of(database_url, session)
    assert expected.count == sum(count_rows(database_url, session_id(1))[table] for table in expected.rows)
    told: list[int] = []
    gone = delete_in_batches(database_url, session, told=told.append)
    assert gone is not None
    assert gone.rows == expected.rows
    assert gone.size_bytes == pytest.approx(expected.size_bytes, rel=0.02)
    assert sum(told) == expected.count
    assert max(told) == 7
    assert set(count_rows(database_url, session_id(1)).values()) == {0}
    assert count_rows(database_url, session_id(2)) == before
    assert catalogs(database_url) == {"replay:2"}


@pytest.mark.parametrize("mode", ["SHARE", "ACCESS EXCLUSIVE"])
async def test_a_locked_table_is_waited_for_only_so_long(
    mode: LiteralString, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "LOCK_ATTEMPTS", 1)
    monkeypatch.setattr(pruning, "LONGEST_PAUSE_S", 0.0)
    await stored(database_url, whole_session(1, "replay:x"))
    with psycopg.connect(database_url) as other:
        other.execute(f"LOCK TABLE intraday_patterns IN {mode} MODE")
        with pytest.raises(TickStockError, match="table intraday_patterns has been locked by another program for 2 s"):
            delete_in_batches(database_url, OldSession(session_id(1), None, None))
    assert delete_in_batches(database_url, OldSession(session_id(1), None, None)) is not None
    assert sessions(database_url) == set()


async def test_pruning_by_age_deletes_what_is_old(database_url: str) -> None:
    for number, days in ((1, 31), (2, 5)):
        await stored(database_url, whole_session(number, "replay:x"))
        age(database_url, number, days)
    assert prune_older(database_url, 30) == 1
    assert sessions(database_url) == {session_id(2)}


async def test_pruning_keeps_the_newest_simulated_sessions_and_all_real_ones(database_url: str) -> None:
    await stored(database_url, whole_session(1, "replay:x"))
    for number in (2, 3, 4, 5):
        await stored(database_url, whole_session(number, f"simulator:{number}", minutes=25))
    assert prune_simulated(database_url, keep=2) == 2
    assert sessions(database_url) == {session_id(1), session_id(4), session_id(5)}
    assert set(count_rows(database_url, session_id(2)).values()) == {0}
    assert count_rows(database_url, session_id(5))["intraday_indicators"] == 150
    assert prune_simulated(database_url, keep=2) == 0


async def test_a_pruned_run_takes_its_catalog_with_it(database_url: str) -> None:
    for number in (1, 2):
        source = f"simulator:{number}"
        await stored(database_url, [*whole_session(number, source), SourceCatalog(source, b"{}")])
    assert prune_simulated(database_url, keep=1) == 1
    assert catalogs(database_url) == {"simulator:2"}


async def test_a_pruning_that_was_stopped_is_finished_by_the_next(database_url: str) -> None:
    await stored(database_url, whole_session(1, "simulator:1", minutes=25))
    stop = Stop()
    stop.set()
    assert prune_simulated(database_url, 0, stop) == 0
    assert sessions(database_url) == {session_id(1)}
    assert prune_simulated(database_url, 0) == 1
    assert sessions(database_url) == set()


async def test_pruning_leaves_a_session_that_may_still_run(database_url: str) -> None:
    await stored(database_url, [opening(1, "simulator:1"), minute(0, 1, "simulator:1")])
    await stored(database_url, whole_session(2, "simulator:2"))
    assert prune_simulated(database_url, keep=1) == 0
    with psycopg.connect(database_url) as connection:  # cut off long ago
        connection.execute(
            "UPDATE streaming_sessions SET created_at = now() - interval '2 days' WHERE final_status IS NULL"
        )
    assert prune_simulated(database_url, keep=1) == 1
    assert sessions(database_url) == {session_id(2)}


async def test_a_writer_is_not_held_up_by_deleting_and_pruning(database_url: str) -> None:
    for number, source in ((1, "simulator:1"), (2, "simulator:2"), (3, "replay:y")):
        await stored(database_url, whole_session(number, source, minutes=25))
    pruned, deleted, _ = await asyncio.gather(
        asyncio.to_thread(prune_simulated, database_url, 0),
        asyncio.to_thread(delete_session, database_url, session_id(3)),
        stored(database_url, whole_session(4, "replay:z", minutes=25)),
    )
    assert (pruned, deleted) == (2, True)
    assert sessions(database_url) == {session_id(4)}
    assert count_rows(database_url, session_id(4))["bars_1min"] == 75
