"""The header, the universe's table and what stands there while no session runs, in a real browser."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from tests.browser.driving import DESKTOP, PATIENCE_MS, PHONE, OpenTab, Tab, Visit, connected, text_of
from tests.dashboard.rows import insert_session
from tests.dashboard.running import dashboard, publish
from tests.dashboard.samples import bars, checkpoint, pattern, session, started, stopped
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.events import Checkpoint, encode
from tickstockpl.subscriber import Message

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

expect.set_options(timeout=PATIENCE_MS)


def clock(market_time: str, sequence: int = 1, counts: dict[str, int] | None = None) -> Message:
    """A checkpoint at a market time."""
    said = Checkpoint("service-1", sequence, counts or {}, "massive", 1.0, market_time, None, market_time)
    return Channel.CHECKPOINT.value, encode(said)


@pytest.mark.parametrize(
    ("market_time", "words"),
    [
        ("2025-10-06T14:15:30.000Z", "open, closes in 5:44"),
        ("2025-11-28T15:49:30.000Z", "open, closes early in 2:10"),
        ("2025-10-06T11:19:30.000Z", "pre-market, opens 09:30 in 2:10"),
        ("2025-10-03T20:30:00.000Z", "after hours, opens Mon 09:30"),
        ("2025-10-04T15:00:00.000Z", "closed, opens Mon 09:30"),
        ("2025-12-25T15:00:00.000Z", "closed for Christmas, opens Fri 09:30"),
    ],
)
async def test_the_clock_says_what_the_exchange_is_at(
    visit: Visit, redis_url: str, market_time: str, words: str
) -> None:
    tab = await visit()
    publish(redis_url, clock(market_time))
    await expect(text_of(tab, "hours")).to_have_text(words)


async def test_without_a_producer_the_clock_is_new_yorks_own(visit: Visit) -> None:
    tab = await visit()
    await expect(text_of(tab, "clock")).to_contain_text(re.compile(r"\d\d:\d\d:\d\d"))
    await expect(text_of(tab, "hours")).to_have_text(re.compile("open|closed|pre-market|after hours"))


async def test_a_producer_whose_clock_has_not_been_set_tells_no_time(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish(redis_url, clock("1970-01-01T00:04:03.727Z"))
    await expect(text_of(tab, "source")).to_contain_text("LIVE")
    await expect(text_of(tab, "clock")).not_to_contain_text("Jan 1")
    await expect(text_of(tab, "hours")).to_have_text(re.compile("open|closed|pre-market|after hours"))


async def test_what_was_missed_is_told_with_what_became_of_it(visit: Visit, redis_url: str, database_url: str) -> None:
    insert_session(database_url)
    tab = await visit()
    publish(redis_url, started(), checkpoint(1, session(), {Channel.PATTERNS.value: 1}), pattern(1))
    publish(redis_url, checkpoint(2, session(), {Channel.PATTERNS.value: 5}))
    missed = text_of(tab, "missed")
    await expect(missed).to_contain_text(re.compile(r"3 missed, (repairing|repaired|not all repaired)"))
    await expect(missed).to_have_attribute("data-tip", re.compile("3 patterns"))


async def test_delays_are_told_as_percentiles(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish(redis_url, started(), checkpoint(running=session()))
    await expect(text_of(tab, "latency")).to_have_attribute("data-tip", re.compile(r"p50 .* · p95 .* · p99 "))


async def test_a_star_watches_a_symbol_and_only_the_watched_can_be_shown(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish(redis_url, started(), bars(0, "NVDA", "AAPL", "TSLA"))
    star = tab.page.get_by_role("button", name="Watch NVDA")
    await star.click()
    await expect(star).to_have_attribute("aria-pressed", "true")
    assert "symbol=" not in tab.page.url, "a star is no click on the row"
    await tab.page.get_by_role("button", name="Watched only").click()
    await expect(tab.page.locator("#universe tbody th")).to_have_text(["NVDA"])
    await tab.page.reload()
    await expect(tab.page.locator("#universe tbody th")).to_have_text(["NVDA"])


async def test_the_table_is_saved_as_it_is_shown(visit: Visit, redis_url: str, tmp_path: Path) -> None:
    tab = await visit()
    publish(redis_url, started(), bars(0, "NVDA", "AAPL", "TSLA"))
    await tab.page.locator("#universe thead").get_by_role("button", name="Symbol").click()
    await expect(tab.page.locator("#universe tbody th")).to_have_text(["TSLA", "NVDA", "AAPL"])
    async with tab.page.expect_download() as waiting:
        await tab.page.locator("#universe").get_by_role("button", name="CSV").click()
    download = await waiting.value
    await download.save_as(tmp_path / "saved.csv")
    lines = (tmp_path / "saved.csv").read_text("utf-8-sig").splitlines()
    assert download.suggested_filename == "demo-top_50_2025-10-06_universe.csv"
    assert lines[0].startswith("symbol,minute_utc,price,change_percent")
    assert [line.split(",")[0] for line in lines[1:]] == ["TSLA", "NVDA", "AAPL"]


async def test_a_row_without_news_is_grey_and_says_how_old_it_is(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    publish(redis_url, started(), bars(0, "NVDA", "AAPL"), bars(7, "AAPL"))
    stale = tab.page.locator("#universe tbody tr.stale")
    await expect(stale).to_have_text(re.compile(r"NVDA\s*7m"))
    await expect(stale).to_have_attribute("title", re.compile("No bar for 7 minutes"))


async def test_while_no_session_runs_the_last_one_and_the_next_open_are_told(
    visit: Visit, redis_url: str, database_url: str
) -> None:
    insert_session(database_url)
    tab = await visit()
    strip = text_of(tab, "no-session")
    await expect(strip).to_contain_text("tickstockpl run")
    publish(redis_url, started(), stopped(), clock("2025-10-06T20:30:00.000Z"))
    await expect(strip).to_contain_text("After hours; opens Tue 09:30.")
    await expect(strip).to_contain_text("Last session: Mon, Oct 6")
    await strip.get_by_role("button", name="Look at it").click()
    await expect(tab.page.get_by_role("dialog", name="Session of Mon, Oct 6")).to_be_visible()
    await tab.page.keyboard.press("Escape")
    publish(redis_url, started(2))
    await expect(strip).to_have_count(0)


async def test_who_is_signed_in_stands_in_the_menu_and_can_leave(
    open_tab: OpenTab, redis_url: str, database_url: str, tmp_path: Path
) -> None:
    async with dashboard(redis_url, database_url, auth="on", data_dir=tmp_path) as link:
        tab = await open_tab(link)
        tab.forgive("401")
        await connected(tab)
        await tab.page.get_by_role("button", name="Access and about").click()
        await expect(text_of(tab, "access")).to_have_text("Signed in by link: admin, may change things.")
        await tab.page.get_by_role("button", name="Sign out").click()
        await expect(tab.page.get_by_role("heading")).to_have_text("Sign in to TickStock")
        await tab.page.goto("about:blank")


async def test_where_nobody_is_asked_nobody_can_sign_out(visit: Visit) -> None:
    tab = await visit()
    await tab.page.get_by_role("button", name="Access and about").click()
    await expect(text_of(tab, "access")).to_contain_text("Nobody is asked")
    await expect(tab.page.get_by_role("button", name="Sign out")).to_have_count(0)
    await tab.page.get_by_role("link", name="About").click()
    await expect(tab.page.get_by_role("heading", name="TickStockPL")).to_be_visible()
    await tab.page.goto("about:blank")


async def test_a_page_whose_key_went_while_it_was_away_gives_way_to_the_sign_in(
    open_tab: OpenTab, redis_url: str, database_url: str, tmp_path: Path
) -> None:
    async with dashboard(redis_url, database_url, auth="on", data_dir=tmp_path / "one") as link:
        tab = await open_tab(link)
        tab.forgive("WebSocket connection")
        tab.forgive("Failed to load resource")
        await connected(tab)
    async with dashboard(redis_url, database_url, auth="on", data_dir=tmp_path / "two", port=urlsplit(link).port):
        await expect(tab.page.get_by_role("heading", name="Sign in to TickStock")).to_be_visible(timeout=30_000)
        await tab.page.goto("about:blank")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
async def test_the_header_fits(visit: Visit, redis_url: str, viewport: object) -> None:
    tab = await visit(viewport)  # type: ignore[arg-type]
    publish(redis_url, started(), checkpoint(running=session()), clock("2025-11-27T15:00:00.000Z", 2))
    await expect(text_of(tab, "hours")).to_contain_text("Thanksgiving")
    assert await overflowing(tab) == []


async def overflowing(tab: Tab) -> list[str]:
    """What of the header reaches beyond the window."""
    found: list[str] = await tab.page.evaluate(
        """() => [...document.querySelectorAll('header [data-name], header button')]
            .filter((each) => each.getBoundingClientRect().right > innerWidth)
            .map((each) => each.dataset.name ?? each.ariaLabel)"""
    )
    return found
