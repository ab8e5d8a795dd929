"""``tickstockpl stream``: the producer."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from tickstockpl.cli.left_out import left_out
from tickstockpl.cli.massive import massive_options
from tickstockpl.cli.options import FeedName
from tickstockpl.cli.screen import Screen
from tickstockpl.cli.servers import Servers
from tickstockpl.clock import Clock, SystemClock, VirtualClock, utc_now, wall_ms
from tickstockpl.contract.timestamps import from_iso
from tickstockpl.errors import TickStockError
from tickstockpl.feeds.base import Feed
from tickstockpl.feeds.massive.options import DELAY_MS
from tickstockpl.feeds.replay import ReplayFeed
from tickstockpl.feeds.simulator import LiveSimulatorFeed, SimulatorFeed
from tickstockpl.market.calendar import MarketCalendar, new_york_date
from tickstockpl.market.universes import load_universe
from tickstockpl.settings import Settings
from tickstockpl.streaming.plan import AnalysisPlan
from tickstockpl.streaming.service import StreamingService
from tickstockpl.streaming.status import ServiceStatus

DEFAULT_UNIVERSE = "market_leaders:top_500"

USUAL_SEED = 1
"""Of the simulator's market."""


class ChosenFeed(NamedTuple):
    """A feed that is not open yet, the clock it runs on, and the same market with another universe.

    ``secrets`` are what it was given to sign in with.
    """

    feed: Feed
    clock: Clock
    of: Callable[[str], Feed]
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """What the user asked to be streamed; ``speed`` is ``None`` for a market that runs on the wall clock."""

    feed: FeedName | None
    universe: str | None
    files: Sequence[Path]
    timezone: str | None
    speed: float | None
    seed: int | None
    first_date: date | None
    duration_s: int | None
    again: bool

    def __post_init__(self) -> None:
        """Refuse combinations that mean nothing."""
        if self.feed is FeedName.REPLAY and not self.files:
            raise TickStockError("--feed replay needs --file: the CSV or Parquet file to replay")
        if self.feed is FeedName.SIMULATOR and self.files:
            raise TickStockError("--file goes with --feed replay; leave one of --file and --feed simulator out")
        if self.feed is not None and self.feed.is_live:
            self._refuse_of_live(self.feed)
        if self.speed is None and self.files:
            raise TickStockError(
                "--speed live is for a market of today, and a file is of the past; leave --file out, or choose a "
                "number or max"
            )
        if self.speed is None and self.first_date is not None:
            raise TickStockError("--speed live begins today; leave --date out, or choose a number or max")

    def _refuse_of_live(self, feed: FeedName) -> None:
        given = {"--file": self.files, "--seed": self.seed is not None, "--date": self.first_date is not None}
        for option in (option for option, is_given in given.items() if is_given):
            raise TickStockError(
                f"{option} means nothing to --feed {feed}, the market of today; leave one of the two out"
            )

    @property
    def replays(self) -> bool:
        """Whether files are played rather than a simulated market."""
        return bool(self.files)


def make_feed(options: StreamOptions, settings: Settings) -> ChosenFeed:
    """The feed that was asked for, the clock it runs on, and what makes it anew for another universe.

    Raises:
        TickStockError: if the universe does not exist, or a key that the feed needs is missing.
    """
    match options.feed:
        case FeedName.MASSIVE:
            return _massive_feed(options, settings)
        case FeedName.REDIS:
            return _redis_feed(options, settings)
    clock = SystemClock() if options.speed is None else VirtualClock(options.speed)
    calendar = MarketCalendar(extended=settings.extended_hours)
    if options.replays:

        def replay_of(key: str | None) -> ReplayFeed:
            universe = None if key is None else load_universe(key, settings.universes)
            return ReplayFeed(options.files, clock, calendar, universe, options.timezone)

        return ChosenFeed(replay_of(options.universe), clock, replay_of)
    first_date = options.first_date or calendar.last_day(new_york_date(wall_ms())).date
    seed = USUAL_SEED if options.seed is None else options.seed
    run = f"{utc_now():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"

    def simulator_of(key: str) -> SimulatorFeed | LiveSimulatorFeed:
        universe = load_universe(key, settings.universes)
        if options.speed is None:
            return LiveSimulatorFeed(universe, clock, calendar, seed)
        return SimulatorFeed(universe, clock, calendar, seed, run, first_date)

    return ChosenFeed(simulator_of(options.universe or DEFAULT_UNIVERSE), clock, simulator_of)


