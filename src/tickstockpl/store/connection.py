"""One connection to the database, for a question or two."""

from collections.abc import Iterator
from contextlib import contextmanager

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
