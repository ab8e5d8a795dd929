"""The view of one symbol: how it opens, what it draws, what it says when there is nothing to draw."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.async_api import Locator, ViewportSize, expect

from tests.browser.driving import DESKTOP, PATIENCE_MS, PHONE, ColorScheme, OpenTab, Tab, Visit, connected, text_of
from tests.browser.events import found
from tests.contract.catalogs import CATALOG
from tests.dashboard.rows import SESSION, SOURCE, insert_catalog
from tests.dashboard.running import dashboard, get, publish
from tests.dashboard.samples import alert, at, bars, checkpoint, indicator, session, session_id, started
from tickstockpl.embedded import EmbeddedServers
from tickstockpl.store.migrate import migrate

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

expect.set_options(timeout=PATIENCE_MS)

STORED_BAR = "INSERT INTO bars_1min VALUES ('simulator:1', 'TSLA', %s, %s, %s, %s, %s, %s, %s)"
VALUE = (
    "INSERT INTO intraday_indicators (session_id, symbol, indicator, value, calculated_at, metadata) "
    "VALUES (%s, 'TSLA', %s, %s, %s, %s)"
)
STORED_ALERT = (
    "INSERT INTO indicator_alerts (session_id, symbol, alert_type, indicator, value, threshold, direction, severity, "
    "triggered_at) VALUES (%s, 'TSLA', 'RSI_OVERBOUGHT', 'RSI', 71, 70, 'above', 'warning', %s)"
)
INDICATORS = (
    ("SMA", "SMA_20", 0.0, "{}"),
    ("SMA", "SMA_50", -0.2, "{}"),
    ("BB", "BB_20_2", 0.0, '{"upper": %s, "lower": %s, "percent_b": 0.5}'),
    ("RSI", "RSI_14", -40.0, "{}"),
    ("MACD", "MACD_12_26_9", -99.75, '{"signal": 0.125, "histogram": 0.25}'),
)
"""indicator, instance, how far from the close, further outputs"""


def insert_bars(database_url: str, minutes: Iterable[int]) -> None:
    """Bars of TSLA around 100, with the default indicators on each, of a session that runs."""
    session = session_id(1)
    with psycopg.connect(database_url) as connection:
        if not connection.execute("SELECT 1 FROM streaming_sessions").fetchone():
            connection.execute(SESSION, (session, at(0)))
            connection.execute(SOURCE, (session, "simulator:1", 1))
        for minute in minutes:
            close = 100 + minute % 7 / 10
            values = (close - 0.1, close + 0.3, close - 0.4, close, 1000 + minute)
            connection.execute(STORED_BAR, (at(minute), *values, session))
            for name, instance, distance, further in INDICATORS:
                outputs = further.replace("%s", str(close + 1), 1).replace("%s", str(close - 1), 1)
                metadata = f'{{"instance": "{instance}", {outputs[1:]}'.replace(", }", "}")
                connection.execute(VALUE, (session, name, close + distance, at(minute + 1), metadata))


def panel(tab: Tab) -> Locator:
    return tab.page.locator("#symbol")


def chart(tab: Tab) -> Locator:
    return text_of(tab, "chart")


async def expect_chart(tab: Tab, said: str) -> None:
    """What the chart says of itself, which is what it has drawn."""
    await expect(chart(tab)).to_have_attribute("aria-label", re.compile(said))


async def legend_values(tab: Tab) -> dict[str, str]:
    """What the legend says, by letter or by plot."""
    text = await text_of(tab, "legend").inner_text()
    prices = dict(re.findall(r"([OHLCV]) (\S+)", text))
    plots = await tab.page.locator("[data-plot]").evaluate_all(
        "all => all.map((each) => [each.dataset.plot, each.querySelector('b').textContent])"
    )
    return prices | dict(plots)


async def hover(tab: Tab, minute: str) -> None:
    """Move the crosshair from the right until it stands on the bar of a minute."""
    box = await chart(tab).bounding_box()
    assert box is not None
    legend = text_of(tab, "legend")
    for x in range(int(box["width"]) - 70, 0, -3):
        await tab.page.mouse.move(box["x"] + x, box["y"] + 80)
        if await legend.get_attribute("data-minute") == minute:
            return
    raise AssertionError(f"no bar of {minute} is on the chart")


def running(redis_url: str) -> None:
    publish(redis_url, started(), checkpoint(running=session()))


async def opened(tab: Tab, symbol: str) -> None:
    await expect(panel(tab).get_by_role("heading")).to_have_text(symbol)
    assert f"symbol={symbol}" in tab.page.url


async def closed(tab: Tab) -> None:
    await expect(panel(tab).get_by_role("heading", name="Symbol")).to_be_hidden()
    assert "symbol" not in tab.page.url


async def test_a_symbol_opens_from_every_panel_and_closes_again(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish(redis_url, started(), bars(0, "NVDA"), found(1), alert())
    await closed(tab)
    await tab.page.locator('[data-row="pattern"]').get_by_role("button", name="TSLA").click()
    await opened(tab, "TSLA")
    await tab.page.get_by_role("button", name="Close TSLA").click()
    await closed(tab)
    await tab.page.locator('[data-row="alert"]').click()
    await opened(tab, "AAPL")
    await tab.page.keyboard.press("Escape")
    await closed(tab)
    await tab.page.locator("#universe tbody tr", has_text="NVDA").click()
    await opened(tab, "NVDA")
    await tab.page.locator('[data-row="pattern"]').click()
    await opened(tab, "TSLA")
    await expect(tab.page.get_by_role("table", name="Why this pattern was found")).to_be_visible()


async def test_the_chart_is_loaded_when_it_is_first_needed(url: str, open_tab: OpenTab, redis_url: str) -> None:
    tab = await open_tab(url)
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    await tab.page.reload()
    await connected(tab)
    publish(redis_url, started(), bars(0, "NVDA"))
    row = tab.page.locator("#universe tbody tr", has_text="NVDA")
    await expect(row).to_have_count(1)
    assert [path for path in asked if "chart" in path] == []
    await row.click()
    await expect_chart(tab, "NVDA: 1 1-minute candle ")
    assert [path for path in asked if "chart" in path] != []
    link = panel(tab).get_by_role("link", name="Charts by TradingView")
    await expect(link).to_have_attribute("href", "https://www.tradingview.com/")


async def test_the_chart_shows_what_rest_answers(url: str, open_tab: OpenTab, database_url: str) -> None:
    insert_bars(database_url, range(90))
    answer = (await get(url, "/api/streaming/bars/TSLA?indicators=SMA,BB,RSI,MACD")).json()
    by_minute = {bar["minute"]: bar for bar in answer["bars"]}
    tab = await open_tab(f"{url}/?symbol=TSLA")
    await expect_chart(tab, "TSLA: 90 1-minute candles from 09:30 to 10:59 in New York")
    legend = text_of(tab, "legend")
    await expect(legend).to_have_attribute("data-minute", at(89))
    box = await chart(tab).bounding_box()
    assert box is not None
    await expect(tab.page.locator("[data-plot]")).to_have_count(8)
    seen = {await check_legend(tab, by_minute)}
    for share in (0.3, 0.5, 0.7):
        await tab.page.mouse.move(box["x"] + box["width"] * share, box["y"] + 60)
        await expect(legend).not_to_have_attribute("data-minute", at(89))
        seen.add(await check_legend(tab, by_minute))
    assert len(seen) == 4


async def check_legend(tab: Tab, by_minute: dict[str, dict[str, Any]]) -> str:
    """Compare the legend with the answer's bar of the minute it stands at; that minute."""
    minute = await text_of(tab, "legend").get_attribute("data-minute")
    assert minute is not None
    bar = by_minute[minute]
    shown = await legend_values(tab)
    values = bar["indicators"]
    for letter, name in zip("OHLC", ("open", "high", "low", "close"), strict=True):
        assert shown[letter] == f"{bar[name]:.2f}"
    assert shown["SMA_20"] == f"{values['SMA_20']['value']:.2f}"
    assert shown["BB_20_2 upper"] == f"{values['BB_20_2']['upper']:.2f}"
    assert shown["BB_20_2 lower"] == f"{values['BB_20_2']['lower']:.2f}"
    assert shown["RSI_14"] == f"{values['RSI_14']['value']:.1f}"
    assert shown["MACD_12_26_9"] == "0.375", "signal and histogram, which the tables do not round"
    return minute


