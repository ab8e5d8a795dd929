"""Signing in with a real browser: by the printed link, by the password, and out again."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from tests.browser.driving import PHONE, OpenTab, connected
from tests.dashboard.access.visiting import plain
from tests.dashboard.running import dashboard
from tickstockpl.dashboard.access.passwords import hash_password

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PASSWORD = "correct horse & battery+staple"


async def test_the_printed_link_opens_the_page_and_is_gone_from_the_address(
    open_tab: OpenTab, redis_url: str, database_url: str, tmp_path: Path
) -> None:
    async with dashboard(redis_url, database_url, auth="on", data_dir=tmp_path) as link:
        tab = await open_tab(link)
        await connected(tab)
        assert urlsplit(tab.page.url).query == ""
        await tab.page.reload()
        await connected(tab)
        assert await tab.page.evaluate("document.cookie") == "", "scripts do not see it"
        assert link not in await tab.page.evaluate("performance.getEntries().map(entry => entry.name).join()")
        await tab.page.goto("about:blank")


async def test_without_a_link_the_page_says_how_to_get_one_and_takes_the_password(
    open_tab: OpenTab, redis_url: str, database_url: str, tmp_path: Path
) -> None:
    settings = {"auth": "on", "data_dir": tmp_path, "dashboard_password_hash": hash_password(PASSWORD)}
    async with dashboard(redis_url, database_url, **settings) as link:
        tab = await open_tab("about:blank", PHONE)
        tab.complaints.clear()
        tab.forgive("401")
        tab.serve_from(plain(link))
        await tab.page.goto(plain(link))
        await expect(tab.page.get_by_role("heading")).to_have_text("Sign in to TickStock")
        await expect(tab.page.get_by_text("tickstockpl dashboard link")).to_be_visible()
        await tab.screenshot("sign-in-phone")
        await tab.page.get_by_label("password").fill("wrong")
        await tab.page.keyboard.press("Enter")
        await expect(tab.page.get_by_role("alert")).to_have_text("That is not the password.")
        await tab.page.get_by_label("password").fill(PASSWORD)
        await tab.page.get_by_role("button", name="Sign in").click()
        await connected(tab)
        await tab.page.goto(f"{plain(link)}/about")
        await expect(tab.page.get_by_role("cell", name="fastapi", exact=True)).to_be_visible()
        await tab.screenshot("about-phone")
        await tab.page.goto(plain(link))
        await connected(tab)
        left = await tab.page.evaluate("fetch('./sign-out', {method: 'POST'}).then(answer => answer.status)")
        assert left == 401, "what is shown instead of the page"
        await tab.page.goto("about:blank")
