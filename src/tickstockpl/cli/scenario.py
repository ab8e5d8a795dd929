"""``tickstockpl scenario``: a scripted market through the real service, and whether all of it arrived."""

import asyncio
from collections.abc import Iterable, Sequence

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tickstockpl.cli.screen import Screen
from tickstockpl.cli.servers import Servers, servers
from tickstockpl.cli.signals import stop_on_signals
from tickstockpl.clock import monotonic_s
from tickstockpl.errors import TickStockError
from tickstockpl.scenarios.library import SCENARIOS
from tickstockpl.scenarios.outcome import Line, Outcome
from tickstockpl.scenarios.play import Performance
from tickstockpl.scenarios.scenario import Scenario
from tickstockpl.settings import Settings

EVERYTHING = "all"


def chosen_scenarios(names: Sequence[str]) -> list[Scenario]:
    """The scenarios of some names, each once, in the order in which they were named.

    Raises:
        TickStockError: if there is no such scenario, or none is named.
    """
    known = ", ".join(SCENARIOS)
    if not names:
        raise TickStockError(f"no scenario was named; name one or several of {known}, or {EVERYTHING}")
    for name in names:
        if name not in SCENARIOS and name != EVERYTHING:
            raise TickStockError(f"there is no scenario {name!r}; there are {known}, and {EVERYTHING}")
    wanted = SCENARIOS if EVERYTHING in names else names
    return [SCENARIOS[name] for name in dict.fromkeys(wanted)]


def list_scenarios(console: Console) -> None:
    """What there is to choose from."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    for scenario in SCENARIOS.values():
        table.add_row(Text(scenario.name, style="bold"), scenario.summary)
    console.print(table)


def play_scenarios(
    scenarios: Sequence[Scenario], speed: float, settings: Settings, console: Console, *, as_json: bool
) -> None:
    """Play one after the other and print what each came to.

    Raises:
        TickStockError: if a server cannot be had, or the service fails.
        typer.Exit: with 1 if one did not come to what it had to.
    """
    quiet = Console(quiet=True) if as_json else console
    with servers(settings, quiet) as found:
        outcomes = asyncio.run(_play(scenarios, speed, settings, found, quiet))
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(outcomes), indent=2).decode())  # noqa: T201 - for scripts
    if not all(outcome.passed for outcome in outcomes):
        raise typer.Exit(1)


async def _play(
    scenarios: Iterable[Scenario], speed: float, settings: Settings, found: Servers, console: Console
) -> list[Outcome]:
    stop = stop_on_signals(console)
    return [await play_scenario(scenario, speed, settings, found, console, stop) for scenario in scenarios]


async def play_scenario(
    scenario: Scenario, speed: float, settings: Settings, found: Servers, console: Console, stop: asyncio.Event
) -> Outcome:
    """Play one, and print what it came to.

    Raises:
        TickStockError: if it was given up, a server cannot be had, or the service fails.
    """
    console.print(Text.assemble((scenario.name, "bold"), f": {scenario.summary}."), soft_wrap=True)
    began_s = monotonic_s()
    performance = Performance(scenario, speed, settings, found.redis_url, found.database_url)
    async with Screen(console, performance.service.status, speed, performance.progress):
        outcome = await performance.play(stop)
    print_outcome(console, outcome, monotonic_s() - began_s)
    return outcome


def print_outcome(console: Console, outcome: Outcome, took_s: float) -> None:
    """The table, what else had to hold, and what did not."""
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("")
    table.add_column("tickstock:…", no_wrap=True)
    for title in ("expected", "published", "received", "stored"):
        table.add_column(title, justify="right", no_wrap=True)
    for line in outcome.lines:
        table.add_row(_mark(line.holds), *_cells(line))
    console.print(table)
    for holds, statement in outcome.statements:
        console.print(Text.assemble(_mark(holds), f" {statement}"), soft_wrap=True)
    for sentence in outcome.wrong:
        console.print(Text(f"  {sentence}", style="red"), soft_wrap=True)
    verdict = "PASS" if outcome.passed else "FAIL"
    sentence = f"{verdict}: scenario {outcome.scenario} in {took_s:.1f} s, session {outcome.session_id}.\n"
    console.print(sentence, soft_wrap=True)


def _mark(holds: bool) -> Text:
    return Text("✓", style="green") if holds else Text("✗", style="red")


def _cells(line: Line) -> list[str]:
    expected = f"{line.expected:,}{' or more' if line.is_least else ''}"
    return [
        line.title,
        expected,
        *("-" if n is None else f"{n:,}" for n in (line.published, line.received, line.stored)),
    ]
