"""``tickstockpl prune``: old sessions make room."""

import re
from typing import Final

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from tickstockpl.errors import TickStockError
from tickstockpl.store.pruning import OldSession, RowsGone, delete_in_batches, old_sessions, size_of

LONGEST_DAYS: Final = 36_500
_DAYS_OF: Final = {"d": 1, "w": 7}


def parse_age(text: str) -> int:
    """Read ``--older-than``, in days.

    Raises:
        TickStockError: if it is not a whole number of days or weeks; a bare number might be meant as either.
    """
    found = re.fullmatch(r"(\d{1,6})([dw])", text.strip().lower(), re.ASCII)
    days = int(found[1]) * _DAYS_OF[found[2]] if found is not None else 0
    if not 0 < days <= LONGEST_DAYS:
        raise TickStockError(f"--older-than was {text!r}; write days or weeks with their unit: 30d, or 8w")
    return days


def prune(database_url: str, days: int, source: str | None, console: Console, *, dry_run: bool) -> None:
    """Delete the sessions that ended more than ``days`` days ago, or say which those are.

    Raises:
        TickStockError: if the database cannot be reached, or a table stays locked.
    """
    sessions = old_sessions(database_url, days, source)
    if not sessions:
        of_source = f" of {source}" if source is not None else ""
        ago = "1 day" if days == 1 else f"{days} days"
        console.print(f"No session{of_source} ended more than {ago} ago.", markup=False, soft_wrap=True)
        return
    if dry_run:
        gone = {session: size_of(database_url, session) for session in sessions}
        _print_sessions(console, gone)
    else:
        gone = _delete(database_url, sessions, console)
    _print_total(console, list(gone.values()), verb="would be deleted" if dry_run else "deleted")


def _delete(database_url: str, sessions: list[OldSession], console: Console) -> dict[OldSession, RowsGone]:
    gone: dict[OldSession, RowsGone] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} sessions"))
    deleted = 0
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("0 rows deleted", total=len(sessions))

        def tell(rows: int) -> None:
            nonlocal deleted
            deleted += rows
            progress.update(bar, description=f"{deleted:,} rows deleted")

        for session in sessions:
            if (rows := delete_in_batches(database_url, session, told=tell)) is not None:
                gone[session] = rows
            progress.advance(bar)
    return gone


def _print_sessions(console: Console, sizes: dict[OldSession, RowsGone]) -> None:
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("day", no_wrap=True)
    table.add_column("source", overflow="fold")
    table.add_column("rows", justify="right", no_wrap=True)
    table.add_column("bytes", justify="right", no_wrap=True)
    for session, size in sizes.items():
        table.add_row(
            str(session.trading_date or ""), session.source or "", f"{size.count:,}", decimal(size.size_bytes)
        )
    console.print(table)


def _print_total(console: Console, gone: list[RowsGone], verb: str) -> None:
    size_bytes = sum(one.size_bytes for one in gone)
    sessions = f"{len(gone):,} session{'' if len(gone) == 1 else 's'}"
    console.print(
        f"{sessions}, {sum(one.count for one in gone):,} rows, {decimal(size_bytes)} {verb}; "
        "PostgreSQL uses the room for what is stored next.",
        soft_wrap=True,
    )
