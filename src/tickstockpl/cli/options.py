"""The options that several commands share, declared once."""

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from tickstockpl.clock import MAX_SPEED
from tickstockpl.errors import TickStockError

FASTEST = 1_000_000
"""The highest speed that is a number: ten years of market time in five minutes."""

FIRST_YEAR, LAST_YEAR = 1990, 2099
"""Years whose trading days are known well enough."""

MARKET = "Market"
SERVERS = "Servers"
PAGE = "Page"


class FeedName(StrEnum):
    """The feeds that can be chosen."""

    SIMULATOR = "simulator"
    REPLAY = "replay"
    MASSIVE = "massive"
    REDIS = "redis"

    @property
    def is_live(self) -> bool:
        """Whether it is a market of today, which runs by itself."""
        return self in (FeedName.MASSIVE, FeedName.REDIS)


USUAL_SPEED = 60.0
"""Market seconds per wall second of a market that is no market of today."""


def parse_speed(text: str | None, feed: FeedName | None = None) -> float | None:
    """Read ``--speed``: market seconds per wall second, or ``max``; ``live``, which is no speed, is ``None``.

    Raises:
        TickStockError: if it is neither, or the feed cannot be played at a speed.
    """
    is_live = feed is not None and feed.is_live
    if text is None:
        return None if is_live else USUAL_SPEED
    if text.strip().lower() == "live":
        return None
    if is_live:
        raise TickStockError(
            f"--speed was {text!r}, and --feed {feed} is a market of today, which runs by itself; leave --speed out"
        )
    return _parse_pace(text, ", max, or live (in the exchange's own hours)")


def _parse_pace(text: str, or_else: str) -> float:
    if text.strip().lower() == "max":
        return MAX_SPEED
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= FASTEST:
        raise TickStockError(
            f"--speed was {text!r}; write a number above 0 and up to {FASTEST:,} (1 is real time, 60 a minute a "
            f"second){or_else}"
        )
    return speed


def parse_virtual_speed(text: str | None) -> float:
    """Read ``--speed`` of a market that has no hours of its own.

    Raises:
        TickStockError: if it is neither a number nor ``max``.
    """
    return USUAL_SPEED if text is None else _parse_pace(text, " or max")


def parse_date(text: str | None) -> date | None:
    """Read ``--date``.

    Raises:
        TickStockError: if it is not a date.
    """
    if text is None:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day of the exchange, not a moment
    except ValueError:
        raise TickStockError(f"--date was {text!r}; write a day as 2026-01-31") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise TickStockError(f"--date was {text!r}; write a day from {FIRST_YEAR} to {LAST_YEAR}")
    return day


def parse_hours(*, extended: bool, regular: bool) -> bool | None:
    """Read ``--extended-hours`` and ``--regular-hours``; ``None`` leaves it to the setting.

    Raises:
        TickStockError: if both are given.
    """
    if extended and regular:
        raise TickStockError("--extended-hours and --regular-hours exclude each other; leave one of them out")
    return extended if extended or regular else None


