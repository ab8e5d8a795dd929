"""The command line."""

import asyncio
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from tickstockpl import __version__
from tickstockpl.cli import options as opt
from tickstockpl.cli.reporter import Reporter
from tickstockpl.cli.usage import redacting
from tickstockpl.errors import TickStockError
from tickstockpl.settings import Settings, load_settings

reporter = Reporter()
app = typer.Typer(
    name="tickstockpl",
    cls=redacting(reporter.redactor),
    help="A stock market's trades to bars, indicators, graded candlestick patterns and alerts, live.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
console = Console(stderr=False, highlight=False)

Result = TypeVar("Result")

# Each command imports what it needs: `tickstockpl --help` and the page need not wait for TA-Lib or pandas.


@app.command()
def run(
    feed: opt.Feed = None,
    universe: opt.UniverseKey = None,
    file: opt.Files = None,
    timezone: opt.Timezone = None,
    speed: opt.Speed = None,
    seed: opt.Seed = None,
    date: opt.Date = None,
    duration: opt.Duration = None,
    again: opt.Again = False,
    extended_hours: opt.ExtendedHours = False,
    regular_hours: opt.RegularHours = False,
    redis_url: opt.RedisUrl = None,
    database_url: opt.DatabaseUrl = None,
    host: opt.Host = None,
    port: opt.Port = None,
) -> None:
    """Stream a market and show it on a live page."""
    from tickstockpl.cli.run import check_port
    from tickstockpl.cli.run import run as run_both
    from tickstockpl.cli.servers import servers
    from tickstockpl.cli.stream import StreamOptions, make_feed, print_summary
    from tickstockpl.streaming.plan import AnalysisPlan

    hours = opt.parse_hours(extended=extended_hours, regular=regular_hours)
    settings = _settings(extended_hours=hours, redis_url=redis_url, database_url=database_url, host=host, port=port)
    options = StreamOptions(
        feed=feed,
        universe=universe,
        files=tuple(file or ()),
        timezone=timezone,
        speed=opt.parse_speed(speed, feed),
        seed=seed,
        first_date=opt.parse_date(date),
        duration_s=duration,
        again=again,
    )
    check_port(settings)
    chosen = make_feed(options, settings)
    plan = AnalysisPlan.of(settings)
    with servers(settings, console) as found:
        print_summary(console, _loop(run_both(chosen, options, settings, plan, found, console)))


@app.command()
def stream(
    feed: opt.Feed = None,
    universe: opt.UniverseKey = None,
    file: opt.Files = None,
    timezone: opt.Timezone = None,
    speed: opt.Speed = None,
    seed: opt.Seed = None,
    date: opt.Date = None,
    duration: opt.Duration = None,
    again: opt.Again = False,
    extended_hours: opt.ExtendedHours = False,
    regular_hours: opt.RegularHours = False,
    redis_url: opt.RedisUrl = None,
    database_url: opt.DatabaseUrl = None,
) -> None:
    """Stream a market to Redis and PostgreSQL, without a page."""
    from tickstockpl.cli.servers import servers
    from tickstockpl.cli.signals import stop_on_signals
    from tickstockpl.cli.stream import StreamOptions, make_feed, print_summary
    from tickstockpl.cli.stream import stream as stream_market
    from tickstockpl.streaming.plan import AnalysisPlan
    from tickstockpl.streaming.status import ServiceStatus

    hours = opt.parse_hours(extended=extended_hours, regular=regular_hours)
    settings = _settings(extended_hours=hours, redis_url=redis_url, database_url=database_url)
    options = StreamOptions(
        feed=feed,
        universe=universe,
        files=tuple(file or ()),
        timezone=timezone,
        speed=opt.parse_speed(speed, feed),
        seed=seed,
        first_date=opt.parse_date(date),
        duration_s=duration,
        again=again,
    )

    chosen = make_feed(options, settings)
    plan = AnalysisPlan.of(settings)
    with servers(settings, console) as found:

        async def until_done() -> ServiceStatus:
            stop = stop_on_signals(console)
            return await stream_market(chosen, options, settings, plan, found, console, stop)

        print_summary(console, _loop(until_done()))


dashboard = typer.Typer(invoke_without_command=True, help="Serve the live page for whatever is streamed.")
app.add_typer(dashboard, name="dashboard")


@dashboard.callback()
def serve_dashboard(
    context: typer.Context,
    redis_url: opt.RedisUrl = None,
    database_url: opt.DatabaseUrl = None,
    host: opt.Host = None,
    port: opt.Port = None,
    held: Annotated[bool, typer.Option("--held", hidden=True, help="End when standard input does.")] = False,
) -> None:
    """Serve the live page for whatever is streamed, or see to who may open it."""
    if context.invoked_subcommand is not None:
        return
    from tickstockpl.cli.page import READY, say_page
    from tickstockpl.cli.servers import servers
    from tickstockpl.dashboard.server import run_dashboard

    settings = _settings(redis_url=redis_url, database_url=database_url, host=host, port=port)

    def say(address: str) -> None:
        if held:
            print(f"{READY}{address}", flush=True)  # noqa: T201 - read by the parent
        else:
            say_page(console, address)

    with servers(settings, console) as found:
        run_dashboard(settings, found.redis_url, found.database_url, say, exit_with_stdin=held)


@dashboard.command("link")
def dashboard_link(role: opt.KeyRole = "admin") -> None:
    """Print a link to the running dashboard that signs one browser in, once."""
    from tickstockpl.cli.access import print_link

    print_link(_settings(), role, console)


@dashboard.command("token")
def dashboard_token(
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Whose it is, for the record.")],
    role: opt.KeyRole = "viewer",
    days: Annotated[
        int | None, typer.Option("--days", min=1, max=3650, help="Days for which it holds.", show_default="for ever")
    ] = None,
) -> None:
    """Make a token that a script sends: Authorization: Bearer TOKEN."""
    from tickstockpl.cli.access import make_token

    make_token(_settings(), name, role, days, console)


@dashboard.command("keys")
def dashboard_keys() -> None:
    """Show who may open the page: tokens, signed-in browsers, links that were not opened yet."""
    from tickstockpl.cli.access import show_keys

    show_keys(_settings(), console)


@dashboard.command("revoke")
def dashboard_revoke(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The token's.", show_default=False)] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every token, signed-in browser and link.")] = False,
) -> None:
    """Let a token hold no more, or sign everybody out."""
    from tickstockpl.cli.access import revoke

    revoke(_settings(), name, console, everything=everything)


@dashboard.command("password")
def dashboard_password() -> None:
    """Ask for a password and print what TICKSTOCK_DASHBOARD_PASSWORD_HASH has to be."""
    from tickstockpl.cli.access import print_password_hash

    print_password_hash(console)


@app.command()
def calibrate(
    file: opt.SampleFiles = None,
    source: opt.SampleSources = None,
    timezone: opt.Timezone = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where to.", show_default="calibration.json in the data folder"),
    ] = None,
    database_url: opt.DatabaseUrl = None,
) -> None:
    """Make the ranks by which patterns are graded, from a market of your own."""
    from tickstockpl.cli.calibrate import calibrate as make_calibration

    settings = _settings(database_url=database_url)
    make_calibration(file or (), source or (), timezone, out, settings, console)


