"""Market time: virtual at any speed, or the wall's own."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstockpl import clock as clock_module
from tickstockpl.clock import MAX_SPEED, Clock, SystemClock, VirtualClock, utc_now, wall_ms

OPEN_MS = 1_519_655_400_000


@dataclass
class Wall:
    """The wall's time as the test has it pass; a sleep passes it."""

    now_s: float = 1000.0
    slept_s: float = 0.0
    wakes_early_by_s: float = 0.0

    async def sleep(self, seconds: float) -> None:
        nap_s = max(seconds / 2, seconds - self.wakes_early_by_s)
        self.slept_s += nap_s
        self.now_s += nap_s


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wall]:
    passing = Wall()
    monkeypatch.setattr(clock_module, "monotonic_s", lambda: passing.now_s)
    monkeypatch.setattr(clock_module, "wall_ms", lambda: int(passing.now_s * 1000))
    monkeypatch.setattr(asyncio, "sleep", passing.sleep)
    yield passing
    monkeypatch.undo()


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match=r"speed was .*; it must be above 0"):
        VirtualClock(speed)


class TestVirtualClock:
    @pytest.mark.parametrize("speed", [0.5, 1.0, 60.0, 3000.0])
    def test_it_runs_so_many_times_as_fast_as_the_wall(self, wall: Wall, speed: float) -> None:
        clock = VirtualClock(speed)
        clock.start_at(OPEN_MS)
        assert clock.now_ms() == OPEN_MS
        wall.now_s += 2
        assert clock.now_ms() == pytest.approx(OPEN_MS + 2000 * speed, abs=1)
        assert clock.speed == speed

    def test_starting_anew_forgets_what_had_passed(self, wall: Wall) -> None:
        clock = VirtualClock(60)
        clock.start_at(OPEN_MS)
        wall.now_s += 10
        clock.start_at(OPEN_MS + 5)
        assert clock.now_ms() == OPEN_MS + 5

    async def test_it_sleeps_as_long_as_the_market_takes(self, wall: Wall) -> None:
        clock = VirtualClock(60)
        clock.start_at(OPEN_MS)
        await clock.sleep_until(OPEN_MS + 60_000)
        assert wall.slept_s == pytest.approx(1.0)
        assert clock.now_ms() >= OPEN_MS + 60_000

    async def test_it_never_wakes_before_its_time_though_the_loop_may(self, wall: Wall) -> None:
        wall.wakes_early_by_s = 0.1
        clock = VirtualClock(1)
        clock.start_at(OPEN_MS)
        await clock.sleep_until(OPEN_MS + 1000)
        assert clock.now_ms() >= OPEN_MS + 1000

    async def test_what_is_past_is_not_waited_for(self, wall: Wall) -> None:
        clock = VirtualClock(1)
        clock.start_at(OPEN_MS)
        await clock.sleep_until(OPEN_MS - 1)
        assert wall.slept_s == 0

    @given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20))
    def test_at_full_speed_it_jumps_from_wait_to_wait_and_never_back(self, waits: list[int]) -> None:
        async def jump() -> None:
            clock = VirtualClock(MAX_SPEED)
            clock.start_at(OPEN_MS)
            latest = OPEN_MS
            for wait in waits:
                await clock.sleep_until(OPEN_MS + wait)
                latest = max(latest, OPEN_MS + wait)
                assert clock.now_ms() == latest

        asyncio.run(jump())

    @pytest.mark.parametrize("clock", [VirtualClock(MAX_SPEED), VirtualClock(1), SystemClock()])
    async def test_other_tasks_run_even_when_nothing_is_waited_for(self, clock: Clock) -> None:
        clock.start_at(OPEN_MS)
        ran = asyncio.Event()
        other = asyncio.create_task(_set(ran))
        await clock.sleep_until(0)
        assert ran.is_set()
        await other


async def _set(event: asyncio.Event) -> None:
    event.set()


class TestSystemClock:
    def test_it_is_the_wall_and_cannot_be_set(self) -> None:
        clock = SystemClock()
        before_ms = wall_ms()
        clock.start_at(0)
        assert before_ms <= clock.now_ms() <= wall_ms()
        assert clock.speed == 1

    async def test_it_sleeps_until_the_wall_says_so(self, wall: Wall) -> None:
        clock = SystemClock()
        await clock.sleep_until(clock.now_ms() + 2500)
        assert wall.slept_s == pytest.approx(2.5, abs=0.01)

    def test_utc_now_is_aware(self) -> None:
        assert utc_now().tzinfo is UTC
