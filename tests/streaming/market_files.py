"""Small files cut from the real data, and a service that plays them."""

import asyncio
import csv
import gzip
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tickstockpl.clock import MAX_SPEED, Clock, VirtualClock
from tickstockpl.feeds.base import Batch
from tickstockpl.feeds.replay import ReplayFeed
from tickstockpl.market.bars import Floats
from tickstockpl.market.calendar import MarketCalendar, MarketDay
from tickstockpl.settings import Settings, load_settings
from tickstockpl.streaming.service import StreamingService
from tickstockpl.streaming.status import ServiceStatus

FIVE_DAYS = "bars_2018-02-26_5d_142sym.csv.gz"
CLOSING_AUCTION = "T21:00:00Z"


def cut(source: Path, target: Path, symbols: set[str], days: int = 5) -> Path:
    """Write the rows of some symbols and of the first days to a new file."""
    dates: set[str] = set()
    with gzip.open(source, "rt", newline="") as rows, target.open("w", newline="") as out:
        writer = csv.writer(out)
        reader = csv.reader(rows)
        writer.writerow(next(reader))
        for row in reader:
            dates.add(row[0][:10])
            if len(dates) > days:
                break
            if row[1] in symbols:
                writer.writerow(row)
    return target


@dataclass(frozen=True)
class Series:
    """One symbol's regular-hours bars, by time."""

    minutes: list[str]
    open: Floats
    high: Floats
    low: Floats
    close: Floats


def series(path: Path, symbol: str) -> Series:
    """Read one symbol of a cut file, without the closing auction's bar."""
    with path.open(newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["symbol"] == symbol and not row["timestamp"].endswith(CLOSING_AUCTION)
        ]
    columns = (np.array([float(row[name]) for row in rows]) for name in ("open", "high", "low", "close"))
    return Series([row["timestamp"] for row in rows], *columns)


def quiet_settings(**overrides: object) -> Settings:
    """The defaults, whatever the machine's environment says."""
    return load_settings(**overrides)


class Hold:
    """How far a market may go by now, so that none runs to its end while a test makes something fail."""

    def __init__(self) -> None:
        self._minutes = 0
        self._moved = asyncio.Event()

    def let_go(self, minutes: int) -> None:
        """Up to that many minutes from the start of all; what was let go before is not taken back."""
        self._minutes = max(self._minutes, minutes)
        self._moved.set()

    def go_on(self, minutes: int) -> None:
        """So many minutes further."""
        self.let_go(self._minutes + minutes)

    async def reach(self, minutes: int) -> None:
        """Wait until that many minutes may be played."""
        while minutes > self._minutes:
            self._moved.clear()
            await self._moved.wait()


class HeldReplay(ReplayFeed):
    """A replay that goes no further than its hold allows."""

    def __init__(self, hold: Hold, paths: Sequence[Path], clock: Clock, calendar: MarketCalendar) -> None:
        super().__init__(paths, clock, calendar)
        self._hold = hold

    async def batches(self, day: MarketDay, from_ms: int) -> AsyncIterator[Batch]:
        async for batch in super().batches(day, from_ms):
            await self._hold.reach(self.minutes_done)
            yield batch


def replay_service(
    path: Path,
    redis_url: str,
    database_url: str,
    *,
    settings: Settings | None = None,
    speed: float = MAX_SPEED,
    duration_s: int | None = None,
    again: bool = False,
    hold: Hold | None = None,
) -> StreamingService:
    """A service that replays a file as fast as it can, or may."""
    clock = VirtualClock(speed)
    settings = settings or quiet_settings()
    calendar = MarketCalendar(extended=settings.extended_hours)
    return StreamingService(
        feed=ReplayFeed([path], clock, calendar) if hold is None else HeldReplay(hold, [path], clock, calendar),
        clock=clock,
        settings=settings,
        redis_url=redis_url,
        database_url=database_url,
        duration_s=duration_s,
        again=again,
    )


async def play(service: StreamingService, stop: asyncio.Event | None = None) -> ServiceStatus:
    """Open, run and close a service."""
    await service.open()
    try:
        await service.run(stop or asyncio.Event())
    finally:
        await service.close()
    return service.status
