"""One connection to the database, for a question or two; and the end of one that has gone silent."""

import contextlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from tickstockpl.store.address import connection_string, unreachable
from tickstockpl.store.inserts import Connection


@contextmanager
def connected(database_url: str) -> Iterator[Connection]:
    """Connect, autocommitting, and disconnect at the end.

    Raises:
        TickStockError: if the database cannot be reached, or is lost on the way.
    """
    try:
        with psycopg.connect(connection_string(database_url), autocommit=True) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise unreachable(database_url, error) from None


def hang_up(connection: psycopg.Connection[Any] | psycopg.AsyncConnection[Any]) -> None:
    """Make whoever waits for an answer on a connection fail at once, as if the server had closed it.

    psycopg's own cancelling asks the server to help with it, and waits for ten seconds where that does not answer.
    """
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)
