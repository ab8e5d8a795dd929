"""Fixtures that every test may use: real servers, fresh for each test, and the folder of real market data."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from hypothesis import settings
from psycopg import sql

from tickstockpl.embedded import EmbeddedServers
from tickstockpl.store.migrate import migrate

# A law says nothing of time: a busy machine must not break it.
settings.register_profile("tickstockpl", deadline=None)
settings.load_profile("tickstockpl")

_TEMPLATE = "tickstock_template"
_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pictures", action="store_true", help="have tests/browser/test_pictures.py write the images of docs/images"
    )


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real market data; the test skips where there is none."""
    named = os.environ.get("TICKSTOCK_TEST_DATA")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no market data: {folder} is not a folder; name one with TICKSTOCK_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def make_data_dir() -> Iterator[Callable[[], Path]]:
    """Make a fresh folder for embedded servers; removed at the end.

    pytest's own ``tmp_path`` will not do for that when the tests run as root: it lies in a folder that is closed to
    the user that PostgreSQL runs as then.
    """
    folders: list[Path] = []

    def make() -> Path:
        folder = Path(tempfile.mkdtemp(prefix="tickstockpl-test-"))
        folder.chmod(0o711)
        folders.append(folder)
        return folder

    yield make
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def data_dir(make_data_dir: Callable[[], Path]) -> Path:
    """A fresh folder for embedded servers (``TICKSTOCK_DATA_DIR``)."""
    return make_data_dir()


@pytest.fixture(scope="session")
def servers(make_data_dir: Callable[[], Path]) -> Iterator[EmbeddedServers]:
    """One Redis and one PostgreSQL for the whole run; tests use ``redis_url`` and ``database_url``."""
    with EmbeddedServers(make_data_dir()) as running:
        yield running


@pytest.fixture
def redis_url(servers: EmbeddedServers) -> str:
    """A real Redis, emptied.

    All tests share one server, and pub/sub channels are the server's: whatever a test starts must have stopped
    publishing when it ends. A test that stops or cuts off its Redis starts one of its own with ``EmbeddedServers``.
    """
    with redis.Redis.from_url(servers.redis_url) as client:
        client.flushall()
    return servers.redis_url


@pytest.fixture(scope="session")
def _template(servers: EmbeddedServers) -> Callable[[str], str]:
    base = servers.database_url

    def url(name: str) -> str:
        return base.replace("@/tickstock?", f"@/{name}?", 1)

    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
    migrate(url(_TEMPLATE))
    return url


@pytest.fixture
def database_url(servers: EmbeddedServers, _template: Callable[[str], str]) -> Iterator[str]:
    """A database of its own for the test, with all tables and no rows; dropped afterwards, whoever is connected."""
    yield from _database(servers, _template, _TEMPLATE)


@pytest.fixture(scope="class")
def lasting_database_url(servers: EmbeddedServers, _template: Callable[[str], str]) -> Iterator[str]:
    """A database like ``database_url``'s that all tests of a class share."""
    yield from _database(servers, _template, _TEMPLATE)


@pytest.fixture
def empty_database_url(servers: EmbeddedServers, _template: Callable[[str], str]) -> Iterator[str]:
    """A database of its own for the test, without tables."""
    yield from _database(servers, _template, "template1")


def _database(servers: EmbeddedServers, url: Callable[[str], str], template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    created = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(created)
        yield url(name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
