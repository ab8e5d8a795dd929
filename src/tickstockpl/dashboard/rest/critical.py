"""Critical alerts over REST: what needed somebody, whether a session ran or not."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from msgspec import Struct

from tickstockpl.contract.events import Critical
from tickstockpl.dashboard.rest.parameters import Before, Component, Since, queries_of
from tickstockpl.dashboard.rest.responses import Earlier, json_answer, responses, shown

MOST_CRITICAL_ALERTS: Final = 500

router = APIRouter()


class CriticalAlertsAnswer(Struct, frozen=True):
    """Critical alerts, newest first."""

    critical: list[Critical]
    earlier: Earlier


@router.get("/critical", responses=responses(CriticalAlertsAnswer, "Newest first"))
async def critical(
    request: Request,
    before: Before,
    since: Since,
    severity: Annotated[
        Literal["info", "warning", "error", "critical"] | None, Query(description="only as severe")
    ] = None,
    component: Component = None,
    limit: Annotated[int, Query(ge=1, le=MOST_CRITICAL_ALERTS)] = 100,
) -> Response:
    """The last critical alerts, of all sources."""
    page = await queries_of(request).pages.critical_alerts(
        limit, severity=severity, component=component, since=since, before=before
    )
    return json_answer(CriticalAlertsAnswer(page.items, shown(page.earlier)))
