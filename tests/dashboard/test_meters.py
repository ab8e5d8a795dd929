"""Rate, latency and gaps, with the time passed in."""

from hypothesis import given
from hypothesis import strategies as st

from tickstockpl.contract.channels import Channel
from tickstockpl.dashboard.meters import GapMeter, LatencyMeter, RateMeter


def test_the_rate_is_averaged_over_five_whole_seconds() -> None:
    rate = RateMeter()
    for second in range(10):
        rate.add(60, 1000 * second)
        rate.add(40, 1000 * second + 999)
    assert rate.per_second(10_000) == 100.0
    assert rate.per_second(12_500) == 60.0
    assert rate.per_second(20_000) == 0.0


def test_a_clock_behind_the_producers_gives_no_negative_latency() -> None:
    latency = LatencyMeter()
    latency.add(-5, 0)
    percentiles = latency.percentiles(0)
    assert percentiles is not None
    assert percentiles.p99 == 0


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
        assert gaps.checkpoint("service", {channel: sent}) == lost
    assert gaps.missed == sum(lost for _, lost in bursts)


def test_a_service_that_starts_again_begins_a_new_count() -> None:
    gaps = GapMeter()
    gaps.checkpoint("first", {Channel.PATTERNS.value: 1000})
    gaps.checkpoint("second", {Channel.PATTERNS.value: 3})
    assert gaps.checkpoint("second", {Channel.PATTERNS.value: 5}) == 2
    assert gaps.missed == 2


def test_missed_is_never_negative() -> None:
    gaps = GapMeter()
    gaps.checkpoint("service", {Channel.PATTERNS.value: 5})
    for _ in range(3):
        gaps.received(Channel.PATTERNS.value)
    assert gaps.checkpoint("service", {Channel.PATTERNS.value: 6}) == 0
    assert gaps.checkpoint("service", {}) == 0
    assert gaps.missed == 0


def test_services_are_forgotten_in_time() -> None:
    gaps = GapMeter()
    for number in range(1000):
        gaps.checkpoint(f"service-{number}", {Channel.PATTERNS.value: 1})
    assert gaps.checkpoint("service-0", {Channel.PATTERNS.value: 9}) == 0
