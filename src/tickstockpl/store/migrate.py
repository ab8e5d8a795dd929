"""Bring a database to the current tables."""

from pathlib import Path
from typing import Any, Final

import psycopg
import sqlalchemy as sa

from tickstockpl.errors import TickStockError
from tickstockpl.store.address import connection_string, shown, unreachable

HEAD: Final = "0005"
"""The newest revision; a test holds it against the scripts in ``migrations/versions``."""

VERSION_TABLE: Final = "tickstockpl_version"
"""Where the revision is noted; a name of its own, since other programs' tables may share the database."""

_LOCK_KEY: Final = 0x7469_636B_706C  # "tickpl"


def migrate(database_url: str) -> str:
    """Create or update the tables; the revision that the database then has.

    All in one transaction. Two processes may do this at once: the second waits for the first. Takes about 0.5 s on an
    empty database, 10 ms on a current one.

    Raises:
        TickStockError: if the database cannot be reached, is newer than this program, or holds tables of these names
            that are not ours.
    """
    conninfo = connection_string(database_url)
    engine = sa.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=sa.pool.NullPool
    )
    try:
        with engine.begin() as connection:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
            if revision(connection) != HEAD:
                _upgrade(connection)
    except sa.exc.ProgrammingError as error:
        if isinstance(error.orig, psycopg.errors.DuplicateTable | psycopg.errors.DuplicateObject):
            raise TickStockError(
                f"the database already has tables of another origin ({error.orig.diag.message_primary}); "
                "give TickStockPL a database of its own"
            ) from None
        if isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            raise TickStockError(
                f"the database user may not create tables ({error.orig.diag.message_primary}); "
                "grant it CREATE on the schema, or run tickstockpl migrate as a user who may"
            ) from None
        raise
    except (sa.exc.OperationalError, psycopg.OperationalError) as error:
        cause = error.orig if isinstance(error, sa.exc.OperationalError) and error.orig is not None else error
        raise unreachable(database_url, Exception(str(cause))) from None
    finally:
        engine.dispose()
    return HEAD


def migrate_if_empty(database_url: str) -> bool:
    """Create the tables in a database that has none of them, and leave any other as it is; whether it was empty.

    Raises:
        TickStockError: as :func:`migrate`.
    """
    try:
        with psycopg.connect(connection_string(database_url)) as connection:
            row = connection.execute("SELECT to_regclass(%s) IS NULL", (VERSION_TABLE,)).fetchone()
    except psycopg.OperationalError as error:
        raise unreachable(database_url, error) from None
    empty = row is not None and bool(row[0])
    if empty:
        migrate(database_url)
    return empty


def check_migrated(connection: psycopg.Connection[Any], url: str) -> None:
    """See whether the tables are those of this program.

    Args:
        connection: to the database.
        url: where that is, for the message.

    Raises:
        TickStockError: if there are none, or of another revision.
    """
    exists = connection.execute("SELECT to_regclass(%s)", (VERSION_TABLE,)).fetchone()
    revision = None
    if exists is not None and exists[0] is not None:
        row = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608 -- our own name
        revision = None if row is None else row[0]
    if revision is None:
        raise TickStockError(f"the database at {shown(url)} has no tables of TickStockPL; run tickstockpl migrate")
    if revision != HEAD:
        raise TickStockError(
            f"the tables in the database at {shown(url)} are of revision {revision}, this program needs {HEAD}; "
            "run tickstockpl migrate, or update tickstockpl where the revision is the newer one"
        )


def revision(connection: sa.Connection) -> str | None:
    """The revision of the tables in a database, ``None`` where there are none."""
    if connection.execute(sa.text("SELECT to_regclass(:name)"), {"name": VERSION_TABLE}).scalar() is None:
        return None
    found: str | None = connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608
    return found


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command  # slow to import, and most starts find the tables current
    from alembic.config import Config
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise TickStockError(
            f"the database's tables are of revision {revision(connection)}, which this program (revision {HEAD}) does "
            "not know; update tickstockpl"
        ) from None
