"""Dashboards that ask who comes."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

import pytest

from tests.dashboard.access.visiting import ADMIN_TOKEN
from tests.dashboard.running import dashboard


class AskingDashboard(Protocol):
    """Starts a dashboard that asks who comes; gives the link that it prints."""

    def __call__(self, **settings: object) -> AbstractAsyncContextManager[str]: ...


@pytest.fixture
def asking(redis_url: str, database_url: str, tmp_path: Path) -> AskingDashboard:
    def start(**settings: object) -> AbstractAsyncContextManager[str]:
        given = {"auth": "on", "data_dir": tmp_path, "admin_token": ADMIN_TOKEN, **settings}
        return dashboard(redis_url, database_url, **given)

    return start


@pytest.fixture
async def link(asking: AskingDashboard) -> AsyncIterator[str]:
    """The link that a dashboard has printed."""
    async with asking() as address:
        yield address