@app.command()
def rates(
    file: opt.SampleFiles = None,
    source: opt.SampleSources = None,
    timezone: opt.Timezone = None,
    calibration: Annotated[
        Path | None,
        typer.Option(
            "--calibration",
            metavar="FILE",
            help="What patterns are graded by.",
            show_default="TICKSTOCK_CALIBRATION, else the package's",
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Folder for rates.md and images/rates.svg.")
    ] = Path(),
    database_url: opt.DatabaseUrl = None,
) -> None:
    """Count how often each pattern occurs in a market."""
    from tickstockpl.cli.rates import rates as write_rates

    settings = _settings(database_url=database_url, calibration=calibration)
    write_rates(file or (), source or (), timezone, out, settings, console)


@app.command()
def verify(
    redis_url: opt.ServicesRedisUrl = None,
    database_url: opt.ProducersDatabaseUrl = None,
    duration: Annotated[
        float | None,
        typer.Option("--duration", min=1, metavar="SECONDS", help="How long to listen.", show_default="60"),
    ] = None,
    session: Annotated[bool, typer.Option("--session", help="Listen until a session ends.")] = False,
    as_json: opt.AsJson = False,
) -> None:
    """Check a producer, this or another, by what it publishes and stores; exit code 1 if a rule is broken."""
    from tickstockpl.cli.verify import listening_time
    from tickstockpl.cli.verify import verify as verify_producer

    duration_s = listening_time(duration, session=session)
    settings = _settings(redis_url=redis_url, database_url=database_url)
    verify_producer(settings, duration_s, console, as_json=as_json)


@app.command()
def monitor(
    text: Annotated[
        str, typer.Option("--filter", metavar="WORDS", help="List only what has all of these words in it.")
    ] = "",
    redis_url: opt.ServicesRedisUrl = None,
) -> None:
    """Show what a producer publishes, live; as lines where standard output is no terminal."""
    from tickstockpl.cli.monitor import monitor as show

    show(_settings(redis_url=redis_url), text)


@app.command()
def report(
    duration: Annotated[
        float | None,
        typer.Option("--duration", min=1, metavar="SECONDS", help="How long to listen.", show_default="60"),
    ] = None,
    session: Annotated[bool, typer.Option("--session", help="Listen until a session ends.")] = False,
    play: Annotated[
        bool, typer.Option("--play", help="Play the four scenarios and an hour of a simulated market, with a page.")
    ] = False,
    speed: opt.VirtualSpeed = None,
    page: Annotated[
        str | None,
        typer.Option("--page", metavar="URL", help="The page to watch.", show_default="the data folder's, if it runs"),
    ] = None,
    reporter_name: Annotated[
        str | None, typer.Option("--reporter", metavar="NAME", help="Who reports.", show_default="tickstockpl report")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to.", show_default="standard output")
    ] = None,
    redis_url: opt.ServicesRedisUrl = None,
    database_url: opt.ProducersDatabaseUrl = None,
    as_json: opt.AsJson = False,
) -> None:
    """Fill in the specification's status report; exit code 1 if a success criterion does not hold."""
    from tickstockpl.cli.report import write_report
    from tickstockpl.cli.verify import listening_time

    duration_s = listening_time(duration, session=session)
    settings = _settings(redis_url=redis_url, database_url=database_url)
    if speed is not None and not play:
        raise TickStockError(f"--speed was {speed} without --play; a producer that runs has its own")
    play_at = opt.parse_virtual_speed(speed) if play else None
    write_report(settings, duration_s, reporter_name, page, out, play_at=play_at, as_json=as_json)


@app.command()
def scenario(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Which, or all.", show_default=False)
    ] = None,
    list_them: Annotated[bool, typer.Option("--list", help="Say what there is, and end.")] = False,
    speed: opt.VirtualSpeed = None,
    redis_url: opt.RedisUrl = None,
    database_url: opt.DatabaseUrl = None,
    as_json: opt.AsJson = False,
) -> None:
    """Play a scripted market through the real service; exit code 1 if anything of it is missing or too much."""
    from tickstockpl.cli.scenario import chosen_scenarios, list_scenarios, play_scenarios

    if list_them:
        list_scenarios(console)
        return
    chosen = chosen_scenarios(names or ())
    settings = _settings(redis_url=redis_url, database_url=database_url)
    play_scenarios(chosen, opt.parse_virtual_speed(speed), settings, console, as_json=as_json)


