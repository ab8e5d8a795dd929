"""What an administrator may do on the page, and what a viewer is not shown, in a real browser."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import psycopg
import pytest
from msgspec.structs import replace
from playwright.async_api import Locator, expect

from tests.browser.driving import DESKTOP, PATIENCE_MS, PHONE, OpenTab, Tab, connected, text_of
from tests.browser.test_accessibility import violations
from tests.dashboard.access.visiting import a_link, plain
from tests.dashboard.running import dashboard, publish
from tests.dashboard.samples import at, critical, message, started
from tests.made_service import NOW, MadeService, answers
from tickstockpl import session_commands
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.commands import Command, ServiceState
from tickstockpl.contract.events import Checkpoint, Critical, CriticalAlert, encode

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(autouse=True)
def _brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made services are heard ten times a second."""
    monkeypatch.setattr(session_commands, "LISTEN_S", 0.75)


@asynccontextmanager
async def guarded(redis_url: str, database_url: str, data_dir: Path) -> AsyncIterator[str]:
    """A dashboard that asks who comes; its administrator's link."""
    async with dashboard(redis_url, database_url, auth="on", data_dir=data_dir) as link:
        yield link


async def as_a(role: Literal["viewer", "admin"], open_tab: OpenTab, link: str, data_dir: Path) -> Tab:
    """A tab that is signed in."""
    tab = await open_tab(a_link(data_dir, link, role))
    tab.serve_from(plain(link))
    await connected(tab)
    return tab


def dialog_of(tab: Tab) -> Locator:
    return tab.page.get_by_role("dialog", name=re.compile("session"))


def stop_button_of(tab: Tab) -> Locator:
    """It offers to start one until the page has heard of the session."""
    return text_of(tab, "session-control").filter(has_text="Stop session").first


async def leave(*tabs: Tab) -> None:
    """Close the page before its dashboard ends."""
    for tab in tabs:
        await tab.page.goto("about:blank")


async def test_a_session_is_stopped_once_that_is_confirmed(
    open_tab: OpenTab, redis_url: str, database_url: str, tmp_path: Path
) -> None:
    async with guarded(redis_url, database_url, tmp_path) as link:
        tab = await as_a("admin", open_tab, link, tmp_path)
        with MadeService(redis_url) as service:
            await stop_button_of(tab).click()
            dialog = dialog_of(tab)
            await expect(dialog).to_contain_text("demo:two")
            await expect(dialog).to_contain_text("It ends for everyone")
            assert await violations(tab) == []
            assert [command.action for command in service.commands] == ["status"], "nothing is done unasked"
            await dialog.get_by_role("button", name="Cancel").click()
            await expect(dialog).to_have_count(0)
            await stop_button_of(tab).click()
            await dialog.get_by_role("button", name="Stop session").click()
            await expect(text_of(tab, "outcome")).to_contain_text("The session is stopped; replay:made stays ready.")
            asked = [(command.action, command.requested_by) for command in service.commands][-1]
            assert asked == ("stop", "rest:link@127.0.0.1")
            await dialog.get_by_role("button", name="Close").click()
            await expect(dialog).to_have_count(0)
        await leave(tab)


async def test_a_refusal_is_told_in_the_services_own_words(
    open_tab: OpenTab, redis_url: str, database_url: str, tmp_path: Path
) -> None:
    async with guarded(redis_url, database_url, tmp_path) as link:
        tab = await as_a("admin", open_tab, link, tmp_path)
        tab.forgive("409")
        refuses = answers("refused", reason="the service is busy (starting); ask again in a moment")

        def answer(command: Command, state: ServiceState) -> Sequence[bytes]:
            return answers("done")(command, state) if command.action == "status" else refuses(command, state)

        with MadeService(redis_url, answer=answer):
            await stop_button_of(tab).click()
            await dialog_of(tab).get_by_role("button", name="Stop session").click()
            await expect(text_of(tab, "outcome")).to_contain_text("he service is busy (starting); ask again")
        await leave(tab)


class IdleService(MadeService):
    """A service whose session was stopped."""

    @property
    def state(self) -> ServiceState:
        return replace(super().state, phase="stopped", detail="stopped by an operator", session=None)

    def _checkpoint(self) -> bytes:
        return encode(Checkpoint(self.service_id, self._checkpoints, {}, self.source, 60.0, NOW, None, NOW))


