import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.feeds.live.backoff import Backoff


@given(st.integers(0, 2**32))
def test_waits_grow_to_the_longest_and_stay_there(seed: int) -> None:
    backoff = Backoff(0.5, 30.0, random.Random(seed))
    waits = [backoff.next_s() for _ in range(20)]
    spans = [min(0.5 * 2**number, 30.0) for number in range(20)]
    assert all(span / 2 <= wait <= span for wait, span in zip(waits, spans, strict=True))


def test_two_clients_do_not_wait_alike() -> None:
    one, other = Backoff(rng=random.Random(1)), Backoff(rng=random.Random(2))
    assert [one.next_s() for _ in range(5)] != [other.next_s() for _ in range(5)]


def test_a_reset_begins_anew() -> None:
    backoff = Backoff(0.5, 30.0, random.Random(3))
    for _ in range(8):
        backoff.next_s()
    backoff.reset()
    assert backoff.next_s() <= 0.5


def test_a_server_that_wants_to_be_left_alone_is() -> None:
    backoff = Backoff(0.5, 30.0, random.Random(4))
    backoff.at_least(5.0)
    waits = [backoff.next_s() for _ in range(4)]
    assert waits[0] >= 2.5
    assert all(later >= earlier / 2 for earlier, later in pairwise(waits))
