"""What a producer's catalog makes of the page: titles, meanings, reasons in words, and filters."""

import re
from typing import Any

import psycopg
import pytest
from playwright.async_api import Locator, ViewportSize, expect

from tests.browser.driving import DESKTOP, PATIENCE_MS, PHONE, ColorScheme, Tab, Visit, text_of
from tests.browser.events import found
from tests.contract.catalogs import CATALOG
from tests.dashboard.rows import insert_catalog
from tests.dashboard.running import publish
from tests.dashboard.samples import alert, checkpoint, session, started
from tickstockpl.contract.catalog import Catalog

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

expect.set_options(timeout=PATIENCE_MS)

WHY = "body 1.9 × the one before; after a rise of 1.4 ranges"


def rows(tab: Tab) -> Locator:
    return tab.page.locator('[data-row="pattern"]')


def expander(row: Locator) -> Locator:
    """The button of a pattern's row that shows its explanation."""
    return row.locator("[aria-expanded]")


def direction(tab: Tab, name: str) -> Locator:
    """The button that shows or hides a direction."""
    return tab.page.get_by_role("button", name=name, exact=True)


def publish_one_of_each(redis_url: str) -> None:
    """A bullish and a bearish engulfing, a bullish harami, a doji, and a pattern that no catalog knows."""
    types = ("BullishEngulfing", "BearishEngulfing", "BullishHarami", "Doji", "BearishNovelty")
    patterns = (
        found(number, pattern_type=name, confidence=0.9 - number / 10, explanation=WHY)
        for number, name in enumerate(types)
    )
    publish(redis_url, started(), checkpoint(running=session()), *patterns, alert())


async def test_patterns_are_chosen_by_direction_and_family_and_the_choice_is_remembered(
    visit: Visit, redis_url: str, database_url: str
) -> None:
    insert_catalog(database_url, CATALOG)
    tab = await visit()
    publish_one_of_each(redis_url)
    await expect(rows(tab)).to_have_count(5)
    await direction(tab, "bearish").click()
    await expect(rows(tab)).to_have_count(3)
    await expect(text_of(tab, "hidden-patterns")).to_have_text("2 hidden")
    await tab.page.get_by_role("button", name="Families").click()
    await tab.page.get_by_role("checkbox", name="Engulfing").uncheck()
    await expect(rows(tab)).to_have_text([re.compile("Bullish harami"), re.compile("Doji")])
    await tab.page.reload()
    await expect(rows(tab)).to_have_count(2)
    await expect(tab.page.get_by_role("button", name="Families 2/3")).to_be_visible()
    await tab.page.get_by_role("button", name="Families 2/3").click()
    await tab.page.get_by_role("button", name="Show all").click()
    await direction(tab, "bearish").click()
    await expect(rows(tab)).to_have_count(5)
    await expect(text_of(tab, "hidden-patterns")).to_have_text("none hidden")


async def test_the_choice_of_families_is_reached_and_made_with_keys(
    visit: Visit, redis_url: str, database_url: str
) -> None:
    insert_catalog(database_url, CATALOG)
    tab = await visit()
    publish_one_of_each(redis_url)
    button = tab.page.get_by_role("button", name="Families")
    menu = tab.page.get_by_role("group", name="Families of patterns")
    await expect(button).to_be_visible()
    await direction(tab, "neutral").press("Tab")
    await expect(button).to_be_focused()
    await tab.page.keyboard.press("Enter")
    await expect(menu).to_be_visible()
    for _ in range(3):  # past "Show all" and "Hide all"
        await tab.page.keyboard.press("Tab")
    await tab.page.keyboard.press("Space")
    await expect(menu.get_by_role("checkbox", name="Doji")).not_to_be_checked()
    await expect(rows(tab)).to_have_count(4)
    await tab.page.keyboard.press("Escape")
    await expect(menu).not_to_be_visible()


async def test_the_text_filter_finds_families(visit: Visit, redis_url: str, database_url: str) -> None:
    insert_catalog(database_url, CATALOG)
    tab = await visit()
    publish_one_of_each(redis_url)
    await tab.page.get_by_label("Filter patterns").fill("engulfing bullish")
    await expect(rows(tab)).to_have_text([re.compile("Bullish engulfing")])


async def test_an_opened_pattern_says_why_in_words_then_what_it_means(
    visit: Visit, redis_url: str, database_url: str
) -> None:
    insert_catalog(database_url, CATALOG)
    tab = await visit()
    publish_one_of_each(redis_url)
    row = rows(tab).filter(has_text="Bearish engulfing")
    await row.click()
    await expect(text_of(tab, "explanation")).to_have_text(WHY)
    await expect(text_of(tab, "meaning")).to_contain_text("sellers have taken back more than was won")
    await expect(tab.page.locator("#patterns")).to_contain_text("TA-Lib's CDLENGULFING")
    why = tab.page.get_by_role("table", name="Why this pattern was found")
    await expect(why.locator("tr")).to_have_text(
        [
            re.compile(r"the body covers the body before it\s*\+1\.25"),
            re.compile("context counts for the confidence only"),
            re.compile(r"prices rose by at least a usual range before it\s*−0\.50"),
        ]
    )
    assert await row.evaluate("(row) => row.nextElementSibling.textContent.trim().startsWith('body 1.9')")
    assert await gaps_between_rows(tab) == [0, 0, 0, 0]


