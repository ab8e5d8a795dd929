"""The streams: filters, watchlist, keyboard, files, and lines where something is missing."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, ViewportSize, expect

from tests.browser.driving import DESKTOP, PATIENCE_MS, PHONE, ColorScheme, Tab, Visit, connected, text_of
from tests.browser.events import found
from tests.contract.catalogs import CATALOG
from tests.dashboard.rows import insert_catalog, insert_session
from tests.dashboard.running import publish
from tests.dashboard.samples import alert, at, bars, checkpoint, message, session, started
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import Alert, AlertData, IndicatorAlert
from tickstockpl.subscriber import Message

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

expect.set_options(timeout=PATIENCE_MS)


def rows(tab: Tab, kind: str = "pattern") -> Locator:
    return tab.page.locator(f'[data-row="{kind}"]')


def focused(tab: Tab) -> Locator:
    """The row that has the focus."""
    return tab.page.locator("[data-row]:has(:focus)")


def macd(symbol: str) -> Message:
    crossing = Alert(symbol, "MACD_BEARISH_CROSS", at(45), AlertData("MACD", -0.1, 0.05, "below"), "info")
    return message(Channel.INDICATOR_ALERTS, IndicatorAlert(crossing))


def publish_some(redis_url: str) -> None:
    publish(
        redis_url,
        started(),
        checkpoint(running=session()),
        bars(0, "NVDA", "AAPL", "TSLA"),
        found(1, confidence=0.9, symbol="NVDA", explanation="=1+1 is no formula"),
        found(2, confidence=0.8, symbol="AAPL"),
        found(3, confidence=0.7, symbol="TSLA"),
        alert("NVDA"),
        macd("AAPL"),
    )


async def test_alerts_are_chosen_by_severity_direction_and_type(
    visit: Visit, redis_url: str, database_url: str
) -> None:
    insert_catalog(database_url, CATALOG)
    tab = await visit()
    publish_some(redis_url)
    await expect(rows(tab, "alert")).to_have_count(2)
    hidden = text_of(tab, "hidden-alerts")
    await expect(hidden).to_have_text("none hidden")
    severities = tab.page.get_by_role("group", name="Show alerts of severity")
    await severities.get_by_role("button", name="info").click()
    await expect(rows(tab, "alert")).to_have_text(re.compile("RSI over 70"))
    await expect(hidden).to_have_text("1 hidden")
    await severities.get_by_role("button", name="info").click()
    await tab.page.get_by_role("button", name="crossing up").click()
    await expect(rows(tab, "alert")).to_have_text(re.compile("MACD crossed down"))
    await tab.page.get_by_role("button", name="Reset the filters of alerts").click()
    await expect(rows(tab, "alert")).to_have_count(2)
    await tab.page.get_by_role("button", name="Types").click()
    await tab.page.get_by_role("group", name="Types of alerts").get_by_role("checkbox", name="RSI overbought").uncheck()
    await expect(rows(tab, "alert")).to_have_text(re.compile("MACD crossed down"))
    await tab.page.get_by_label("Filter alerts").fill("nothing like it")
    await tab.page.get_by_role("button", name="Reset the filters", exact=True).click()
    await expect(rows(tab, "alert")).to_have_count(2)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
async def test_only_the_watchlist(visit: Visit, redis_url: str, viewport: ViewportSize) -> None:
    tab = await visit(viewport)
    publish_some(redis_url)
    panel = tab.page.locator("#patterns")
    await panel.get_by_role("button", name="Watchlists:").click()
    menu = tab.page.get_by_role("group", name="Watchlists").locator("visible=true").first
    await menu.get_by_label("Symbols to watch").fill("nvda, nowhere-to-be-found")
    await menu.get_by_role("button", name="Add").click()
    await expect(menu.get_by_role("list", name="Watched symbols")).to_have_text(re.compile("NVDA"))
    await menu.get_by_label("Symbols to watch").fill("!?")
    await menu.get_by_role("button", name="Add").click()
    await expect(menu.get_by_role("alert")).to_contain_text("names no symbol")
    await tab.page.keyboard.press("Escape")
    await panel.get_by_role("button", name="Only the watchlist").click()
    await expect(rows(tab)).to_have_text(re.compile("NVDA"))
    await expect(text_of(tab, "hidden-patterns")).to_have_text("2 hidden")
    await expect(text_of(tab, "hidden-alerts")).to_have_text("1 hidden")
    await expect(tab.page).to_have_url(re.compile("watched=1"))
    await tab.page.reload()
    await connected(tab)
    await expect(rows(tab)).to_have_text(re.compile("NVDA"))


async def test_an_empty_watchlist_says_how_it_is_filled(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish_some(redis_url)
    await expect(rows(tab)).to_have_count(3)
    await tab.page.locator("#alerts").get_by_role("button", name="Only the watchlist").click()
    await expect(tab.page.locator("#patterns")).to_contain_text("Your watchlist is empty")
    await expect(tab.page.locator("#alerts")).to_contain_text("with w on a row")
    await tab.page.locator("#patterns").get_by_role("button", name="Show all symbols").click()
    await expect(rows(tab)).to_have_count(3)


async def test_watchlists_are_made_renamed_and_deleted_and_are_the_same_in_all_tabs(
    visit: Visit, url: str, redis_url: str
) -> None:
    tab = await visit()
    publish_some(redis_url)
    await tab.page.locator("#alerts").get_by_role("button", name="Watchlists:").click()
    menu = tab.page.locator("#watch-alerts")
    await menu.get_by_role("button", name="New").click()
    await menu.get_by_label("Name of the new list").fill("watchlist")
    await menu.get_by_role("button", name="Create").click()
    await expect(menu.get_by_role("alert")).to_contain_text("There is a list “Watchlist” already")
    await menu.get_by_label("Name of the new list").fill("Tech")
    await menu.get_by_role("button", name="Create").click()
    await menu.get_by_label("Symbols to watch").fill("AAPL")
    await menu.get_by_role("button", name="Add").click()
    second = await tab.page.context.new_page()
    await second.goto(url)
    other = Tab(second, url)
    await other.page.locator("#alerts").get_by_role("button", name="Watchlists: Tech, 1 symbol").click()
    await other.page.locator("#watch-alerts").get_by_role("button", name="Rename").click()
    await other.page.locator("#watch-alerts").get_by_label("New name of Tech").fill("Banks")
    await other.page.locator("#watch-alerts").get_by_role("button", name="Rename").click()
    await expect(menu.get_by_label("Current watchlist")).to_have_value("Banks")
    await menu.get_by_role("button", name="Delete the list Banks").click()
    await menu.get_by_role("button", name="Delete 1 symbol?").click()
    await expect(other.page.get_by_label("Current watchlist").locator("visible=true")).to_have_value("Watchlist")


async def test_keys_go_from_row_to_row_and_open_what_they_have_come_to(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish_some(redis_url)
    await expect(rows(tab)).to_have_count(3)
    order = [await row.locator(".symbol").inner_text() for row in await rows(tab).all()]
    await tab.page.keyboard.press("j")
    await expect(focused(tab)).to_contain_text(order[0])
    await tab.page.keyboard.press("j")
    await expect(focused(tab)).to_contain_text(order[1])
    publish(redis_url, found(9, symbol="LATE"))
    await expect(tab.page.get_by_role("button", name="patterns; show the newest")).to_contain_text("1 new")
    await tab.page.keyboard.press("k")
    await expect(focused(tab)).to_contain_text(order[0])
    await tab.page.keyboard.press("ArrowDown")
    await expect(focused(tab)).to_contain_text(order[1])
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.get_by_role("table", name="Why")).to_be_visible()
    await expect(tab.page.locator("#symbol h2")).to_have_text(order[1])
    await tab.page.keyboard.press("Escape")
    await expect(tab.page.get_by_role("table", name="Why")).to_have_count(0)
    await tab.page.keyboard.press("Escape")
    await expect(rows(tab)).to_have_count(4)
    await expect(tab.page.locator("#patterns [data-list]")).to_be_focused()
    await tab.page.keyboard.press("Escape")
    await expect(tab.page.locator("#symbol")).to_be_hidden()


async def test_keys_of_the_alerts(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish_some(redis_url)
    await expect(rows(tab, "alert")).to_have_count(2)
    await tab.page.keyboard.press("g")
    await tab.page.keyboard.press("a")
    await tab.page.keyboard.press("j")
    await expect(tab.page.locator("#alerts").locator("[data-row]:has(:focus)")).to_have_count(1)
    symbol = await tab.page.evaluate("document.activeElement.textContent")
    await tab.page.keyboard.press("o")
    await expect(tab.page.locator("#symbol h2")).to_have_text(symbol)


async def test_w_watches_the_row_the_open_symbol_or_says_what_it_needs(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish_some(redis_url)
    await expect(rows(tab)).to_have_count(3)
    notice = text_of(tab, "notice")
    await tab.page.keyboard.press("w")
    await expect(notice).to_contain_text("Open a symbol, or go to a row with j")
    await tab.page.keyboard.press("j")
    await tab.page.keyboard.press("w")
    symbol = await focused(tab).locator(".symbol").inner_text()
    await expect(notice).to_have_text(f"{symbol} is in Watchlist.")
    await expect(focused(tab).locator(".watched")).to_have_text(symbol)
    await tab.page.keyboard.press("Escape")
    await rows(tab).filter(has_text="AAPL").get_by_role("button", name="AAPL").click()
    await tab.page.keyboard.press("w")
    watching = tab.page.locator("#symbol").get_by_role("button", name="Watch AAPL")
    await expect(watching).to_have_attribute("aria-pressed", "true")
    await watching.click()
    await expect(notice).to_have_text("AAPL is out of Watchlist.")


async def test_keys_of_places_and_help(visit: Visit, redis_url: str) -> None:
    tab = await visit(PHONE)
    publish_some(redis_url)
    await expect(rows(tab)).to_have_count(3)
    for key, panel in (("u", "universe"), ("h", "health"), ("a", "alerts"), ("p", "patterns")):
        await tab.page.keyboard.press("g")
        await tab.page.keyboard.press(key)
        await expect(tab.page.locator(f"#{panel}")).to_be_visible()
        await expect(tab.page.locator(f"#{panel}:focus, #{panel} :focus")).to_have_count(1)
    await tab.page.keyboard.press("g")
    await tab.page.keyboard.press("j")  # no place: nothing happens
    await expect(focused(tab)).to_have_count(0)
    await tab.page.keyboard.press("?")
    help_ = tab.page.get_by_role("dialog", name="Help")
    for group in ("Streams", "Symbols", "Places", "Page"):
        await expect(help_.get_by_role("heading", name=group, exact=True)).to_be_visible()
    await tab.page.keyboard.press("j")  # in a dialog, keys are the dialog's
    await tab.page.keyboard.press("Escape")
    await expect(help_).to_be_hidden()
    await expect(focused(tab)).to_have_count(0)


async def test_only_one_row_of_a_stream_is_a_stop_of_the_tab_key(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish_some(redis_url)
    await expect(rows(tab)).to_have_count(3)
    stops = tab.page.locator('#patterns [data-row] button[tabindex="0"]')
    await expect(stops).to_have_count(2)  # the symbol's and the pattern's
    await tab.page.keyboard.press("j")
    await tab.page.keyboard.press("j")
    await expect(rows(tab).nth(1).locator('button[tabindex="0"]')).to_have_count(2)
    await expect(stops).to_have_count(2)


async def test_what_is_shown_is_saved_as_a_file(visit: Visit, redis_url: str, tmp_path: Path) -> None:
    tab = await visit()
    publish_some(redis_url)
    await expect(rows(tab)).to_have_count(3)
    await tab.page.get_by_label("Filter patterns").fill("nvda")
    await expect(rows(tab)).to_have_count(1)
    async with tab.page.expect_download() as saving:
        await tab.page.get_by_role("button", name="Save the patterns").click()
    saved = await saving.value
    assert saved.suggested_filename == "demo-top_50_2025-10-06_patterns.csv"
    await saved.save_as(tmp_path / "patterns.csv")
    raw = (tmp_path / "patterns.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
    assert (row["symbol"], row["confidence"], row["pattern_id"]) == ("NVDA", "0.9", "pattern-1")
    assert row["explanation"] == "'=1+1 is no formula"
    await expect(text_of(tab, "notice")).to_contain_text("1 row saved as demo-top_50_2025-10-06_patterns.csv")


async def test_the_key_saves_the_stream_that_has_the_focus(visit: Visit, redis_url: str, tmp_path: Path) -> None:
    tab = await visit()
    await tab.page.keyboard.press("e")
    await expect(text_of(tab, "notice")).to_contain_text("nothing to save")
    publish_some(redis_url)
    await expect(rows(tab, "alert")).to_have_count(2)
    await tab.page.keyboard.press("g")
    await tab.page.keyboard.press("a")
    async with tab.page.expect_download() as saving:
        await tab.page.keyboard.press("e")
    saved = await saving.value
    assert saved.suggested_filename == "demo-top_50_2025-10-06_alerts.csv"
    await saved.save_as(tmp_path / "alerts.csv")
    lines = list(csv.DictReader(io.StringIO((tmp_path / "alerts.csv").read_text("utf-8-sig"), newline="")))
    assert {line["symbol"]: line["value"] for line in lines} == {"NVDA": "75.2", "AAPL": "-0.1"}


@pytest.mark.parametrize("color_scheme", ["dark", "light"])
async def test_what_did_not_arrive_is_a_line_at_its_time_until_it_is_repaired(
    visit: Visit, redis_url: str, database_url: str, color_scheme: ColorScheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickstockpl.dashboard.live.tables.FIRST_LOOK_S", 0.2)
    patterns, alerts = Channel.PATTERNS.value, Channel.INDICATOR_ALERTS.value
    tab = await visit(color_scheme=color_scheme)
    publish(redis_url, started(), checkpoint(1, session(), {patterns: 0, alerts: 0}))
    publish(redis_url, checkpoint(2, session(), {patterns: 3, alerts: 1}))
    of_patterns = tab.page.locator('#patterns [data-row="gap"]')
    of_alerts = tab.page.locator('#alerts [data-row="gap"]')
    await expect(of_patterns).to_have_text(re.compile("3 patterns missed, looking for them …"))
    await expect(of_alerts).to_have_text(re.compile("1 alert missed, looking for it …"))
    insert_session(database_url)
    await expect(of_patterns).to_have_text(re.compile("3 patterns missed, repaired"))
    await expect(of_alerts).to_have_text(re.compile("alerts? missed, repaired"))
    await expect(rows(tab)).to_have_count(3)
    lines = tab.page.locator("#patterns li")
    await expect(lines.first).to_contain_text("missed")  # what was missed lies before it
    await tab.screenshot(f"gap-{color_scheme}")
    await tab.page.keyboard.press("j")
    await expect(focused(tab)).to_contain_text("AAA")
    await tab.page.keyboard.press("k")
    await expect(focused(tab)).to_contain_text("AAA")
