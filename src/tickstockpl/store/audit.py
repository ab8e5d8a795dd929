"""The audit log: the only table that the dashboard writes, a row for whatever an administrator does there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, LiteralString

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from tickstockpl.store.address import connection_string, shown
from tickstockpl.store.connection import hang_up
from tickstockpl.store.from_rows import Row, iso
from tickstockpl.store.queries import DatabaseUnavailableError

ACKNOWLEDGE: Final = "acknowledge"
"""The action of having seen a critical alert."""

_CONNECT_TIMEOUT_S = 2
_ANSWER_TIMEOUT_S = 5.0
_CONNECTIONS = 2


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something.

    Attributes:
        name: by which they were let in.
        role: what they may do.
        address: where they are.
    """

    name: str
    role: str
    address: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody has seen a critical alert.

    Attributes:
        component: of the alert.
        timestamp: when the alert was raised, contract timestamp.
        acknowledged_by: the name of who has seen it.
        acknowledged_at: contract timestamp.
    """

    component: str
    timestamp: str
    acknowledged_by: str
    acknowledged_at: str


class AuditLog:
    """Writes and reads the table ``audit_log``, on a connection for each time: that is seldom.

    Every method raises :class:`~tickstockpl.store.queries.DatabaseUnavailableError` when the database does not answer
    within a few seconds, or does not let it.

    Args:
        database_url: ``postgresql://`` URL.
    """

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._conninfo = make_conninfo(connection_string(database_url), connect_timeout=_CONNECT_TIMEOUT_S)
        self._turn = asyncio.Semaphore(_CONNECTIONS)

    async def acknowledge(self, component: str, timestamp: str, actor: Actor) -> Acknowledgement | None:
        """Note that somebody has seen a critical alert; ``None`` if there is none of that component and time."""
        subject = Jsonb({"component": component, "timestamp": timestamp})
        rows = await self._rows(
            _ACKNOWLEDGE,
            {
                "actor": actor.name,
                "role": actor.role,
                "address": actor.address,
                "action": ACKNOWLEDGE,
                "subject": subject,
                "component": component,
                "raised_at": timestamp,
            },
        )
        return Acknowledgement(component, timestamp, actor.name, iso(rows[0][0])) if rows else None

    async def acknowledgements(self, limit: int) -> list[Acknowledgement]:
        """Who has seen which critical alert, the newest first."""
        rows = await self._rows(_ACKNOWLEDGEMENTS, {"action": ACKNOWLEDGE, "limit": limit})
        return [Acknowledgement(component, timestamp, actor, iso(at)) for component, timestamp, actor, at in rows]

    async def _rows(self, statement: LiteralString, parameters: dict[str, object]) -> list[Row]:
        async with self._turn, self._connection() as connection:
            cursor = await connection.execute(statement, parameters)
            return await cursor.fetchall()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[psycopg.AsyncConnection[Row]]:
        place = shown(self._url)
        alarm: asyncio.TimerHandle | None = None
        try:
            async with await psycopg.AsyncConnection.connect(
                self._conninfo, autocommit=True, prepare_threshold=None
            ) as connection:
                alarm = asyncio.get_running_loop().call_later(_ANSWER_TIMEOUT_S, hang_up, connection)
                yield connection
        except psycopg.errors.InsufficientPrivilege as error:
            raise DatabaseUnavailableError(
                f"the dashboard's user of the database at {place} may not write the audit log "
                f"({error.diag.message_primary}); GRANT SELECT, INSERT ON audit_log to it"
            ) from None
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
            raise DatabaseUnavailableError(
                f"the database at {place} lacks tables ({error.diag.message_primary}); run tickstockpl migrate"
            ) from None
        except psycopg.OperationalError:
            raise DatabaseUnavailableError(f"the database at {place} cannot be reached, or does not answer") from None
        finally:
            if alarm is not None:
                alarm.cancel()


_ACKNOWLEDGE: Final = """
    INSERT INTO audit_log (actor, role, address, action, subject)
    SELECT %(actor)s, %(role)s, %(address)s, %(action)s, %(subject)s
    WHERE EXISTS (
        SELECT FROM critical_alerts WHERE component = %(component)s AND raised_at = %(raised_at)s::timestamptz
    )
    RETURNING at
"""

_ACKNOWLEDGEMENTS: Final = """
    SELECT subject->>'component', subject->>'timestamp', actor, at FROM audit_log
    WHERE action = %(action)s ORDER BY id DESC LIMIT %(limit)s
"""
