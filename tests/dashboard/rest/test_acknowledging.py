"""Acknowledging critical alerts: what goes on record, and what is refused."""

from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.dashboard.access.visiting import a_token, bearer, browser, plain, sentence
from tests.dashboard.running import dashboard
from tests.dashboard.samples import at

PATH = "/api/streaming/critical/acknowledgements"
ALERT = {"component": "redis", "timestamp": at(3)}


@pytest.fixture
def raised(database_url: str) -> str:
    """A database with a critical alert."""
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO critical_alerts (severity, message, component, raised_at) "
            "VALUES ('critical', 'x', 'redis', %s)",
            (at(3),),
        )
    return database_url


def asking(redis_url: str, database_url: str, data_dir: Path) -> Any:
    return dashboard(redis_url, database_url, auth="on", data_dir=data_dir)


async def test_who_has_seen_it_goes_on_record_and_is_told(redis_url: str, raised: str, tmp_path: Path) -> None:
    async with asking(redis_url, raised, tmp_path) as link:
        async with browser(link) as admin:
            answer = await admin.post(PATH, json=ALERT)
            assert answer.status_code == 200, answer.text
            first = answer.json()
            assert first == {**ALERT, "acknowledged_by": "link", "acknowledged_at": first["acknowledged_at"]}
        token = a_token(tmp_path, "admin", "pager")
        async with httpx.AsyncClient(base_url=plain(link), headers=bearer(token)) as script:
            second = (await script.post(PATH, json=ALERT)).json()
            assert second["acknowledged_by"] == "pager"
            assert (await script.get(PATH)).json() == {"acknowledgements": [second, first]}
            assert (await script.get(PATH, params={"limit": 1})).json() == {"acknowledgements": [second]}
    with psycopg.connect(raised) as connection:
        rows = connection.execute("SELECT actor, role, address, action, subject FROM audit_log ORDER BY id").fetchall()
    assert rows == [
        ("link", "admin", "127.0.0.1", "acknowledge", ALERT),
        ("pager", "admin", "127.0.0.1", "acknowledge", ALERT),
    ]


async def test_what_cannot_be_acknowledged_leaves_no_row(redis_url: str, raised: str, tmp_path: Path) -> None:
    async with asking(redis_url, raised, tmp_path) as link:
        viewer = a_token(tmp_path, "viewer")
        async with httpx.AsyncClient(base_url=plain(link), headers=bearer(viewer)) as script:
            assert "is a viewer" in sentence(await script.post(PATH, json=ALERT), 403)
            assert (await script.get(PATH)).json() == {"acknowledgements": []}
        async with browser(link) as admin:
            for order in (
                {**ALERT, "component": "disk"},
                {**ALERT, "component": "redis\x00"},
                {**ALERT, "timestamp": at(4)},
                {**ALERT, "timestamp": "0000-01-01T00:00:00.000Z"},
                {**ALERT, "timestamp": "2026-02-30T00:00:00.000Z"},
            ):
                assert "no critical alert of" in sentence(await admin.post(PATH, json=order), 404)
            for wrong in ({}, {**ALERT, "timestamp": "yesterday"}, {**ALERT, "note": "x"}, {"component": 1}):
                assert "send such as {" in sentence(await admin.post(PATH, json=wrong), 422)
            assert sentence(await admin.post(PATH, data=ALERT), 415)
    with psycopg.connect(raised) as connection:
        assert connection.execute("SELECT count(*) FROM audit_log").fetchone() == (0,)


async def test_a_user_that_may_not_write_is_told_what_is_missing(redis_url: str, raised: str, tmp_path: Path) -> None:
    with psycopg.connect(raised, autocommit=True) as owner:
        owner.execute("CREATE ROLE only_reads LOGIN")
        owner.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO only_reads")
    try:
        url = raised.replace("://postgres@", "://only_reads@")
        async with asking(redis_url, url, tmp_path) as link, browser(link) as admin:
            assert "GRANT SELECT, INSERT ON audit_log" in sentence(await admin.post(PATH, json=ALERT), 503)
            assert (await admin.get(PATH)).status_code == 200
    finally:
        with psycopg.connect(raised, autocommit=True) as owner:
            owner.execute("DROP OWNED BY only_reads")
            owner.execute("DROP ROLE only_reads")
