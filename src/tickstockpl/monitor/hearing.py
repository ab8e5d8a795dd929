"""Having a monitor hear, and showing it: on a terminal, or line by line."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from tickstockpl import clock
from tickstockpl.monitor.entries import Entry
from tickstockpl.monitor.state import Filter, Monitor
from tickstockpl.redis_link import redacted
from tickstockpl.subscriber import Message, RedisState, Subscriber

CLIENT = "tickstockpl-monitor"


async def on_terminal(redis_url: str, text: str) -> None:
    """Show the channels until the user ends it.

    Args:
        redis_url: on which the producer publishes.
        text: the filter to begin with.

    Raises:
        TickStockError: if Redis cannot be reached at the beginning.
    """
    from tickstockpl.monitor.app import MonitorApp  # takes a tenth of a second, which lines need not wait for

    monitor = Monitor()
    app = MonitorApp(monitor, redacted(redis_url), text)
    await _hear(redis_url, monitor, lambda _: None, lambda _: None, app.run_async())


async def as_lines(
    redis_url: str, text: str, write: Callable[[str], None], tell: Callable[[str], None], stop: asyncio.Event
) -> None:
    """Write each entry as a line.

    Args:
        redis_url: on which the producer publishes.
        text: the filter.
        write: takes a line.
        tell: is told when the connection is lost, and when it is back.
        stop: set to end.

    Raises:
        TickStockError: if Redis cannot be reached at the beginning.
    """
    listed = Filter(text)

    def list_them(entries: list[Entry]) -> None:
        for entry in entries:
            if listed.passes(entry):
                write(entry.line)

    async def until_stopped() -> None:
        await stop.wait()

    await _hear(redis_url, Monitor(), list_them, tell, until_stopped())


async def _hear(
    redis_url: str,
    monitor: Monitor,
    on_entries: Callable[[list[Entry]], None],
    tell: Callable[[str], None],
    showing: Coroutine[Any, Any, None],
) -> None:
    """Hear as long as it is shown; what fails in either is raised here."""

    def receive(messages: list[Message]) -> None:
        at_ms, now_s = clock.wall_ms(), clock.monotonic_s()
        for channel, payload in messages:
            if made := monitor.take(channel, payload, at_ms, now_s):
                on_entries(made)

    def told(state: RedisState) -> None:
        changed = state != monitor.redis
        monitor.told(state)
        if changed and monitor.interruptions:
            tell(f"Redis at {redacted(redis_url)} is {state}")

    subscriber = Subscriber(redis_url, receive, told, CLIENT)
    try:
        await subscriber.open()
    except BaseException:
        showing.close()
        raise
    tasks = [asyncio.create_task(subscriber.run()), asyncio.create_task(showing)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
