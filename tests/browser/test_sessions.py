"""The history of sessions and one session in figures, in a real browser."""

import re
from typing import Any

import psycopg
import pytest
from playwright.async_api import expect

from tests.browser.driving import DESKTOP, PATIENCE_MS, PHONE, Tab, Visit, text_of
from tests.dashboard.rows import insert_session
from tests.dashboard.running import publish
from tests.dashboard.samples import at, checkpoint, session, session_id, started

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def history(database_url: str) -> str:
    """A whole session with patterns in two hours, and one that has no end yet."""
    insert_session(database_url, 1, minutes=90)
    insert_session(database_url, 2, "replay:friday", minutes=2, first_minute=1440)
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "UPDATE streaming_sessions SET stopped_at = %s, final_status = 'completed', total_patterns = 90, "
            "total_indicators = 90 WHERE session_id = %s",
            (at(390), session_id(1)),
        )
    return database_url


async def sessions_of(tab: Tab) -> Any:
    if await tab.page.get_by_role("navigation").is_visible():
        await tab.page.get_by_role("navigation").get_by_role("button", name="Health").click()
    return text_of(tab, "sessions").locator("li")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
async def test_sessions_are_listed_and_told_in_figures(history: str, visit: Visit, viewport: object) -> None:
    del history
    tab = await visit(viewport)  # type: ignore[arg-type]
    rows = await sessions_of(tab)
    await expect(rows).to_have_text(
        [
            re.compile(r"Tue, Oct 7\s*09:30–\s*b.*running"),
            re.compile(r"Mon, Oct 6\s*09:30–16:00\s*b\s*90\s*patterns\s*completed"),
        ]
    )
    await rows.last.get_by_role("button").click()
    dialog = tab.page.get_by_role("dialog", name="Session of Mon, Oct 6, 09:30–16:00")
    await expect(dialog).to_contain_text("simulator:1 (simulated)")
    figures = text_of(tab, "session-figures")
    for part in ("completed", "6 h 30 min", "Patterns", "90"):
        await expect(figures).to_contain_text(part)
    table = dialog.get_by_role("table", name="Patterns and alerts by hour")
    await expect(table.locator("thead th")).to_have_text([re.compile("By hour"), "09:00", "10:00", "All"])
    await expect(table.locator("tbody tr").first).to_have_text(re.compile(r"Doji\s*30\s*60\s*90"))
    await expect(table.locator("tbody tr").last).to_have_text(re.compile(r"Alerts\s*30\s*60\s*90"))
    await expect(dialog).to_contain_text("RSI overbought")
    assert not await tab.page.evaluate("document.scrollingElement.scrollWidth > innerWidth")
    await tab.screenshot(f"session-{'phone' if viewport == PHONE else 'desktop'}")
    await dialog.get_by_role("button", name="AAA").click()
    await expect(dialog).to_have_count(0)
    await expect(tab.page.locator("#symbol")).to_contain_text("AAA")


async def test_the_running_session_says_so_and_a_new_one_appears(history: str, visit: Visit, redis_url: str) -> None:
    tab = await visit()
    rows = await sessions_of(tab)
    publish(redis_url, started(2), checkpoint(running=session(2)))
    await expect(rows.first).to_contain_text("running")
    insert_session(history, 3, minutes=1, first_minute=2880)
    publish(redis_url, started(3), checkpoint(2, running=session(3)))
    await expect(rows.first).to_have_text(re.compile(r"Wed, Oct 8.*running"))


async def test_a_session_that_is_gone_is_told(history: str, visit: Visit) -> None:
    tab = await visit()
    tab.forgive("404")
    rows = await sessions_of(tab)
    await expect(rows).to_have_count(2)
    with psycopg.connect(history) as connection:
        connection.execute("DELETE FROM session_sources WHERE session_id = %s", (session_id(2),))
        for table in ("intraday_patterns", "intraday_indicators", "indicator_alerts", "streaming_health_metrics"):
            connection.execute(f"DELETE FROM {table} WHERE session_id = %s", (session_id(2),))
        connection.execute("DELETE FROM critical_alerts WHERE session_id = %s", (session_id(2),))
        connection.execute("DELETE FROM bars_1min WHERE session_id = %s", (session_id(2),))
        connection.execute("DELETE FROM streaming_sessions WHERE session_id = %s", (session_id(2),))
    await rows.first.get_by_role("button").click()
    await expect(tab.page.get_by_role("dialog")).to_contain_text("there is no such session")
