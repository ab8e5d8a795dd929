"""Market time: virtual at any speed, or the wall's own."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tickstockpl import clock as clock_module
from tickstockpl.clock import FOLLOWED_MS, MAX_SPEED, Clock, SystemClock, VirtualClock, utc_now, wall_ms

OPEN_MS = 1_519_655_400_000


@dataclass
class Wall:
    """The wall's time as the test has it pass; a sleep passes it.

    ``set_by_s`` is by how much the system's time has been set, ``suspended_s`` how long the machine was suspended.
    """

    now_s: float = 1000.0
    slept_s: float = 0.0
    wakes_early_by_s: float = 0.0
    set_by_s: float = 0.0
    suspended_s: float = 0.0

    @property
    def system_ms(self) -> int:
        return round((self.now_s + self.suspended_s + self.set_by_s) * 1000)

    async def sleep(self, seconds: float) -> None:
        nap_s = max(seconds / 2, seconds - self.wakes_early_by_s)
        self.slept_s += nap_s
        self.now_s += nap_s


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wall]:
    passing = Wall()
    monkeypatch.setattr(clock_module, "monotonic_s", lambda: passing.now_s)
    monkeypatch.setattr(clock_module, "uptime_s", lambda: passing.now_s + passing.suspended_s)
    monkeypatch.setattr(clock_module, "wall_ms", lambda: passing.system_ms)
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

    @given(st.lists(st.tuples(st.floats(0, 100), st.floats(-7200, 7200)), max_size=10), st.integers(0, 3_600_000))
    def test_a_market_that_is_behind_is_behind_at_any_moment(
        self, happenings: list[tuple[float, float]], delay_ms: int
    ) -> None:
        wall = Wall()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clock_module, "uptime_s", lambda: wall.now_s + wall.suspended_s)
            patch.setattr(clock_module, "wall_ms", lambda: wall.system_ms)
            clock, behind = SystemClock(), SystemClock(delay_ms)
            for passed_s, set_by_s in happenings:
                wall.now_s += passed_s
                wall.set_by_s += set_by_s
                assert clock.now_ms() - behind.now_ms() == pytest.approx(delay_ms, abs=1)
                assert behind.set_by_ms == clock.set_by_ms

    async def test_it_sleeps_until_the_wall_says_so(self, wall: Wall) -> None:
        clock = SystemClock()
        await clock.sleep_until(clock.now_ms() + 2500)
        assert wall.slept_s == pytest.approx(2.5, abs=0.01)

    @pytest.mark.parametrize("set_by_s", [3600, -3600, 1.5, -1.5])
    async def test_it_runs_on_evenly_when_the_systems_time_is_set_and_says_so_once(
        self, wall: Wall, set_by_s: float
    ) -> None:
        clock = SystemClock()
        before_ms = clock.now_ms()
        with capture_logs() as told:
            wall.set_by_s = set_by_s
            assert clock.now_ms() == pytest.approx(before_ms, abs=1)
            await clock.sleep_until(before_ms + 60_000)
        assert wall.slept_s == pytest.approx(60, abs=0.01)
        assert clock.set_by_ms == pytest.approx(set_by_s * 1000, abs=1)
        (line,) = told
        assert (line["log_level"], line["set_by_s"]) == ("warning", pytest.approx(set_by_s, abs=0.01))

    def test_a_setting_that_is_taken_back_is_forgotten(self, wall: Wall) -> None:
        clock = SystemClock()
        for wall.set_by_s in (3600.0, 0.0):
            clock.now_ms()
        assert (clock.set_by_ms, clock.now_ms()) == (0, wall.system_ms)

    @given(
        st.lists(
            st.tuples(st.floats(0, 100), st.one_of(st.floats(-0.5, 0.5), st.floats(-7200, 7200)), st.booleans()),
            max_size=20,
        )
    )
    def test_it_never_goes_back_and_never_jumps(self, happenings: list[tuple[float, float, bool]]) -> None:
        wall = Wall()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clock_module, "uptime_s", lambda: wall.now_s + wall.suspended_s)
            patch.setattr(clock_module, "wall_ms", lambda: wall.system_ms)
            clock = SystemClock()
            latest_ms = clock.now_ms()
            for passed_s, set_by_s, suspended in happenings:
                if suspended:
                    wall.suspended_s += passed_s
                else:
                    wall.now_s += passed_s
                wall.set_by_s += set_by_s
                now_ms = clock.now_ms()
                assert 0 <= now_ms - latest_ms <= passed_s * 1000 + FOLLOWED_MS + 1
                latest_ms = now_ms

    @pytest.mark.parametrize("set_by_s", [0.9, -0.9])
    def test_it_follows_a_correction_of_less_than_a_second(self, wall: Wall, set_by_s: float) -> None:
        clock = SystemClock()
        wall.set_by_s = set_by_s
        clock.now_ms()
        wall.now_s += 2
        assert (clock.now_ms(), clock.set_by_ms) == (wall.system_ms, 0)

    def test_a_session_begins_at_the_systems_time(self, wall: Wall) -> None:
        clock = SystemClock()
        for wall.set_by_s in (3600.0, -3600.0):
            clock.start_at(0)
            assert (clock.now_ms(), clock.set_by_ms) == (wall.system_ms, 0)

    async def test_a_machine_that_wakes_up_finds_the_right_time(self, wall: Wall) -> None:
        clock = SystemClock()
        sleeping_until_ms = clock.now_ms() + 3_600_000
        wall.suspended_s = 3599.5
        await clock.sleep_until(sleeping_until_ms)
        assert wall.slept_s == pytest.approx(0.5, abs=0.01)
        assert clock.set_by_ms == 0

    def test_utc_now_is_aware(self) -> None:
        assert utc_now().tzinfo is UTC
