"""The page in a real browser, served by the real dashboard, fed through real Redis."""

import contextlib
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from playwright.async_api import expect

from tests.browser.driving import DESKTOP, PATIENCE_MS, PHONE, ColorScheme, OpenTab, Tab, Visit, connected, text_of
from tests.browser.events import found
from tests.contract.catalogs import pattern as catalog_pattern
from tests.dashboard.rows import insert_catalog
from tests.dashboard.running import dashboard, publish
from tests.dashboard.samples import (
    OPEN_MS,
    alert,
    at,
    bars,
    checkpoint,
    critical,
    health,
    indicator,
    message,
    pattern,
    session,
    session_id,
    started,
    stopped,
)
from tickstockpl.contract.catalog import Catalog, CatalogCondition
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import (
    Condition,
    Critical,
    CriticalAlert,
    Session,
    SessionStarted,
)
from tickstockpl.subscriber import Message

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

expect.set_options(timeout=PATIENCE_MS)

HOSTILE = "<img src=x onerror='hit=1'><script>hit=1</script>\""


async def test_without_a_producer_the_page_says_so_and_teaches_what_to_do(visit: Visit) -> None:
    tab = await visit()
    await expect(text_of(tab, "link")).to_contain_text("No producer")
    await expect(text_of(tab, "source")).to_contain_text("NO FEED")
    await expect(tab.page.locator("#patterns")).to_contain_text("tickstockpl run")
    await expect(tab.page.locator("#universe")).to_contain_text("tickstockpl run")
    await expect(text_of(tab, "link-banner")).to_have_count(0)


