"""Health measurements over REST."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from msgspec import Struct

from tickstockpl.dashboard.rest.parameters import Before, ChosenSource, Since, queries_of
from tickstockpl.dashboard.rest.responses import Earlier, json_answer, responses, shown
from tickstockpl.store.records import HealthRecord

MOST_MEASUREMENTS: Final = 1_000

router = APIRouter()


class HealthAnswer(Struct, frozen=True):
    """Health measurements, newest first; what the tables do not keep is null."""

    source: str | None
    health: list[HealthRecord]
    earlier: Earlier


@router.get("/health", responses=responses(HealthAnswer, "Newest first"))
async def health(
    request: Request,
    source: ChosenSource,
    before: Before,
    since: Since,
    limit: Annotated[int, Query(ge=1, le=MOST_MEASUREMENTS)] = 60,
) -> Response:
    """The last health measurements."""
    page = await queries_of(request).pages.health(source, limit, before=before, since=since)
    return json_answer(HealthAnswer(source, page.items, shown(page.earlier)))
