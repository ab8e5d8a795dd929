"""What the tests of the conformance room start from."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conformance.recording import Recording, simulate
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.store.migrate import migrate


@pytest.fixture(scope="session", autouse=True)
def _own_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Spools are made in a folder of the tests'."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TICKSTOCK_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def recording(make_data_dir: Callable[[], Path]) -> Recording:
    """All that a real service published of twenty simulated minutes of fifty symbols."""
    with EmbeddedServers(make_data_dir()) as servers:
        migrate(servers.database_url)
        return asyncio.run(simulate("recorded", servers.redis_url, servers.database_url))
