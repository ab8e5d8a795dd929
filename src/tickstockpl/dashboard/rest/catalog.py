"""What a source's producer looks for and computes, over REST."""

from typing import Final

from fastapi import APIRouter, Request, Response
from msgspec import Struct

from tickstockpl.contract.catalog import Catalog, CatalogAlert, CatalogIndicator, CatalogPattern
from tickstockpl.dashboard.rest.parameters import ChosenSource, queries_of
from tickstockpl.dashboard.rest.responses import responses, unless_known

NOTHING_KNOWN: Final = Catalog(patterns=[], indicators=[], alerts=[])
"""The catalog of a producer that has stored none."""

router = APIRouter()


class CatalogAnswer(Struct, frozen=True):
    """What the source's producer looks for and computes; empty where it has not said."""

    source: str | None
    patterns: list[CatalogPattern]
    indicators: list[CatalogIndicator]
    alerts: list[CatalogAlert]


@router.get("/catalog", responses=responses(CatalogAnswer, "Every pattern, indicator and alert, enabled or not"))
async def catalog(request: Request, source: ChosenSource) -> Response:
    """What the producer of a source looks for and computes: names, meanings, families, thresholds."""
    found = await queries_of(request).catalog(source) or NOTHING_KNOWN
    return unless_known(request, CatalogAnswer(source, found.patterns, found.indicators, found.alerts))
