"""Ending a loop that waits."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from typing import TypeVar, overload

Item = TypeVar("Item")


@overload
def until_stopped(stop: asyncio.Event, items: AsyncIterator[Item]) -> AsyncGenerator[Item, None]: ...


@overload
def until_stopped(
    stop: asyncio.Event, items: AsyncIterator[Item], tick_s: float | None
) -> AsyncGenerator[Item | None, None]: ...


async def until_stopped(
    stop: asyncio.Event, items: AsyncIterator[Item], tick_s: float | None = None
) -> AsyncGenerator[Item | None, None]:
    """Pass items on until there are no more or ``stop`` is set, even while the next one is being waited for.

    Args:
        stop: ends it.
        items: what is passed on.
        tick_s: after so many seconds without an item ``None`` is passed on, and again after as many.
    """

    async def take() -> tuple[Item, ...]:
        async for item in items:
            return (item,)
        return ()

    stopping = asyncio.create_task(stop.wait(), name="wait for the stop")
    taking: asyncio.Task[tuple[Item, ...]] | None = None
    try:
        while not stop.is_set():
            if taking is None:
                taking = asyncio.create_task(take(), name="take the feed's next batch")
            await asyncio.wait({taking, stopping}, timeout=tick_s, return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set():
                return
            if not taking.done():
                yield None
                continue
            taken = taking.result()
            if not taken:
                return
            taking = None
            yield taken[0]
    finally:
        tasks = [task for task in (stopping, taking) if task is not None]
        for task in tasks:
            task.cancel()
        try:
            # Not by awaiting each: a cancellation of the caller would be taken for the task's own, and be lost.
            await asyncio.wait(tasks)
        finally:
            if isinstance(items, AsyncGenerator) and all(task.done() for task in tasks):
                await items.aclose()


async def first_of(events: Iterable[asyncio.Event], timeout_s: float) -> None:
    """Wait until one of the events is set, but for so many seconds at most."""
    waiting = [asyncio.create_task(event.wait(), name="wait for an event") for event in events]
    try:
        await asyncio.wait(waiting, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
