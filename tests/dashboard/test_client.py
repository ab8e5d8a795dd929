"""A client's queue: in order, bounded in frames and bytes, and told when it is full."""

from tickstockpl.dashboard.client import MAX_QUEUED_BYTES, MAX_QUEUED_FRAMES, Client


async def test_frames_come_out_in_order() -> None:
    client = Client()
    assert all(client.offer(str(number)) for number in range(10))
    assert [await client.next_frame() for _ in range(10)] == [str(number) for number in range(10)]


async def test_one_frame_too_many_ends_the_queue_and_says_so_once() -> None:
    client = Client()
    told: list[None] = []
    client.on_overflow = lambda: told.append(None)
    assert all(client.offer("x") for _ in range(MAX_QUEUED_FRAMES))
    assert not client.offer("x")
    assert await client.next_frame() is None
    assert told == [None]


async def test_bytes_are_bounded_too_but_a_single_frame_always_fits() -> None:
    client = Client()
    assert client.offer("x" * (MAX_QUEUED_BYTES + 1))
    assert not client.offer("x")
    roomy = Client()
    assert roomy.offer("x" * MAX_QUEUED_BYTES)
    assert await roomy.next_frame()
    assert roomy.offer("x" * MAX_QUEUED_BYTES)
