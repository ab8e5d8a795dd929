"""A session in figures over REST: what it found most, where and when."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query, Request, Response
from msgspec import Meta, Struct

from tickstockpl.dashboard.rest.parameters import ChosenSource, queries_of
from tickstockpl.dashboard.rest.responses import json_answer, responses
from tickstockpl.store.queries import Queries
from tickstockpl.store.records import SessionFigures, SessionRecord

router = APIRouter()


class PatternSummary(Struct, frozen=True):
    """How often a pattern was found in a session; highly confident is 0.8 and above."""

    pattern_type: str
    count: int
    high_confidence: int
    mean_confidence: float


class AlertSummary(Struct, frozen=True):
    """How often an alert fired in a session."""

    alert_type: str
    count: int


class SymbolSummary(Struct, frozen=True):
    """What a session had of a symbol."""

    symbol: str
    patterns: int
    alerts: int


class HourSummary(Struct, frozen=True):
    """What an hour brought: patterns by type, and alerts. What comes on the full hour belongs to the hour it ends."""

    hour: Annotated[str, Meta(description="The hour's start, UTC")]
    patterns: dict[str, int]
    alerts: int


class SummaryAnswer(Struct, frozen=True):
    """A session in figures: types most frequent first, symbols with most first, hours in their order."""

    session: SessionRecord | None
    patterns: list[PatternSummary]
    alerts: list[AlertSummary]
    top_symbols: list[SymbolSummary]
    hours: list[HourSummary]


@router.get(
    "/summary",
    responses=responses(SummaryAnswer, "Counted from the stored rows, up to now", not_found="There is no such session"),
)
async def summary(
    request: Request,
    source: ChosenSource,
    session: Annotated[
        UUID | None, Query(description="a session's id; without it, the one of the source that runs or ran last")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="how many of the symbols with most")] = 20,
) -> Response:
    """What a session found: patterns and alerts by type, by symbol and by hour."""
    queries = queries_of(request)
    found = await _session(queries, source, session)
    if found is None:
        return json_answer(SummaryAnswer(None, [], [], [], []))
    figures = await queries.session_figures(found.session_id)
    return json_answer(
        SummaryAnswer(found, _patterns(figures), _alerts(figures), _top_symbols(figures, limit), _hours(figures))
    )


async def _session(queries: Queries, source: str | None, asked: UUID | None) -> SessionRecord | None:
    if asked is None:
        newest = await queries.sessions(1, source)
        return newest[0] if newest else None
    found = await queries.session(str(asked))
    if found is None:
        raise HTTPException(
            404, f"query session was {asked}: there is no such session; /api/streaming/sessions lists them"
        )
    return found


def _patterns(figures: SessionFigures) -> list[PatternSummary]:
    found = [
        PatternSummary(name, of.count, of.high_confidence, round(of.mean_confidence, 4))
        for name, of in figures.patterns.items()
    ]
    return sorted(found, key=lambda one: (-one.count, one.pattern_type))


def _alerts(figures: SessionFigures) -> list[AlertSummary]:
    found = [AlertSummary(name, count) for name, count in figures.alerts.items()]
    return sorted(found, key=lambda one: (-one.count, one.alert_type))


def _top_symbols(figures: SessionFigures, limit: int) -> list[SymbolSummary]:
    found = [
        SymbolSummary(symbol, figures.symbol_patterns.get(symbol, 0), figures.symbol_alerts.get(symbol, 0))
        for symbol in figures.symbol_patterns.keys() | figures.symbol_alerts.keys()
    ]
    return sorted(found, key=lambda one: (-one.patterns - one.alerts, one.symbol))[:limit]


def _hours(figures: SessionFigures) -> list[HourSummary]:
    return [
        HourSummary(hour, figures.hour_patterns.get(hour, {}), figures.hour_alerts.get(hour, 0))
        for hour in sorted(figures.hour_patterns.keys() | figures.hour_alerts.keys())
    ]
