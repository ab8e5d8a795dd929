"""The REST API: history and state as JSON, for the page and for scripts."""

import re
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from msgspec import Struct
from pydantic import AfterValidator

from tickstockpl.contract.catalog import Catalog
from tickstockpl.contract.events import AlertType
from tickstockpl.dashboard.answers import (
    AlertsAnswer,
    BarsAnswer,
    CatalogAnswer,
    ErrorAnswer,
    HealthAnswer,
    IndicatorsAnswer,
    PatternsAnswer,
    SessionsAnswer,
    StatusAnswer,
    answer,
    as_record,
)
from tickstockpl.dashboard.bars import read_bars
from tickstockpl.dashboard.live.hub import Hub
from tickstockpl.dashboard.live.symbols import is_symbol
from tickstockpl.store.queries import Queries

NOTHING_KNOWN = Catalog(patterns=[], indicators=[], alerts=[])
"""The catalog of a producer that has stored none."""

PATTERNS_KEPT = 100
INDICATORS_KEPT = 50
"""The specification's limits of what a symbol's history answers."""

DAY_OF_BARS = 390
"""A regular trading day's minutes."""

MOST_BARS = 2_000
"""A week of them."""

MOST_INDICATORS = 32

EXAMPLE_TIME = "2025-10-06T13:30:00.000Z"

_encoder = msgspec.json.Encoder()


def _symbol(symbol: Annotated[str, Path(description="Stock symbol, uppercase", examples=["NVDA"])]) -> str:
    if not is_symbol(symbol):
        raise HTTPException(
            422,
            f"{symbol!r} is not a symbol; a symbol is 1 to 10 of A-Z, 0-9, '.' and '-', "
            "and begins with a letter or digit",
        )
    return symbol


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


def _responses(answer_type: type[Struct], description: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: answer(description, answer_type),
        422: answer("A parameter is wrong", ErrorAnswer),
        503: answer("The database cannot be asked now", ErrorAnswer),
    }


def _json(content: Struct) -> Response:
    return Response(_encoder.encode(content), media_type="application/json", headers={"cache-control": "no-store"})


async def _chosen(request: Request, source: Source = None) -> str | None:
    if source is not None:
        return source
    hub: Hub = request.app.state.hub
    if hub.state.measures.source is not None:
        return hub.state.measures.source
    newest = await _queries(request).sessions(1)
    return newest[0].source if newest else None


ChosenSource = Annotated[str | None, Depends(_chosen)]


def _queries(request: Request) -> Queries:
    queries: Queries = request.app.state.queries
    return queries


router = APIRouter(prefix="/api/streaming", tags=["streaming"], default_response_class=Response)


@router.get("/status", responses=_responses(StatusAnswer, "The running session, or the last one"))
async def status(request: Request) -> Response:
    """The session that runs or ran last, how the stream is doing, and the newest health. Never asks the database."""
    hub: Hub = request.app.state.hub
    state = hub.state
    return _json(StatusAnswer(state.session, state.summary, hub.status(), as_record(state.health)))


@router.get("/catalog", responses=_responses(CatalogAnswer, "Every pattern, indicator and alert, enabled or not"))
async def catalog(request: Request, source: ChosenSource) -> Response:
    """What the producer of a source looks for and computes: names, meanings, families, thresholds."""
    found = await _queries(request).catalog(source) or NOTHING_KNOWN
    return _json(CatalogAnswer(source, found.patterns, found.indicators, found.alerts))


@router.get("/patterns/{symbol}", responses=_responses(PatternsAnswer, "Newest first"))
async def patterns(
    request: Request,
    symbol: Symbol,
    source: ChosenSource,
    limit: Annotated[int, Query(ge=1, le=PATTERNS_KEPT)] = PATTERNS_KEPT,
) -> Response:
    """A symbol's last patterns."""
    return _json(PatternsAnswer(symbol, source, await _queries(request).patterns(symbol, source, limit)))


@router.get("/indicators/{symbol}", responses=_responses(IndicatorsAnswer, "By instance, newest first"))
async def indicators(
    request: Request,
    symbol: Symbol,
    source: ChosenSource,
    limit: Annotated[int, Query(ge=1, le=INDICATORS_KEPT)] = INDICATORS_KEPT,
) -> Response:
    """A symbol's last values of each indicator."""
    return _json(IndicatorsAnswer(symbol, source, await _queries(request).indicators(symbol, source, limit)))


def _moment(
    before: Annotated[
        str | None,
        Query(description="only bars that begin before this time, ISO 8601 with its zone", examples=[EXAMPLE_TIME]),
    ] = None,
) -> datetime | None:
    if before is None:
        return None
    try:
        moment = datetime.fromisoformat(before)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise HTTPException(422, f"query before was {before!r}; write a time with its zone, as {EXAMPLE_TIME}")
    return moment


def _indicator_names(
    indicators: Annotated[
        str,
        Query(
            description="whose values go with each bar: names without parameters, separated by commas; all instances "
            "of each are answered",
            examples=["SMA,BB"],
        ),
    ] = "",
) -> list[str]:
    names = [name for name in indicators.split(",") if name]
    if len(names) > MOST_INDICATORS or not all(re.fullmatch(r"[\w.+-]{1,50}", name) for name in names):
        raise HTTPException(
            422, f"query indicators was {indicators!r}; write at most {MOST_INDICATORS} names, as SMA,BB,RSI"
        )
    return names


@router.get("/bars/{symbol}", responses=_responses(BarsAnswer, "Oldest first"))
async def bars(
    request: Request,
    symbol: Symbol,
    source: ChosenSource,
    before: Annotated[datetime | None, Depends(_moment)],
    indicators: Annotated[list[str], Depends(_indicator_names)],
    limit: Annotated[int, Query(ge=1, le=MOST_BARS)] = DAY_OF_BARS,
) -> Response:
    """A symbol's newest 1-minute bars, or those before a time, with the values of its indicators if asked for."""
    return _json(await read_bars(_queries(request), symbol, source, limit, before, indicators))


@router.get("/alerts", responses=_responses(AlertsAnswer, "Newest first"))
async def alerts(
    request: Request,
    source: ChosenSource,
    symbol: Annotated[str | None, Query(description="only this symbol's")] = None,
    alert_type: Annotated[AlertType | None, Query(description="only of this type")] = None,
    severity: Annotated[str | None, Query(pattern="^(info|warning|critical)$", description="only as severe")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """The last indicator alerts, of all symbols or one."""
    if symbol is not None:
        _symbol(symbol)
    found = await _queries(request).alerts(source, limit, symbol=symbol, alert_type=alert_type, severity=severity)
    return _json(AlertsAnswer(source, found))


@router.get("/health", responses=_responses(HealthAnswer, "Newest first"))
async def health(request: Request, source: ChosenSource, limit: Annotated[int, Query(ge=1, le=1000)] = 60) -> Response:
    """The last health measurements."""
    return _json(HealthAnswer(source, await _queries(request).health(source, limit)))


@router.get("/sessions", responses=_responses(SessionsAnswer, "The one that was begun last first"))
async def sessions(
    request: Request, source: Source = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> Response:
    """Sessions with their totals; of all sources, or of one."""
    return _json(SessionsAnswer(await _queries(request).sessions(limit, source)))
