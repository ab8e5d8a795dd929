"""The system's Chromium, driven by Playwright, and what its processes use."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from tickstockpl.clock import monotonic_s

VIEWPORT = ViewportSize(width=1440, height=900)

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
_ARGUMENTS = ("--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run")
_CLOCK_TRIES = 20


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser without a window, which paints all the same: 60 frames a second.

    Raises:
        FileNotFoundError: if there is none.
    """
    named = os.environ.get("TICKSTOCK_CHROMIUM")
    candidates = (named,) if named else (*_NAMES, str(_MAC_CHROME))
    executable = next((found for name in candidates if (found := shutil.which(name))), None)
    if executable is None:
        raise FileNotFoundError("no Chromium found; install one, or name one with TICKSTOCK_CHROMIUM")
    sandbox = () if os.geteuid() else ("--no-sandbox",)  # Chromium's sandbox does not work for root
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=[*_ARGUMENTS, *sandbox])
        try:
            yield browser
        finally:
            await browser.close()


def browser_processes() -> list[psutil.Process]:
    """Playwright's driver and all of the browser: this process's children that belong to either."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if any(part in child.name().lower() for part in ("chrom", "node"))]


async def clock_offset_ms(page: Page) -> float:
    """What to add to the page's ``performance.now()`` for this process's monotonic clock, milliseconds.

    The page is asked what time it has, and the answer taken that came soonest: it is wrong by half of that at most.
    """
    best = (float("inf"), 0.0)
    for _ in range(_CLOCK_TRIES):
        asked_s = monotonic_s()
        now_ms = await page.evaluate("performance.now()")
        took_s = monotonic_s() - asked_s
        best = min(best, (took_s, (asked_s + took_s / 2) * 1000 - now_ms))
    return best[1]
