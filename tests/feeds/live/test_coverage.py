from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.feeds.live.coverage import EVER, MOST_HOLES, Coverage, Hole


def covered() -> Coverage:
    coverage = Coverage()
    coverage.whole_from(0)
    coverage.settle(1)
    return coverage


def test_nothing_is_covered_at_first() -> None:
    coverage = Coverage()
    assert coverage.first(1000) == Hole(EVER)
    coverage.whole_from(5000)
    assert coverage.first(5000) == Hole(EVER, 5000)
    assert coverage.first(5001) is None


def test_a_loss_goes_on_until_all_is_heard_again() -> None:
    coverage = covered()
    coverage.lost(100)
    coverage.lost(150)  # a second failure before it was back
    coverage.doubt(160, 170)
    assert coverage.first(120) == Hole(100)
    coverage.whole_from(200)
    assert coverage.first(120) == Hole(100, 200)
    coverage.settle(201)
    assert coverage.first(120) is None


def test_what_is_settled_does_not_come_back() -> None:
    coverage = covered()
    coverage.lost(100)
    coverage.settle(300)
    assert coverage.first(300) == Hole(300)
    coverage.whole_from(250)  # by a clock that lags
    assert coverage.first(300) == Hole(300, 300)


@given(st.lists(st.tuples(st.sampled_from(["lost", "whole", "doubt"]), st.integers(1, 400)), max_size=400))
def test_no_moment_of_a_hole_is_ever_forgotten(story: list[tuple[str, int]]) -> None:
    coverage = covered()
    now, lost_since, missing = 0, None, set[int]()
    for event, step in story:
        now += step
        if event == "lost":
            coverage.lost(now)
            lost_since = now if lost_since is None else lost_since
        elif event == "whole":
            coverage.whole_from(now)
            if lost_since is not None:
                missing |= set(range(lost_since, now + 1))
                lost_since = None
        else:
            coverage.doubt(now, now)
            missing.add(now)
    for moment in sorted(missing):
        hole = coverage.first(moment)
        assert hole is not None
        assert hole.since_ms <= moment
    assert len(coverage._holes) <= MOST_HOLES + 1
