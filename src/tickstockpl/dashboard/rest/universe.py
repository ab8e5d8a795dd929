"""Universes over REST: which there are, and the symbols of one with names and sectors."""

import asyncio
from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from msgspec import Struct

from tickstockpl.dashboard.live.hub import Hub
from tickstockpl.dashboard.markets import Markets
from tickstockpl.dashboard.rest.parameters import queries_of
from tickstockpl.dashboard.rest.responses import responses, unless_known
from tickstockpl.errors import TickStockError
from tickstockpl.market.universes import MAX_KEY_LENGTH, Universe

router = APIRouter()


class UniversesAnswer(Struct, frozen=True):
    """The keys of all universes, sorted."""

    universes: list[str]


class UniverseSymbol(Struct, frozen=True):
    """A symbol; what its universe does not say of it is null."""

    symbol: str
    name: str | None
    sector: str | None


class UniverseAnswer(Struct, frozen=True):
    """A universe's symbols; those it does not list, but that are streamed in it, come last."""

    universe: str | None
    symbols: list[UniverseSymbol]


@router.get("/universes", responses=responses(UniversesAnswer, "In alphabetical order"))
async def universes(request: Request) -> Response:
    """The universes that a session can be started with: built-in ones and the user's own."""
    return unless_known(request, UniversesAnswer(await asyncio.to_thread(_markets(request).universes)))


@router.get(
    "/universe", responses=responses(UniverseAnswer, "In the universe's order", not_found="There is no such universe")
)
async def universe(
    request: Request,
    name: Annotated[
        str | None,
        Query(
            max_length=MAX_KEY_LENGTH, description="GROUP:NAME; without it, that of the session that runs or ran last"
        ),
    ] = None,
) -> Response:
    """A universe's symbols with names and sectors; of the one that is streamed, symbols it does not list too."""
    hub: Hub = request.app.state.hub
    shown = await _shown(request, hub)
    chosen = name if name is not None else shown
    if chosen is None:
        return unless_known(request, UniverseAnswer(None, []))
    seen = sorted(hub.state.board.symbols) if chosen == shown else []
    try:
        listed = await asyncio.to_thread(_markets(request).universe, chosen)
    except TickStockError as error:
        if chosen != shown:
            known = await asyncio.to_thread(_markets(request).universes)
            raise HTTPException(404 if chosen not in known else 422, _refusal(chosen, known, error)) from None
        listed = None  # a replay's, of no file: its symbols are known when they have traded
    return unless_known(request, UniverseAnswer(chosen, _symbols(listed, seen)))


async def _shown(request: Request, hub: Hub) -> str | None:
    """The universe of the session that runs, or ran last."""
    if hub.state.session is not None:
        return hub.state.session.universe
    newest = await queries_of(request).sessions(1, hub.state.measures.source)
    return newest[0].universe if newest else None


def _symbols(listed: Universe | None, seen: Iterable[str]) -> list[UniverseSymbol]:
    found = (
        [
            UniverseSymbol(symbol, name or None, sector or None)
            for symbol, name, sector in zip(listed.symbols, listed.names, listed.sectors, strict=True)
        ]
        if listed is not None
        else []
    )
    known = {symbol.symbol for symbol in found}
    return found + [UniverseSymbol(symbol, None, None) for symbol in seen if symbol not in known]


def _refusal(name: str, known: list[str], error: TickStockError) -> str:
    if name in known:
        return str(error)
    return f"query name was {name!r}: there is no such universe; there are: {', '.join(known)}"


def _markets(request: Request) -> Markets:
    markets: Markets = request.app.state.markets
    return markets
