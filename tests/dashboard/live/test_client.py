"""A client's place and wire: nothing is queued, and one that takes nothing is dismissed."""

from tickstockpl.dashboard.live.client import UNREAD_LIMIT_S, Client
from tickstockpl.dashboard.live.wire import MAX_UNSENT_BYTES, Wire


class Full(Wire):
    """A wire on which as much waits as a test says."""

    def __init__(self, unsent: int) -> None:
        self.waiting = unsent

    @property
    def unsent(self) -> int:
        return self.waiting


def test_a_wire_takes_frames_until_more_waits_than_it_may() -> None:
    wire = Full(MAX_UNSENT_BYTES)
    client = Client(wire)
    assert client.has_room(0.0)
    wire.waiting += 1
    assert not client.has_room(1.0)
    assert not client.dismissed.is_set()


def test_one_that_reads_slowly_stays_and_one_that_reads_nothing_is_dismissed() -> None:
    wire = Full(10 * MAX_UNSENT_BYTES)
    client = Client(wire)
    for second in range(100):
        wire.waiting -= 1
        assert not client.has_room(float(second))
    assert not client.dismissed.is_set()
    assert not client.has_room(99 + UNREAD_LIMIT_S - 0.1)
    assert not client.dismissed.is_set()
    assert not client.has_room(99 + UNREAD_LIMIT_S)
    assert client.dismissed.is_set()


def test_one_that_has_read_again_begins_anew() -> None:
    wire = Full(MAX_UNSENT_BYTES + 1)
    client = Client(wire)
    assert not client.has_room(0.0)
    wire.waiting = 0
    assert client.has_room(1.0)
    wire.waiting = MAX_UNSENT_BYTES + 1
    assert not client.has_room(2.0)
    assert not client.has_room(1.9 + UNREAD_LIMIT_S)
    assert not client.dismissed.is_set()
