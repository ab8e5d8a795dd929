"""What the tests of the scenarios start from."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _own_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Spools are made in a folder of the tests'."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TICKSTOCK_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        yield