async def test_a_session_its_source_and_speed_stand_in_the_header(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish(redis_url, started(), checkpoint(running=session()))
    await expect(text_of(tab, "session")).to_have_text(re.compile(r"demo:top_50\s*3 symbols\s*since 09:30"))
    await expect(text_of(tab, "source")).to_have_text(re.compile(r"SIMULATED\s*at 60×"))
    await expect(text_of(tab, "clock")).to_contain_text("10:15")
    await expect(tab.page).to_have_title("demo:top_50 – TickStock")


async def test_a_pattern_arrives_with_its_confidence_and_tells_why_it_was_found(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish(redis_url, started(), found(1))
    row = tab.page.locator('[data-row="pattern"]')
    await expect(row).to_have_count(1)
    for part in ("10:15", "TSLA", "Bearish engulfing", "bearish", "85", "high confidence"):
        await expect(row).to_contain_text(part)
    await row.click()
    why = tab.page.get_by_role("table", name="Why this pattern was found")
    await expect(why.locator("tr")).to_have_text(
        [re.compile(r"body engulfs previous body\s*\+1\.25"), re.compile(r"a rise came before\s*−0\.50")]
    )


async def test_what_the_filter_hides_is_told(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish(redis_url, started(), *(found(number, confidence=0.5 + 0.1 * number) for number in range(4)))
    rows, hidden = tab.page.locator('[data-row="pattern"]'), text_of(tab, "hidden-patterns")
    await expect(rows).to_have_count(4)
    await tab.page.get_by_label("Confidence ≥").fill("0.6")
    await expect(rows).to_have_count(3)
    await expect(hidden).to_have_text("1 hidden")
    await tab.page.get_by_label("Filter patterns").fill("hammer")
    await expect(rows).to_have_count(0)
    await expect(tab.page.locator("#patterns")).to_contain_text("All 4 patterns are hidden")
    await tab.page.get_by_label("Filter patterns").fill("tsla bearish")
    await tab.page.get_by_label("Confidence ≥").fill("0")
    await expect(rows).to_have_count(4)
    await expect(hidden).to_have_text("none hidden")


async def test_a_paused_stream_stands_still_and_counts_what_is_new(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish(redis_url, started(), found(1, symbol="FIRST"))
    rows = tab.page.locator('[data-row="pattern"]')
    await expect(rows).to_have_count(1)
    await tab.page.keyboard.press("Space")
    publish(redis_url, *(found(number) for number in range(2, 5)))
    pill = tab.page.get_by_role("button", name="patterns; show the newest")
    await expect(pill).to_contain_text("3 new")
    await expect(rows).to_have_count(1)
    await pill.click()
    await expect(rows).to_have_count(4)
    await expect(rows.last).to_contain_text("FIRST")


async def test_an_alert_is_told_in_words_with_value_and_threshold(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish(redis_url, started(), alert())
    row = tab.page.locator('[data-row="alert"]')
    for part in ("AAPL", "RSI over 70", "75.2", "70.0", "warning"):
        await expect(row).to_contain_text(part)


async def test_the_table_has_a_column_for_whatever_indicator_arrives(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish(
        redis_url,
        started(),
        bars(0, "NVDA", "AAPL"),
        bars(1, "NVDA", open_=11),
        indicator("NVDA", 71.5, instance="RSI_14"),
        indicator("NVDA", 11.0, name="SMA", instance="SMA_20"),
        indicator("NVDA", 0.125, name="NOVEL", instance="NOVEL_3"),
    )
    table = tab.page.locator("#universe table")
    await expect(table.locator("thead th")).to_have_count(6)
    head = await table.locator("thead").inner_text()
    assert [part for part in ("Symbol", "Price", "Change", "RSI", "vs SMA", "NOVEL") if part not in head] == []
    nvda = table.locator("tbody tr", has_text="NVDA")
    await expect(nvda.locator("td")).to_have_text(
        ["11.50", re.compile(r"▲\s*15\.00%"), "71.5", re.compile(r"\+4\.55%"), "0.1250"]
    )
    await table.get_by_role("button", name="Price").click()
    await expect(table.locator("tbody th")).to_have_text(["NVDA", "AAPL"])
    await tab.page.get_by_label("Find a symbol").fill("aap")
    await expect(table.locator("tbody th")).to_have_text(["AAPL"])


async def test_health_shows_its_figures_and_issues(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish(redis_url, started(), health())
    panel = tab.page.locator("#health")
    for part in ("healthy", "480", "45 ms", "35%", "512 MB", "8"):
        await expect(panel).to_contain_text(part)
    await expect(text_of(tab, "active")).to_contain_text("485")
    publish(redis_url, health(46, ("High CPU usage: 85%",)))
    await expect(panel.get_by_role("list", name="Issues")).to_have_text("High CPU usage: 85%")
    await expect(tab.page.locator('dl [data-name="health"]')).to_contain_text("warning")


async def test_a_critical_alert_stays_until_it_is_dismissed_or_its_recovery_comes(visit: Visit, redis_url: str) -> None:
    def recovery(minute: int) -> Message:
        over = Critical("info", "connection restored", at(minute), "feed", None, "back after 1 min")
        return message(Channel.CRITICAL_ALERTS, CriticalAlert(over))

    tab = await visit()
    banner = text_of(tab, "incident")
    publish(redis_url, started(), critical(45, "feed lost"))
    await expect(banner).to_have_text(re.compile("feed lost.*check the credentials"))
    publish(redis_url, recovery(46))
    await expect(banner).to_have_count(0)
    publish(redis_url, critical(47, "feed lost again"))
    await tab.page.get_by_role("button", name="Dismiss: feed lost again").click()
    await expect(banner).to_have_count(0)
    await expect(tab.page.locator("#health")).to_contain_text("connection restored")


async def test_a_session_that_stops_leaves_its_summary(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish(redis_url, started())
    await expect(text_of(tab, "session")).to_contain_text("demo:top_50")
    publish(redis_url, stopped())
    await expect(text_of(tab, "session")).to_have_text("no session running")
    await expect(text_of(tab, "summary")).to_have_text(re.compile(r"6 h 30 min.*345.*12"))


async def test_who_opens_the_page_in_mid_session_sees_all_of_it(visit: Visit, redis_url: str) -> None:
    early = await visit()
    publish(redis_url, started(), bars(0, "NVDA"), pattern(1), alert(), health(), checkpoint(running=session()))
    await expect(text_of(early, "source")).to_contain_text("SIMULATED")
    late = await visit()
    await expect(text_of(late, "session")).to_contain_text("demo:top_50")
    await expect(late.page.locator('[data-row="pattern"]')).to_contain_text("NVDA")
    await expect(late.page.locator('[data-row="alert"]')).to_contain_text("AAPL")
    await expect(late.page.locator("#universe tbody")).to_contain_text("NVDA")
    await expect(late.page.locator("#health")).to_contain_text("healthy")


async def test_hostile_text_stays_text_everywhere(visit: Visit, redis_url: str, database_url: str) -> None:
    """Markup in every text that the contract leaves free; what the page complains of fails the test by itself."""
    condition = CatalogCondition(HOSTILE, HOSTILE, context=True)
    known = catalog_pattern(HOSTILE, HOSTILE, HOSTILE, "neutral", HOSTILE, condition)
    insert_catalog(database_url, Catalog([known], [], []))
    running = Session(session_id(1), HOSTILE, at(0), 3, "active")
    trouble = Critical("critical", HOSTILE, at(45), HOSTILE, HOSTILE, None)
    tab = await visit()
    publish(
        redis_url,
        message(Channel.SESSION_STARTED, SessionStarted(running, at(0))),
        found(1, pattern_type=HOSTILE, conditions=[Condition(HOSTILE, 1.0)], explanation=HOSTILE),
        bars(0, "NVDA"),
        indicator("NVDA", 1.0, name=HOSTILE, instance=HOSTILE, **{HOSTILE: HOSTILE}),
        health(45, (HOSTILE,)),
        message(Channel.CRITICAL_ALERTS, CriticalAlert(trouble)),
        (Channel.PATTERNS.value, f'{{"type": "{HOSTILE}"}}'.encode()),
        checkpoint(running=running),
    )
    await expect(text_of(tab, "session")).to_contain_text("<img src=x")
    await expect(text_of(tab, "incident")).to_contain_text("<img src=x")
    await expect(tab.page.locator("#health")).to_contain_text("<img src=x")
    await expect(tab.page.locator("#universe thead")).to_contain_text("<img src=x")
    row = tab.page.locator('[data-row="pattern"]')
    await expect(row).to_contain_text("<img src=x")
    await row.click()
    await expect(tab.page.get_by_role("table", name="Why")).to_contain_text("<img src=x")
    await expect(text_of(tab, "explanation")).to_contain_text("<img src=x")
    await expect(text_of(tab, "meaning")).to_contain_text("<img src=x")
    await tab.page.get_by_role("button", name="Families").click()
    await expect(tab.page.get_by_role("group", name="Families")).to_contain_text("<img src=x")
    await expect(text_of(tab, "invalid")).to_contain_text("1 refused")
    assert await tab.page.evaluate("[window.hit, document.images.length, document.scripts.length]") == [None, 0, 2]


async def test_when_the_dashboard_goes_away_the_page_says_so_and_comes_back_by_itself(
    open_tab: OpenTab, redis_url: str, database_url: str
) -> None:
    async with dashboard(redis_url, database_url) as url:
        tab = await open_tab(url)
        tab.forgive("WebSocket connection to")
        tab.forgive("Failed to load resource")  # whether the key still holds is asked, too
        await connected(tab)
        publish(redis_url, started(), found(1))
        await expect(tab.page.locator('[data-row="pattern"]')).to_have_count(1)
    banner = text_of(tab, "link-banner")
    await expect(banner).to_have_text(re.compile(r"Connection lost.*Since \d\d:\d\d:\d\d\..*last received"))
    await expect(tab.page.locator(".outdated")).to_have_count(1)
    await expect(tab.page.locator('[data-row="pattern"]')).to_have_count(1)
    async with dashboard(redis_url, database_url, port=urlsplit(url).port):
        with contextlib.suppress(PlaywrightTimeoutError):  # it may have come back by itself before it could be told to
            await tab.page.get_by_role("button", name="Try now").click(timeout=2_000)
        await expect(banner).to_have_count(0)
        publish(redis_url, started(2), checkpoint(running=session(2)))
        await expect(text_of(tab, "link")).to_contain_text("Connected")
        await expect(tab.page.locator(".outdated")).to_have_count(0)


async def test_a_burst_arrives_whole(visit: Visit, redis_url: str) -> None:
    count = 1_500
    tab = await visit()
    publish(redis_url, started(), *(found(number, confidence=number % 2) for number in range(count)))
    await expect(text_of(tab, "patterns")).to_contain_text("1,500")
    await tab.page.get_by_label("Confidence ≥").fill("0.6")
    await expect(text_of(tab, "hidden-patterns")).to_have_text("750 hidden")
    shown = tab.page.get_by_role("list", name="Patterns, newest first").locator("li")
    assert 0 < await shown.count() < 60


async def test_keys_reach_filter_theme_and_help(visit: Visit) -> None:
    tab = await visit(color_scheme="light")
    await tab.page.keyboard.press("t")
    await expect(tab.page.locator("html")).to_have_attribute("data-theme", "dark")
    await tab.page.keyboard.press("/")
    await expect(tab.page.get_by_label("Filter patterns")).to_be_focused()
    await tab.page.keyboard.type("t?")
    await expect(tab.page.get_by_label("Filter patterns")).to_have_value("t?")
    await tab.page.keyboard.press("Escape")
    await tab.page.keyboard.press("Escape")
    await tab.page.keyboard.press("?")
    await expect(tab.page.get_by_role("dialog", name="Help")).to_be_visible()
    await tab.page.keyboard.press("Escape")
    await expect(tab.page.get_by_role("dialog", name="Help")).to_have_count(0)
    await tab.page.reload()
    await expect(tab.page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("color_scheme", ["dark", "light"])
async def test_the_desktop_shows_every_panel_without_scrolling_the_page(
    visit: Visit, redis_url: str, color_scheme: ColorScheme
) -> None:
    tab = await visit(DESKTOP, color_scheme)
    await fill(redis_url)
    for panel in ("patterns", "universe", "alerts", "health"):
        await expect(tab.page.locator(f"#{panel}")).to_be_in_viewport(ratio=1)
    await expect(tab.page.locator('[data-row="alert"]')).to_have_count(1)
    assert await scrolls(tab) == [False, False]
    await tab.screenshot(f"page-desktop-{color_scheme}")


@pytest.mark.parametrize("color_scheme", ["dark", "light"])
async def test_a_phone_shows_one_panel_at_a_time(visit: Visit, redis_url: str, color_scheme: ColorScheme) -> None:
    tab = await visit(PHONE, color_scheme)
    await fill(redis_url)
    await expect(tab.page.locator('[data-row="pattern"]')).to_have_count(1)
    for name in ("Alerts", "Universe", "Health", "Patterns"):
        await tab.page.get_by_role("navigation").get_by_role("button", name=name).click()
        await expect(tab.page.locator("main section:visible")).to_have_count(1)
        await expect(tab.page.locator(f"#{name.lower()}")).to_be_in_viewport(ratio=1)
    assert await scrolls(tab) == [False, False]
    await tab.screenshot(f"page-phone-{color_scheme}")


async def fill(redis_url: str) -> None:
    """A little of everything."""
    publish(
        redis_url,
        started(),
        bars(0, "NVDA", "AAPL", "TSLA"),
        indicator("NVDA", 71.5, instance="RSI_14"),
        found(1),
        alert(),
        health(),
        checkpoint(running=session(), sent_ms=OPEN_MS),
    )


async def scrolls(tab: Tab) -> Any:
    """Whether the page itself scrolls, down and to the side."""
    return await tab.page.evaluate("""() => {
        const { scrollHeight, scrollWidth } = document.scrollingElement;
        return [scrollHeight > innerHeight, scrollWidth > innerWidth];
    }""")
