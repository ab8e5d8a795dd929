"""Hostile text and numbers on every channel, in the tables and in a universe's file, in every view of the page.

A tab that complains (a script that ran, the content security policy, an uncaught error) fails its test by itself.
"""

import csv
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import psycopg
import pytest
from playwright.async_api import ViewportSize, expect

from tests.browser.driving import DESKTOP, PATIENCE_MS, PHONE, OpenTab, Tab, connected, text_of
from tests.browser.events import found
from tests.contract.catalogs import pattern as catalog_pattern
from tests.dashboard.rows import ALERT, SESSION, SOURCE, insert_catalog
from tests.dashboard.running import dashboard, publish
from tests.dashboard.samples import (
    alert,
    at,
    bars,
    checkpoint,
    forming,
    health,
    indicator,
    message,
    session,
    session_id,
    started,
    stopped,
)
from tickstockpl.contract.catalog import Catalog, CatalogCondition, CatalogIndicator
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import (
    Bar,
    Condition,
    Critical,
    CriticalAlert,
    DataFlow,
    Health,
    ResourceUsage,
    Session,
    SessionStarted,
    StreamingBars,
    StreamingHealth,
)
from tickstockpl.subscriber import Message

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

expect.set_options(timeout=PATIENCE_MS)

TEXTS = {
    "markup": "<img src=x onerror='hit=1'><script>hit=1</script>\"><svg/onload=hit=1>",
    "directions and controls": "\u202egnp.exe\u2066\u200f ab\u0301\u0302\u0303\x00\x1b[31m\u2028\u2029\ufeff\x7f end",
    "a word without end": "W" * 5_000,
    "pictures, formulas and names of objects": "👩‍👩‍👧‍👦🇺🇸" * 40
    + "=cmd|' /C calc'!A0 {{7*7}} ${hit=1} __proto__ javascript:hit=1",
}
SYMBOL = "TSLA"
UNIVERSE = "mine:hostile"
ROW_HEIGHTS = """() => [...document.querySelectorAll(
    '[data-row="pattern"], [data-row="alert"], [data-row="occurrence"], #universe tbody th'
)].filter((row) => row.getClientRects().length > 0).map((row) => row.getBoundingClientRect().height)"""
STATE = """() => ({
    scripted: window.hit !== undefined || Object.prototype.polluted !== undefined,
    images: document.images.length,
    scripts: document.scripts.length,
    wide: document.scrollingElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
        .filter((each) => each.getBoundingClientRect().right > innerWidth)
        .map((each) => each.dataset.name ?? each.className),
})"""
PRESSED = """() => [...document.querySelectorAll('main section')].filter((panel) => {
    const { width, height, bottom } = panel.getBoundingClientRect();
    return width > 0 && (height < 80 || bottom > innerHeight + 1);
}).map((panel) => panel.id)"""
"""Panels of the desktop that are pressed together or pushed out."""


def storable(text: str, length: int) -> str:
    """As much of a text as a column takes."""
    return text.replace("\x00", "")[:length]


def store(database_url: str, data_dir: Path, text: str) -> None:
    """A catalog, a session that is over, and a universe's file, with the text wherever one may stand."""
    condition = CatalogCondition(text, text, context=True)
    known = [catalog_pattern(storable(text, 50), text, text, "bearish", text, condition)]
    computed = CatalogIndicator(
        name=storable(text, 50),
        title=text,
        family=text,
        inputs=[text],
        parameters=[],
        outputs=[text],
        bars=1,
        meaning=text,
        source=text,
        default=True,
        instances=[text],
    )
    clean = msgspec.json.decode(
        msgspec.json.encode(Catalog(known, [computed], [])).replace(rb"\u0000", b""), type=Catalog
    )
    insert_catalog(database_url, clean)
    insert_catalog(database_url, clean, storable(f"replay:{text}", 200))
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO streaming_sessions (session_id, universe, started_at, stopped_at, symbol_count, final_status) "
            "VALUES (%s, %s, %s, %s, 1, %s)",
            (session_id(9), storable(text, 100), at(-1440), at(-1050), storable(text, 20)),
        )
        connection.execute(SOURCE, (session_id(9), storable(f"replay:{text}", 200), 9))
        connection.execute(SESSION, (session_id(1), at(0)))
        connection.execute(SOURCE, (session_id(1), "simulator:1", 1))
        for session_ in (session_id(1), session_id(9)):
            connection.execute(
                "INSERT INTO intraday_patterns (session_id, symbol, pattern_type, confidence, detected_at, bar_open, "
                "bar_high, bar_low, bar_close, bar_volume, metadata) VALUES (%s, %s, %s, 0.9, %s, 1, 2, 1, 2, 7, %s)",
                (
                    session_,
                    SYMBOL,
                    storable(text, 50),
                    at(1 if session_ == session_id(1) else -1400),
                    json.dumps({"pattern_id": storable(text, 5_000), "explanation": storable(text, 5_000)}),
                ),
            )
            connection.execute(ALERT, (session_, at(1 if session_ == session_id(1) else -1400)))
        connection.execute(
            "INSERT INTO critical_alerts (session_id, severity, message, component, raised_at, action_required) "
            "VALUES (%s, 'critical', %s, %s, %s, %s)",
            (session_id(1), storable(text, 5_000), storable(text, 100), at(1), storable(text, 5_000)),
        )
        for minute in range(5):
            connection.execute(
                "INSERT INTO bars_1min VALUES ('simulator:1', %s, %s, 10, 11, 9, 10, 7, %s)",
                (SYMBOL, at(minute), session_id(1)),
            )
    group, name = UNIVERSE.split(":")
    file = data_dir / group / f"{name}.csv"
    file.parent.mkdir()
    with file.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["symbol", "name", "sector"])
        for symbol in (SYMBOL, "NVDA"):
            rows.writerow([symbol, storable(text, 5_000), storable(text, 5_000)])