@app.command()
def migrate(database_url: opt.DatabaseUrl = None) -> None:
    """Create or update the tables."""
    from tickstockpl.cli.servers import servers
    from tickstockpl.store.migrate import migrate as bring_up_to_date

    settings = _settings(database_url=database_url)
    with servers(settings, console, need_redis=False) as found:
        console.print(f"The tables are at revision {bring_up_to_date(found.database_url)}.")


@app.command()
def prune(
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="AGE", help="What ended longer ago: 30d (days), 8w (weeks).")
    ],
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="SOURCE", help="Only sessions of it: replay:NAME.", show_default="all"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be deleted, and delete nothing.")] = False,
    database_url: opt.DatabaseUrl = None,
) -> None:
    """Delete old sessions with all their rows."""
    from tickstockpl.cli.prune import parse_age
    from tickstockpl.cli.prune import prune as prune_sessions
    from tickstockpl.cli.servers import servers

    settings = _settings(database_url=database_url)
    days = parse_age(older_than)
    with servers(settings, console, need_redis=False) as found:
        prune_sessions(found.database_url, days, source, console, dry_run=dry_run)


session = typer.Typer(no_args_is_help=True, help="Start, stop and look at the sessions of running services.")
app.add_typer(session, name="session")


@session.command("start")
def session_start(
    universe: opt.OtherUniverse = None,
    source: opt.ServiceSource = None,
    redis_url: opt.ServicesRedisUrl = None,
    as_json: opt.AsJson = False,
) -> None:
    """Have a running service start its session."""
    from tickstockpl.cli.session import order

    order("start", source, universe, _settings(redis_url=redis_url), console, as_json=as_json)


@session.command("stop")
def session_stop(
    source: opt.ServiceSource = None, redis_url: opt.ServicesRedisUrl = None, as_json: opt.AsJson = False
) -> None:
    """Have a running service stop its session; the service runs on."""
    from tickstockpl.cli.session import order

    order("stop", source, None, _settings(redis_url=redis_url), console, as_json=as_json)


@session.command("status")
def session_status(
    source: opt.ServiceSource = None, redis_url: opt.ServicesRedisUrl = None, as_json: opt.AsJson = False
) -> None:
    """Show what the running services are at."""
    from tickstockpl.cli.session import status

    status(source, _settings(redis_url=redis_url), console, as_json=as_json)


def _settings(**overrides: object) -> Settings:
    settings = load_settings(**overrides)
    reporter.follow(settings)
    return settings


def _version(wanted: bool) -> None:
    if wanted:
        console.print(f"tickstockpl {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    del version


def _loop(work: Coroutine[Any, Any, Result]) -> Result:
    """Run an asynchronous command; a second Ctrl-C ends it as a first one ends others."""
    try:
        return asyncio.run(work)
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def main() -> None:
    """Entry point: errors that are the user's to fix are one sentence, and the exit code is not 0."""
    reporter.begin(sys.argv, os.environ)
    try:
        app()
    except TickStockError as error:
        reporter.refuse(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told without secrets
        reporter.fail(error)
        sys.exit(1)
