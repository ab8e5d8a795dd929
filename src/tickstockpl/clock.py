"""The only place that reads the system's time (DESIGN, decision 9).

Market time is an integer: milliseconds since the Unix epoch, UTC. A live feed runs on the :class:`SystemClock`; a
replay or a simulation runs on a :class:`VirtualClock` that starts at a trading day's open and runs ``speed`` times
as fast as the wall, or as fast as it can (:data:`MAX_SPEED`).
"""

import asyncio
import math
import threading
import time
from datetime import UTC, datetime
from typing import Final, Protocol

import structlog

MAX_SPEED: Final = math.inf
"""The speed of a replay that waits for nothing."""

FOLLOWED_MS: Final = 1000
"""By how much the system's time may be set for a :class:`SystemClock` to follow it at once."""

LONGEST_NAP_S: Final = 1.0
"""How long a clock sleeps before it looks again: a machine that was suspended wakes up to another time."""

_UPTIME: Final = getattr(time, "CLOCK_BOOTTIME", None)

_log = structlog.get_logger(__name__)


def wall_ms() -> int:
    """The system's time, in milliseconds since the Unix epoch."""
    return time.time_ns() // 1_000_000


def monotonic_s() -> float:
    """Seconds of a clock that never jumps; only differences mean anything."""
    return time.perf_counter()


def uptime_s() -> float:
    """Seconds of a clock that never jumps and, on Linux, counts the time in which the machine was suspended."""
    return time.monotonic() if _UPTIME is None else time.clock_gettime(_UPTIME)


def cpu_s() -> float:
    """Seconds of processor time that this process has used."""
    return time.process_time()


def utc_now() -> datetime:
    """The wall clock as an aware datetime."""
    return datetime.now(UTC)


class Clock(Protocol):
    """What gives the market's time and waits for it."""

    @property
    def speed(self) -> float:
        """Market seconds per wall second; ``MAX_SPEED`` where nothing is waited for."""
        ...

    @property
    def is_live(self) -> bool:
        """Whether market time runs by itself, so that it can only be waited for."""
        ...

    @property
    def set_by_ms(self) -> int:
        """By how much the system's time was set in mid-session, and market time did not follow; above 0 forward."""
        ...

    def now_ms(self) -> int:
        """The market's time, milliseconds since the epoch."""
        ...

    def start_at(self, market_ms: int) -> None:
        """Let market time stand at ``market_ms`` and run from there (a live clock ignores it)."""
        ...

    def hold_at(self, market_ms: int) -> None:
        """Let market time stand still at ``market_ms`` until it is started again (a live clock ignores it)."""
        ...

    async def sleep_until(self, market_ms: int) -> None:
        """Wait until the market's time is at least ``market_ms``; yields to other tasks even when it is past."""
        ...


class VirtualClock:
    """Market time that starts where it is told to and runs at a chosen speed.

    Args:
        speed: market seconds per wall second, above 0; ``MAX_SPEED`` jumps from wait to wait.

    Raises:
        ValueError: if ``speed`` is not above zero.
    """

    is_live = False
    set_by_ms = 0

    def __init__(self, speed: float) -> None:
        if not speed > 0:
            raise ValueError(f"speed was {speed}; it must be above 0")
        self._speed = speed
        self._base_market_ms = 0
        self._base_s = monotonic_s()
        self._is_held = False

    @property
    def speed(self) -> float:
        """Market seconds per wall second."""
        return self._speed

    def now_ms(self) -> int:
        """The market's time, milliseconds since the epoch."""
        if self._speed == MAX_SPEED or self._is_held:
            return self._base_market_ms
        return self._base_market_ms + int((monotonic_s() - self._base_s) * 1000 * self._speed)

    def start_at(self, market_ms: int) -> None:
        """Let market time stand at ``market_ms`` and run from there."""
        self._base_market_ms = market_ms
        self._base_s = monotonic_s()
        self._is_held = False

    def hold_at(self, market_ms: int) -> None:
        """Let market time stand still at ``market_ms`` until it is started again."""
        self._base_market_ms = market_ms
        self._is_held = True

    async def sleep_until(self, market_ms: int) -> None:
        """Wait until the market's time is at least ``market_ms``."""
        if self._speed == MAX_SPEED:
            self._base_market_ms = max(self._base_market_ms, market_ms)
            await asyncio.sleep(0)
            return
        await _sleep_until(self, market_ms)


class SystemClock:
    """Market time that is the system's, for a live feed; it neither jumps nor goes back.

    A system's time may be set: by an hour when somebody errs, by less when it is corrected. Market time runs on evenly
    then, since it cannot be known which of the two was right, and a jump would seal an hour of minutes before their
    trades have come, or none for an hour. It follows what is less than a second. More is told in the log, and stands in
    ``set_by_ms`` for as long as the two differ.

    Args:
        delay_ms: by how much the market that is heard is behind: then it is open, and closes, so much later.
    """

    def __init__(self, delay_ms: int = 0) -> None:
        self._delay_ms = delay_ms
        self._lock = threading.Lock()
        self._base_ms, self._base_s = self._wall_ms(), uptime_s()
        self._latest_ms = self._base_ms
        self.set_by_ms = 0

    is_live = True

    @property
    def speed(self) -> float:
        """Always 1: market seconds are wall seconds."""
        return 1.0

    def now_ms(self) -> int:
        """The market's time, milliseconds since the epoch; from any thread."""
        with self._lock:
            now_ms = self._base_ms + int((uptime_s() - self._base_s) * 1000)
            set_by_ms = self._wall_ms() - now_ms
            if abs(set_by_ms) <= FOLLOWED_MS:
                self._base_ms += set_by_ms
                now_ms, set_by_ms = now_ms + set_by_ms, 0
            is_news = abs(set_by_ms - self.set_by_ms) > FOLLOWED_MS
            self.set_by_ms = set_by_ms
            self._latest_ms = max(self._latest_ms, now_ms)
        if is_news:
            _log.warning("the system's time was set; market time runs on as before", set_by_s=set_by_ms / 1000)
        return self._latest_ms

    def start_at(self, market_ms: int) -> None:
        """Take the system's time as it is now, though it be earlier; a live market's time cannot be set otherwise."""
        del market_ms
        self._base_ms, self._base_s = self._wall_ms(), uptime_s()
        self._latest_ms = self._base_ms
        self.set_by_ms = 0

    def _wall_ms(self) -> int:
        return wall_ms() - self._delay_ms

    def hold_at(self, market_ms: int) -> None:
        """Nothing to do: a live market's time does not stand still."""

    async def sleep_until(self, market_ms: int) -> None:
        """Wait until the market's time is at least ``market_ms``."""
        await _sleep_until(self, market_ms)


async def _sleep_until(clock: Clock, market_ms: int) -> None:
    """Sleep in as many naps as it takes: the event loop may wake a little early, the machine may be suspended."""
    await asyncio.sleep(0)
    while (left_ms := market_ms - clock.now_ms()) > 0:  # noqa: ASYNC110 - time itself is what is waited for
        await asyncio.sleep(min(LONGEST_NAP_S, left_ms / 1000 / clock.speed))
