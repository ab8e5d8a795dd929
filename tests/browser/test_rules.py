"""Rules: they sound, notify and highlight, once for a burst, and are silent where they should be."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import ViewportSize, expect

from tests.browser.driving import DESKTOP, PATIENCE_MS, PHONE, OpenTab, Tab, Visit, connected, text_of
from tests.browser.events import found
from tests.contract.catalogs import CATALOG
from tests.dashboard.rows import insert_catalog
from tests.dashboard.running import dashboard, publish
from tests.dashboard.samples import alert, checkpoint, critical, session, started

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

expect.set_options(timeout=PATIENCE_MS)

STUBS = """
    window.notices = [];
    window.notes = [];
    window.Notification = class {
        static permission = localStorage.getItem('test.permission') ?? 'granted';
        static requestPermission = async () => (Notification.permission = 'granted');
        constructor(title, options) { notices.push({ title, ...options }); window.newestNotice = this; }
        close() {}
    };
    window.AudioContext = class {
        state = 'running';
        currentTime = 0;
        destination = {};
        resume() { return Promise.resolve(); }
        createOscillator() {
            const frequency = { value: 0 };
            const oscillator = { frequency, connect: (to) => to, stop() {}, start: () => notes.push(frequency.value) };
            return oscillator;
        }
        createGain() {
            const gain = { setValueAtTime() {}, exponentialRampToValueAtTime() {} };
            return { gain, connect: (to) => to };
        }
    };