def messages(text: str, universe: str) -> list[Message]:
    """Something on every channel, with the text wherever one may stand."""
    running = Session(session_id(1), universe, at(0), 3, "active")
    trouble = Critical("critical", text, at(45), text, text, None)
    over = Critical("info", text, at(46), f"{text} over", None, text)
    measured = Health("warning", at(45), 485, "connected", DataFlow(1, 1, 1), ResourceUsage(1, 1, 1), [text, text])
    return [
        stopped(9),
        message(Channel.SESSION_STARTED, SessionStarted(running, at(0))),
        checkpoint(running=running),
        bars(44, SYMBOL, "NVDA"),
        bars(45, SYMBOL, "NVDA", open_=11),
        forming(46, SYMBOL, close=11),
        found(1, symbol=SYMBOL, pattern_type=text, conditions=[Condition(text, 1.0)], explanation=text),
        found(2, symbol="NVDA", pattern_type=text[:100], conditions=[Condition(text, -1.0)] * 20),
        (Channel.HIGH_CONFIDENCE_PATTERNS.value, found(3, symbol="NVDA", pattern_type=text)[1]),
        indicator(SYMBOL, 71.0, instance="RSI_14"),
        indicator(SYMBOL, 1.0, name=text, instance=text[:60], **{text: text}),
        alert(SYMBOL),
        message(Channel.HEALTH, StreamingHealth(measured)),
        message(Channel.CRITICAL_ALERTS, CriticalAlert(trouble)),
        message(Channel.CRITICAL_ALERTS, CriticalAlert(over)),
        (Channel.PATTERNS.value, json.dumps({"type": text}).encode()),
        (Channel.BARS.value, text.encode()),
    ]


async def is_sound(tab: Tab) -> None:
    """Nothing has run, nothing is wider than the window, and rows are as high as ever."""
    state = await tab.page.evaluate(STATE)
    assert state == {"scripted": False, "images": 0, "scripts": 2, "wide": []}
    heights = await tab.page.evaluate(ROW_HEIGHTS)
    assert [height for height in heights if not 20 <= height <= 48] == []
    if tab.page.viewport_size == DESKTOP:
        assert await tab.page.evaluate(PRESSED) == []


async def show(tab: Tab, name: str) -> None:
    """On a phone, one panel is seen at a time."""
    if tab.page.viewport_size == PHONE:
        await tab.page.get_by_role("navigation", name="Panels").get_by_role("button", name=name).click()
    await expect(tab.page.locator(f"#{name.lower()}")).to_be_visible()


