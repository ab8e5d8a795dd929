"""What did not arrive: counted exactly, and followed until it is found or given up."""

from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.contract.channels import Channel
from tickstockpl.contract.gap_meter import GapMeter
from tickstockpl.dashboard.live.gaps import MAX_GAPS, GapBook


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=20), st.integers(0, 1000))
def test_missed_is_exactly_what_was_lost_between_checkpoints(bursts: list[tuple[int, int]], before: int) -> None:
    gaps = GapMeter()
    channel = Channel.PATTERNS.value
    sent = before
    gaps.checkpoint("service", {channel: sent})
    for arrived, lost in bursts:
        for _ in range(arrived):
            gaps.received(channel)
        sent += arrived + lost
        assert gaps.checkpoint("service", {channel: sent}) == ({channel: lost} if lost else {})
    assert gaps.missed == sum(lost for _, lost in bursts)


def test_a_service_that_starts_again_begins_a_new_count() -> None:
    gaps = GapMeter()
    gaps.checkpoint("first", {Channel.PATTERNS.value: 1000})
    gaps.checkpoint("second", {Channel.PATTERNS.value: 3})
    assert gaps.checkpoint("second", {Channel.PATTERNS.value: 5}) == {Channel.PATTERNS.value: 2}
    assert gaps.missed == 2


def test_missed_is_never_negative() -> None:
    gaps = GapMeter()
    gaps.checkpoint("service", {Channel.PATTERNS.value: 5})
    for _ in range(3):
        gaps.received(Channel.PATTERNS.value)
    assert gaps.checkpoint("service", {Channel.PATTERNS.value: 6}) == {}
    assert gaps.checkpoint("service", {}) == {}
    assert gaps.missed == 0


def test_services_are_forgotten_in_time() -> None:
    gaps = GapMeter()
    for number in range(1000):
        gaps.checkpoint(f"service-{number}", {Channel.PATTERNS.value: 1})
    assert gaps.checkpoint("service-0", {Channel.PATTERNS.value: 9}) is None


def test_a_gap_is_whole_when_each_event_of_it_was_found() -> None:
    book = GapBook()
    book.note("noticed", "10:00", "10:05", {Channel.PATTERNS.value: 2, Channel.INDICATORS.value: 9}, frozenset("s"), 1)
    (gap,) = book.open.values()
    assert gap.missed == {"patterns": 2, "indicators": 9}
    book.found("patterns", "10:03")
    assert [one.is_whole for one in book.open.values()] == [False]
    book.found("patterns", "10:04")
    assert [one.is_whole for one in book.open.values()] == [True], "of states only the newest counts"
    book.settle(gap.id, "repaired", 2)
    assert not book.open
    assert [(told.state, told.found) for told in book.all()] == [("repaired", {"patterns": 2})]
    assert [told.state for told in book.since(1)] == ["repaired"]
    assert book.since(2) == []


def test_what_is_found_counts_to_the_gap_in_whose_stretch_it_lies() -> None:
    book = GapBook()
    for number, since in enumerate(("10:00", "11:00")):
        book.note("noticed", since, since[:3] + "05", {Channel.INDICATOR_ALERTS.value: 1}, frozenset(), number)
    first, second = book.open.values()
    book.found("alerts", "10:02")
    assert [gap.is_whole for gap in book.open.values()] == [True, False]
    book.found("alerts", "09:00")
    assert [gap.found["alerts"] for gap in (first, second)] == [1, 1], "what lies in none counts to the newest"


def test_copies_of_patterns_that_did_not_arrive_are_no_gap() -> None:
    book = GapBook()
    book.note("noticed", None, "10:05", {Channel.HIGH_CONFIDENCE_PATTERNS.value: 3}, frozenset(), 1)
    assert not book.open
    assert book.all() == []


def test_gaps_are_bounded_and_the_oldest_are_given_up() -> None:
    book = GapBook()
    for number in range(2 * MAX_GAPS):
        book.note("noticed", None, "10:05", None, frozenset(), number)
    assert len(book.open) == len(book.all()) == MAX_GAPS
