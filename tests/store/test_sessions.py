"""Sessions can be found again, deleted whole, and simulated ones pruned without holding up the writer."""

import asyncio
import threading
from collections.abc import Sequence

import psycopg
import pytest

from tests.store.samples import at, closing, minute, opening, session_id
from tickstockpl.errors import TickStockError
from tickstockpl.store.rows import CriticalAlertRow, HealthRow, SourceCatalog, StoreJob
from tickstockpl.store.sessions import StoredSession, count_rows, delete_session, find_session, prune_simulated
from tickstockpl.store.writer import Writer


async def stored(url: str, jobs: Sequence[StoreJob]) -> None:
    writer = Writer(url)
    await writer.open()
    for job in jobs:
        await writer.put(job)
    await writer.close()


def whole_session(number: int, source: str, minutes: int = 3) -> list[StoreJob]:
    return [
        opening(number, source),
        *(minute(count, number, source) for count in range(minutes)),
        HealthRow(session_id(number), "healthy", 3, 1.0, 3, 4, 5.0, 6, b"[]", at(1)),
        CriticalAlertRow(session_id(number), "critical", "lost", "feed", "check", None, at(1)),
        closing(number, patterns=minutes, indicators=6 * minutes),
    ]


def sessions(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute("SELECT session_id::text FROM streaming_sessions")}


async def test_an_unknown_session_is_none(database_url: str) -> None:
    assert find_session(database_url, session_id()) is None


async def test_a_session_that_has_only_begun_has_no_minute(database_url: str) -> None:
    await stored(database_url, [opening()])
    assert find_session(database_url, session_id()) == StoredSession(None, 0, 0, None)


async def test_a_session_that_was_cut_off_says_how_far_it_came(database_url: str) -> None:
    await stored(database_url, [opening(), minute(0), minute(1), minute(2)])
    assert find_session(database_url, session_id()) == StoredSession(None, 3, 18, at(2))


async def test_a_finished_session_says_how_it_ended(database_url: str) -> None:
    await stored(database_url, whole_session(1, "replay:x"))
    assert find_session(database_url, session_id()) == StoredSession("completed", 3, 18, at(2))


async def test_a_session_whose_bars_another_stored_knows_its_last_minute(database_url: str) -> None:
    await stored(
        database_url, [opening(1), opening(2, universe="demo:other"), minute(0, 1), minute(0, 2), minute(1, 1)]
    )
    assert find_session(database_url, session_id(2)) == StoredSession(None, 1, 6, at(0))


async def test_a_deleted_session_leaves_no_row_and_others_alone(database_url: str) -> None:
    await stored(database_url, [*whole_session(1, "replay:x"), *whole_session(2, "replay:y")])
    before = count_rows(database_url, session_id(2))
    assert min(before.values()) > 0
    assert delete_session(database_url, session_id(1))
    assert set(count_rows(database_url, session_id(1)).values()) == {0}
    assert count_rows(database_url, session_id(2)) == before
    assert not delete_session(database_url, session_id(1))


async def test_a_deleted_session_can_be_stored_again(database_url: str) -> None:
    jobs = whole_session(1, "replay:x")
    await stored(database_url, jobs)
    before = count_rows(database_url, session_id(1))
    delete_session(database_url, session_id(1))
    await stored(database_url, jobs)
    assert count_rows(database_url, session_id(1)) == before


async def test_pruning_keeps_the_newest_simulated_sessions_and_all_real_ones(database_url: str) -> None:
    await stored(database_url, whole_session(1, "replay:x"))
    for number in (2, 3, 4, 5):
        await stored(database_url, whole_session(number, f"simulator:{number}", minutes=25))
    assert prune_simulated(database_url, keep=2) == 2
    assert sessions(database_url) == {session_id(1), session_id(4), session_id(5)}
    assert set(count_rows(database_url, session_id(2)).values()) == {0}
    assert count_rows(database_url, session_id(5))["intraday_indicators"] == 150
    assert prune_simulated(database_url, keep=2) == 0


def catalogs(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute("SELECT source FROM streaming_catalogs")}


async def test_the_last_session_of_a_source_takes_its_catalog_with_it(database_url: str) -> None:
    for number, source in ((1, "replay:x"), (2, "replay:x"), (3, "replay:y")):
        await stored(database_url, [*whole_session(number, source), SourceCatalog(source, b"{}")])
    delete_session(database_url, session_id(1))
    assert catalogs(database_url) == {"replay:x", "replay:y"}
    delete_session(database_url, session_id(2))
    assert catalogs(database_url) == {"replay:y"}


async def test_a_pruned_run_takes_its_catalog_with_it(database_url: str) -> None:
    for number in (1, 2):
        source = f"simulator:{number}"
        await stored(database_url, [*whole_session(number, source), SourceCatalog(source, b"{}")])
    assert prune_simulated(database_url, keep=1) == 1
    assert catalogs(database_url) == {"simulator:2"}


async def test_a_pruning_that_was_stopped_is_finished_by_the_next(database_url: str) -> None:
    await stored(database_url, whole_session(1, "simulator:1", minutes=25))
    stop = threading.Event()
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


def test_an_unreachable_database_is_one_sentence_without_the_password() -> None:
    with pytest.raises(TickStockError, match="cannot reach the database") as caught:
        find_session("postgresql://someone:hush@127.0.0.1:1/market", session_id())
    assert "hush" not in str(caught.value)
