"""The user's specification, on a machine that has it."""

from pathlib import Path

import pytest


@pytest.fixture
def specification(test_data: Path) -> str:
    """Its text; it lies beside the test data."""
    path = test_data.parent / "spec" / "tickstockpl_requirements.md"
    if not path.is_file():
        pytest.skip(f"there is no specification at {path}")
    return path.read_text("utf-8")
