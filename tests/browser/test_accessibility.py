"""axe-core on every state of the page: nothing it knows of stands in anybody's way."""

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Locator, ViewportSize, expect

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


async def violations(tab: Tab) -> list[str]:
    """What axe has against what is seen, a line for each element."""
    found: dict[str, Any] = (await Axe().run(tab.page, options=RULES)).response
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))} – {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


class Inspection:
    """What axe finds in one state of the page after the other."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.page = tab.page
        self.found: dict[str, list[str]] = {}

    async def of(self, state: str) -> None:
        """Look at the page as it is now, which is called so."""
        if against := await violations(self.tab):
            self.found[state] = against

    def is_clean(self) -> None:
        """Fail with all that was found, once each."""
        told = dict.fromkeys(f"{state}: {line}" for state, lines in self.found.items() for line in lines)
        assert not told, "\n".join(told)

    async def panel(self, name: str) -> None:
        """Show a panel: on a phone, one is seen at a time."""
        if self.page.viewport_size == PHONE:
            await self.page.get_by_role("navigation", name="Panels").get_by_role("button", name=name).click()
        await expect(self.page.locator(f"#{name.lower()}")).to_be_visible()

    async def opened(self, state: str, button: Locator, appears: Locator) -> None:
        """Look at what a button opens, and close it again."""
        await button.click()
        await expect(appears).to_be_visible()
        await self.of(state)
        await self.page.keyboard.press("Escape")
        await expect(appears).to_be_hidden()


@each_look
async def test_a_market_that_runs(
    visit: Visit, redis_url: str, database_url: str, viewport: ViewportSize, scheme: ColorScheme
) -> None:
    store_scene(database_url)
    tab = await visit(viewport, scheme)
    play_scene(redis_url)
    page, look = tab.page, Inspection(tab)
    patterns, alerts, universe = (page.locator(f"#{name}") for name in ("patterns", "alerts", "universe"))
    await expect(page.locator('[data-row="pattern"]')).to_have_count(3)
    await expect(text_of(tab, "incident")).to_contain_text("feed lost")
    for name in ("Alerts", "Universe", "Health", "Patterns"):
        await look.panel(name)
        await look.of(name)

    for name in ("Families", "Watchlists"):
        await look.opened(
            name, patterns.get_by_role("button", name=re.compile(f"^{name}")), page.locator(".menu:popover-open")
        )
    await look.opened(
        "access", page.get_by_role("button", name="Access and about"), page.locator("[popover]:popover-open")
    )
    await look.opened("help", page.get_by_role("button", name="Help"), page.get_by_role("dialog", name="Help"))

    await page.keyboard.press("r")
    rules = page.get_by_role("dialog", name="Rules")
    await expect(rules).to_be_visible()
    await look.of("rules")
    await rules.get_by_role("button", name="rule").last.click()
    await expect(page.get_by_role("dialog", name="A rule")).to_be_visible()
    await look.of("a rule")
    await page.keyboard.press("Escape")

    await look.panel("Alerts")
    await look.opened(
        "watchlists of the alerts",
        alerts.get_by_role("button", name=re.compile("^Watchlists")),
        page.locator(".menu:popover-open"),
    )
    await look.panel("Universe")
    for name in ("Heat map", "Sectors", "Table"):
        await universe.get_by_role("button", name=name).click()
        await look.of(name)

    await look.panel("Health")
    await text_of(tab, "sessions").locator("li").first.get_by_role("button").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await look.of("a session")
    await page.keyboard.press("Escape")

    await look.panel("Patterns")
    await patterns.locator('[data-row="pattern"] button[aria-expanded]').first.click()
    await expect(page.get_by_role("table", name="Why this pattern was found")).to_be_visible()
    await look.of("a pattern")
    look.is_clean()


@each_look
async def test_a_symbol_opened(
    url: str, open_tab: OpenTab, redis_url: str, database_url: str, viewport: ViewportSize, scheme: ColorScheme
) -> None:
    store_scene(database_url)
    tab = await open_tab(f"{url}/?symbol={SYMBOL}", viewport, scheme)
    await connected(tab)
    play_scene(redis_url)
    await expect(text_of(tab, "chart")).to_be_visible()
    look = Inspection(tab)
    await look.of("as it is")
    look.is_clean()


@each_look
async def test_nothing_to_show(visit: Visit, viewport: ViewportSize, scheme: ColorScheme) -> None:
    tab = await visit(viewport, scheme)
    await expect(text_of(tab, "link")).to_contain_text("No producer")
    look = Inspection(tab)
    for name in ("Alerts", "Universe", "Health", "Patterns"):
        await look.panel(name)
        await look.of(name)
    look.is_clean()


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
    look = Inspection(tab)
    await look.of("as it is")
    look.is_clean()


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
        look = Inspection(tab)
        tab.forgive("503")  # no service runs
        await look.opened("what services run", text_of(tab, "session-control").first, tab.page.get_by_role("dialog"))
        look.is_clean()
        await tab.page.goto(f"{plain(link)}/about")
        await expect(tab.page.get_by_role("cell", name="fastapi", exact=True)).to_be_visible()
        await look.of("about")
        tab.forgive("401")
        await tab.page.context.clear_cookies()
        await tab.page.goto(plain(link))
        await tab.page.get_by_label("password").fill("wrong")
        await tab.page.keyboard.press("Enter")
        await expect(tab.page.get_by_role("alert")).to_be_visible()
        await look.of("sign-in")
        look.is_clean()
        await tab.page.goto("about:blank")
