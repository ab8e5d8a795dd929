"""The monitor on a terminal, beside a real Redis."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from rich.console import Console
from textual.pilot import Pilot
from textual.widgets import Static

from tests.conformance.recording import Recording
from tests.dashboard.running import publish
from tests.dashboard.samples import INCOMPLETE_PATTERN
from tests.support import eventually_async
from tickstockpl.clock import monotonic_s, wall_ms
from tickstockpl.contract.channels import Channel
from tickstockpl.monitor import panels
from tickstockpl.monitor.app import KeysScreen, MonitorApp
from tickstockpl.monitor.event_list import EventList
from tickstockpl.monitor.state import Monitor
from tickstockpl.subscriber import Message, Subscriber


class Shown:
    """A monitor that is looked at."""

    def __init__(self, app: MonitorApp, monitor: Monitor, pilot: Pilot[Any]) -> None:
        self.app, self.monitor, self.pilot = app, monitor, pilot
        self.list = app.query_one(EventList)

    def lines(self) -> list[str]:
        """What is to be seen of the list."""
        return [self.list.render_line(y).text.rstrip() for y in range(self.list.size.height)]

    @property
    def heard(self) -> int:
        return sum(one.messages for one in self.monitor.channels.values())

    def state(self) -> str:
        return str(self.app.query_one("#state", Static).content)

    async def until(self, seen: Callable[[], object], what: str) -> None:
        def drawn() -> object:
            self.app.draw()
            return seen()

        await eventually_async(drawn, what=lambda: (what, self.lines(), self.state()))
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()


@asynccontextmanager
async def shown(redis_url: str, size: tuple[int, int] = (120, 40), text: str = "") -> AsyncIterator[Shown]:
    monitor = Monitor()

    def receive(messages: list[Message]) -> None:
        for channel, payload in messages:
            monitor.take(channel, payload, wall_ms(), monotonic_s())

    subscriber = Subscriber(redis_url, receive, monitor.told, "a monitor")
    await subscriber.open()
    hearing = asyncio.create_task(subscriber.run())
    app = MonitorApp(monitor, "redis://here", text)
    try:
        async with app.run_test(size=size) as pilot:
            yield Shown(app, monitor, pilot)
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)


def text_of(renderable: Any, width: int = 120) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()


async def test_the_newest_events_are_followed(redis_url: str, recording: Recording) -> None:
    async with shown(redis_url) as seen:
        publish(redis_url, *recording)
        await seen.until(lambda: "stopped: " in seen.lines()[-1], "the last line is the session's end")
        assert all(seen.lines())
        panel = text_of(panels.channels(seen.monitor, seen.app.filter, monotonic_s(), 120, own=True))
        for channel in Channel:
            count = sum(name == channel for name, _ in recording)
            (line,) = [line for line in panel.splitlines() if f"{channel.removeprefix('tickstock:')} " in line]
            assert f" {count:,} " in line


async def test_the_specifications_test_event_harms_nothing_and_is_named(redis_url: str, recording: Recording) -> None:
    async with shown(redis_url, (80, 24)) as seen:
        publish(redis_url, *recording, INCOMPLETE_PATTERN)
        await seen.until(lambda: "invalid" in seen.lines()[-1], "it is listed")
        assert "$.detection.timestamp: it is missing (patt" in seen.lines()[-1]
        assert max(map(len, seen.lines())) <= 80
        panel = text_of(panels.channels(seen.monitor, seen.app.filter, monotonic_s(), 80, own=False), 80)
        (line,) = [line for line in panel.splitlines() if "patterns:streaming" in line]
        assert line.split()[4] == "1", "and counted"
        assert max(map(len, panel.splitlines())) <= 80
        publish(redis_url, recording[0])
        await seen.until(lambda: "invalid" not in seen.lines()[-1], "and goes on")


async def test_a_list_that_is_held_stands_still(redis_url: str, recording: Recording) -> None:
    half = len(recording) // 2
    async with shown(redis_url) as seen:
        publish(redis_url, *recording[:half])
        await seen.until(lambda: seen.lines()[-1], "there are events")
        await seen.until(lambda: seen.heard == half, "all are heard")
        await seen.press("space")
        before = seen.lines()
        publish(redis_url, *recording[half:])
        await seen.until(
            lambda: seen.state().startswith("held, ") and "held, 0" not in seen.state(), "newer are counted"
        )
        assert seen.lines() == before
        await seen.press("space")
        await seen.until(lambda: "stopped: " in seen.lines()[-1], "it goes on")
        assert seen.state() == ""


async def test_a_filter_is_typed_and_left(redis_url: str, recording: Recording) -> None:
    async with shown(redis_url) as seen:
        publish(redis_url, *recording)
        await seen.until(lambda: "stopped: " in seen.lines()[-1], "all is there")
        await seen.press("slash", *"session st")
        await seen.until(lambda: seen.lines()[2] == "", "only two lines are left")
        assert ["started: " in seen.lines()[0], "stopped: " in seen.lines()[1]] == [True, True]
        await seen.press("enter")
        await seen.until(lambda: seen.state() == "filter: session st", "what is left out is told")
        await seen.press("escape")
        await seen.until(lambda: seen.lines()[2] != "", "all are listed again")
        assert seen.app.filter.text == ""


async def test_a_channel_is_listed_by_its_number(redis_url: str, recording: Recording) -> None:
    async with shown(redis_url) as seen:
        publish(redis_url, *recording)
        await seen.until(lambda: "stopped: " in seen.lines()[-1], "all is there")
        assert not any(" indicator " in line for line in seen.lines())
        await seen.press("5", "3", "6", "7", "2", "1")
        await seen.until(lambda: all(" indicator " in line for line in seen.lines()), "only indicators are listed")
        assert "older ones are not kept" in seen.state()


async def test_whoever_has_scrolled_up_stays_there(redis_url: str, recording: Recording) -> None:
    half = len(recording) // 2
    async with shown(redis_url) as seen:
        publish(redis_url, *recording[:half])
        await seen.until(lambda: seen.lines()[-1], "there are events")
        await seen.until(lambda: seen.heard == half, "all are heard")
        await seen.press("home")
        await seen.until(lambda: seen.list.scroll_offset.y == 0, "it is at the top")
        top = seen.lines()[0]
        publish(redis_url, *recording[half:])
        await seen.until(
            lambda: len(seen.app.filter.of(seen.monitor)) == seen.list.virtual_size.height, "all is listed"
        )
        assert seen.lines()[0] == top
        await seen.press("end")
        await seen.until(lambda: "stopped: " in seen.lines()[-1], "the end is the newest")


async def test_the_end_that_moves_on_is_followed(redis_url: str, recording: Recording) -> None:
    half = len(recording) // 2
    async with shown(redis_url) as seen:
        publish(redis_url, *recording[:half])
        await seen.until(lambda: seen.heard == half, "all are heard")
        await seen.press("home")
        await seen.until(lambda: seen.list.scroll_offset.y == 0, "it is at the top")
        await seen.press("end")
        publish(redis_url, *recording[half:])
        await seen.until(lambda: "stopped: " in seen.lines()[-1], "what comes meanwhile is followed")


async def test_the_keys_are_told(redis_url: str) -> None:
    async with shown(redis_url, (80, 24)) as seen:
        await seen.press("question_mark")
        assert isinstance(seen.app.screen, KeysScreen)
        assert seen.app.screen.query_one("#keys").size.width <= 80
        await seen.press("x")
        assert not isinstance(seen.app.screen, KeysScreen)


async def test_a_lost_redis_is_told(redis_url: str, recording: Recording) -> None:
    async with shown(redis_url) as seen:
        assert "no checkpoint yet" in text_of(panels.headline(seen.monitor, "redis://here"))
        publish(redis_url, *recording)
        await seen.until(lambda: seen.monitor.checkpoint, "a checkpoint is heard")
        assert "simulator:recorded" in text_of(panels.headline(seen.monitor, ""))
        seen.monitor.told("lost")
        assert "Redis is lost, trying again" in text_of(panels.headline(seen.monitor, ""))
        seen.monitor.told("connected")
        assert "Redis was lost 1×" in text_of(panels.headline(seen.monitor, ""))
