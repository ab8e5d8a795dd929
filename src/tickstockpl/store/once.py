"""A job in one transaction of its own, whatever is there already."""

import psycopg

from tickstockpl.store.inserts import BARS_KEY, Connection, store, store_beside
from tickstockpl.store.rows import MinuteRows, StoreJob


def store_once(connection: Connection, job: StoreJob, *, again: bool) -> bool:
    """Store a job in one transaction; whether it was not there already.

    Args:
        connection: to a migrated database, autocommitting.
        job: what to store.
        again: whether an earlier attempt may have been committed without our hearing of it.

    Raises:
        psycopg.Error: if the database refuses the job or is lost.
        TickStockError: if what is stored contradicts the job.
    """
    try:
        with connection.transaction():
            store(connection, job, again=again)
    except psycopg.errors.UniqueViolation as error:
        if not isinstance(job, MinuteRows) or error.diag.constraint_name != BARS_KEY:
            raise
        return _store_beside(connection, job)
    return True


def _store_beside(connection: Connection, job: MinuteRows) -> bool:
    while True:  # ends: each time round, another session has stored one bar more of the minute
        try:
            with connection.transaction():
                return store_beside(connection, job)
        except psycopg.errors.UniqueViolation as error:
            if error.diag.constraint_name != BARS_KEY:
                raise
