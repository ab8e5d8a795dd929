"""Storing what an earlier service could not: before anything asks what is stored."""

from contextlib import closing

import psycopg

from tickstockpl.errors import TickStockError
from tickstockpl.store.connection import connected
from tickstockpl.store.once import store_once
from tickstockpl.store.spool import Spool, SpoolDamagedError, move_aside
from tickstockpl.store.spool_folder import SpoolFolder


def store_left_behind(database_url: str, folder: SpoolFolder) -> list[str]:
    """Store all that ended services left in their spools; sentences for the operator.

    Each job is stored once, though its service may have stored it and ended before it could forget it. A spool that
    cannot be read is moved aside, with what is left in it.

    Raises:
        TickStockError: if the database cannot be reached or refuses a job; what is not stored stays in its spool.
    """
    told: list[str] = []
    with closing(folder.left_behind(told)) as spools:
        for spool in spools:
            waiting = spool.count
            try:
                _store_all(database_url, spool)
            except SpoolDamagedError as error:
                spool.close()
                told.append(
                    f"{error}; {waiting - spool.count} of its {waiting} writes were stored, the rest was moved to "
                    f"{move_aside(spool.path)}"
                )
            else:
                if waiting:
                    told.append(f"{waiting:,} writes that an earlier run had left in its spool are stored now")
    return told


def _store_all(database_url: str, spool: Spool) -> None:
    with connected(database_url) as connection:
        while (found := spool.first()) is not None:
            position, job = found
            try:
                store_once(connection, job, again=True)
            except psycopg.OperationalError:
                raise
            except (psycopg.Error, TickStockError) as error:
                reason = str(error).strip().split("\n", 1)[0]
                raise TickStockError(
                    f"the database refuses what an earlier run left in the spool {spool.path}: {reason}; move that "
                    "file away to start without it"
                ) from error
            spool.remove(position)
