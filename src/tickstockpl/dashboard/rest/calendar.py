"""The exchange's hours over REST: for the page's clock."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from msgspec import Meta, Struct

from tickstockpl import clock
from tickstockpl.contract.timestamps import from_iso, to_iso
from tickstockpl.dashboard.markets import Markets
from tickstockpl.dashboard.rest.parameters import EXAMPLE_TIME, as_iso, moment_of
from tickstockpl.dashboard.rest.responses import json_answer, responses

_FIRST: Final = datetime(1990, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""Between these the exchange's rules for holidays and hours are worth asking for."""

router = APIRouter()


class CalendarAnswer(Struct, frozen=True):
    """What the exchange is at at a moment. Times are UTC."""

    at: str
    state: Annotated[
        Literal["pre", "open", "post", "closed"],
        Meta(description="Pre-market, regular hours, after-hours or closed, whichever hours are streamed"),
    ]
    opens_at: Annotated[str | None, Meta(description="The day's open; null where it is no trading day")]
    closes_at: Annotated[str | None, Meta(description="The day's close; null where it is no trading day")]
    next_open: Annotated[str, Meta(description="The first open after the moment")]
    previous_close: Annotated[str, Meta(description="The last close that is not after the moment")]
    reason: Annotated[
        str | None,
        Meta(description="weekend, a holiday's name, holiday, overnight or early close; null on an ordinary day"),
    ]
    extended: Annotated[bool, Meta(description="Whether opens and closes are those of extended hours")]


def _at(
    at: Annotated[
        str | None,
        Query(description="when, ISO 8601 with its zone; without it, now", examples=[EXAMPLE_TIME]),
    ] = None,
) -> str:
    if at is None:
        return to_iso(clock.wall_ms())
    moment = moment_of("at", at)
    if not _FIRST <= moment < _LAST:
        raise HTTPException(422, f"query at was {at!r}; write a time from {_FIRST.year} to {_LAST.year - 1}")
    return as_iso(moment)


@router.get(
    "/calendar",
    responses=responses(CalendarAnswer, "Of New York's exchanges", unavailable="The dashboard cannot answer now"),
)
async def calendar(
    request: Request,
    at: Annotated[str, Depends(_at)],
    extended: Annotated[
        bool | None,
        Query(description="whether opens and closes are those of extended hours; without it, as the dashboard is set"),
    ] = None,
) -> Response:
    """Whether the exchange is open at a moment, why not, and until when."""
    markets: Markets = request.app.state.markets
    with_extended = markets.extended_hours if extended is None else extended
    found = await asyncio.to_thread(markets.moment, from_iso(at), extended=with_extended)
    return json_answer(
        CalendarAnswer(
            at=at,
            state=found.phase,
            opens_at=None if found.opens_ms is None else to_iso(found.opens_ms),
            closes_at=None if found.closes_ms is None else to_iso(found.closes_ms),
            next_open=to_iso(found.next_open_ms),
            previous_close=to_iso(found.previous_close_ms),
            reason=found.reason,
            extended=with_extended,
        )
    )
