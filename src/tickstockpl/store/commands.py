"""What operators have asked of services, as it is stored."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from tickstockpl.store.connection import connected


@dataclass(frozen=True, slots=True)
class StoredCommand:
    """A command that was accepted.

    Attributes:
        action: what was asked for.
        universe: of a start, the universe that was named; ``None`` is the service's own.
        requested_by: who asked.
    """

    action: Literal["start", "stop"]
    universe: str | None
    requested_by: str


def last_command(database_url: str, source: str, day: date) -> StoredCommand | None:
    """The last command about a source's trading day that was accepted; ``None`` if there was none.

    Raises:
        TickStockError: if the database cannot be reached.
    """
    with connected(database_url) as connection:
        row = connection.execute(_LAST, (source, day)).fetchone()
    return None if row is None else StoredCommand(*row)


_LAST = """
    SELECT action, universe, requested_by FROM session_commands
    WHERE source = %s AND trading_date = %s AND accepted ORDER BY handled_at DESC, created_at DESC LIMIT 1
"""
