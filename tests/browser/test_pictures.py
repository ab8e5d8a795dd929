"""The pictures of README and docs: taken of one simulated morning, always the same.

``pytest tests/browser/test_pictures.py --pictures`` writes them to ``docs/images``; without that they go to
``test-results``, so that every run shows what the page looks like.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import ViewportSize, expect

from tests.browser.command import tickstockpl_run
from tests.browser.driving import DESKTOP, PHONE, RESULTS, ColorScheme, OpenTab, Tab, connected, text_of

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

expect.set_options(timeout=15_000)

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
MORNING = ("--speed", "60", "--seed", "7", "--date", "2025-10-06")
UNTIL = re.compile(r"(?<![\d:])(10:(0[5-9]|[1-5]\d)|1[1-5]:\d\d)(?!:)")
"""From when on there is enough to see; the market's clock, which has no seconds at this speed."""
IN_TIME = re.compile(r"\b\d{1,2} ms")
"""How late the events of the last minute are on a picture that is kept: what the start took is over by then."""
FILLED_MS = 40_000
"""The small charts of a picture that is kept show so much."""
PATIENCE_MS = 90_000


async def as_it_comes(tab: Tab) -> None:
    await expect(tab.page.locator('[data-row="pattern"]').first).to_be_visible()


async def a_symbol_and_the_heat_map(tab: Tab) -> None:
    universe = tab.page.locator("#universe")
    await universe.get_by_role("button", name="Heat map").click()
    await expect(text_of(tab, "heat-canvas")).to_be_visible()
    await tab.page.locator('[data-row="pattern"] .symbol').first.click()
    await expect(text_of(tab, "chart")).to_be_visible()
    await expect(text_of(tab, "legend")).to_contain_text("SMA 20")


@dataclass(frozen=True)
class Picture:
    """One picture: how the page is opened for it, and what is done first."""

    viewport: ViewportSize
    scheme: ColorScheme
    arrange: Callable[[Tab], Awaitable[None]] = as_it_comes


PICTURES = {
    "page-dark": Picture(DESKTOP, "dark"),
    "page-light": Picture(DESKTOP, "light"),
    "symbol-dark": Picture(DESKTOP, "dark", a_symbol_and_the_heat_map),
    "phone-dark": Picture(PHONE, "dark"),
}


async def test_pictures_are_taken(open_tab: OpenTab, data_dir: Path, pytestconfig: pytest.Config) -> None:
    keeps = pytestconfig.getoption("--pictures")
    folder = IMAGES if keeps else RESULTS
    folder.mkdir(exist_ok=True)
    async with tickstockpl_run(data_dir, *MORNING) as (_, link):
        first = await open_tab(link)
        signed_in = await first.page.context.storage_state()
        await first.page.goto("about:blank")
        for name, picture in PICTURES.items():  # one at a time: what several pages take of the machine would show
            tab = await open_tab("about:blank", picture.viewport, picture.scheme)
            tab.complaints.clear()
            tab.serve_from(link)
            await tab.page.context.add_cookies(signed_in["cookies"])  # type: ignore[arg-type]
            await tab.page.goto(link.partition("/?")[0])
            await connected(tab)
            await expect(text_of(tab, "clock")).to_contain_text(UNTIL, timeout=PATIENCE_MS)
            if keeps:
                await tab.page.wait_for_timeout(FILLED_MS)
                await expect(text_of(tab, "latency")).to_contain_text(IN_TIME, timeout=2 * PATIENCE_MS)
            await picture.arrange(tab)
            await tab.page.screenshot(path=folder / f"{name}.png")
            await tab.page.goto("about:blank")