"""
"""A browser that lets everything be seen that it would show or play."""

CHIME = 2
"""How many notes a chime has."""

RULE: dict[str, Any] = {
    "id": "a",
    "on": True,
    "kind": "patterns",
    "types": [],
    "families": [],
    "scope": {"of": "all"},
    "minimum": 0.8,
    "directions": [],
    "severities": [],
    "sound": "chime",
    "notifies": True,
    "highlights": True,
}


async def with_rules(tab: Tab, *rules: dict[str, Any]) -> None:
    """Load the page again, with these rules, in the stubbed browser, after a click on it."""
    await tab.page.add_init_script(STUBS)
    await tab.page.evaluate("rules => localStorage.setItem('tickstock.rules', rules)", json.dumps(rules))
    await tab.page.reload()
    await connected(tab)
    await tab.page.locator("h1").click()


async def notices(tab: Tab) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await tab.page.evaluate("notices")
    return found


async def notes(tab: Tab) -> int:
    count: int = await tab.page.evaluate("notes.length")
    return count


async def heard(tab: Tab, count: int) -> None:
    """Until so many notifications have been shown."""
    await tab.page.wait_for_function("count => notices.length >= count", arg=count)


async def test_a_rule_sounds_and_notifies_once_for_a_burst(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    await with_rules(tab, RULE)
    publish(redis_url, started(), *(found(number, confidence=0.9) for number in range(12)), found(99, confidence=0.7))
    await heard(tab, 1)
    (notice,) = await notices(tab)
    assert re.match(r"12 patterns: TSLA Bearish engulfing 90, .* and 9 more$", notice["title"])
    assert notice["body"] == "Any pattern, confidence 80 or more, all symbols"
    assert (notice["tag"], notice["renotify"]) == ("a", True)
    assert await notes(tab) == CHIME
    await expect(tab.page.locator('[data-row="pattern"].highlighted')).to_have_count(12)
    await tab.page.evaluate("newestNotice.onclick()")
    await expect(tab.page.locator("#symbol h2")).to_have_text("TSLA")


async def test_what_the_page_begins_with_or_was_away_for_is_silent(
    open_tab: OpenTab, redis_url: str, database_url: str
) -> None:
    async with dashboard(redis_url, database_url) as url:
        tab = await open_tab(url)
        tab.forgive("WebSocket connection to")
        tab.forgive("Failed to load resource")  # what is asked for over REST meanwhile
        await connected(tab)
        publish(redis_url, started(), checkpoint(running=session()), found(1))
        await expect(tab.page.locator('[data-row="pattern"]')).to_have_count(1)
        await with_rules(tab, RULE)
        await expect(tab.page.locator('[data-row="pattern"].highlighted')).to_have_count(1)
    await expect(text_of(tab, "link-banner")).to_contain_text("Connection lost")
    async with dashboard(redis_url, database_url, port=urlsplit(url).port):
        publish(redis_url, started(), found(2, symbol="AWAY"))
        await expect(text_of(tab, "link-banner")).to_have_count(0)
        publish(redis_url, found(3, symbol="NOW"))
        await heard(tab, 1)
        assert [notice["title"] for notice in await notices(tab)] == ["NOW Bearish engulfing 85"]


async def test_what_came_while_the_connection_was_gone_is_silent_too(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    tab.forgive("WebSocket connection to")
    await tab.page.add_init_script("""
        const { WebSocket } = window;
        window.sockets = [];
        window.WebSocket = class extends WebSocket {
            constructor(...given) {
                if (window.offline) given[0] = 'ws://127.0.0.1:9/';
                super(...given);
                sockets.push(this);
            }
        };
    """)
    tab.forgive("ws://127.0.0.1:9/")
    await with_rules(tab, RULE)
    publish(redis_url, started(), checkpoint(running=session()), found(1, symbol="FIRST"))
    await heard(tab, 1)
    await tab.page.evaluate("window.offline = true; sockets.at(-1).close()")
    await expect(text_of(tab, "link-banner")).to_contain_text("Connection lost")
    publish(redis_url, found(2, symbol="AWAY"))
    await tab.page.evaluate("window.offline = false")
    await expect(tab.page.locator('[data-row="pattern"]')).to_have_count(2)
    publish(redis_url, found(3, symbol="NOW"))
    await heard(tab, 2)
    assert [notice["title"].split()[0] for notice in await notices(tab)] == ["FIRST", "NOW"]


async def test_while_another_tab_sounds_and_notifies_this_one_does_not(visit: Visit, url: str, redis_url: str) -> None:
    tab = await visit()
    await tab.page.add_init_script("""
        window.answers = [];
        const { request } = LockManager.prototype;
        LockManager.prototype.request = function (name, options, then) {
            return request.call(this, name, options, (lock) => {
                answers.push(lock !== null);
                return then(lock);
            });
        };
    """)
    await with_rules(tab, RULE)
    other = await tab.page.context.new_page()
    await other.goto(url)
    await other.evaluate("""() => Promise.all(['sound', 'notice'].map((what) => new Promise((held) =>
        navigator.locks.request(`tickstock.${what}.a`, () => { held(); return new Promise(() => {}); }))))""")
    publish(redis_url, started(), found(1))
    await tab.page.wait_for_function("() => answers.length === 2")
    assert await tab.page.evaluate("answers") == [False, False]
    assert (await notices(tab), await notes(tab)) == ([], 0)
    await other.close()
    publish(redis_url, found(2))
    await heard(tab, 1)
    assert await notes(tab) == CHIME


async def test_muted_rules_are_silent_and_still_highlight(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    await with_rules(tab, RULE)
    await tab.page.keyboard.press("m")
    await expect(text_of(tab, "notice")).to_have_text("Rules are muted.")
    bell = tab.page.locator("#patterns").get_by_role("button", name="Mute the rules")
    await expect(bell).to_have_attribute("aria-pressed", "true")
    publish(redis_url, started(), found(1, symbol="MUTED"))
    await expect(tab.page.locator('[data-row="pattern"].highlighted')).to_have_count(1)
    await bell.click()
    await expect(tab.page.locator("#alerts").get_by_role("button", name="Mute the rules")).to_have_attribute(
        "aria-pressed", "false"
    )
    publish(redis_url, found(2, symbol="HEARD"))
    await heard(tab, 1)
    assert [notice["title"] for notice in await notices(tab)] == ["HEARD Bearish engulfing 85"]
    assert await notes(tab) == CHIME


async def test_rules_of_alerts_and_critical_alerts(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    of_alerts = {**RULE, "kind": "alerts", "severities": ["warning"], "scope": {"of": "these", "symbols": ["AAPL"]}}
    of_critical = {**RULE, "id": "b", "kind": "critical", "sound": "knock"}
    await with_rules(tab, of_alerts, of_critical)
    publish(redis_url, started(), alert("NVDA"), alert("AAPL"), critical(45, "feed lost"))
    await heard(tab, 2)
    assert sorted(notice["title"] for notice in await notices(tab)) == ["AAPL RSI over 70", "feed lost"]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
async def test_a_rule_is_made_tried_changed_switched_off_and_deleted(
    visit: Visit, redis_url: str, database_url: str, viewport: ViewportSize
) -> None:
    insert_catalog(database_url, CATALOG)
    tab = await visit(viewport)
    await with_rules(tab)
    publish(redis_url, started(), checkpoint(running=session()))
    await expect(tab.page.get_by_role("button", name="Families")).to_be_visible()
    await tab.page.locator("#patterns").get_by_role("button", name="Rules", exact=True).click()
    dialog = tab.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("No rules yet")
    await dialog.get_by_role("button", name="Add a rule").click()
    await dialog.get_by_role("button", name="Families: any family").click()
    await dialog.get_by_role("checkbox", name="Engulfing").check()
    await tab.page.keyboard.press("Escape")
    await expect(dialog).to_be_visible()
    await text_of(tab, "rule-scope").select_option("these")
    await dialog.get_by_role("button", name="Save the rule").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Name at least one symbol")
    await dialog.get_by_label("which are").fill("nvda tsla")
    await dialog.get_by_label("desktop notification").check()
    await dialog.get_by_role("button", name="Try it").click()
    await heard(tab, 1)
    assert await notes(tab) == CHIME
    await tab.screenshot(f"rule-{viewport['width']}")
    await dialog.get_by_role("button", name="Save the rule").click()
    words = "Engulfing, confidence 80 or more, NVDA TSLA"
    await expect(dialog.get_by_role("list", name="Rules")).to_contain_text(words)
    publish(redis_url, found(1, symbol="AAPL"), found(2, symbol="NVDA", pattern_type="Doji"), found(3))
    await heard(tab, 2)
    assert (await notices(tab))[1]["title"] == "TSLA Bearish engulfing 85"
    await dialog.get_by_role("button", name=f"Edit: {words}").click()
    await text_of(tab, "rule-scope").select_option("all")
    await dialog.get_by_role("button", name="Save the rule").click()
    await dialog.get_by_role("checkbox", name="In force").uncheck()
    await tab.page.reload()
    await connected(tab)
    await tab.page.keyboard.press("r")
    await expect(dialog.get_by_role("checkbox", name="In force")).not_to_be_checked()
    await dialog.get_by_role("button", name="Delete: Engulfing, confidence 80 or more, all symbols").click()
    await expect(dialog).to_contain_text("No rules yet")


async def test_a_rule_follows_the_watchlist_that_it_is_of_to_its_new_name(visit: Visit) -> None:
    tab = await visit()
    await with_rules(tab, {**RULE, "scope": {"of": "watchlist", "name": "Watchlist"}})
    await tab.page.locator("#patterns").get_by_role("button", name="Watchlists:").click()
    menu = tab.page.locator("#watch-patterns")
    await menu.get_by_role("button", name="Rename").click()
    await menu.get_by_label("New name of Watchlist").fill(" Banks ")
    await menu.get_by_role("button", name="Rename").click()
    await tab.page.keyboard.press("Escape")
    await tab.page.keyboard.press("r")
    await expect(tab.page.get_by_role("list", name="Rules")).to_contain_text("watchlist Banks")
    await expect(tab.page.get_by_role("list", name="Rules")).not_to_contain_text("gone")


async def test_permission_is_asked_for_on_a_click_and_a_refusal_is_explained(visit: Visit) -> None:
    tab = await visit()
    await tab.page.evaluate("localStorage.setItem('test.permission', 'denied')")
    await with_rules(tab, RULE)
    await tab.page.keyboard.press("r")
    permission = text_of(tab, "notice-permission")
    await expect(permission).to_contain_text(
        "The browser refuses notifications of this page. Allow them in its settings"
    )
    await tab.page.evaluate("localStorage.setItem('test.permission', 'default')")
    await tab.page.reload()
    await connected(tab)
    await tab.page.keyboard.press("r")
    await expect(permission).to_contain_text("has not been asked")
    await permission.get_by_role("button", name="Ask it").click()
    await expect(permission).to_contain_text("The browser allows notifications")


async def test_before_a_click_the_bell_says_that_nothing_can_be_heard(visit: Visit, redis_url: str) -> None:
    tab = await visit()
    await with_rules(tab, RULE)
    await tab.page.reload()
    await connected(tab)
    await tab.page.evaluate("Object.defineProperty(navigator, 'userActivation', { value: { hasBeenActive: false } })")
    publish(redis_url, started(), found(1))
    await heard(tab, 1)
    assert await notes(tab) == 0
    blocked = tab.page.locator("#patterns").get_by_role("button", name="Rules: Not heard yet")
    await expect(blocked).to_be_visible()
    await tab.page.locator("h1").click()
    await expect(blocked).to_have_count(0)
