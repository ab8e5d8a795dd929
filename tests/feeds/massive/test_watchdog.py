import random

import pytest

from tickstockpl.feeds.massive.watchdog import FIRST_DATA_S, Watchdog

ALARM_S = 15


def silent_after(watchdog: Watchdog, from_s: float) -> float:
    """How long a silence may last until it is one too many, looked at every quarter of a second."""
    for quarter in range(4 * 3600):
        if watchdog.is_mute(from_s + quarter / 4):
            return quarter / 4
    raise AssertionError("no alarm within an hour")


def test_a_busy_feed_that_falls_silent_is_told_within_15_seconds() -> None:
    watchdog = Watchdog(10)
    watchdog.start(0, has_pulse=False)
    for tick in range(10_000):
        watchdog.hear(tick / 100)
    assert 10 <= silent_after(watchdog, 99.99) <= ALARM_S


def test_one_hiccup_of_a_busy_feed_is_no_habit() -> None:
    watchdog = Watchdog(10)
    watchdog.start(0, has_pulse=False)
    for tick in range(100):
        watchdog.hear(tick)
    for tick in range(100):
        watchdog.hear(108 + tick)  # nine seconds without anything before
    assert silent_after(watchdog, 207) <= ALARM_S


@pytest.mark.parametrize("mean_s", [5, 30, 120])
def test_a_thin_universe_that_is_usually_quiet_is_not_mute(mean_s: float) -> None:
    rng = random.Random(mean_s)
    watchdog, now_s, alarms = Watchdog(10), 0.0, 0
    watchdog.start(0, has_pulse=False)
    for trade in range(500):
        now_s += min(rng.expovariate(1 / mean_s), FIRST_DATA_S - 1 if trade < 30 else 1e9)
        alarms += watchdog.is_mute(now_s)
        watchdog.hear(now_s)
    assert alarms == 0
    assert silent_after(watchdog, now_s) < 40 * mean_s


def test_minute_bars_come_in_bursts() -> None:
    watchdog, alarms = Watchdog(10), 0
    watchdog.start(0, has_pulse=False)
    for minute in range(60):
        for tick in range(200):
            now_s = 60 * minute + 1 + tick / 100
            alarms += watchdog.is_mute(now_s)
            watchdog.hear(now_s)
    assert alarms == 0
    assert silent_after(watchdog, now_s) < 240


def test_with_a_pulse_silence_means_something_from_the_first_moment() -> None:
    watchdog = Watchdog(10)
    watchdog.start(100, has_pulse=True)
    assert silent_after(watchdog, 100) <= ALARM_S
    watchdog.start(200, has_pulse=False)
    assert silent_after(watchdog, 200) >= FIRST_DATA_S


def test_what_was_usual_before_the_open_says_nothing_of_the_session() -> None:
    watchdog = Watchdog(10)
    watchdog.start(0, has_pulse=True)
    for minute in range(60):
        watchdog.hear(60 * minute)
    watchdog.forget()
    watchdog.start(4000, has_pulse=True)
    assert silent_after(watchdog, 4000) <= ALARM_S


def test_before_anything_stands_there_is_no_silence() -> None:
    assert not Watchdog(10).is_mute(1e6)
