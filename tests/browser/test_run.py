"""``tickstockpl run`` as a user starts it: a simulated market, through real servers, onto the page."""

import asyncio
import signal
from pathlib import Path

import psutil
import pytest
from playwright.async_api import expect

from tests.browser.command import tickstockpl_run
from tests.browser.driving import OpenTab

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_pattern_and_an_alert_arrive_on_the_page(open_tab: OpenTab, data_dir: Path) -> None:
    async with tickstockpl_run(data_dir) as (process, address):
        parts = psutil.Process(process.pid).children(recursive=True)
        assert len(parts) >= 3, "Redis, PostgreSQL and the dashboard are processes of their own"
        tab = await open_tab(address)
        page = tab.page

        await expect(page.get_by_role("banner")).to_contain_text("simulated", ignore_case=True)
        await expect(page.get_by_role("banner")).to_contain_text("60×")
        await expect(page.get_by_role("banner")).to_contain_text("market_leaders:top_500")
        patterns = page.get_by_role("region", name="Patterns")
        await expect(patterns.get_by_role("listitem").first).to_be_visible(timeout=30_000)
        alerts = page.get_by_role("region", name="Alerts")
        await expect(alerts.get_by_role("listitem").first).to_be_visible(timeout=30_000)
        await expect(page.get_by_role("region", name="Health")).to_contain_text("healthy", timeout=30_000)

        # It moves: the newest pattern is soon another one.
        newest = await patterns.get_by_role("listitem").first.inner_text()
        await expect(patterns.get_by_role("listitem").first).not_to_have_text(newest, timeout=30_000)
        await expect(page.get_by_role("banner")).to_contain_text("no gaps")
        await tab.screenshot("run-desktop-dark")

        # Ctrl-C ends every part in order: the session is closed, and no process is left.
        tab.forgive("WebSocket")
        tab.forgive("Failed to load resource")
        process.send_signal(signal.SIGINT)
        out, _ = await process.communicate()
        assert process.returncode == 0, out.decode()
        assert "stopped" in out.decode()
        assert "Traceback" not in out.decode()
        _, alive = psutil.wait_procs(parts, timeout=10)
        assert not alive


async def test_a_dashboard_that_dies_ends_the_run_with_one_sentence(data_dir: Path) -> None:
    async with tickstockpl_run(data_dir, "--universe", "demo:top_50") as (process, _):
        (page,) = [child for child in psutil.Process(process.pid).children() if "dashboard" in child.cmdline()]
        page.kill()
        out, _ = await process.communicate()
        assert process.returncode == 1
        assert "Traceback" not in out.decode()
        assert "Error: the page's process ended" in out.decode()


async def test_no_part_outlives_a_run_that_is_killed(data_dir: Path) -> None:
    async with tickstockpl_run(data_dir, "--universe", "demo:top_50") as (process, _):
        parts = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        await process.wait()
        _, alive = await asyncio.to_thread(psutil.wait_procs, parts, timeout=20)
        assert not alive
