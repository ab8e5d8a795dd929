"""Sessions can be found again and deleted whole."""

from datetime import date

import pytest

from tests.store.samples import SOURCE, at, minute, opening, session_id
from tests.store.storing import catalogs, stored, whole_session
from tickstockpl.errors import TickStockError
from tickstockpl.store.rows import SourceCatalog
from tickstockpl.store.sessions import StoredSession, count_rows, delete_session, find_session, sessions_of_day


async def test_an_unknown_session_is_none(database_url: str) -> None:
    assert find_session(database_url, session_id()) is None


async def test_a_session_that_has_only_begun_has_no_minute(database_url: str) -> None:
    await stored(database_url, [opening()])
    assert find_session(database_url, session_id()) == StoredSession(None, 0, 0, None, at(0), None)


async def test_a_session_that_was_cut_off_says_how_far_it_came(database_url: str) -> None:
    await stored(database_url, [opening(), minute(0), minute(1), minute(2)])
    assert find_session(database_url, session_id()) == StoredSession(None, 3, 18, at(2), at(0), None)


async def test_a_finished_session_says_how_it_ended(database_url: str) -> None:
    await stored(database_url, whole_session(1, "replay:x"))
    assert find_session(database_url, session_id()) == StoredSession("completed", 3, 18, at(2), at(0), at(390))


async def test_a_session_whose_bars_another_stored_knows_its_last_minute(database_url: str) -> None:
    await stored(
        database_url, [opening(1), opening(2, universe="demo:other"), minute(0, 1), minute(0, 2), minute(1, 1)]
    )
    assert find_session(database_url, session_id(2)) == StoredSession(None, 1, 6, at(0), at(0), None)


async def test_a_days_sessions_are_found_in_their_order(database_url: str) -> None:
    jobs = [opening(2, ordinal=2), opening(1, ordinal=1), opening(3, ordinal=1, universe="demo:other"), opening(4, "x")]
    await stored(database_url, jobs)
    found = sessions_of_day(database_url, SOURCE, date(2025, 10, 6), "demo:test")
    assert found == [(1, session_id(1)), (2, session_id(2))]
    assert sessions_of_day(database_url, SOURCE, date(2025, 10, 7), "demo:test") == []


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


async def test_the_last_session_of_a_source_takes_its_catalog_with_it(database_url: str) -> None:
    for number, source in ((1, "replay:x"), (2, "replay:x"), (3, "replay:y")):
        await stored(database_url, [*whole_session(number, source), SourceCatalog(source, b"{}")])
    delete_session(database_url, session_id(1))
    assert catalogs(database_url) == {"replay:x", "replay:y"}
    delete_session(database_url, session_id(2))
    assert catalogs(database_url) == {"replay:y"}


def test_an_unreachable_database_is_one_sentence_without_the_password() -> None:
    with pytest.raises(TickStockError, match="cannot reach the database") as caught:
        find_session("postgresql://someone:hush@127.0.0.1:1/market", session_id())
    assert "hush" not in str(caught.value)