async def test_a_pattern_opened_at_the_edge_is_moved_into_view_and_back(
    visit: Visit, redis_url: str, database_url: str
) -> None:
    insert_catalog(database_url, CATALOG)
    tab = await visit()
    more: tuple[dict[str, Any], ...] = ({"conditions": []}, {"explanation": WHY})  # details of two heights
    publish(redis_url, started(), checkpoint(running=session()), *(found(n, **more[n % 2]) for n in range(50)))
    await expect(rows(tab)).not_to_have_count(0)
    box = tab.page.get_by_role("list", name="Patterns, newest first").locator("xpath=../..")
    detail = tab.page.locator("#patterns .detail")
    edge = await box.evaluate("(box) => Math.floor(box.clientHeight / 27) - 1")
    for row in (edge, edge - 1, edge - 2):  # the later ones while another is open
        await rows(tab).nth(row).click()
        await expect(expander(rows(tab).nth(row))).to_have_attribute("aria-expanded", "true")
        await expect(detail).to_be_in_viewport(ratio=1)
        await expect(rows(tab).nth(row)).to_be_in_viewport(ratio=1)
    await rows(tab).nth(edge - 2).click()
    await expect(detail).to_have_count(0)
    assert await box.evaluate("(box) => box.scrollTop") == 0
    await expect(tab.page.get_by_role("button", name="patterns; show the newest")).to_have_count(0)


async def test_without_a_catalog_the_page_makes_do_with_names(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish_one_of_each(redis_url)
    await expect(rows(tab)).to_have_count(5)
    await expect(tab.page.get_by_role("button", name="Families")).to_have_count(0)
    await direction(tab, "bullish").click()
    await expect(rows(tab)).to_have_count(3)
    await rows(tab).filter(has_text="Bearish engulfing").click()
    await expect(text_of(tab, "explanation")).to_have_text(WHY)
    await expect(text_of(tab, "meaning")).to_have_count(0)
    await expect(tab.page.get_by_role("table", name="Why")).to_contain_text("body engulfs previous body")


async def test_a_database_without_the_table_of_catalogs_costs_the_page_its_words_alone(
    visit: Visit, redis_url: str, database_url: str
) -> None:
    tab = await visit()
    tab.forgive("503 (Service Unavailable)")
    with psycopg.connect(database_url) as connection:
        connection.execute("DROP TABLE streaming_catalogs")
    await tab.page.reload()
    publish_one_of_each(redis_url)
    await expect(rows(tab)).to_have_count(5)
    await expect(tab.page.get_by_role("button", name="Families")).to_have_count(0)


async def test_an_open_pattern_that_is_hidden_holds_the_stream_no_longer(
    visit: Visit, redis_url: str, database_url: str
) -> None:
    insert_catalog(database_url, CATALOG)
    tab = await visit()
    publish_one_of_each(redis_url)
    held = tab.page.get_by_role("button", name="patterns; show the newest")
    await rows(tab).filter(has_text="Doji").click()
    await expect(held).to_have_count(1)
    await direction(tab, "neutral").click()
    await expect(held).to_have_count(0)
    await direction(tab, "neutral").click()
    await expect(expander(rows(tab).filter(has_text="Doji"))).to_have_attribute("aria-expanded", "false")


async def test_a_catalog_that_comes_late_is_taken_up(visit: Visit, redis_url: str, database_url: str) -> None:
    tab = await visit()
    publish_one_of_each(redis_url)
    await expect(rows(tab)).to_have_count(5)
    insert_catalog(database_url, Catalog(CATALOG.patterns, [], CATALOG.alerts))
    await expect(tab.page.get_by_role("button", name="Families")).to_be_visible()
    await expect(tab.page.locator('[data-row="alert"]').get_by_text("RSI over 70")).to_have_attribute(
        "title", "RSI rose above 70. The price has risen fast and may be due for a rest."
    )


@pytest.mark.parametrize("color_scheme", ["dark", "light"])
@pytest.mark.parametrize(("viewport", "name"), [(DESKTOP, "desktop"), (PHONE, "phone")])
async def test_filters_and_an_opened_pattern_fit_in_the_panel(
    visit: Visit, redis_url: str, database_url: str, viewport: ViewportSize, name: str, color_scheme: ColorScheme
) -> None:
    insert_catalog(database_url, CATALOG)
    tab = await visit(viewport, color_scheme)
    publish_one_of_each(redis_url)
    await rows(tab).filter(has_text="Bearish engulfing").click()
    await expect(text_of(tab, "meaning")).to_be_visible()
    await tab.page.get_by_role("button", name="Families").click()
    menu = tab.page.get_by_role("group", name="Families of patterns")
    await expect(menu).to_be_in_viewport(ratio=1)
    await tab.screenshot(f"catalog-families-{name}-{color_scheme}")
    # Escape closes the menu alone and leaves the pattern open.
    await tab.page.keyboard.press("Escape")
    await expect(menu).not_to_be_visible()
    await expect(text_of(tab, "meaning")).to_be_visible()
    panel = tab.page.locator("#patterns")
    assert await panel.evaluate("(panel) => panel.scrollWidth <= panel.clientWidth")
    await tab.screenshot(f"catalog-{name}-{color_scheme}")


async def gaps_between_rows(tab: Tab) -> list[int]:
    """Pixels between the entries of the list, details included: less than 0 overlap. All at one moment."""
    gaps: list[int] = await tab.page.locator("#patterns li").evaluate_all(
        """(entries) => {
            const places = entries.map((entry) => entry.getBoundingClientRect());
            return places.slice(1).map((below, above) => Math.round(below.top - places[above].bottom));
        }"""
    )
    return gaps
