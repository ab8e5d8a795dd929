"""When messages are judged, and as of when."""

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest

from tests.support import eventually_async
from tickstockpl.conformance.arrivals import SLICE, Arrivals
from tickstockpl.subscriber import Message

Judged = list[tuple[str, bytes, int]]


@pytest.fixture
def clock() -> Iterator[int]:
    return count(1000, 7)


def burst(*payloads: bytes) -> list[Message]:
    return [("channel", payload) for payload in payloads]


async def test_nothing_is_judged_before_a_burst_is_read(clock: Iterator[int]) -> None:
    judged: Judged = []
    arrivals = Arrivals(lambda *message: judged.append(message), now_ms=lambda: next(clock))
    judging = asyncio.create_task(arrivals.judge())
    arrivals.receive(burst(b"1", b"2"))
    await asyncio.sleep(0)
    arrivals.receive(burst(b"3"))
    assert not judged
    await eventually_async(lambda: len(judged) == 3, what="all is judged in the lull")
    assert judged == [("channel", b"1", 1000), ("channel", b"2", 1000), ("channel", b"3", 1007)], (
        "each has its own time"
    )
    judging.cancel()


async def test_reading_goes_on_between_two_slices(clock: Iterator[int]) -> None:
    judged: Judged = []
    story: list[str] = []

    def read() -> None:
        story.append("read")
        arrivals.receive(burst(b"last"))

    def slice_judged() -> None:
        if not story:
            asyncio.get_running_loop().call_soon(read)
        story.append(f"{len(judged)} judged")

    arrivals = Arrivals(lambda *message: judged.append(message), slice_judged, now_ms=lambda: next(clock))
    judging = asyncio.create_task(arrivals.judge())
    arrivals.receive(burst(*[b"first"] * (2 * SLICE)))
    await eventually_async(lambda: len(judged) == 2 * SLICE + 1, what="all is judged")
    assert story == [f"{SLICE} judged", "read", f"{2 * SLICE} judged", f"{2 * SLICE + 1} judged"]
    assert [payload for _, payload, _ in judged] == [b"first"] * (2 * SLICE) + [b"last"]
    judging.cancel()


async def test_no_more_wait_than_there_is_room_for(clock: Iterator[int]) -> None:
    judged: Judged = []
    arrivals = Arrivals(lambda *message: judged.append(message), capacity=3, now_ms=lambda: next(clock))
    arrivals.receive(burst(b"1", b"2"))
    assert (len(arrivals), len(judged)) == (2, 0)
    arrivals.receive(burst(b"3"))
    assert (len(arrivals), len(judged)) == (0, 3)


async def test_at_the_end_what_waits_is_judged(clock: Iterator[int]) -> None:
    judged: Judged = []
    arrivals = Arrivals(lambda *message: judged.append(message), now_ms=lambda: next(clock))
    arrivals.receive(burst(b"1", b"2"))
    arrivals.finish()
    assert len(judged) == 2
    assert not len(arrivals)


async def test_what_fails_in_the_judging_ends_the_listening(clock: Iterator[int]) -> None:
    def fail(channel: str, payload: bytes, at_ms: int) -> None:
        raise KeyError(channel)

    arrivals = Arrivals(fail, now_ms=lambda: next(clock))
    arrivals.receive(burst(b"1"))
    with pytest.raises(KeyError, match="channel"):
        await arrivals.judge()
