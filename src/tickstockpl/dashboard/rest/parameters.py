"""Parameters that several routes take, and what is said of a wrong one."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import Depends, HTTPException, Path, Query, Request
from pydantic import AfterValidator

from tickstockpl.contract.timestamps import to_iso
from tickstockpl.dashboard.live.hub import Hub
from tickstockpl.dashboard.live.symbols import is_symbol
from tickstockpl.store.queries import Queries

EXAMPLE_TIME: Final = "2025-10-06T13:30:00.000Z"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def check_symbol(symbol: str) -> str:
    """The symbol, if it is one.

    Raises:
        HTTPException: 422 if it is not.
    """
    if not is_symbol(symbol):
        raise HTTPException(
            422,
            f"{symbol!r} is not a symbol; a symbol is 1 to 10 of A-Z, 0-9, '.' and '-', "
            "and begins with a letter or digit",
        )
    return symbol


def _symbol(symbol: Annotated[str, Path(description="Stock symbol, uppercase", examples=["NVDA"])]) -> str:
    return check_symbol(symbol)


Symbol = Annotated[str, Depends(_symbol)]


def _without_nul(source: str | None) -> str | None:
    if source is not None and "\x00" in source:
        raise ValueError("no source has a NUL in its name")  # nor can the database be asked for one
    return source


Source = Annotated[
    str | None,
    AfterValidator(_without_nul),
    Query(
        max_length=200,
        description="massive, redis, replay:NAME or simulator:RUN; without it, the source that runs or ran last",
    ),
]


def queries_of(request: Request) -> Queries:
    """The tables."""
    queries: Queries = request.app.state.queries
    return queries


async def _chosen(request: Request, source: Source = None) -> str | None:
    if source is not None:
        return source
    hub: Hub = request.app.state.hub
    if hub.state.measures.source is not None:
        return hub.state.measures.source
    newest = await queries_of(request).sessions(1)
    return newest[0].source if newest else None


ChosenSource = Annotated[str | None, Depends(_chosen)]
"""The source that is asked for, else the one that runs or ran last."""


def moment_of(name: str, text: str) -> datetime:
    """The moment that a query's parameter names.

    Raises:
        HTTPException: 422 if it names none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise HTTPException(422, f"query {name} was {text!r}; write a time with its zone, as {EXAMPLE_TIME}")
    return moment


def as_iso(moment: datetime) -> str:
    """A moment as the contract writes it."""
    return to_iso((moment - _EPOCH) // timedelta(milliseconds=1))
