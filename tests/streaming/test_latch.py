"""Laws of a threshold that does not flutter."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.clock import MAX_SPEED, VirtualClock
from tickstockpl.streaming.latch import MARGIN, Latch, hold_s

THRESHOLD = 200.0
HOLD_S = 10.0

stories = st.lists(st.tuples(st.floats(0, 15), st.floats(0, 400)), max_size=60)
"""Seconds that pass, and the figure then."""


def played(story: list[tuple[float, float]], latch: Latch) -> list[tuple[float, float, bool]]:
    """When, which figure, and whether the latch was on then."""
    now_s, told = 50.0, []
    for passed_s, figure in story:
        now_s += passed_s
        told.append((now_s, figure, latch.update(figure, now_s)))
    return told


@given(stories)
def test_what_is_beyond_the_threshold_is_told_at_once(story: list[tuple[float, float]]) -> None:
    for _, figure, is_on in played(story, Latch.above(THRESHOLD, HOLD_S)):
        assert is_on or figure <= THRESHOLD


@given(stories)
def test_it_begins_with_nothing_else(story: list[tuple[float, float]]) -> None:
    told = [(0.0, 0.0, False), *played(story, Latch.above(THRESHOLD, HOLD_S))]
    for (_, _, before), (_, figure, is_on) in pairwise(told):
        assert before or not is_on or figure > THRESHOLD


@given(stories)
def test_it_ends_only_when_all_figures_of_the_hold_were_back(story: list[tuple[float, float]]) -> None:
    told = played(story, Latch.above(THRESHOLD, HOLD_S))
    for number, ((_, _, before), (now_s, _, is_on)) in enumerate(pairwise(told), 1):
        if before and not is_on:
            back = number
            while back > 0 and told[back - 1][1] < MARGIN * THRESHOLD:
                back -= 1
            assert told[back][1] < MARGIN * THRESHOLD
            assert now_s - told[back][0] >= HOLD_S


@given(stories)
def test_it_does_end_once_they_were(story: list[tuple[float, float]]) -> None:
    latch = Latch.above(THRESHOLD, HOLD_S)
    told = played(story, latch)
    now_s = told[-1][0] if told else 0.0
    latch.update(MARGIN * THRESHOLD - 1, now_s)
    assert not latch.update(MARGIN * THRESHOLD - 1, now_s + HOLD_S + 0.001)


@given(stories)
def test_between_its_beginning_and_its_end_lies_the_hold_at_least(story: list[tuple[float, float]]) -> None:
    began_s = None
    for now_s, figure, is_on in played(story, Latch.above(THRESHOLD, HOLD_S)):
        if figure > THRESHOLD:
            began_s = now_s
        if not is_on and began_s is not None:
            assert now_s - began_s >= HOLD_S
            began_s = None


@given(stories)
def test_the_worst_is_that_of_this_trouble(story: list[tuple[float, float]]) -> None:
    latch, seen = Latch.above(THRESHOLD, HOLD_S), 0.0
    for now_s, figure, is_on in played(story, Latch.above(THRESHOLD, HOLD_S)):
        latch.update(figure, now_s)
        seen = max(seen, figure) if is_on else 0.0
        if is_on:
            assert latch.worst == seen


@given(st.lists(st.tuples(st.floats(0, 15), st.sampled_from([50, 150, 179, 181, 199, 201, 300])), max_size=60))
def test_below_is_above_the_other_way_round(story: list[tuple[float, float]]) -> None:
    mirrored = [(passed_s, THRESHOLD**2 / figure) for passed_s, figure in story]
    above = played(story, Latch.above(THRESHOLD, HOLD_S))
    below = played(mirrored, Latch.below(THRESHOLD, HOLD_S))
    assert [is_on for _, _, is_on in above] == [is_on for _, _, is_on in below]


@pytest.mark.parametrize("figure", [THRESHOLD, 190, MARGIN * THRESHOLD])
def test_between_the_margin_and_the_threshold_nothing_changes(figure: float) -> None:
    latch = Latch.above(THRESHOLD, HOLD_S)
    assert not latch.update(figure, 0)
    latch.update(THRESHOLD + 1, 1)
    assert all(latch.update(figure, 1 + second) for second in range(100))


def test_a_dip_begins_the_hold_anew() -> None:
    latch = Latch.above(THRESHOLD, HOLD_S)
    latch.update(300, 0)
    for now_s in (1, 10.5):
        assert latch.update(100, now_s)
    assert latch.update(190, 11), "no longer back by the margin"
    assert latch.update(100, 12)
    assert latch.update(100, 21.5)
    assert not latch.update(100, 22)


def test_a_threshold_of_nothing_can_be_come_back_from() -> None:
    latch = Latch.above(0, HOLD_S)
    assert latch.update(1, 0)
    latch.update(0, 1)
    assert not latch.update(0, 1 + HOLD_S)


def test_without_a_hold_the_margin_is_all_that_keeps_it() -> None:
    latch = Latch.above(THRESHOLD, hold_s(VirtualClock(MAX_SPEED), HOLD_S))
    assert latch.update(201, 0)
    assert latch.update(199, 0)
    assert not latch.update(179, 0)
    assert hold_s(VirtualClock(1), HOLD_S) == HOLD_S
