"""``tickstockpl report --play``: a whole stack, the four scenarios and an hour of a simulated market, watched."""

import asyncio
from typing import Final

import msgspec
from rich.console import Console

from tickstockpl.cli.page import PageProcess, plain_address
from tickstockpl.cli.scenario import play_scenario
from tickstockpl.cli.servers import Servers
from tickstockpl.cli.signals import stop_on_signals
from tickstockpl.cli.stream import StreamOptions, make_feed, stream
from tickstockpl.conformance.report.evidence import Evidence, Played
from tickstockpl.conformance.report.gathering import gather
from tickstockpl.conformance.report.page import PageProbe
from tickstockpl.errors import TickStockError
from tickstockpl.scenarios.library import SCENARIOS
from tickstockpl.scenarios.play import keeping
from tickstockpl.settings import Settings
from tickstockpl.streaming.plan import AnalysisPlan

HOUR_S: Final = 3600

_LONGEST_S: Final = 3600.0
"""Wall time for which the report listens at most."""


async def perform(settings: Settings, found: Servers, console: Console, token: str, speed: float) -> Evidence:
    """Play everything, with a page of its own, and gather what came of it.

    Args:
        settings: the user's.
        found: where to.
        console: told what goes on.
        token: opens the page.
        speed: market seconds per wall second; at 60 it takes two and a half minutes.

    Raises:
        TickStockError: if a part cannot be had, or fails.
    """
    stop = stop_on_signals(console)
    page = PageProcess(settings.model_copy(update={"port": 0}), found)
    try:
        address = plain_address(await page.start())
        listening, done = asyncio.Event(), asyncio.Event()
        gathering = asyncio.create_task(
            gather(found.redis_url, found.database_url, _LONGEST_S, done, PageProbe(address, token), listening.set),
            name="gather evidence",
        )
        try:
            await _first(listening, gathering)
            played = await _play(settings, found, console, stop, speed)
            done.set()
            return msgspec.structs.replace(await gathering, played=played)
        finally:
            gathering.cancel()
            await asyncio.gather(gathering, return_exceptions=True)
    finally:
        await page.stop()


async def _first(listening: asyncio.Event, gathering: "asyncio.Task[Evidence]") -> None:
    """Wait until nothing will be missed any more."""
    waiting = asyncio.create_task(listening.wait(), name="wait for the listener")
    try:
        await asyncio.wait({waiting, gathering}, return_when=asyncio.FIRST_COMPLETED)
        if gathering.done():
            await gathering
    finally:
        waiting.cancel()


async def _play(
    settings: Settings, found: Servers, console: Console, stop: asyncio.Event, speed: float
) -> list[Played]:
    played = []
    for scenario in SCENARIOS.values():
        outcome = await play_scenario(scenario, speed, settings, found, console, stop)
        played.append(Played(scenario.name, outcome.passed))
    await _hour(settings, found, console, stop, speed)
    if stop.is_set():
        raise TickStockError("the report was stopped before its end; nothing was written")
    return played


async def _hour(settings: Settings, found: Servers, console: Console, stop: asyncio.Event, speed: float) -> None:
    """An hour of the simulated market."""
    console.print("An hour of a simulated market.")
    settings = keeping(settings, len(SCENARIOS) + 1)
    options = StreamOptions(
        feed=None,
        universe=None,
        files=(),
        timezone=None,
        speed=speed,
        seed=None,
        first_date=None,
        duration_s=HOUR_S,
        again=False,
    )
    await stream(make_feed(options, settings), options, settings, AnalysisPlan.of(settings), found, console, stop)
