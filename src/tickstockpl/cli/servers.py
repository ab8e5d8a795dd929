"""The servers a command works on: those it was given, else embedded ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console

from tickstockpl.embedded import EmbeddedServers, running_database, running_redis
from tickstockpl.errors import TickStockError
from tickstockpl.settings import Settings
from tickstockpl.store.migrate import migrate, migrate_if_empty


@dataclass(frozen=True, slots=True)
class Servers:
    """Where Redis and PostgreSQL answer."""

    redis_url: str
    database_url: str


@contextmanager
def servers(settings: Settings, console: Console, *, need_redis: bool = True) -> Iterator[Servers]:
    """Redis and PostgreSQL for the length of a ``with``: given ones as they are, missing ones embedded.

    The tables are made where there are none yet; an embedded database is also brought up to date. Where embedded
    servers answer is printed, so that redis-cli and psql can be pointed at them.

    Raises:
        TickStockError: if a server cannot be had.
    """
    embedded = EmbeddedServers(
        settings.data_dir,
        need_redis=need_redis and settings.redis_url is None,
        need_database=settings.database_url is None,
    )
    with embedded:
        if need_redis and settings.redis_url is None:
            console.print(f"Redis:      {embedded.redis_url}", soft_wrap=True, markup=False)
        if settings.database_url is None:
            console.print(f"PostgreSQL: {embedded.database_url}", soft_wrap=True, markup=False)
        if settings.database_url is None:
            database_url = embedded.database_url
            migrate(database_url)
        else:
            database_url = settings.database_url
            migrate_if_empty(database_url)
        redis_url = (settings.redis_url or embedded.redis_url) if need_redis else ""
        yield Servers(redis_url, database_url)


def producers_servers(settings: Settings) -> tuple[str, str | None]:
    """The Redis and the PostgreSQL of a producer that runs: those that are named, else the embedded ones that run.

    Tables of another producer than the one that is heard would only confuse: beside a Redis that is named, a database
    has to be named too.

    Raises:
        TickStockError: if there is no Redis.
    """
    redis_url = settings.redis_url or running_redis(settings.data_dir)
    if redis_url is None:
        raise TickStockError(
            f"no embedded Redis runs on the data folder {settings.data_dir}, and no other is named; name the "
            "producer's Redis with --redis-url or TICKSTOCK_REDIS_URL, or its folder with TICKSTOCK_DATA_DIR"
        )
    database_url = settings.database_url
    if database_url is None and settings.redis_url is None:
        database_url = running_database(settings.data_dir)
    return redis_url, database_url
