"""Parameters that several routes take, and what is said of a wrong one."""

import difflib
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, HTTPException, Path, Query, Request, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from msgspec import Meta
from pydantic import AfterValidator

from tickstockpl.contract.fields import SYMBOL_PATTERN
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.dashboard.live.hub import Hub
from tickstockpl.dashboard.live.symbols import is_symbol
from tickstockpl.store.paging import Position, parse_position
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


_SYMBOL_SCHEMA: Final = {"pattern": f"^{SYMBOL_PATTERN}$"}


def _symbol(
    symbol: Annotated[
        str, Path(description="Stock symbol, uppercase", examples=["NVDA"], json_schema_extra=_SYMBOL_SCHEMA)
    ],
) -> str:
    return check_symbol(symbol)


Symbol = Annotated[str, Depends(_symbol)]


def _one_symbol(
    symbol: Annotated[
        str | None, Query(description="only this symbol's", examples=["NVDA"], json_schema_extra=_SYMBOL_SCHEMA)
    ] = None,
) -> str | None:
    return None if symbol is None else check_symbol(symbol)


OneSymbol = Annotated[str | None, Depends(_one_symbol)]


def _without_nul(text: str | None) -> str | None:
    if text is not None and "\x00" in text:
        raise ValueError("no name has a NUL in it")  # nor can the database be asked for one
    return text


Name = Annotated[str, Meta(max_length=200)]
"""A name in a body."""

Source = Annotated[
    str | None,
    AfterValidator(_without_nul),
    Query(
        max_length=200,
        description="massive, redis, replay:NAME or simulator:RUN; without it, the source that runs or ran last",
    ),
]

AnySource = Annotated[
    str | None,
    AfterValidator(_without_nul),
    Query(max_length=200, description="only of this source: massive, redis, replay:NAME or simulator:RUN"),
]

OneSource = Annotated[
    str | None, AfterValidator(_without_nul), Query(max_length=200, description="only this source's, or service id's")
]

OneSession = Annotated[UUID | None, Query(description="only of this session, of whichever source it is")]

PatternType = Annotated[
    str | None, AfterValidator(_without_nul), Query(max_length=50, description="only of this type", examples=["Doji"])
]

Component = Annotated[
    str | None, AfterValidator(_without_nul), Query(max_length=100, description="only of this part", examples=["redis"])
]

IndicatorName = Annotated[
    str | None,
    AfterValidator(_without_nul),
    Query(max_length=50, description="only this indicator, named without parameters", examples=["SMA"]),
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
        position = parse_position(text)
    except ValueError:
        position = None
    if position is None or "~" in text:
        raise HTTPException(422, f"query {name} was {text!r}; write a time with its zone, as {EXAMPLE_TIME}")
    return position.at


def _before(
    before: Annotated[
        str | None,
        Query(
            max_length=100,
            description="only what is earlier: what `earlier` of the answer before said, or a time, ISO 8601 with its "
            "zone",
            examples=[EXAMPLE_TIME],
        ),
    ] = None,
) -> Position | None:
    if before is None:
        return None
    try:
        return parse_position(before)
    except ValueError:
        raise HTTPException(
            422,
            f"query before was {before!r}; write a time with its zone, as {EXAMPLE_TIME}, or what earlier of an answer "
            "said",
        ) from None


Before = Annotated[Position | None, Depends(_before)]


def _since(
    since: Annotated[
        str | None,
        Query(
            max_length=100, description="only at or after this time, ISO 8601 with its zone", examples=[EXAMPLE_TIME]
        ),
    ] = None,
) -> datetime | None:
    return None if since is None else moment_of("since", since)


Since = Annotated[datetime | None, Depends(_since)]


async def check_parameters(request: Request) -> None:
    """Refuse parameters that a route does not have, or has twice: whoever mistypes one would be answered too much.

    Raises:
        HTTPException: 422 if there is such a parameter.
    """
    given = [name for name, _ in request.query_params.multi_items()]
    if not given:
        return
    route: APIRoute = request.scope["route"]
    known = sorted(of.alias for of in get_flat_params(route.dependant) if isinstance(of.field_info, params.Query))
    for name in given:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"did you mean {close[0]}? " if close else ""
            there_are = f"There are: {', '.join(known)}" if known else "There are none"
            raise HTTPException(422, f"there is no query parameter {name!r} here; {hint}{there_are}")
        if given.count(name) > 1:
            raise HTTPException(422, f"query {name} was given {given.count(name)} times; give it once")


def as_iso(moment: datetime) -> str:
    """A moment as the contract writes it."""
    return to_iso((moment - _EPOCH) // timedelta(milliseconds=1))
