"""What operators asked is kept, once, and the last word is found."""

from dataclasses import replace
from datetime import date

import psycopg

from tests.store.samples import SOURCE, at, session_id
from tests.store.storing import stored
from tickstockpl.store.commands import StoredCommand, last_command
from tickstockpl.store.rows import CommandRow

DAY = date(2025, 10, 6)
STOP = CommandRow(session_id(91), SOURCE, DAY, "stop", None, "trader@desk", at(10), True, None, session_id(1), at(10))


async def test_the_last_accepted_command_of_a_day_counts(database_url: str) -> None:
    assert last_command(database_url, SOURCE, DAY) is None
    await stored(database_url, [STOP])
    assert last_command(database_url, SOURCE, DAY) == StoredCommand("stop", None, "trader@desk")
    start = replace(STOP, request_id=session_id(92), action="start", universe="demo:test", handled_at=at(20))
    refused = replace(STOP, request_id=session_id(93), accepted=False, reason="no", handled_at=at(30))
    tomorrow = replace(STOP, request_id=session_id(94), trading_date=date(2025, 10, 7), handled_at=at(40))
    elsewhere = replace(STOP, request_id=session_id(95), source="replay:other", handled_at=at(50))
    await stored(database_url, [start, refused, tomorrow, elsewhere])
    assert last_command(database_url, SOURCE, DAY) == StoredCommand("start", "demo:test", "trader@desk")


async def test_a_command_that_is_stored_twice_is_there_once(database_url: str) -> None:
    await stored(database_url, [STOP, STOP])
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT requested_by, accepted, session_id::text FROM session_commands").fetchall()
    assert rows == [("trader@desk", True, session_id(1))]
