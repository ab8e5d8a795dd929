"""One connection to the database, for a question or two; and the end of one that has gone silent."""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from tickstockpl.store.address import connection_string, unreachable
from tickstockpl.store.inserts import Connection


class Stop(threading.Event):
    """Ends work on the database from another thread: it is asked to end, and hung up on where it does not."""

    def __init__(self) -> None:
        super().__init__()
        self._connections: set[Connection] = set()

    @contextmanager
    def covers(self, connection: Connection) -> Iterator[None]:
        """For the length of a ``with``, the work waits on this connection."""
        self._connections.add(connection)
        try:
            yield
        finally:
            self._connections.discard(connection)

    def hang_up(self) -> None:
        """Make whatever the work waits for fail at once."""
        for connection in tuple(self._connections):
            hang_up(connection)


@contextmanager
def connected(database_url: str, stop: Stop | None = None) -> Iterator[Connection]:
    """Connect, autocommitting, and disconnect at the end.

    Args:
        database_url: ``postgresql://`` URL.
        stop: what may hang up.

    Raises:
        TickStockError: if the database cannot be reached, or is lost on the way.
    """
    try:
        with (
            psycopg.connect(connection_string(database_url), autocommit=True) as connection,
            contextlib.nullcontext() if stop is None else stop.covers(connection),
        ):
            yield connection
    except psycopg.OperationalError as error:
        raise unreachable(database_url, error) from None


def hang_up(connection: psycopg.Connection[Any] | psycopg.AsyncConnection[Any]) -> None:
    """Make whoever waits for an answer on a connection fail at once, as if the server had closed it.

    psycopg's own cancelling asks the server to help with it, and waits for ten seconds where that does not answer.
    """
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)
