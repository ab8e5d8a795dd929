"""The specification's four tables, as they stand for the sessions that were heard."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, LiteralString

from msgspec import Struct

from tickstockpl.store.read_pool import ReadPool, TablesLackingError

# Nothing that comes from outside is put into a statement.
_COUNTS: Final[Mapping[str, LiteralString]] = MappingProxyType(
    {
        table: "SELECT count(*) FROM {table} WHERE session_id = ANY(%(sessions)s::uuid[])".replace("{table}", table)
        for table in ("streaming_sessions", "intraday_patterns", "intraday_indicators", "streaming_health_metrics")
    }
)


class TableCount(Struct, frozen=True):
    """Rows of one table that belong to the sessions that were heard; ``None`` if there is no such table."""

    name: str
    rows: int | None


TABLES: Final = tuple(_COUNTS)
"""In the specification's order."""


async def count_rows(pool: ReadPool, sessions: Sequence[str]) -> list[TableCount]:
    """How full the tables are.

    Raises:
        DatabaseUnavailableError: if there is no answer.
    """
    counts = []
    for name, statement in _COUNTS.items():
        try:
            ((rows,),) = await pool.rows(statement, {"sessions": list(sessions)})
        except TablesLackingError:
            rows = None
        counts.append(TableCount(name, rows))
    return counts
