"""A real Chromium for tests: the system's, driven by Playwright; what goes wrong inside a page fails its test."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ViewportSize, async_playwright

from hatch_build import HASH_FILE, STATIC, sources_hash
from tests.browser.driving import DESKTOP, ColorScheme, OpenTab, Tab, Visit, connected
from tests.dashboard.running import dashboard

ROOT = Path(__file__).parents[2]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
_ARGUMENTS = ("--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run")

_TELL_VIOLATIONS = """addEventListener('securitypolicyviolation', (event) =>
    console.error(`content security policy: ${event.violatedDirective} refused ${event.blockedURI}`))"""


def _find_chromium() -> str:
    """The system's Chromium; skips where there is none, which in CI is a failure."""
    named = os.environ.get("TICKSTOCK_CHROMIUM")
    if named and not shutil.which(named):
        pytest.fail(f"TICKSTOCK_CHROMIUM names {named!r}, which is not a program")
    candidates = (named, *_NAMES, str(_MAC_CHROME))
    found = next((path for name in candidates if name and (path := shutil.which(name))), None)
    if found is None:
        reason = (
            "no Chromium found; install one (Debian: apt install chromium, macOS: brew install --cask google-chrome) "
            "or name one with TICKSTOCK_CHROMIUM"
        )
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def built_page() -> Path:
    """The folder of the built page, which must have been built from the sources that are here."""
    folder = ROOT / STATIC
    hash_file = folder / HASH_FILE
    if not hash_file.is_file() or hash_file.read_text("utf-8").strip() != sources_hash(ROOT / "frontend"):
        pytest.fail(f"{folder} does not hold the page of these sources; build it with pip install -e '.[test]'")
    return folder


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for the whole run."""
    executable = _find_chromium()
    sandbox = () if os.geteuid() else ("--no-sandbox",)  # Chromium's sandbox does not work for root
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=[*_ARGUMENTS, *sandbox])
        try:
            yield browser
        finally:
            await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_tab(chromium: Browser, built_page: Path) -> AsyncIterator[OpenTab]:
    """Opens tabs; closes them at the end of the test, which fails if one of them complained."""
    closing: list[Callable[[], Awaitable[None]]] = []
    tabs: list[Tab] = []

    async def open_(
        url: str,
        viewport: ViewportSize = DESKTOP,
        color_scheme: ColorScheme = "dark",
    ) -> Tab:
        context = await chromium.new_context(
            viewport=viewport, color_scheme=color_scheme, reduced_motion="reduce", locale="en-US"
        )
        closing.append(context.close)
        await context.add_init_script(_TELL_VIOLATIONS)
        tab = Tab(await context.new_page(), url)
        tabs.append(tab)
        await tab.page.goto(url)
        return tab

    yield open_
    for close in closing:
        await close()
    assert [complaint for tab in tabs for complaint in tab.complaints] == []


@pytest_asyncio.fixture(loop_scope="session")
async def url(redis_url: str, database_url: str) -> AsyncIterator[str]:
    """A dashboard's address."""
    async with dashboard(redis_url, database_url) as address:
        yield address


@pytest.fixture
def visit(url: str, open_tab: OpenTab) -> Visit:
    """How a test opens the page; ``url`` comes before ``open_tab`` so that tabs close before the dashboard ends."""

    async def visit_(viewport: ViewportSize = DESKTOP, color_scheme: ColorScheme = "dark") -> Tab:
        tab = await open_tab(url, viewport, color_scheme)
        await connected(tab)
        return tab

    return visit_
