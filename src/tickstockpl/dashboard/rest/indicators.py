"""A symbol's indicator values over REST."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from msgspec import Struct

from tickstockpl.contract.events import Calculation
from tickstockpl.contract.instances import instance_name
from tickstockpl.dashboard.rest.parameters import Before, ChosenSource, IndicatorName, Symbol, queries_of
from tickstockpl.dashboard.rest.responses import Earlier, json_answer, responses, shown

INDICATORS_KEPT: Final = 50
"""The specification's limit of what a symbol's history answers of an indicator; a page's, here."""

router = APIRouter()


class IndicatorsAnswer(Struct, frozen=True):
    """A symbol's indicator values by instance (``SMA_20``), newest first; of all in the same stretch of time."""

    symbol: str
    source: str | None
    indicators: dict[str, list[Calculation]]
    earlier: Earlier


@router.get("/indicators/{symbol}", responses=responses(IndicatorsAnswer, "By instance, newest first"))
async def indicators(
    request: Request,
    symbol: Symbol,
    source: ChosenSource,
    before: Before,
    indicator: IndicatorName = None,
    limit: Annotated[int, Query(ge=1, le=INDICATORS_KEPT)] = INDICATORS_KEPT,
) -> Response:
    """A symbol's last values of each indicator."""
    page = await queries_of(request).pages.indicators(symbol, source, limit, before=before, indicator=indicator)
    by_instance: dict[str, list[Calculation]] = {}
    for value in page.items:
        by_instance.setdefault(instance_name(value.indicator, value.metadata), []).append(value)
    return json_answer(IndicatorsAnswer(symbol, source, by_instance, shown(page.earlier)))