async def test_a_session_is_started_with_another_universe(
    open_tab: OpenTab, redis_url: str, database_url: str, tmp_path: Path
) -> None:
    async with guarded(redis_url, database_url, tmp_path) as link:
        tab = await as_a("admin", open_tab, link, tmp_path)
        with IdleService(redis_url) as service:
            await text_of(tab, "no-session").get_by_role("button", name="Start session").click()
            dialog = dialog_of(tab)
            await expect(dialog).to_contain_text("A new session of replay:made: stopped by an operator.")
            universe = dialog.get_by_label("Universe")
            await expect(universe).to_have_value("demo:two")
            await universe.fill("demo:top_50")
            await dialog.get_by_role("button", name="Start session").click()
            await expect(text_of(tab, "outcome")).to_contain_text("A session of demo:two has started.")
            assert (service.commands[-1].action, service.commands[-1].universe) == ("start", "demo:top_50")
        await leave(tab)


async def test_where_no_service_runs_that_is_said(
    open_tab: OpenTab, redis_url: str, database_url: str, tmp_path: Path
) -> None:
    async with guarded(redis_url, database_url, tmp_path) as link:
        tab = await as_a("admin", open_tab, link, tmp_path)
        tab.forgive("503")
        await text_of(tab, "no-session").get_by_role("button", name="Start session").click()
        await expect(text_of(tab, "outcome")).to_contain_text("No service was heard on Redis")
        await leave(tab)


async def test_of_several_services_one_is_chosen(
    open_tab: OpenTab, redis_url: str, database_url: str, tmp_path: Path
) -> None:
    async with guarded(redis_url, database_url, tmp_path) as link:
        tab = await as_a("admin", open_tab, link, tmp_path)
        with MadeService(redis_url, "replay:one") as one, MadeService(redis_url, "replay:two") as two:
            await stop_button_of(tab).click()
            dialog = dialog_of(tab)
            await dialog.get_by_label("replay:two").check()
            await expect(dialog).to_contain_text("symbols of replay:two")
            await dialog.get_by_role("button", name="Stop session").click()
            await expect(text_of(tab, "outcome")).to_contain_text("replay:two stays ready")
            assert "stop" not in [command.action for command in one.commands]
            assert "stop" in [command.action for command in two.commands]
        await leave(tab)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
async def test_a_viewer_is_shown_nothing_of_it(
    open_tab: OpenTab, redis_url: str, database_url: str, tmp_path: Path, viewport: object
) -> None:
    async with guarded(redis_url, database_url, tmp_path) as link:
        tab = await open_tab(a_link(tmp_path, link, "viewer"), viewport)  # type: ignore[arg-type]
        tab.serve_from(plain(link))
        await connected(tab)
        publish(redis_url, started(), critical(45, "feed lost"))
        await expect(text_of(tab, "incident")).to_contain_text("feed lost")
        await tab.page.get_by_role("button", name="Access and about").click()
        await expect(text_of(tab, "access")).to_contain_text("viewer, may look")
        await expect(text_of(tab, "session-control")).to_have_count(0)
        await expect(tab.page.get_by_role("button", name="Acknowledge")).to_have_count(0)
        await leave(tab)


async def test_an_alert_that_an_administrator_has_seen_is_gone_for_everyone_and_says_who_it_was(
    open_tab: OpenTab, redis_url: str, database_url: str, tmp_path: Path
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO critical_alerts (severity, message, component, raised_at) "
            "VALUES ('critical', 'feed lost', 'feed', %s)",
            (at(45),),
        )
    async with guarded(redis_url, database_url, tmp_path) as link:
        admin = await as_a("admin", open_tab, link, tmp_path)
        viewer = await as_a("viewer", open_tab, link, tmp_path)
        publish(redis_url, started(), critical(45, "feed lost"))
        for tab in (admin, viewer):
            await expect(text_of(tab, "incident")).to_contain_text("feed lost")
        await text_of(admin, "incident").get_by_role("button", name="Acknowledge: feed lost").click()
        for tab in (admin, viewer):
            await expect(text_of(tab, "incident")).to_have_count(0)
            await expect(tab.page.locator("#health")).to_contain_text(
                re.compile(r"feed lost.*Acknowledged by link, \d\d:\d\d:\d\d", re.DOTALL)
            )
        over = Critical("info", "connection restored", at(46), "feed", None, "back after 1 min")
        publish(redis_url, message(Channel.CRITICAL_ALERTS, CriticalAlert(over)))
        await expect(viewer.page.locator("#health")).to_contain_text(
            "Recovered 10:16, connection restored: back after 1 min"
        )
        await leave(admin, viewer)


async def test_an_alert_that_is_not_stored_cannot_be_acknowledged_and_that_is_said(
    open_tab: OpenTab, redis_url: str, database_url: str, tmp_path: Path
) -> None:
    async with guarded(redis_url, database_url, tmp_path) as link:
        tab = await as_a("admin", open_tab, link, tmp_path)
        tab.forgive("404")
        publish(redis_url, started(), critical(45, "feed lost"))
        await text_of(tab, "incident").get_by_role("button", name="Acknowledge").click()
        await expect(text_of(tab, "incident")).to_contain_text("No critical alert of 'feed' at")
        await leave(tab)
