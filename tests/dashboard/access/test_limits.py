"""How often somebody may try."""

import pytest

from tickstockpl.dashboard.access import limits
from tickstockpl.dashboard.access.limits import RateLimit


class Clock:
    now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limit(clock: Clock, each: int = 3, in_all: int = 100) -> RateLimit:
    return RateLimit(each, 10, in_all, 1, clock)


def test_an_address_has_so_many_attempts_and_gets_one_back_with_time(clock: Clock) -> None:
    tried = limit(clock)
    assert [tried.take("10.0.0.1") for _ in range(5)] == [0, 0, 0, 10, 10]
    clock.now_s += 9.5
    assert tried.take("10.0.0.1") == 1
    clock.now_s += 0.5
    assert [tried.take("10.0.0.1") for _ in range(2)] == [0, 10]
    clock.now_s += 10_000
    assert [tried.take("10.0.0.1") for _ in range(4)] == [0, 0, 0, 10]


def test_addresses_do_not_feel_each_other_until_all_together_are_too_many(clock: Clock) -> None:
    tried = limit(clock, in_all=4)
    assert [tried.take(f"10.0.0.{number}") for number in range(6)] == [0, 0, 0, 0, 1, 1]
    clock.now_s += 1
    assert tried.take("10.0.0.9") == 0


def test_a_good_attempt_costs_nothing(clock: Clock) -> None:
    tried = limit(clock, in_all=4)
    for _ in range(50):
        assert tried.take("10.0.0.1") == 0
        tried.give_back("10.0.0.1")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8::1", "2001:db8::ffff:1:2:3"),
        ("10.0.0.1", "::ffff:10.0.0.1"),
        ("no address", "nor this"),
    ],
)
def test_who_has_many_addresses_is_one(clock: Clock, one: str, other: str) -> None:
    tried = limit(clock, each=1)
    assert tried.take(one) == 0
    assert tried.take(other) > 0
    assert tried.take("2001:db8:0:1::1") == 0


def test_memory_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_ADDRESSES", 10)
    tried = limit(clock, each=1, in_all=1_000_000)
    for number in range(1_000):
        tried.take(f"10.0.{number // 256}.{number % 256}")
    assert len(tried._buckets) == 10
    assert tried.take("10.0.3.231") > 0, "the newest are remembered"
