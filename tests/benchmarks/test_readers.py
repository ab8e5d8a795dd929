"""The fan-out benchmark's readers notice whatever is missing, comes twice or comes out of order."""

import multiprocessing
from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.readers import Reader, Readers, State


@pytest.fixture
def readers() -> Iterator[Readers]:
    ours, theirs = multiprocessing.Pipe()
    with ours, theirs:
        found = Readers(ours, port=0)
        found.readers.append(Reader(0, State.WAITING))
        yield found
        found.selector.close()


def frame(kind: str, *numbers: int) -> bytes:
    """A frame with these patterns, each published at the second of its number."""
    patterns = ",".join(f'{{"pattern_id":"bench-{number}-{number}000000"}}' for number in numbers)
    text = f'{{"type":"{kind}","seq":1,"patterns":[{patterns}]}}'.encode()
    return b"\x81\x7e" + len(text).to_bytes(2) + text


def read(readers: Readers, *frames: bytes) -> Reader:
    (reader,) = readers.readers
    for one in frames:
        readers._read(reader, reader.received + one)
    return reader


def test_patterns_that_follow_each_other_are_right(readers: Readers) -> None:
    reader = read(readers, frame("snapshot", 3, 4), frame("delta", 5), frame("delta"), frame("delta", 6, 7))
    assert (reader.state, reader.expected, reader.wrong) == (State.OPEN, 8, 0)


@pytest.mark.parametrize(
    "frames",
    [
        [frame("delta", 6)],
        [frame("delta", 5), frame("delta", 5)],
        [frame("delta", 4)],
        [frame("delta", 5, 7)],
        [frame("delta", 6, 5)],
        [frame("delta", 5, 5)],
    ],
    ids=["missing", "twice", "known", "missing in a frame", "out of order", "twice in a frame"],
)
def test_patterns_that_do_not_follow_are_wrong(readers: Readers, frames: list[bytes]) -> None:
    assert read(readers, frame("snapshot", 3, 4), *frames).wrong == 1


def test_a_new_snapshot_begins_anew(readers: Readers) -> None:
    assert read(readers, frame("snapshot", 3), frame("snapshot", 90), frame("delta", 91)).wrong == 0


def test_frames_may_come_in_pieces_and_together(readers: Readers) -> None:
    stream = frame("snapshot", 0) + frame("delta", 1) + frame("delta", 2)
    read(readers, *(stream[start : start + 7] for start in range(0, len(stream), 7)))
    assert read(readers, frame("delta", 3) + frame("delta", 4)).expected == 5
    assert readers.received == 5
    assert readers.readers[0].wrong == 0


def test_a_delay_is_from_the_publication_to_the_frame(readers: Readers) -> None:
    readers.readers[0].state = State.OPEN
    for arrived_s, numbers in ((10.0, (1, 2)), (11.0, (3,))):
        readers._take(readers.readers[0], frame("delta", *numbers), arrived_s)
    np.testing.assert_allclose(readers._arrivals(complete=1).delays_ms, [9_000, 8_000, 8_000])
