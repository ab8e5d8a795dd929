"""The exchange's hours over REST."""

import pytest

from tests.dashboard.rest.asking import answers, refusal
from tests.dashboard.running import dashboard


async def test_a_moment_of_a_regular_day(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url:
        assert await answers(url, "calendar?at=2025-10-06T10:15:00-04:00") == {
            "at": "2025-10-06T14:15:00.000Z",
            "state": "open",
            "opens_at": "2025-10-06T13:30:00.000Z",
            "closes_at": "2025-10-06T20:00:00.000Z",
            "next_open": "2025-10-07T13:30:00.000Z",
            "previous_close": "2025-10-03T20:00:00.000Z",
            "reason": None,
            "extended": False,
        }
        now = await answers(url, "calendar")
        assert now["previous_close"] <= now["at"] < now["next_open"]


@pytest.mark.parametrize("setting", [True, False])
async def test_hours_are_the_dashboards_unless_asked_for(redis_url: str, database_url: str, setting: bool) -> None:
    async with dashboard(redis_url, database_url, extended_hours=setting) as url:
        unasked = await answers(url, "calendar?at=2025-10-06T14:15:00Z")
        assert (unasked["extended"], unasked["opens_at"] == "2025-10-06T08:00:00.000Z") == (setting, setting)
        asked = await answers(url, f"calendar?at=2025-10-06T14:15:00Z&extended={not setting}")
        assert asked["extended"] is not setting


async def test_what_is_no_time_is_refused(redis_url: str, database_url: str) -> None:
    async with dashboard(redis_url, database_url) as url:
        for wrong in ("", "now", "2025-10-06T14:15:00", "1500-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"):
            assert f"query at was {wrong!r}; write a time" in await refusal(url, f"calendar?at={wrong}", 422)