async def test_new_candles_and_their_indicators_arrive(
    url: str, open_tab: OpenTab, redis_url: str, database_url: str
) -> None:
    insert_bars(database_url, range(3))
    tab = await open_tab(f"{url}/?symbol=TSLA")
    await expect_chart(tab, "TSLA: 3 1-minute candles from 09:30 to 09:32")
    running(redis_url)
    publish(redis_url, bars(3, "TSLA", open_=100), indicator("TSLA", 66.5, instance="RSI_14"))
    await expect_chart(tab, "TSLA: 4 1-minute candles from 09:30 to 09:33")
    await expect(tab.page.locator('[data-plot="RSI_14"]')).to_contain_text("66.5")
    await expect(text_of(tab, "symbol-price")).to_have_text("100.50")
    await expect(tab.page.locator('[data-figure="RSI_14"]')).to_contain_text("66.5")
    assert (await legend_values(tab))["H"] == "101.00"
    publish(redis_url, bars(4, "TSLA", open_=101), indicator("TSLA", 101.25, "SMA", instance="SMA_200"))
    await expect_chart(tab, "TSLA: 5 1-minute candles from 09:30 to 09:34")
    await expect(tab.page.locator('[data-plot="SMA_200"]')).to_contain_text("101.25")


async def test_minutes_that_were_missed_are_filled_in_from_the_tables(
    url: str, open_tab: OpenTab, redis_url: str, database_url: str
) -> None:
    insert_bars(database_url, range(3))
    tab = await open_tab(f"{url}/?symbol=TSLA")
    await expect_chart(tab, "TSLA: 3 1-minute candles")
    running(redis_url)
    publish(redis_url, bars(6, "TSLA", open_=100))
    await expect_chart(tab, "TSLA: 4 1-minute candles from 09:30 to 09:36")
    insert_bars(database_url, (3, 5, 6))
    await expect_chart(tab, "TSLA: 6 1-minute candles from 09:30 to 09:36")


