"""What a running command shows: one living line on a terminal, plain lines elsewhere."""

import asyncio
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tickstockpl.clock import MAX_SPEED, monotonic_s
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.streaming.status import ServiceStatus

REFRESH_S = 0.25
RATE_WINDOW_S = 3.0


class Screen:
    """Follows a service's status until it is left: ``async with Screen(...)``.

    Args:
        console: where to.
        status: what to show.
        speed: market seconds per wall second.
        progress: market minutes done and in all, for the progress bar; ``None`` where there is no end.
    """

    def __init__(
        self,
        console: Console,
        status: ServiceStatus,
        speed: float,
        progress: Callable[[], tuple[int, int]] | None = None,
    ) -> None:
        self._console = console
        self._status = status
        self._speed = speed
        self._progress = progress
        self._samples: deque[tuple[float, int]] = deque()
        self._live = Live(console=console, refresh_per_second=1 / REFRESH_S, transient=True, auto_refresh=False)
        self._task: asyncio.Task[None] | None = None
        self._told = 0

    async def __aenter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        self._task = asyncio.create_task(self._follow(), name="status line")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._console.is_terminal:
            self._live.stop()
        self._tell()

    async def _follow(self) -> None:
        while True:
            self._tell()
            if self._console.is_terminal:
                self._live.update(self._render(), refresh=True)
            await asyncio.sleep(REFRESH_S)

    def _tell(self) -> None:
        """Print the sentences that are new."""
        status = self._status
        new = status.notes_count - self._told
        for note in list(status.notes)[-new:] if new > 0 else []:
            self._console.print(Text(note), soft_wrap=True)
        self._told = status.notes_count

    def _rate(self) -> float:
        """Events per second of the last few seconds."""
        now_s = monotonic_s()
        self._samples.append((now_s, self._status.events))
        while len(self._samples) > 2 and self._samples[0][0] < now_s - RATE_WINDOW_S:
            self._samples.popleft()
        first_s, first = self._samples[0]
        return (self._status.events - first) / (now_s - first_s) if now_s > first_s else 0.0

    def _render(self) -> RenderableType:
        status = self._status
        if status.day is None:
            return Text(f"{status.stage} …", style="dim")
        speed = "as fast as possible" if self._speed == MAX_SPEED else f"{self._speed:g}×"
        line = Text.assemble(
            (f"{status.day.date} {to_iso(status.market_ms)[11:19]}Z", "bold"),
            f"  {speed}  {self._rate():,.0f} events/s  lag {status.lag_ms:.0f} ms  ",
            f"{status.patterns:,} patterns  {status.alerts:,} alerts",
        )
        if self._progress is None:
            return line
        done, total = self._progress()
        row = Table.grid(padding=(0, 1))
        row.add_row(ProgressBar(total=total, completed=done, width=50), f"{done / total:.0%}")
        return Group(line, row)