def _massive_feed(options: StreamOptions, settings: Settings) -> ChosenFeed:
    from tickstockpl.feeds.massive.feed import MassiveFeed

    massive = massive_options(settings)
    clock = SystemClock(DELAY_MS if settings.massive_host == "delayed" else 0)
    calendar = MarketCalendar(extended=settings.extended_hours)
    universe = load_universe(options.universe or DEFAULT_UNIVERSE, settings.universes)
    feed = MassiveFeed(universe, clock, calendar, massive)
    return ChosenFeed(
        feed, clock, lambda key: feed.of(load_universe(key, settings.universes)), secrets=(massive.api_key,)
    )


def _redis_feed(options: StreamOptions, settings: Settings) -> ChosenFeed:
    from tickstockpl.feeds.redis_ticks import RedisTicksFeed

    url = settings.ticks_redis_url or settings.redis_url
    if url is None:
        raise TickStockError(
            "--feed redis needs the Redis that carries the trades; name it with --redis-url, TICKSTOCK_REDIS_URL or "
            "TICKSTOCK_TICKS_REDIS_URL"
        )
    clock = SystemClock()
    calendar = MarketCalendar(extended=settings.extended_hours)

    def feed_of(key: str) -> RedisTicksFeed:
        universe = load_universe(key, settings.universes)
        return RedisTicksFeed(universe, clock, calendar, url, settings.ticks_channel)

    return ChosenFeed(feed_of(options.universe or DEFAULT_UNIVERSE), clock, feed_of)


async def stream(
    chosen: ChosenFeed,
    options: StreamOptions,
    settings: Settings,
    plan: AnalysisPlan,
    servers: Servers,
    console: Console,
    stop: asyncio.Event,
) -> ServiceStatus:
    """Stream until the feed ends, the duration is over or ``stop`` is set.

    Raises:
        TickStockError: if the feed or a server cannot be had, or the service fails.
    """
    feed = chosen.feed
    service = StreamingService(
        feed=feed,
        feed_of=chosen.of,
        clock=chosen.clock,
        settings=settings,
        redis_url=servers.redis_url,
        database_url=servers.database_url,
        duration_s=options.duration_s,
        again=options.again,
        plan=plan,
        secrets=chosen.secrets,
    )
    await service.open()
    try:
        for sentence in left_out(feed.report, more_hours=not settings.extended_hours):
            service.status.note(sentence)
        async with Screen(console, service.status, chosen.clock.speed, _progress_of(feed)):
            await service.run(stop)
    finally:
        await service.close()
    return service.status


def _progress_of(feed: Feed) -> Callable[[], tuple[int, int]] | None:
    """Market minutes done and in all, where the feed has an end."""
    if isinstance(feed, ReplayFeed):
        return lambda: (feed.minutes_done, feed.minute_count)
    return None


def print_summary(console: Console, status: ServiceStatus) -> None:
    """The sessions that were streamed, as a table."""
    if not status.summaries:
        return
    table = Table(box=None, header_style="dim", padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("day", "session"):
        table.add_column(heading, no_wrap=True)
    for heading in ("patterns", "indicators"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    for summary in status.summaries:
        table.add_row(
            f"{new_york_date(from_iso(summary.stopped_at))}",
            summary.session_id,
            f"{summary.total_patterns:,}",
            f"{summary.total_indicators:,}",
            summary.final_status,
        )
    console.print(table)