async def test_scrolling_back_reads_earlier_bars(url: str, open_tab: OpenTab, database_url: str) -> None:
    insert_bars(database_url, range(500))
    tab = await open_tab(f"{url}/?symbol=TSLA")
    await expect_chart(tab, "TSLA: 390 1-minute candles from 11:20")
    box = await chart(tab).bounding_box()
    assert box is not None
    await tab.page.mouse.move(box["x"] + 100, box["y"] + 100)
    for _ in range(12):
        await tab.page.mouse.wheel(-400, 0)
    await expect_chart(tab, "TSLA: 500 1-minute candles from 09:30")


async def test_patterns_and_alerts_are_marked_on_their_bars_and_outlined(
    visit: Visit, redis_url: str, database_url: str
) -> None:
    insert_catalog(database_url, CATALOG)
    insert_bars(database_url, range(60))
    tab = await visit()
    running(redis_url)
    publish(redis_url, found(1), alert("TSLA", 40), found(2, symbol="NVDA"))
    await tab.page.locator('[data-row="pattern"]', has_text="TSLA").click()
    await opened(tab, "TSLA")
    await expect_chart(tab, "TSLA: 60 1-minute candles .* 2 markers")
    rows = panel(tab).locator('[data-row="occurrence"]')
    await expect(rows).to_have_text([re.compile(r"10:15.*engulfing.*85"), re.compile(r"10:10.*RSI over 70.*75\.2")])
    await expect(rows.first).to_have_attribute("aria-pressed", "true")
    with_outline = await chart(tab).screenshot()
    await rows.first.click()
    await expect(rows.first).to_have_attribute("aria-pressed", "false")
    await tab.page.mouse.move(0, 0)
    without = await chart(tab).screenshot()
    assert with_outline != without
    await rows.last.click()
    await expect(rows.last).to_have_attribute("aria-pressed", "true")
    await tab.screenshot("symbol-outlined")
    await hover(tab, at(44))
    await expect(text_of(tab, "legend")).to_contain_text("engulfing 85")
    await tab.page.mouse.down()
    await tab.page.mouse.up()
    await expect(rows.first).to_have_attribute("aria-pressed", "true")


