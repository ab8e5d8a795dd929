"""Asking the REST API."""

from typing import Any

from tests.dashboard.running import get


async def answers(url: str, path: str) -> dict[str, Any]:
    """What it answers under ``/api/streaming/``."""
    answer = await get(url, f"/api/streaming/{path}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def refusal(url: str, path: str, status: int) -> str:
    """The sentence with which it refuses."""
    answer = await get(url, f"/api/streaming/{path}")
    assert answer.status_code == status, answer.text
    sentence: str = answer.json()["error"]
    return sentence
