"""What tests do with a browser: a tab that collects complaints."""

from collections.abc import Awaitable
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit

from playwright.async_api import ConsoleMessage, Locator, Page, ViewportSize, expect

RESULTS = Path(__file__).parents[2] / "test-results"
PATIENCE_MS = 15_000

DESKTOP = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)

ColorScheme = Literal["dark", "light"]


class Tab:
    """A page in a profile of its own. What it complains of is collected; the test fails if there is any of it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._forgiven: list[str] = []
        self._host = urlsplit(url).netloc
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self._complain(f"uncaught: {error}"))
        page.on("console", self._hear)
        page.on("request", lambda request: self._check_host(request.url))

    def forgive(self, part: str) -> None:
        """Expect complaints that hold this text."""
        self._forgiven.append(part)

    def serve_from(self, url: str) -> None:
        """Expect requests to this address's host, and to no other."""
        self._host = urlsplit(url).netloc

    async def screenshot(self, name: str) -> Path:
        """Save what is seen as ``test-results/NAME.png``."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{name}.png"
        await self.page.screenshot(path=path)
        return path

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self._complain(said.text)

    def _complain(self, text: str) -> None:
        if not any(part in text for part in self._forgiven):
            self.complaints.append(text)

    def _check_host(self, url: str) -> None:
        if urlsplit(url).netloc != self._host:
            self.complaints.append(f"asked another host: {url}")


class OpenTab(Protocol):
    """Opens a tab at an address."""

    def __call__(
        self,
        url: str,
        viewport: ViewportSize = DESKTOP,
        color_scheme: ColorScheme = "dark",
    ) -> Awaitable[Tab]: ...


class Visit(Protocol):
    """Opens the page and waits for its snapshot."""

    def __call__(self, viewport: ViewportSize = DESKTOP, color_scheme: ColorScheme = "dark") -> Awaitable[Tab]: ...


def text_of(tab: Tab, name: str) -> Locator:
    """The element that the page calls ``name``."""
    return tab.page.locator(f'[data-name="{name}"]')


async def connected(tab: Tab) -> None:
    """Until the page has its snapshot."""
    await expect(text_of(tab, "rate")).not_to_contain_text("–")
