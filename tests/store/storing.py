"""Whole sessions, stored, and what is then there."""

from collections.abc import Sequence

import psycopg

from tests.store.samples import at, bar, closing, minute, opening, session_id
from tickstockpl.store.rows import CriticalAlertRow, HealthRow, RevisionRows, StoreJob
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
        RevisionRows(source, session_id(number), at(0), at(2), [bar("AAA", 10.75)]),
        HealthRow(session_id(number), "healthy", 3, 1.0, 3, 4, 5.0, 6, b"[]", at(1)),
        CriticalAlertRow(session_id(number), "critical", "lost", "feed", "check", None, at(1)),
        closing(number, patterns=minutes, indicators=6 * minutes),
    ]


def sessions(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute("SELECT session_id::text FROM streaming_sessions")}


def catalogs(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute("SELECT source FROM streaming_catalogs")}