async def test_what_is_chosen_in_the_stream_is_seen_among_the_symbols_events(
    visit: Visit, redis_url: str, database_url: str
) -> None:
    insert_bars(database_url, range(100))
    with psycopg.connect(database_url) as connection:
        for minute in range(50, 90):
            connection.execute(STORED_ALERT, (session_id(1), at(minute)))
    tab = await visit()
    running(redis_url)
    publish(redis_url, found(1, explanation="one bar covers the other"))
    await tab.page.locator('[data-row="pattern"]').click()
    await expect_chart(tab, "TSLA: 100 1-minute candles .* 41 markers")
    chosen = panel(tab).locator('[data-row="occurrence"][aria-pressed="true"]')
    await expect(chosen).to_contain_text("10:15")
    await expect(chosen).to_be_in_viewport(ratio=1)
    await expect(panel(tab)).to_contain_text("one bar covers the other")


async def test_a_marker_waits_for_its_bar(visit: Visit, redis_url: str, database_url: str) -> None:
    insert_bars(database_url, range(44))
    tab = await visit()
    running(redis_url)
    publish(redis_url, found(1))
    await tab.page.locator('[data-row="pattern"]').get_by_role("button", name="TSLA").click()
    await expect_chart(tab, "TSLA: 44 1-minute candles .* 0 markers")
    publish(redis_url, bars(44, "TSLA", open_=100))
    await expect_chart(tab, "TSLA: 45 1-minute candles .* 1 marker$")


async def test_the_address_holds_the_symbol(url: str, open_tab: OpenTab, redis_url: str, database_url: str) -> None:
    insert_bars(database_url, range(3))
    tab = await open_tab(f"{url}/?symbol=tsla")
    await expect(panel(tab).get_by_role("heading")).to_have_text("TSLA")
    await expect_chart(tab, "TSLA: 3 1-minute candles")
    await expect(tab.page).to_have_title("TSLA – TickStock")
    await tab.page.reload()
    await expect_chart(tab, "TSLA: 3 1-minute candles")
    await tab.page.get_by_role("button", name="Close TSLA").click()
    await closed(tab)
    running(redis_url)
    publish(redis_url, bars(0, "NVDA"))
    await tab.page.locator("#universe tbody tr", has_text="NVDA").click()
    await opened(tab, "NVDA")
    await tab.page.go_back()
    await closed(tab)
    await tab.page.go_forward()
    await opened(tab, "NVDA")


@pytest.mark.parametrize("symbol", ["%3Cimg%20src=x%3E", "ABCDEFGHIJK", "../status"])
async def test_an_address_that_names_no_symbol_opens_none(url: str, open_tab: OpenTab, symbol: str) -> None:
    tab = await open_tab(f"{url}/?symbol={symbol}")
    await connected(tab)
    await expect(panel(tab)).to_be_hidden()


