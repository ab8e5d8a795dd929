"""Patterns over REST: of one symbol, or of all."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from msgspec import Struct

from tickstockpl.contract.events import Detection
from tickstockpl.dashboard.rest.parameters import (
    Before,
    ChosenSource,
    OneSession,
    OneSymbol,
    PatternType,
    Since,
    Symbol,
    queries_of,
)
from tickstockpl.dashboard.rest.responses import Earlier, json_answer, responses, shown
from tickstockpl.store.pages import PatternFilter
from tickstockpl.store.queries import Queries

PATTERNS_KEPT: Final = 100
"""The specification's limit of what a symbol's history answers; a page's, here."""

MOST_PATTERNS: Final = 500

Confidence = Annotated[float | None, Query(ge=0, le=1, description="only as confident or more, 0 to 1")]

router = APIRouter()


class PatternsAnswer(Struct, frozen=True):
    """A symbol's patterns, newest first."""

    symbol: str
    source: str | None
    patterns: list[Detection]
    earlier: Earlier


class AllPatternsAnswer(Struct, frozen=True):
    """Patterns of all symbols, newest first."""

    source: str | None
    patterns: list[Detection]
    earlier: Earlier


@router.get("/patterns/{symbol}", responses=responses(PatternsAnswer, "Newest first"))
async def patterns(
    request: Request,
    symbol: Symbol,
    source: ChosenSource,
    before: Before,
    since: Since,
    limit: Annotated[int, Query(ge=1, le=PATTERNS_KEPT)] = PATTERNS_KEPT,
) -> Response:
    """A symbol's last patterns."""
    which = PatternFilter(symbol=symbol, since=since)
    page = await queries_of(request).pages.patterns(source, limit, which, before=before)
    return json_answer(PatternsAnswer(symbol, source, page.items, shown(page.earlier)))


@router.get("/patterns", responses=responses(AllPatternsAnswer, "Newest first"))
async def all_patterns(
    request: Request,
    source: ChosenSource,
    before: Before,
    since: Since,
    symbol: OneSymbol,
    session: OneSession = None,
    pattern_type: PatternType = None,
    direction: Annotated[
        Literal["bullish", "bearish", "neutral"] | None,
        Query(description="only of this direction, as the source's catalog has it"),
    ] = None,
    min_confidence: Confidence = None,
    limit: Annotated[int, Query(ge=1, le=MOST_PATTERNS)] = PATTERNS_KEPT,
) -> Response:
    """The last patterns, of all symbols unless one is named."""
    queries = queries_of(request)
    which = PatternFilter(symbol, await _types(queries, source, pattern_type, direction), min_confidence, since)
    session_id = None if session is None else str(session)
    page = await queries.pages.patterns(source, limit, which, before=before, session_id=session_id)
    return json_answer(AllPatternsAnswer(source, page.items, shown(page.earlier)))


async def _types(
    queries: Queries, source: str | None, pattern_type: str | None, direction: str | None
) -> list[str] | None:
    if direction is None:
        return None if pattern_type is None else [pattern_type]
    catalog = await queries.catalog(source)
    known = [] if catalog is None else [of.name for of in catalog.patterns if of.direction == direction]
    return [name for name in known if pattern_type in (None, name)]
