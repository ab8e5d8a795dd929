"""The universe as a heat map and by sectors, in a real browser."""

import re
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.browser.driving import PATIENCE_MS, PHONE, Tab, Visit, text_of
from tests.dashboard.running import publish
from tests.dashboard.samples import bars, checkpoint, indicator, pattern, session, started

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

expect.set_options(timeout=PATIENCE_MS)

MANY = 11_000

AVERAGE_COLOR = """([canvas, box]) => {
    const ratio = canvas.width / canvas.clientWidth;
    const [x, y] = [(box.x + 2) * ratio, (box.y + 2) * ratio];
    return [...canvas.getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3);
}"""


def market(redis_url: str) -> None:
    """AAPL has risen by 10 %, JPM has fallen by 5 %, NVDA stands still; all of them in ``demo:top_50``."""
    publish(
        redis_url,
        started(),
        bars(0, "AAPL", "JPM", "NVDA", open_=10),
        bars(1, "AAPL", open_=10.5),
        bars(1, "JPM", open_=9),
        bars(1, "NVDA", open_=9.5),
        indicator("AAPL", 71.5, instance="RSI_14"),
        indicator("JPM", 28.5, instance="RSI_14"),
        pattern(1, symbol="AAPL"),
        pattern(2, symbol="AAPL"),
        checkpoint(running=session()),
    )


async def heat_map(tab: Tab) -> Locator:
    """The place of the keyboard on the map, which has been opened."""
    await tab.page.get_by_role("button", name="Heat map").click()
    return tab.page.locator("#universe .cursor")


