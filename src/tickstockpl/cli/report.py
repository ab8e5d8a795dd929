"""``tickstockpl report``: the specification's status report, filled in from what a producer does."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from tickstockpl.cli.access import page_address
from tickstockpl.cli.performing import perform
from tickstockpl.cli.servers import producers_servers, servers
from tickstockpl.cli.signals import stop_on_signals
from tickstockpl.conformance.report.evidence import Evidence
from tickstockpl.conformance.report.gathering import gather
from tickstockpl.conformance.report.markdown import markdown
from tickstockpl.conformance.report.page import PageProbe
from tickstockpl.conformance.report.status_report import StatusReport, report
from tickstockpl.conformance.verifier import Verifier
from tickstockpl.dashboard.access.callers import Role
from tickstockpl.dashboard.access.identity import DAY_MS
from tickstockpl.dashboard.access.keys import KeyStore, Kind
from tickstockpl.errors import TickStockError
from tickstockpl.market.calendar import MarketCalendar
from tickstockpl.settings import Settings

REPORTER: Final = "tickstockpl report"


def write_report(
    settings: Settings,
    duration_s: float | None,
    reporter: str | None,
    page: str | None,
    out: Path | None,
    *,
    play_at: float | None,
    as_json: bool,
) -> None:
    """Gather the evidence and write the report.

    Args:
        settings: the user's.
        duration_s: for how long to listen; ``None`` until a session ends.
        reporter: who reports.
        page: the page to watch; ``None`` takes the data folder's.
        out: where to; ``None`` is standard output.
        play_at: the speed at which the scenarios are played; ``None`` listens to a producer that runs.
        as_json: for scripts.

    Raises:
        TickStockError: if a server or the page cannot be had, or the file not be written.
        typer.Exit: with 1 if a criterion does not hold.
    """
    if out is not None and not out.parent.is_dir():
        raise TickStockError(f"--out was {out}, and there is no folder {out.parent}; make it, or write elsewhere")
    talk = Console(stderr=True, highlight=False)  # the report itself may go to standard output
    if play_at is not None:
        with servers(settings, talk) as found, viewers_token(settings) as token:
            evidence = asyncio.run(perform(settings, found, talk, token, play_at))
    else:
        evidence = asyncio.run(_listen(settings, duration_s, page, talk))
    made = report(evidence, reporter or REPORTER, MarketCalendar())
    text = _json(made) if as_json else markdown(made)
    if out is None:
        print(text, end="")  # noqa: T201 - for a file, or to be read
    else:
        _write(out, text)
        talk.print(f"Written: {out}", soft_wrap=True, markup=False)
    for mark in made.criteria:
        talk.print(Text(f"{mark.sign} {mark.title}"), soft_wrap=True)
    if made.outcome == "❌":
        raise typer.Exit(1)


async def _listen(settings: Settings, duration_s: float | None, page: str | None, console: Console) -> Evidence:
    """The evidence of a producer that runs."""
    redis_url, database_url = producers_servers(settings)
    stop = stop_on_signals(
        console, "Ending: the report is of what was heard so far. Press Ctrl-C again to end at once."
    )
    until = "until a session ends" if duration_s is None else f"for {duration_s:g} s"
    with _page(settings, page) as probe, console.status("nothing heard yet") as line:

        def show(verifier: Verifier) -> None:
            line.update(f"{verifier.messages:,} messages, {verifier.violations:,} of them not of the contract")

        def listening() -> None:
            console.print(f"Listening {until}; Ctrl-C ends it earlier.")

        return await gather(redis_url, database_url, duration_s, stop, probe, listening, show)


@contextmanager
def _page(settings: Settings, address: str | None) -> Iterator[PageProbe | None]:
    """The page that was named, else the one that runs on the data folder; ``None`` where there is neither."""
    if address is not None:
        token = settings.admin_token
        yield PageProbe(address, "" if token is None else token.get_secret_value())
    elif (found := page_address(settings)) is None:
        yield None
    else:
        with viewers_token(settings) as token_of_ours:
            yield PageProbe(found, token_of_ours)


@contextmanager
def viewers_token(settings: Settings) -> Iterator[str]:
    """A viewer's token for a moment; none where the page asks nobody."""
    if settings.auth == "off":
        yield ""
        return
    name = f"report-{secrets.token_hex(4)}"
    with closing(KeyStore(settings.data_dir)) as keys:
        token = keys.create(Kind.TOKEN, Role.VIEWER, name, DAY_MS)
        try:
            yield token
        finally:
            keys.revoke_token(name)


def _json(made: StatusReport) -> str:
    return msgspec.json.format(msgspec.json.encode(made), indent=2).decode() + "\n"


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise TickStockError(
            f"the report cannot be written to {path} ({error.strerror}); choose another --out"
        ) from None
