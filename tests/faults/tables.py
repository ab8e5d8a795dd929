"""All that a database holds of a replay, so that two can be held against each other."""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from tickstockpl.store.migrate import VERSION_TABLE

ROW_TABLES = (
    "streaming_sessions",
    "session_sources",
    "streaming_catalogs",
    "bars_1min",
    "intraday_patterns",
    "intraday_indicators",
    "indicator_alerts",
    "critical_alerts",
    VERSION_TABLE,
)
"""``streaming_health_metrics`` is not among them: what it holds was measured (CPU, memory, lag), and each start of the
service measures once more."""

_WHEN_AND_WHERE = {"id", "created_at", "updated_at"}
"""Columns that depend on when a row was stored, not on what it says."""

Row = tuple[Any, ...]


def contents(database_url: str) -> dict[str, list[Row]]:
    """The rows of :data:`ROW_TABLES` as text, sorted, without the columns that depend on when they were stored."""
    with psycopg.connect(database_url) as connection:
        return {table: _rows(connection, table) for table in ROW_TABLES}


def _rows(connection: psycopg.Connection[Row], table: str) -> list[Row]:
    described = connection.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(sql.Identifier(table))).description
    assert described is not None
    names = [sql.Identifier(column.name) for column in described if column.name not in _WHEN_AND_WHERE]
    texts = sql.SQL(", ").join(sql.SQL("{}::text").format(name) for name in names)
    return sorted(
        connection.execute(sql.SQL("SELECT {} FROM {}").format(texts, sql.Identifier(table))).fetchall(), key=repr
    )


WRONG_TOTALS = """
    SELECT session_id FROM streaming_sessions AS session
    WHERE total_patterns <> (SELECT count(*) FROM intraday_patterns AS p WHERE p.session_id = session.session_id)
    OR total_indicators <> (SELECT count(*) FROM intraday_indicators AS i WHERE i.session_id = session.session_id)
"""


def sessions_with_wrong_totals(database_url: str) -> Sequence[Row]:
    """Ids of the sessions whose totals are not the number of their rows."""
    with psycopg.connect(database_url) as connection:
        return connection.execute(WRONG_TOTALS).fetchall()