@asynccontextmanager
async def a_hostile_market(
    open_tab: OpenTab, redis_url: str, database_url: str, data_dir: Path, viewport: ViewportSize, text: str
) -> AsyncIterator[Tab]:
    """A tab on it, which leaves before its dashboard ends."""
    store(database_url, data_dir, text)
    async with dashboard(redis_url, database_url, universe_dir=data_dir) as url:
        tab = await open_tab(url, viewport)
        await connected(tab)
        try:
            yield tab
        finally:
            await tab.page.goto("about:blank")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_text_stays_text_in_every_view(
    open_tab: OpenTab, redis_url: str, database_url: str, tmp_path: Path, viewport: ViewportSize, text: str
) -> None:
    everything = messages(text, text)
    assert {channel for channel, _ in everything} == set(Channel)
    async with a_hostile_market(open_tab, redis_url, database_url, tmp_path, viewport, text) as tab:
        page = tab.page
        publish(redis_url, *everything)
        await expect(text_of(tab, "invalid")).to_contain_text("refused")
        await is_sound(tab)
        publish(redis_url, started(1))  # the same session, of a universe that there is
        for name in ("Alerts", "Universe", "Health", "Patterns"):
            await show(tab, name)
            await is_sound(tab)

        rows = page.locator('#patterns [data-row="pattern"]')
        await rows.first.click()
        await expect(page.get_by_role("table", name="Why")).to_be_visible()
        await is_sound(tab)
        await page.get_by_role("button", name="Families").click()
        await expect(page.get_by_role("group", name="Families")).to_be_visible()
        await is_sound(tab)
        await page.keyboard.press("Escape")

        await page.keyboard.press("r")
        rules = page.get_by_role("dialog")
        await rules.get_by_role("button", name="Add").or_(rules.get_by_role("button", name="New")).first.click()
        await is_sound(tab)
        await page.keyboard.press("Escape")

        await page.locator('[data-name="incident"]').get_by_role("button", name="Dismiss").last.click()
        if viewport == DESKTOP:  # the pattern has opened its symbol
            await page.locator("#symbol").get_by_role("button", name="Close").click()
        await show(tab, "Universe")
        for view in ("Heat map", "Sectors"):
            await page.locator("#universe").get_by_role("button", name=view).click()
            await is_sound(tab)
        await page.locator("#universe").get_by_role("button", name="Table").click()
        await page.locator("#universe tbody tr", has_text=SYMBOL).click()
        await expect(text_of(tab, "chart")).to_be_visible()
        await is_sound(tab)

        await show(tab, "Health")
        await text_of(tab, "sessions").locator("li").last.get_by_role("button").click()
        await expect(page.get_by_role("dialog")).to_contain_text("RSI overbought")
        await is_sound(tab)
        await page.keyboard.press("Escape")

        publish(redis_url, found(7, symbol="AAPL"))
        await show(tab, "Patterns")
        await page.get_by_role("button", name="new patterns; show the newest").click()
        await expect(page.locator('#patterns [data-row="pattern"]', has_text="AAPL")).to_be_visible()
        await tab.screenshot(f"hostile-{list(TEXTS.values()).index(text)}-{viewport['width']}")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_names_and_sectors_of_a_users_universe(
    open_tab: OpenTab, redis_url: str, database_url: str, tmp_path: Path, viewport: ViewportSize
) -> None:
    text = TEXTS["markup"] + "W" * 500
    async with a_hostile_market(open_tab, redis_url, database_url, tmp_path, viewport, text) as tab:
        publish(redis_url, *messages("plain", UNIVERSE))
        await show(tab, "Universe")
        universe = tab.page.locator("#universe")
        await universe.get_by_role("button", name="Sectors").click()
        await expect(universe).to_contain_text("<img src=x")
        await is_sound(tab)
        await universe.get_by_role("button", name="Heat map").click()
        cursor = universe.locator(".cursor")
        await cursor.focus()
        await tab.page.keyboard.press("ArrowRight")
        await expect(cursor).to_have_attribute("aria-label", re.compile("<img src=x"))
        await is_sound(tab)


EXTREMES = (5e-324, 1e-9, 1.7e308)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_numbers_at_their_ends(
    open_tab: OpenTab, redis_url: str, database_url: str, tmp_path: Path, viewport: ViewportSize
) -> None:
    huge = Health(
        "critical",
        at(45),
        2**53,
        "connected",
        DataFlow(1.7e308, 2**53, 2**53),
        ResourceUsage(100.0, 2**53, 2**53),
        [],
    )
    sealed = [Bar(name, price, price, price, price, 2**63 - 1) for name, price in zip("ABC", EXTREMES, strict=True)]
    nothing_of_the_contract = [
        (Channel.INDICATORS.value, indicator("A", 1.25)[1].replace(b"1.25", number))
        for number in (b"NaN", b"Infinity", b"-Infinity", b"1e999")
    ]
    async with a_hostile_market(open_tab, redis_url, database_url, tmp_path, viewport, "plain") as tab:
        publish(
            redis_url,
            started(),
            checkpoint(running=session()),
            message(Channel.BARS, StreamingBars(at(44), at(45), "1min", sealed)),
            message(Channel.BARS, StreamingBars(at(45), at(46), "1min", sealed[::-1])),
            *(
                indicator(name, sign * value, name="SMA", instance="SMA_20")
                for name in "ABC"
                for value in EXTREMES
                for sign in (1, -1)
            ),
            *(indicator(name, 1.7e308, instance="RSI_14", period=1.7e308) for name in "ABC"),
            found(1, symbol="A", confidence=1.0, conditions=[Condition("huge", 1.7e308), Condition("tiny", 5e-324)]),
            found(2, symbol="B", confidence=0.0),
            message(Channel.HEALTH, StreamingHealth(huge)),
            *nothing_of_the_contract,
        )
        await expect(text_of(tab, "invalid")).to_contain_text("4 refused")
        for name in ("Alerts", "Health", "Universe", "Patterns"):
            await show(tab, name)
            await is_sound(tab)
        for named in ("NaN", "Infinity", "undefined", "null"):
            assert named not in await tab.page.locator("body").inner_text()
        await tab.page.locator('#patterns [data-row="pattern"]', has_text="A").first.click()
        await is_sound(tab)
        await show(tab, "Universe")
        for view in ("Heat map", "Sectors", "Table"):
            await tab.page.locator("#universe").get_by_role("button", name=view).click()
            await is_sound(tab)
        await tab.page.locator("#universe tbody th").first.click()
        await is_sound(tab)
        publish(redis_url, health(47))
        await show(tab, "Health")
        await expect(tab.page.locator("#health")).to_contain_text("healthy")
        await tab.screenshot(f"extremes-{viewport['width']}")
