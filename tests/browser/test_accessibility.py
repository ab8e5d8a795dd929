"""axe-core on every state of the page: nothing it knows of stands in anybody's way."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import ViewportSize, expect

from tests.browser.driving import DESKTOP, PATIENCE_MS, PHONE, ColorScheme, OpenTab, Tab, Visit, connected, text_of
from tests.browser.scene import SYMBOL, play_scene, store_scene
from tests.dashboard.access.visiting import plain
from tests.dashboard.running import dashboard
from tickstockpl.dashboard.access.passwords import hash_password

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

expect.set_options(timeout=PATIENCE_MS)

RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
LOOKS: tuple[tuple[ViewportSize, ColorScheme], ...] = (
    (DESKTOP, "dark"),
    (DESKTOP, "light"),
    (PHONE, "dark"),
    (PHONE, "light"),
)
each_look = pytest.mark.parametrize(
    ("viewport", "scheme"), LOOKS, ids=lambda of: of if isinstance(of, str) else str(of["width"])
)

Step = Callable[[Tab], Awaitable[None]]


async def violations(tab: Tab) -> list[str]:
    """What axe has against what is seen, a line for each element."""
    found: dict[str, Any] = (await Axe().run(tab.page, options=RULES)).response
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))} – {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


async def show_panel(tab: Tab, name: str) -> None:
    """On a phone, one panel is seen at a time."""
    if tab.page.viewport_size == PHONE:
        await tab.page.get_by_role("navigation").get_by_role("button", name=name).click()


async def nothing_more(tab: Tab) -> None:
    """The page as it comes."""


async def every_panel(tab: Tab) -> None:
    for name in ("Alerts", "Universe", "Health", "Patterns"):
        await show_panel(tab, name)
        await expect(tab.page.locator(f"#{name.lower()}")).to_be_visible()
        assert await violations(tab) == [], name


async def a_pattern_opened(tab: Tab) -> None:
    await tab.page.locator('[data-row="pattern"]').first.click()
    await expect(tab.page.get_by_role("table", name="Why this pattern was found")).to_be_visible()


async def families_opened(tab: Tab) -> None:
    await tab.page.get_by_role("button", name="Families").click()
    await expect(tab.page.get_by_role("group", name="Families")).to_be_visible()


async def help_opened(tab: Tab) -> None:
    await tab.page.keyboard.press("?")
    await expect(tab.page.get_by_role("dialog", name="Help")).to_be_visible()


async def the_heat_map(tab: Tab) -> None:
    await show_panel(tab, "Universe")
    await tab.page.get_by_role("button", name="Heat map").click()
    await tab.page.locator("#universe .cursor").focus()
    await expect(text_of(tab, "heat-legend")).to_be_visible()


async def the_sectors(tab: Tab) -> None:
    await show_panel(tab, "Universe")
    await tab.page.get_by_role("button", name="Sectors").click()
    await expect(tab.page.get_by_role("region", name="Sectors")).to_be_visible()


async def a_session_in_figures(tab: Tab) -> None:
    await show_panel(tab, "Health")
    await text_of(tab, "sessions").get_by_role("button").first.click()
    await expect(tab.page.get_by_role("dialog")).to_contain_text(re.compile("By hour|found no patterns"))


async def who_is_signed_in(tab: Tab) -> None:
    await tab.page.get_by_role("button", name="Access and about").click()
    await expect(text_of(tab, "access")).to_be_visible()


STEPS = {
    "as it comes": nothing_more,
    "every panel": every_panel,
    "a pattern opened": a_pattern_opened,
    "families opened": families_opened,
    "help opened": help_opened,
    "the heat map": the_heat_map,
    "the sectors": the_sectors,
    "a session in figures": a_session_in_figures,
    "who is signed in": who_is_signed_in,
}


@each_look
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
async def test_a_market_that_runs(
    visit: Visit, redis_url: str, database_url: str, viewport: ViewportSize, scheme: ColorScheme, step: Step
) -> None:
    store_scene(database_url)
    tab = await visit(viewport, scheme)
    play_scene(redis_url)
    await expect(tab.page.locator('[data-row="pattern"]')).to_have_count(3)
    await expect(text_of(tab, "incident")).to_contain_text("feed lost")
    await step(tab)
    assert await violations(tab) == []


@each_look
async def test_a_symbol_opened(
    url: str, open_tab: OpenTab, redis_url: str, database_url: str, viewport: ViewportSize, scheme: ColorScheme
) -> None:
    store_scene(database_url)
    tab = await open_tab(f"{url}/?symbol={SYMBOL}", viewport, scheme)
    await connected(tab)
    play_scene(redis_url)
    await expect(text_of(tab, "chart")).to_be_visible()
    assert await violations(tab) == []


@each_look
async def test_nothing_to_show(visit: Visit, viewport: ViewportSize, scheme: ColorScheme) -> None:
    tab = await visit(viewport, scheme)
    await expect(text_of(tab, "link")).to_contain_text("No producer")
    await every_panel(tab)
    await show_panel(tab, "Patterns")
    assert await violations(tab) == []


@each_look
async def test_the_dashboard_gone(
    open_tab: OpenTab, redis_url: str, database_url: str, viewport: ViewportSize, scheme: ColorScheme
) -> None:
    async with dashboard(redis_url, database_url) as url:
        tab = await open_tab(url, viewport, scheme)
        tab.forgive("WebSocket connection to")
        tab.forgive("Failed to load resource")
        await connected(tab)
        play_scene(redis_url)
        await expect(tab.page.locator('[data-row="pattern"]')).to_have_count(3)
    await expect(text_of(tab, "link-banner")).to_contain_text("Connection lost")
    assert await violations(tab) == []


@each_look
async def test_signing_in_and_what_it_is_made_of(
    open_tab: OpenTab,
    redis_url: str,
    database_url: str,
    tmp_path: Path,
    viewport: ViewportSize,
    scheme: ColorScheme,
) -> None:
    settings = {"auth": "on", "data_dir": tmp_path, "dashboard_password_hash": hash_password("correct horse battery")}
    async with dashboard(redis_url, database_url, **settings) as link:
        tab = await open_tab(link, viewport, scheme)
        await connected(tab)
        await tab.page.goto(f"{plain(link)}/about")
        await expect(tab.page.get_by_role("cell", name="fastapi", exact=True)).to_be_visible()
        assert await violations(tab) == []
        tab.forgive("401")
        await tab.page.context.clear_cookies()
        await tab.page.goto(plain(link))
        await tab.page.get_by_label("password").fill("wrong")
        await tab.page.keyboard.press("Enter")
        await expect(tab.page.get_by_role("alert")).to_be_visible()
        assert await violations(tab) == []
        await tab.page.goto("about:blank")
