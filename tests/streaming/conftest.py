"""What several streaming tests start from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.streaming.market_files import FIVE_DAYS, cut

SYMBOLS = {"AAPL", "AMZN", "BA", "GOOG", "MSFT", "NVDA"}


@pytest.fixture(scope="session", autouse=True)
def _own_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Spools are made in a folder of the tests'."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TICKSTOCK_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def five_days(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six symbols over five real trading days."""
    return cut(test_data / FIVE_DAYS, tmp_path_factory.mktemp("bars") / "five_days.csv", SYMBOLS)


@pytest.fixture(scope="session")
def one_day(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three symbols over one real trading day."""
    return cut(test_data / FIVE_DAYS, tmp_path_factory.mktemp("bars") / "one_day.csv", {"AAPL", "MSFT", "NVDA"}, days=1)
