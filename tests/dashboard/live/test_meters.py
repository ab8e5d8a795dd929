"""Rate, latency and gaps, with the time passed in."""

from tickstockpl.dashboard.live.meters import LatencyMeter, RateMeter


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