async def on_tile(tab: Tab, symbol: str) -> Locator:
    """The place of the keyboard, moved to a symbol's tile."""
    cursor = tab.page.locator("#universe .cursor")
    await cursor.focus()
    for key in ("ArrowLeft", "ArrowUp", "ArrowDown", "ArrowRight", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowUp"):
        for _ in range(4):
            if await cursor.get_attribute("data-symbol") == symbol:
                return cursor
            await tab.page.keyboard.press(key)
    await expect(cursor).to_have_attribute("data-symbol", symbol)
    return cursor


async def color_of(tab: Tab, symbol: str) -> list[int]:
    """What the map shows of a symbol: red, green and blue in its tile's corner."""
    cursor = await on_tile(tab, symbol)
    box = await cursor.evaluate("each => ({ x: each.offsetLeft, y: each.offsetTop })")
    await tab.page.evaluate("() => document.activeElement.blur()")
    canvas = await text_of(tab, "heat-canvas").element_handle()
    found: list[int] = await tab.page.evaluate(AVERAGE_COLOR, [canvas, box])
    return found


async def test_arrow_keys_go_from_tile_to_tile_and_enter_opens_the_symbol(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    market(redis_url)
    cursor = await heat_map(tab)
    await on_tile(tab, "AAPL")
    await expect(cursor).to_have_attribute("aria-label", re.compile(r"AAPL, Apple.*, change \+10\.00%, RSI 72, 2 pat"))
    await on_tile(tab, "JPM")
    await expect(cursor).to_have_attribute("aria-label", re.compile(r"JPM, .*, change −5\.00%, RSI 2[89], 0 patterns"))
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.locator("#symbol")).to_contain_text("JPM")
    assert "symbol=JPM" in tab.page.url


async def test_a_tile_is_told_on_hover_and_opened_by_a_click(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    market(redis_url)
    await heat_map(tab)
    cursor = await on_tile(tab, "AAPL")
    box = await cursor.bounding_box()
    assert box is not None
    await tab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tip = text_of(tab, "heat-tip")
    for part in ("AAPL", "Apple", "Information Technology", "11.00", "+10.00%", "72"):
        await expect(tip).to_contain_text(part)
    await tab.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await expect(tab.page.locator("#symbol")).to_contain_text("AAPL")


async def test_colours_tell_up_from_down_and_follow_what_is_chosen_and_the_theme(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    tab.forgive("Canvas2D: Multiple readback")
    market(redis_url)
    await heat_map(tab)
    legend = text_of(tab, "heat-legend")
    await expect(legend).to_have_text(re.compile(r"▼ −10\.00%.*\+10\.00% ▲.*change since the open", re.DOTALL))
    red, green, _ = await color_of(tab, "AAPL")
    assert green > red
    red, green, _ = await color_of(tab, "JPM")
    assert red > green
    still = await color_of(tab, "NVDA")
    await tab.page.get_by_role("button", name="RSI", exact=True).click()
    await expect(legend).to_have_text(re.compile(r"▼ 20.*80 ▲.*RSI", re.DOTALL))
    await tab.page.get_by_role("button", name="Patterns", exact=True).click()
    await expect(legend).to_have_text(re.compile(r"0.*2 or more.*patterns in 30 minutes", re.DOTALL))
    assert await color_of(tab, "AAPL") != await color_of(tab, "JPM")
    await tab.page.get_by_role("button", name="Change", exact=True).last.click()
    await tab.page.keyboard.press("t")
    await tab.page.keyboard.press("t")
    await expect(tab.page.locator("html")).to_have_attribute("data-theme", "light")
    assert await color_of(tab, "NVDA") != still


async def test_sectors_are_told_as_a_table(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    market(redis_url)
    await tab.page.get_by_role("button", name="Sectors").click()
    rows = tab.page.get_by_role("region", name="Sectors").locator("tbody tr")
    await expect(rows).to_have_count(2)
    await expect(rows.first).to_have_text(re.compile(r"Information Technology\s*2\s*1\s*0\s*▲\s*\+5\.00%\s*71\.5\s*2"))
    await expect(rows.last).to_have_text(re.compile(r"Financials\s*1\s*0\s*1\s*▼\s*−5\.00%\s*28\.5\s*0"))


async def test_what_is_filtered_or_unwatched_is_not_on_the_map(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    market(redis_url)
    await heat_map(tab)
    said = tab.page.get_by_role("group", name="Heat map by change").locator("p").first
    await expect(said).to_contain_text("3 symbols in 2 sectors: 1 up, 1 down since the open.")
    await tab.page.get_by_label("Find a symbol").fill("jp")
    await expect(tab.page.locator("#universe .cursor")).to_have_attribute("data-symbol", "JPM")
    await expect(tab.page.locator("#universe")).to_contain_text("1 of 3")
    await tab.page.get_by_label("Find a symbol").fill("")
    await tab.page.get_by_role("button", name="Watched only").click()
    await expect(tab.page.locator("#universe")).to_contain_text("None of these symbols is watched")
    await tab.page.get_by_role("button", name="Show all 3").click()
    await expect(tab.page.locator("#universe .cursor")).to_have_count(1)


async def test_eleven_thousand_symbols_are_on_the_map(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    symbols = [f"S{number}" for number in range(MANY)]
    publish(redis_url, started(), *(bars(0, *symbols[start : start + 500]) for start in range(0, MANY, 500)))
    await expect(tab.page.locator("#universe")).to_contain_text("11,000")
    cursor = await heat_map(tab)
    await expect(tab.page.get_by_role("group", name="Heat map by change")).to_contain_text("11,000 symbols")
    await cursor.focus()
    first = await cursor.get_attribute("data-symbol")
    await tab.page.keyboard.press("ArrowRight")
    await expect(cursor).not_to_have_attribute("data-symbol", first or "")


async def test_the_map_fits_a_phone_and_the_view_is_kept(visit: Visit, redis_url: str) -> None:
    tab = await visit(PHONE)
    market(redis_url)
    await tab.page.get_by_role("navigation").get_by_role("button", name="Universe").click()
    await heat_map(tab)
    await expect(text_of(tab, "heat-legend")).to_be_in_viewport(ratio=1)
    await expect(text_of(tab, "heat-canvas")).to_be_in_viewport(ratio=1)
    wide: Any = await tab.page.evaluate("document.scrollingElement.scrollWidth > innerWidth")
    assert not wide
    await tab.screenshot("heat-map-phone")
    await tab.page.reload()
    await expect(text_of(tab, "heat-canvas")).to_be_visible()
