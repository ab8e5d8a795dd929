"""A symbol's stored bars over REST, with the values of its indicators on them: what a chart begins with."""

import re
from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from msgspec import Meta, Struct

from tickstockpl.contract.instances import instance_name
from tickstockpl.contract.timestamps import from_iso, to_iso
from tickstockpl.dashboard.live.protocol import indicator_outputs
from tickstockpl.dashboard.live.symbols import MAX_INSTANCES
from tickstockpl.dashboard.rest.parameters import Before, ChosenSource, Symbol, queries_of
from tickstockpl.dashboard.rest.responses import Earlier, json_answer, responses
from tickstockpl.store.paging import Position
from tickstockpl.store.queries import Queries

DAY_OF_BARS: Final = 390
"""A regular trading day's minutes."""

MOST_BARS: Final = 2_000
"""A week of them."""

MOST_INDICATORS: Final = 32

_MINUTE_MS: Final = 60_000

router = APIRouter()


class BarWithValues(Struct, frozen=True):
    """A sealed 1-minute bar, and what the asked-for indicators came to on it.

    ``indicators`` is as on the live stream: outputs by instance. Where an indicator was not warm yet, there is nothing.
    """

    minute: Annotated[str, Meta(description="The bar's start, UTC; it closes a minute later")]
    open: float
    high: float
    low: float
    close: float
    volume: int
    indicators: dict[str, dict[str, float | None]]


class BarsAnswer(Struct, frozen=True):
    """A symbol's 1-minute bars, oldest first; a minute without a trade has none."""

    symbol: str
    source: str | None
    bars: list[BarWithValues]
    earlier: Earlier


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


@router.get("/bars/{symbol}", responses=responses(BarsAnswer, "Oldest first"))
async def bars(
    request: Request,
    symbol: Symbol,
    source: ChosenSource,
    before: Before,
    indicators: Annotated[list[str], Depends(_indicator_names)],
    limit: Annotated[int, Query(ge=1, le=MOST_BARS)] = DAY_OF_BARS,
) -> Response:
    """A symbol's newest 1-minute bars, or those before a time, with the values of its indicators if asked for."""
    return json_answer(await _read_bars(queries_of(request), symbol, source, limit, before, indicators))


async def _read_bars(
    queries: Queries,
    symbol: str,
    source: str | None,
    limit: int,
    before: Position | None,
    indicators: Sequence[str],
) -> BarsAnswer:
    """A page of bars, oldest first; about 10 ms for a day with the default indicators."""
    page = await queries.bars(symbol, source, limit, before.at if before else None)
    values: dict[str, dict[str, dict[str, float | None]]] = {}
    if page.bars and indicators:
        first, last = _close_of(page.bars[0].minute), _close_of(page.bars[-1].minute)
        for found in await queries.indicator_series(symbol, page.session_ids, indicators, first, last):
            of_bar = values.setdefault(found.timestamp, {})
            name = instance_name(found.indicator, found.metadata)
            if name not in of_bar and len(of_bar) < MAX_INSTANCES:  # the newest session's come first
                of_bar[name] = indicator_outputs(found.indicator, found.value, found.metadata)
    bars = [
        BarWithValues(
            bar.minute, bar.open, bar.high, bar.low, bar.close, bar.volume, values.get(_close_of(bar.minute), {})
        )
        for bar in page.bars
    ]
    return BarsAnswer(symbol, source, bars, page.bars[0].minute if page.earlier else None)


def _close_of(minute: str) -> str:
    """When a bar's indicators were calculated."""
    return to_iso(from_iso(minute) + _MINUTE_MS)
