"""Bars that their source has changed since they were stored: kept beside them, each change once."""

from dataclasses import replace
from pathlib import Path

import msgspec
import psycopg

from tests.store.samples import at, bar, minute, opening, session_id
from tests.store.storing import stored
from tickstockpl.store.connection import connected
from tickstockpl.store.once import store_once
from tickstockpl.store.rows import MinuteRows, RevisionRows, StoreJob
from tickstockpl.store.spool import Spool

SOURCE = "massive"


def revision(*closes: tuple[str, float], received: int = 2) -> RevisionRows:
    """Bars of the first minute as they are now."""
    bars = [bar(symbol, close) for symbol, close in closes]
    return RevisionRows(SOURCE, session_id(1), at(0), at(received), bars)


def kept(url: str) -> list[tuple[str, float]]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT symbol, close FROM bar_revisions ORDER BY id").fetchall()


def first(url: str) -> dict[str, float]:
    with psycopg.connect(url) as connection:
        return dict(connection.execute("SELECT symbol, close FROM bars_1min WHERE minute = %s", (at(0),)).fetchall())


async def test_a_changed_bar_is_kept_beside_the_one_that_went_out(database_url: str) -> None:
    await stored(database_url, [opening(1, SOURCE), minute(0, 1, SOURCE), revision(("AAA", 10.75), ("C-P", 9.5))])
    assert kept(database_url) == [("AAA", 10.75), ("C-P", 9.5)]
    assert first(database_url) == {"AAA": 10.5, "BRK.B": 10.5, "C-P": 10.5}


async def test_only_what_says_something_new_is_a_revision(database_url: str) -> None:
    jobs = [
        revision(("AAA", 10.5)),  # as it went out
        revision(("AAA", 10.75)),
        revision(("AAA", 10.75), received=3),  # again
        revision(("AAA", 10.5), received=4),  # back to what it was
        revision(("NEW", 7.0)),  # a bar that there was not
        revision(("NEW", 7.0), received=5),
    ]
    await stored(database_url, [opening(1, SOURCE), minute(0, 1, SOURCE), *jobs])
    assert kept(database_url) == [("AAA", 10.75), ("AAA", 10.5), ("NEW", 7.0)]


async def test_a_revision_that_is_tried_again_lands_once(database_url: str) -> None:
    await stored(database_url, [opening(1, SOURCE), minute(0, 1, SOURCE)])
    job = revision(("AAA", 10.75), ("C-P", 9.5))
    with connected(database_url) as connection:
        for again in (False, True, True):
            store_once(connection, job, again=again)
    assert len(kept(database_url)) == 2


async def test_another_source_s_bar_of_the_minute_is_none_of_its_business(database_url: str) -> None:
    await stored(
        database_url,
        [opening(2, "replay:x"), minute(0, 2, "replay:x", close=10.75), opening(1, SOURCE), minute(0, 1, SOURCE)],
    )
    await stored(database_url, [revision(("AAA", 10.75))])
    assert kept(database_url) == [("AAA", 10.75)]


async def test_backfilled_minutes_are_marked(database_url: str) -> None:
    await stored(
        database_url, [opening(1, SOURCE), minute(0, 1, SOURCE), replace(minute(1, 1, SOURCE), backfilled=True)]
    )
    with psycopg.connect(database_url) as connection:
        bars = connection.execute("SELECT DISTINCT minute = %s, backfilled FROM bars_1min", (at(1),)).fetchall()
        alerts = connection.execute("SELECT triggered_at = %s, backfilled FROM indicator_alerts", (at(2),)).fetchall()
    assert sorted(bars) == [(False, False), (True, True)]
    assert sorted(alerts) == [(False, False), (True, True)]


def test_a_spool_keeps_both(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 1 << 20)
    jobs: list[StoreJob] = [replace(minute(0), backfilled=True), revision(("AAA", 10.75))]
    for position, job in enumerate(jobs, start=1):
        assert spool.put(position, job)
    assert spool.first() == (1, jobs[0])
    spool.remove(1)
    assert spool.first() == (2, jobs[1])
    spool.close()


def test_a_minute_in_the_spool_of_an_earlier_version_was_not_backfilled() -> None:
    record = msgspec.msgpack.decode(msgspec.msgpack.encode(minute(0)))
    del record["backfilled"]
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=MinuteRows) == minute(0)
