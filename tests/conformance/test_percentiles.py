"""Percentiles by nearest rank."""

from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.conformance.percentiles import LONGEST_MS, Durations, Percentiles


@given(st.lists(st.integers(-1000, 5000), min_size=1, max_size=300))
def test_they_are_the_nearest_ranks(taken: list[int]) -> None:
    durations = Durations()
    for ms in taken:
        durations.add(ms)
    rising = sorted(taken)
    ranks = [rising[ceil(len(taken) * share / 100) - 1] for share in (50, 95, 99, 100)]
    assert durations.percentiles() == Percentiles(len(taken), *ranks)


def test_of_nothing_there_are_none_and_nothing_is_longer_than_the_longest() -> None:
    durations = Durations()
    assert durations.percentiles() is None
    durations.add(10**12)
    assert durations.percentiles() == Percentiles(1, LONGEST_MS, LONGEST_MS, LONGEST_MS, LONGEST_MS)
