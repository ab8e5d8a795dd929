"""Ending a loop that waits for its next item."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from tests.support import eventually_async
from tickstockpl.streaming.stopping import until_stopped


class Source:
    """Hands out the numbers from 0 up to ``count``, then waits without end or is over."""

    def __init__(self, count: int, *, endless: bool) -> None:
        self._count = count
        self._endless = endless
        self.waiting = False
        self.closed = False

    async def items(self) -> AsyncIterator[int]:
        try:
            for number in range(self._count):
                yield number
            if self._endless:
                self.waiting = True
                await asyncio.Event().wait()
        finally:
            self.closed = True


@pytest.fixture(autouse=True)
async def no_task_is_left_behind() -> AsyncIterator[None]:
    yield
    left = {task.get_name() for task in asyncio.all_tasks()}
    assert not left & {"wait for the stop", "take the feed's next batch"}


async def collect(source: Source, stop: asyncio.Event) -> list[int]:
    async with aclosing(until_stopped(stop, source.items())) as items:
        return [item async for item in items]


async def test_all_items_pass_in_order() -> None:
    source = Source(5, endless=False)
    assert await collect(source, asyncio.Event()) == [0, 1, 2, 3, 4]
    assert source.closed


async def test_an_empty_source() -> None:
    assert await collect(Source(0, endless=False), asyncio.Event()) == []


async def test_nothing_is_taken_after_a_stop_before_the_start() -> None:
    stop = asyncio.Event()
    stop.set()
    assert await collect(Source(5, endless=True), stop) == []


async def test_a_stop_ends_the_wait_for_the_next_item() -> None:
    stop = asyncio.Event()
    source = Source(3, endless=True)
    collecting = asyncio.create_task(collect(source, stop))
    await eventually_async(lambda: source.waiting)
    stop.set()
    async with asyncio.timeout(5):
        assert await collecting == [0, 1, 2]
    assert source.closed


async def test_a_stop_between_two_items() -> None:
    stop = asyncio.Event()
    source = Source(5, endless=False)
    taken = []
    async with aclosing(until_stopped(stop, source.items())) as items:
        async for item in items:
            taken.append(item)
            if item == 2:
                stop.set()
    assert taken == [0, 1, 2]
    assert source.closed


async def test_ticks_pass_while_nothing_comes_and_no_item_is_lost_over_them() -> None:
    put: asyncio.Queue[int] = asyncio.Queue()

    async def items() -> AsyncIterator[int]:
        while True:
            yield await put.get()

    stop, taken = asyncio.Event(), list[int | None]()
    async with aclosing(until_stopped(stop, items(), tick_s=0.01)) as ticking:
        async for item in ticking:
            taken.append(item)
            if taken[-3:] == [None, None, None]:
                for number in range(3):
                    put.put_nowait(number)
            if taken.count(2) == 2:
                stop.set()
    assert [item for item in taken if item is not None] == [0, 1, 2, 0, 1, 2]
    assert taken[:3] == [None, None, None]
    assert taken.count(None) >= 6


async def test_a_stop_ends_the_ticks() -> None:
    stop, source = asyncio.Event(), Source(0, endless=True)
    async with aclosing(until_stopped(stop, source.items(), tick_s=0.01)) as ticking:
        async for item in ticking:
            assert item is None
            stop.set()
    assert source.closed


async def test_without_a_tick_there_is_none() -> None:
    stop, source = asyncio.Event(), Source(1, endless=True)
    collecting = asyncio.create_task(collect(source, stop))
    await eventually_async(lambda: source.waiting)
    stop.set()
    assert await collecting == [0]


async def test_leaving_the_loop_early_closes_the_source() -> None:
    source = Source(5, endless=True)
    async with aclosing(until_stopped(asyncio.Event(), source.items())) as items:
        async for _ in items:
            break
    assert source.closed


async def test_the_sources_failure_passes_through() -> None:
    async def failing() -> AsyncIterator[int]:
        yield 0
        raise ValueError("the feed broke")

    taken = []

    async def consume() -> None:
        async with aclosing(until_stopped(asyncio.Event(), failing())) as items:
            async for item in items:
                taken.append(item)

    with pytest.raises(ValueError, match="the feed broke"):
        await consume()
    assert taken == [0]


async def test_a_cancellation_passes_through_and_closes_the_source() -> None:
    source = Source(1, endless=True)
    collecting = asyncio.create_task(collect(source, asyncio.Event()))
    await eventually_async(lambda: source.waiting)
    collecting.cancel()
    await asyncio.wait({collecting}, timeout=5)
    assert collecting.cancelled()
    assert source.closed


async def test_a_cancellation_is_not_lost_while_the_source_is_being_closed() -> None:
    closing, may_close = asyncio.Event(), asyncio.Event()

    async def slow_to_close() -> AsyncIterator[int]:
        try:
            yield 0
            await asyncio.Event().wait()
        finally:
            closing.set()
            await may_close.wait()

    async def consume() -> str:
        async with aclosing(until_stopped(stop, slow_to_close())) as items:
            async for _ in items:
                waiting.set()
        return "went on as if nothing had happened"

    stop, waiting = asyncio.Event(), asyncio.Event()
    consuming = asyncio.create_task(consume())
    await waiting.wait()
    stop.set()
    await closing.wait()
    consuming.cancel()
    may_close.set()
    await asyncio.wait({consuming}, timeout=5)
    assert consuming.cancelled()
