"""The page's address: it holds the whole view, can be handed on, and going back restores what was seen."""

import re

import pytest
from playwright.async_api import Locator, ViewportSize, expect

from tests.browser.driving import DESKTOP, PATIENCE_MS, PHONE, OpenTab, Tab, Visit, connected, text_of
from tests.browser.events import found
from tests.contract.catalogs import CATALOG
from tests.dashboard.rows import insert_catalog
from tests.dashboard.running import publish
from tests.dashboard.samples import alert, bars, started

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

expect.set_options(timeout=PATIENCE_MS)


def rows(tab: Tab, kind: str = "pattern") -> Locator:
    return tab.page.locator(f'[data-row="{kind}"]')


def publish_some(redis_url: str) -> None:
    publish(
        redis_url,
        started(),
        bars(0, "NVDA", "AAPL", "TSLA"),
        found(1, confidence=0.9, symbol="NVDA"),
        found(2, confidence=0.5, symbol="AAPL", pattern_type="Doji"),
        found(3, confidence=0.7, pattern_type="BullishEngulfing"),
        alert("AAPL"),
        alert("NVDA"),
    )


async def test_what_is_chosen_stands_in_the_address_and_survives_a_reload(
    visit: Visit, redis_url: str, database_url: str
) -> None:
    insert_catalog(database_url, CATALOG)
    tab = await visit()
    publish_some(redis_url)
    await expect(rows(tab)).to_have_count(3)
    await tab.page.get_by_label("Confidence ≥").fill("0.6")
    await tab.page.get_by_role("button", name="bullish", exact=True).click()
    await tab.page.get_by_label("Filter alerts").fill("nv rsi")
    await tab.page.get_by_role("group", name="Show alerts of severity").get_by_role("button", name="info").click()
    await tab.page.get_by_label("Find a symbol").fill("aa")
    patterns = "confidence=60&direction=bearish&direction=neutral"
    alerts = "alerts=nv+rsi&severity=warning&severity=critical"
    await expect(tab.page).to_have_url(re.compile(re.escape(f"?{patterns}&{alerts}&universe=aa") + "$"))
    await tab.page.reload()
    await connected(tab)
    await expect(rows(tab)).to_have_count(1)
    await expect(rows(tab)).to_contain_text("NVDA")
    await expect(rows(tab, "alert")).to_have_count(1)
    await expect(tab.page.get_by_label("Filter alerts")).to_have_value("nv rsi")
    await expect(tab.page.locator("#universe tbody th")).to_have_text(re.compile("AAPL"))


async def test_a_bare_address_shows_what_was_chosen_on_the_last_visit_and_a_link_what_it_says(
    visit: Visit, url: str, redis_url: str
) -> None:
    tab = await visit()
    publish_some(redis_url)
    await tab.page.get_by_label("Confidence ≥").fill("0.6")
    await expect(rows(tab)).to_have_count(2)
    await tab.page.goto(url)
    await expect(rows(tab)).to_have_count(2)
    await expect(tab.page).to_have_url(re.compile(r"\?confidence=60$"))
    await tab.page.goto(f"{url}/?confidence=0")
    await expect(rows(tab)).to_have_count(3)
    await tab.page.goto(url)
    await expect(rows(tab)).to_have_count(2)


async def test_an_address_that_makes_no_sense_shows_what_there_is(url: str, open_tab: OpenTab, redis_url: str) -> None:
    hostile = (
        "symbol=%3Cscript%3E&confidence=9e9&direction=sideways&severity=%00&tab=x&view=cube&sort=__proto__&without="
    )
    tab = await open_tab(f"{url}/?{hostile}&patterns={'x' * 3000}")
    await connected(tab)
    publish_some(redis_url)
    await expect(tab.page.get_by_label("Filter patterns")).to_have_value("x" * 60)
    await tab.page.get_by_role("button", name="Reset the filters of patterns").click()
    await expect(rows(tab)).to_have_count(3)
    await expect(rows(tab, "alert")).to_have_count(2)


async def test_going_back_restores_the_view_from_before_the_symbol(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish_some(redis_url)
    await tab.page.get_by_label("Filter patterns").fill("nvda")
    await expect(rows(tab)).to_have_count(1)
    await tab.page.get_by_label("Filter patterns").press("Enter")
    await rows(tab).get_by_role("button", name="NVDA").click()
    await expect(tab.page).to_have_url(re.compile(r"\?symbol=NVDA&patterns=nvda$"))
    await tab.page.get_by_label("Filter patterns").fill("")
    await expect(tab.page).to_have_url(re.compile(r"\?symbol=NVDA$"))
    await tab.page.go_back()
    await expect(tab.page).to_have_url(re.compile(r"\?patterns=nvda$"))
    await expect(tab.page.get_by_label("Filter patterns")).to_have_value("nvda")
    await expect(rows(tab)).to_have_count(1)
    await tab.page.go_forward()
    await expect(tab.page.locator("#symbol h2")).to_have_text("NVDA")
    await expect(tab.page.get_by_label("Filter patterns")).to_have_value("")
    await expect(rows(tab)).to_have_count(3)


async def test_a_phones_panel_is_in_the_address(visit: Visit, redis_url: str) -> None:
    tab = await visit(PHONE)
    publish_some(redis_url)
    await tab.page.get_by_role("navigation").get_by_role("button", name="Alerts").click()
    await expect(tab.page).to_have_url(re.compile(r"\?tab=alerts$"))
    await tab.page.reload()
    await expect(rows(tab, "alert").first).to_be_visible()
    await rows(tab, "alert").first.get_by_role("button").click()
    await expect(tab.page.locator("#symbol")).to_be_visible()
    await expect(tab.page).to_have_url(re.compile(r"\?symbol=(NVDA|AAPL)$"))
    await tab.page.go_back()
    await expect(rows(tab, "alert").first).to_be_visible()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
async def test_a_link_to_the_view_is_copied(visit: Visit, viewport: ViewportSize) -> None:
    tab = await visit(viewport)
    await tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await tab.page.get_by_role("button", name="Copy a link to this view").click()
    await expect(text_of(tab, "notice")).to_have_text("The link to this view is copied.")
    copied = await tab.page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith("/?confidence=0")  # said even so, that others see the same whatever they chose before


async def test_a_link_to_a_watchlist_says_that_it_is_everybodys_own(visit: Visit) -> None:
    tab = await visit()
    await tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await tab.page.locator("#patterns").get_by_role("button", name="Only the watchlist").click()
    await tab.page.get_by_role("button", name="Copy a link to this view").click()
    await expect(text_of(tab, "notice")).to_contain_text("Whoever opens it sees their own watchlist")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
async def test_where_the_page_may_not_copy_the_link_is_shown_to_be_copied(visit: Visit, viewport: ViewportSize) -> None:
    tab = await visit(viewport)
    await tab.page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    await tab.page.get_by_role("button", name="Copy a link to this view").click()
    link = text_of(tab, "share-link")
    await expect(link).to_be_visible()
    await expect(link).to_be_focused()
    await expect(link).to_have_value(re.compile(r"\?confidence=0$"))
    assert await tab.page.evaluate("getSelection().toString()") == await link.input_value()
    await expect(link).to_be_in_viewport(ratio=1)
