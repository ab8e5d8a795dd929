"""Both embedded servers of a data folder, as one context manager."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from tickstockpl.embedded.owned import OwnedServer
from tickstockpl.embedded.postgres_server import PostgresKind
from tickstockpl.embedded.redis_server import RedisKind


def running_redis(data_dir: Path) -> str | None:
    """The URL of the Redis that another process runs on a data folder; ``None`` where none does. Starts nothing."""
    return OwnedServer(RedisKind(), data_dir.absolute() / "redis").running()


def running_database(data_dir: Path) -> str | None:
    """The URL of the PostgreSQL that another process runs on a data folder; ``None`` where none does."""
    return OwnedServer(PostgresKind(), data_dir.absolute() / "postgresql").running()


class EmbeddedServers:
    """A real Redis and a real PostgreSQL on a data folder: ``with EmbeddedServers(folder) as servers: ...``.

    The first start on a folder takes about a second, a later one half of it; both servers start at the same time.
    The data stay in the folder. The process that starts a server owns it and stops it; a second one on the same folder
    attaches to it and loses it when the owner leaves. A server ends with its owner even when that is killed.

    Args:
        data_dir: where the data live; made if missing.
        need_redis: whether to start Redis.
        need_database: whether to start PostgreSQL; the database ``tickstock`` is there then, without tables.
    """

    def __init__(self, data_dir: Path, *, need_redis: bool = True, need_database: bool = True) -> None:
        folder = data_dir.absolute()
        self._redis = OwnedServer(RedisKind(), folder / "redis") if need_redis else None
        self._database = OwnedServer(PostgresKind(), folder / "postgresql") if need_database else None
        self._urls: dict[OwnedServer, str] = {}

    @property
    def redis_url(self) -> str:
        """Where Redis answers: ``unix:///...``; ``LookupError`` unless it was needed and has been started."""
        return self._url(self._redis)

    @property
    def database_url(self) -> str:
        """Where PostgreSQL answers: ``postgresql://...``; ``LookupError`` unless it was needed and has been started."""
        return self._url(self._database)

    @property
    def pids(self) -> list[int]:
        """Process ids of the servers that this object owns; empty where it is attached to another process's."""
        return [server.pid for server in self._servers if server.pid is not None]

    def start(self) -> None:
        """Start what is needed, or attach to what runs.

        Raises:
            TickStockError: if a server cannot be had; nothing is left running then.
        """
        try:
            with ThreadPoolExecutor(max_workers=2, thread_name_prefix="embedded") as threads:
                for server, url in zip(self._servers, threads.map(OwnedServer.start, self._servers), strict=True):
                    self._urls[server] = url
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the servers that this object owns, both at the same time, and wait until they are gone."""
        self._urls.clear()
        with ThreadPoolExecutor(max_workers=2, thread_name_prefix="embedded") as threads:
            for _ in threads.map(OwnedServer.stop, self._servers):
                pass

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _servers(self) -> list[OwnedServer]:
        return [server for server in (self._redis, self._database) if server is not None]

    def _url(self, server: OwnedServer | None) -> str:
        if server is None or server not in self._urls:
            raise LookupError("this server was not asked for, or has not been started")
        return self._urls[server]