Feed = Annotated[
    FeedName | None,
    typer.Option(
        "--feed",
        metavar="FEED",
        help="Where the market comes from: simulator, replay, massive or redis.",
        show_default="replay with --file, else simulator",
        rich_help_panel=MARKET,
    ),
]
UniverseKey = Annotated[
    str | None,
    typer.Option(
        "--universe",
        metavar="GROUP:NAME",
        help="Which symbols.",
        show_default="market_leaders:top_500; of a replay, the file's",
        rich_help_panel=MARKET,
    ),
]
Files = Annotated[
    list[Path] | None,
    typer.Option(
        "--file",
        metavar="PATH",
        help="CSV or Parquet file of bars or trades to replay, or a folder of them; may be given more than once.",
        rich_help_panel=MARKET,
    ),
]
SampleFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--file",
        metavar="PATH",
        help="CSV or Parquet file of bars or trades, or a folder of them; each PATH is a market of its own.",
        rich_help_panel=MARKET,
    ),
]
SampleSources = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="SOURCE",
        help="Bars stored in the database, by where they came from: replay:NAME; may be given more than once.",
        rich_help_panel=MARKET,
    ),
]
Timezone = Annotated[
    str | None,
    typer.Option(
        "--timezone",
        metavar="ZONE",
        help="Zone of timestamps that name none: America/New_York.",
        rich_help_panel=MARKET,
    ),
]
Speed = Annotated[
    str | None,
    typer.Option(
        "--speed",
        metavar="1|60|…|max|live",
        help="Market seconds per second; live runs the simulated market on the wall clock, in the exchange's hours.",
        show_default="60; live for --feed massive and redis",
        rich_help_panel=MARKET,
    ),
]
VirtualSpeed = Annotated[
    str | None,
    typer.Option("--speed", metavar="1|60|…|max", help="Market seconds per second.", show_default="60"),
]
Seed = Annotated[
    int | None,
    typer.Option(
        "--seed",
        min=0,
        help="Of the simulator: the same seed, the same market.",
        show_default="1",
        rich_help_panel=MARKET,
    ),
]
Date = Annotated[
    str | None,
    typer.Option(
        "--date",
        metavar="YYYY-MM-DD",
        help="First day of the simulator.",
        show_default="the latest trading day",
        rich_help_panel=MARKET,
    ),
]
Duration = Annotated[
    int | None,
    typer.Option(
        "--duration", min=1, metavar="SECONDS", help="Stop after so much market time.", rich_help_panel=MARKET
    ),
]
Again = Annotated[
    bool, typer.Option("--again", help="Replace days of a replay that are stored already.", rich_help_panel=MARKET)
]
ExtendedHours = Annotated[
    bool,
    typer.Option(
        "--extended-hours",
        help="Pre-market and after-hours too: 04:00 to 20:00 in New York.",
        show_default="TICKSTOCK_EXTENDED_HOURS",
        rich_help_panel=MARKET,
    ),
]
RegularHours = Annotated[
    bool,
    typer.Option("--regular-hours", help="Regular hours only, whatever the setting is.", rich_help_panel=MARKET),
]
RedisUrl = Annotated[
    str | None,
    typer.Option(
        "--redis-url",
        metavar="URL",
        help="The Redis that carries the events.",
        show_default="TICKSTOCK_REDIS_URL, else an embedded Redis",
        rich_help_panel=SERVERS,
    ),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="URL",
        help="The PostgreSQL that keeps them.",
        show_default="TICKSTOCK_DATABASE_URL, else an embedded PostgreSQL",
        rich_help_panel=SERVERS,
    ),
]
Host = Annotated[
    str | None,
    typer.Option(
        "--host", metavar="ADDRESS", help="Where the page is served.", show_default="127.0.0.1", rich_help_panel=PAGE
    ),
]
Port = Annotated[
    int | None,
    typer.Option(
        "--port",
        metavar="PORT",
        help="Port of the page; 0 takes a free one.",
        show_default="8450",
        rich_help_panel=PAGE,
    ),
]
OtherUniverse = Annotated[
    str | None,
    typer.Option(
        "--universe", metavar="GROUP:NAME", help="Which symbols.", show_default="those the service was started with"
    ),
]
ServiceSource = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="SOURCE",
        help="Which service, where several run: massive, replay:NAME, or its id.",
    ),
]
ProducersDatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="URL",
        help="The PostgreSQL in which the producer stores.",
        show_default="TICKSTOCK_DATABASE_URL, else the embedded one that runs, if Redis is embedded too",
    ),
]
ServicesRedisUrl = Annotated[
    str | None,
    typer.Option(
        "--redis-url",
        metavar="URL",
        help="The Redis on which the services publish.",
        show_default="TICKSTOCK_REDIS_URL, else the embedded one that runs",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON, for scripts.")]
KeyRole = Annotated[
    Literal["viewer", "admin"],
    typer.Option("--role", help="A viewer reads everything; an administrator also starts and stops sessions."),
]