async def test_keys_open_step_and_close(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    running(redis_url)
    publish(redis_url, bars(0, "AAPL", "NVDA", "TSLA"))
    rows = tab.page.locator("#universe tbody .symbol-name")
    await expect(rows).to_have_count(3)
    await tab.page.keyboard.press("]")
    await closed(tab)
    await rows.first.focus()
    await tab.page.keyboard.press("ArrowDown")
    await expect(rows.nth(1)).to_be_focused()
    await tab.page.keyboard.press("Enter")
    await opened(tab, "NVDA")
    await expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    await tab.page.keyboard.press("]")
    await opened(tab, "TSLA")
    await tab.page.keyboard.press("]")
    await opened(tab, "TSLA")
    for symbol in ("NVDA", "AAPL"):
        await tab.page.keyboard.press("[")
        await opened(tab, symbol)
    await tab.page.keyboard.press("Escape")
    await closed(tab)


async def test_a_symbol_without_bars_is_told_in_words(url: str, open_tab: OpenTab) -> None:
    tab = await open_tab(f"{url}/?symbol=NONE")
    await expect(panel(tab)).to_contain_text("No bars of NONE yet")
    await expect(panel(tab)).to_contain_text("No pattern and no alert of NONE yet")


async def test_without_the_database_the_view_says_so_and_goes_on(
    open_tab: OpenTab, redis_url: str, data_dir: Path
) -> None:
    servers = EmbeddedServers(data_dir, need_redis=False)
    servers.start()
    try:
        migrate(servers.database_url)
        insert_bars(servers.database_url, range(3))
        async with dashboard(redis_url, servers.database_url) as url:
            servers.stop()
            tab = await open_tab(f"{url}/?symbol=TSLA")
            tab.forgive("503")
            problem = text_of(tab, "symbol-problem")
            await expect(problem).to_contain_text("The history of TSLA cannot be read now: the database at")
            running(redis_url)
            publish(redis_url, bars(3, "TSLA", open_=100))
            await expect_chart(tab, "TSLA: 2 1-minute candles from 09:32 to 09:33")
            servers.start()
            await expect(problem).to_have_count(0, timeout=2 * PATIENCE_MS)
            await expect_chart(tab, "TSLA: 4 1-minute candles from 09:30")
            await tab.page.close()
    finally:
        servers.stop()


async def test_a_phone_has_a_tab_for_the_symbol(visit: Visit, redis_url: str, database_url: str) -> None:
    insert_bars(database_url, range(60))
    tab = await visit(PHONE)
    running(redis_url)
    publish(redis_url, found(1), bars(60, "TSLA", open_=100))
    tabs = tab.page.get_by_role("navigation")
    await tabs.get_by_role("button", name="Symbol").click()
    await expect(panel(tab)).to_contain_text("A symbol's chart appears here")
    await tabs.get_by_role("button", name="Patterns").click()
    await tab.page.locator('[data-row="pattern"]').click()
    await expect(tab.page.get_by_role("table", name="Why")).to_be_visible()
    await tab.page.get_by_role("button", name="Show on the chart").click()
    await opened(tab, "TSLA")
    await expect(panel(tab)).to_be_in_viewport(ratio=1)
    await expect(tab.page.locator("main section:visible")).to_have_count(1)
    await expect_chart(tab, "TSLA: 61 1-minute candles .* 1 marker$")
    assert await tab.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    await tab.page.get_by_role("button", name="Close TSLA").click()
    await expect(tab.page.locator("#patterns")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("color_scheme", ["dark", "light"])
@pytest.mark.parametrize(("name", "viewport"), [("desktop", DESKTOP), ("phone", PHONE)])
async def test_the_view_fits_and_follows_the_theme(
    url: str,
    open_tab: OpenTab,
    redis_url: str,
    database_url: str,
    name: str,
    viewport: ViewportSize,
    color_scheme: ColorScheme,
) -> None:
    insert_bars(database_url, range(120))
    tab = await open_tab(f"{url}/?symbol=TSLA", viewport, color_scheme)
    running(redis_url)
    publish(redis_url, found(1), alert("TSLA", 60), bars(120, "TSLA", open_=100))
    await expect_chart(tab, "TSLA: 121 1-minute candles .* 2 markers")
    await expect(tab.page.locator("[data-pane]")).to_have_count(2)
    await expect(panel(tab)).to_be_in_viewport(ratio=1)
    await tab.screenshot(f"symbol-{name}-{color_scheme}")
    before = await chart(tab).screenshot()
    for _ in range(2):  # to a theme that is not the system's
        await tab.page.keyboard.press("t")
        if await tab.page.locator("html").get_attribute("data-theme") not in (None, color_scheme):
            break
    await expect(tab.page.locator("html")).to_have_attribute("data-theme", re.compile("^(dark|light)$"))
    assert await chart(tab).screenshot() != before
