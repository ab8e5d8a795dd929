"""``tickstockpl verify``: any producer, checked against the contract by what it publishes and stores."""

import asyncio
from collections.abc import Iterator

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tickstockpl.cli.servers import producers_servers
from tickstockpl.cli.signals import stop_on_signals
from tickstockpl.conformance.channel_counts import ChannelFigures
from tickstockpl.conformance.findings import Finding
from tickstockpl.conformance.listening import verify as listen_and_judge
from tickstockpl.conformance.verifier import Verification, Verifier
from tickstockpl.errors import TickStockError
from tickstockpl.printable import printable
from tickstockpl.settings import Settings

_MARKS = {"pass": ("✓", "green"), "fail": ("✗", "red"), "unknown": ("?", "yellow")}

_MEASURES = {
    "checkpoint": "from when the producer had sent it to when it was read here",
    "minute_close": "from the time that an event names to when it was read here",
}

_PREFIX = "tickstock:"

USUAL_S = 60.0


def listening_time(duration_s: float | None, *, session: bool) -> float | None:
    """For how long to listen; ``None`` until a session ends.

    Raises:
        TickStockError: if both are asked for.
    """
    if session and duration_s is not None:
        raise TickStockError(f"--duration was {duration_s:g} and --session was given too; they exclude each other")
    return None if session else duration_s or USUAL_S


def verify(settings: Settings, duration_s: float | None, console: Console, *, as_json: bool) -> None:
    """Listen, judge and print.

    Raises:
        TickStockError: if no server is named and none runs, or one cannot be reached.
        typer.Exit: with 1 if a rule is broken.
    """
    redis_url, database_url = producers_servers(settings)
    verification = asyncio.run(_verify(redis_url, database_url, duration_s, console, as_json=as_json))
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(verification), indent=2).decode())  # noqa: T201 - for scripts
    else:
        print_verification(console, verification)
    if verification.outcome == "fail":
        raise typer.Exit(1)


async def _verify(
    redis_url: str, database_url: str | None, duration_s: float | None, console: Console, *, as_json: bool
) -> Verification:
    quiet = Console(quiet=True) if as_json else console
    stop = stop_on_signals(quiet, "Ending: what was heard so far is judged. Press Ctrl-C again to end at once.")
    until = "until a session ends" if duration_s is None else f"for {duration_s:g} s"
    with quiet.status("nothing heard yet") as line:

        def show(verifier: Verifier) -> None:
            line.update(f"{verifier.messages:,} messages, {verifier.violations:,} of them not of the contract")

        def listening() -> None:
            quiet.print(f"Listening {until}; Ctrl-C ends it earlier.")

        return await listen_and_judge(redis_url, database_url, duration_s, stop, show, listening)


def print_verification(console: Console, verification: Verification) -> None:
    """What was heard on each channel, then each rule with what breaks it."""
    if verification.sources:
        _say(console, f"Heard {', '.join(verification.sources)} for {verification.seconds:.0f} s.")
    console.print(_channels(verification.channels))
    for measure in dict.fromkeys(one.latency_of for one in verification.channels if one.latency_of):
        console.print(Text(f"ms: {_MEASURES[measure]}", style="dim"))
    console.print()
    for finding in verification.findings:
        mark, colour = _MARKS[finding.outcome]
        headline = Text.assemble((f"{mark} ", colour), (f"{finding.rule:<16}", "bold"), printable(finding.said))
        console.print(headline, soft_wrap=True)
        for line in _offenders(finding):
            console.print(Text(f"    {printable(line)}", style="dim"), soft_wrap=True)
    console.print()
    _say(console, _verdict(verification))


def _verdict(verification: Verification) -> str:
    if not any(channel.messages for channel in verification.channels):
        return (
            f"FAIL: nothing was heard in {verification.seconds:.0f} s; is a producer running, and publishing on "
            "this Redis?"
        )
    broken = [finding.rule for finding in verification.findings if finding.outcome == "fail"]
    unknown = [finding.rule for finding in verification.findings if finding.outcome == "unknown"]
    verdict = f"FAIL: {', '.join(broken)}." if broken else "PASS."
    return f"{verdict} Cannot be known: {', '.join(unknown)}." if unknown else verdict


def _channels(channels: list[ChannelFigures]) -> Table:
    """Fits 80 columns; what no channel has is left out."""
    batched = any(one.batches is not None for one in channels)
    timed = any(one.latency_ms is not None for one in channels)
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(f"{_PREFIX}…", no_wrap=True)
    further = (["batches"] if batched else []) + (["p50 ms", "p95 ms", "p99 ms"] if timed else [])
    for title in ("messages", "a second", "wrong", *further):
        table.add_column(title, justify="right", no_wrap=True)
    for one in channels:
        cells = [f"{one.messages:,}", f"{one.per_second:,.1f}"]
        wrong = Text(f"{one.violations:,}", style="red" if one.violations else "")
        sizes = "" if one.batches is None else f"{one.batches.smallest}-{one.batches.largest}"
        latency = one.latency_ms
        times = [""] * 3 if latency is None else [f"{ms:,}" for ms in (latency.p50, latency.p95, latency.p99)]
        table.add_row(
            one.channel.removeprefix(_PREFIX),
            *cells,
            wrong,
            *([sizes] if batched else []),
            *(times if timed else []),
            style="" if one.messages else "dim",
        )
    return table


def _offenders(finding: Finding) -> Iterator[str]:
    for offence in finding.offences:
        yield f"{offence.where}: {offence.count:,}"
        for one in offence.first:
            number = f"message {one.message:,}, " if one.message else ""
            field = f"{one.field}: " if one.field else ""
            yield f"  {number}{field}{one.reason}"
            if one.excerpt:
                yield f"    {one.excerpt}"
        if offence.count > len(offence.first):
            yield f"  and {offence.count - len(offence.first):,} more"


def _say(console: Console, sentence: str) -> None:
    console.print(Text(printable(sentence)), soft_wrap=True)
